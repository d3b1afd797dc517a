-- ReaImGui in the fake REAPER, there when the test asks for it: an ordinary window's functions, with ImGui's own rules.
--
-- What it refuses as ReaImGui does: a context that was left unused for a tick (REAPER collects it); End without a
-- Begin that returned true; Begin, PushID, BeginDisabled and their like left open; two things of one window with the
-- same name; Combo items that do not end in a zero byte.

local add_items = require("fakes.parts.imgui_items")
local add_layout = require("fakes.parts.imgui_layout")
local words = require("fakes.parts.imgui_words")
local new_window = require("fakes.parts.window")

local CONSTANTS, wants, visible_part = words.CONSTANTS, words.wants, words.visible_part

local NEWEST_API = { 0, 10 }
local LETTER_WIDTH, LINE_HEIGHT = 7, 13
local FIRST_SIZE = { width = 400, height = 300 }
-- What must be ended where it was begun.
local SCOPES = { Begin = "End", Child = "EndChild", Combo = "EndCombo", Table = "EndTable" }
local PUSHED = {
  ID = "PopID", StyleColor = "PopStyleColor", StyleVar = "PopStyleVar", ItemWidth = "PopItemWidth",
  TextWrapPos = "PopTextWrapPos", Font = "PopFont", Disabled = "EndDisabled", Group = "EndGroup",
}
local MODULE = [[
-- Stands for ReaImGui's own imgui.lua: require("imgui")("0.10") gives the functions and constants by their names.
return function(version) return reaper.ImGui__module(version) end
]]

local function add_imgui(fake)
  if not fake.window then new_window(fake) end
  if fake.option.imgui then fake.extensions.ImGui = true end
  local api = fake.api
  local contexts, by_handle = {}, {}
  local functions = {}

  local function fail(name, problem, ...)
    error(("ImGui_%s: %s"):format(name, problem:format(...)), 0)
  end

  -- Contexts

  local function handle_of(context)
    local function keep() return context end
    contexts[#contexts + 1] = context
    context.handle = debug.upvalueid(keep, 1)
    by_handle[context.handle] = context
    context.keep = keep
    return context.handle
  end

  local function context_of(name, handle)
    local context = by_handle[handle]
    if not context or context.is_gone then
      fail(name, "expected a valid ImGui_Context*, got %s%s", tostring(handle),
        context and " (it was not used in the tick before, so REAPER has collected it)" or "")
    end
    context.is_used = true
    if not context.frame then context.frame = { scopes = {}, windows = {}, things = {} } end
    return context, context.frame
  end

  function functions.CreateContext(label, flags)
    wants("CreateContext", 1, label, "string")
    wants("CreateContext", 2, flags, "integer?")
    if label == "" then fail("CreateContext", "context label is required") end
    return handle_of({
      label = label, is_used = true, shown = {}, windows = {}, events = {}, opened = {},
      size = { FIRST_SIZE.width, FIRST_SIZE.height },
    })
  end

  function functions.ValidatePtr(pointer, kind)
    wants("ValidatePtr", 2, kind, "string")
    local context = by_handle[pointer]
    return kind == "ImGui_Context*" and context ~= nil and not context.is_gone
  end

  function functions.GetBuiltinPath()
    return fake.shown(fake.resource .. "/Scripts/ReaTeam Extensions/API")
  end

  function functions.GetVersion()
    return "1.92.4", 19240, "0.10.0.5"
  end

  -- Windows

  local function inside(name, frame)
    local scope = frame.scopes[#frame.scopes]
    if not scope then fail(name, "outside of Begin and End: it would land in a window called Debug") end
    return scope
  end

  local function open_scope(frame, kind, name)
    frame.scopes[#frame.scopes + 1] = { kind = kind, name = name, pushed = {}, ids = {}, path = {} }
  end

  local function close_scope(name, frame, kind)
    local scope = frame.scopes[#frame.scopes]
    if not scope or scope.kind ~= kind then
      fail(name, scope and "Missing %s(): %q is still open" or "Calling %s too many times: nothing is open",
        scope and SCOPES[scope.kind] or name .. "()", scope and scope.name)
    end
    for what, count in pairs(scope.pushed) do
      if count > 0 then fail(name, "Missing %s() in %q", PUSHED[what], scope.name) end
    end
    table.remove(frame.scopes)
  end

  -- A closed box (collapsed, or out of sight) returns false, and then there is nothing to end.
  function functions.Begin(handle, name, is_open, flags)
    local context, frame = context_of("Begin", handle)
    wants("Begin", 2, name, "string")
    wants("Begin", 3, is_open, "boolean?")
    wants("Begin", 4, flags, "integer?")
    if name == "" then fail("Begin", "a window has a name") end
    if is_open == false then fail("Begin", "p_open is false: do not begin a window that is closed") end
    frame.windows[#frame.windows + 1] = visible_part(name)
    frame.can_close = is_open
    if is_open and context.is_closing then
      is_open, context.is_closing = false, nil
    end
    if context.is_collapsed then return false, is_open end
    open_scope(frame, "Begin", name)
    return true, is_open
  end

  function functions.End(handle)
    local _, frame = context_of("End", handle)
    close_scope("End", frame, "Begin")
  end

  function functions.BeginChild(handle, name, width, height, child_flags, flags)
    local _, frame = context_of("BeginChild", handle)
    wants("BeginChild", 2, name, "string")
    for index, value in ipairs({ width or 0, height or 0 }) do wants("BeginChild", index + 2, value, "number") end
    wants("BeginChild", 5, child_flags, "integer?")
    wants("BeginChild", 6, flags, "integer?")
    inside("BeginChild", frame)
    open_scope(frame, "Child", name)
    return true
  end

  function functions.EndChild(handle)
    local _, frame = context_of("EndChild", handle)
    close_scope("EndChild", frame, "Child")
  end

  function functions.SetNextWindowSize(handle, width, height, condition)
    local context = context_of("SetNextWindowSize", handle)
    wants("SetNextWindowSize", 2, width, "number")
    wants("SetNextWindowSize", 3, height, "number")
    wants("SetNextWindowSize", 4, condition, "integer?")
    if condition ~= CONSTANTS.Cond_FirstUseEver or not context.has_size then context.size = { width, height } end
    context.has_size = true
  end

  -- What is pushed and popped, within one window.

  local function push(name, what, frame)
    local pushed = inside(name, frame).pushed
    pushed[what] = (pushed[what] or 0) + 1
  end

  local function pop(name, what, frame, count)
    local pushed = inside(name, frame).pushed
    if (pushed[what] or 0) < count then fail(name, "Calling %s() too many times!", name) end
    pushed[what] = pushed[what] - count
  end

  local function add_pair(push_name, pop_name, what, kinds, on_push, on_pop)
    functions[push_name] = function(handle, ...)
      local _, frame = context_of(push_name, handle)
      for index, kind in ipairs(kinds) do wants(push_name, index + 1, (select(index, ...)), kind) end
      push(push_name, what, frame)
      if on_push then on_push(frame, ...) end
    end
    functions[pop_name] = function(handle, count)
      local _, frame = context_of(pop_name, handle)
      wants(pop_name, 2, count, "integer?")
      pop(pop_name, what, frame, count or 1)
      if on_pop then on_pop(frame) end
    end
  end

  add_pair("PushStyleColor", "PopStyleColor", "StyleColor", { "integer", "integer" })
  add_pair("PushStyleVar", "PopStyleVar", "StyleVar", { "integer", "number", "number?" })
  add_pair("PushItemWidth", "PopItemWidth", "ItemWidth", { "number" })
  add_pair("PushTextWrapPos", "PopTextWrapPos", "TextWrapPos", { "number?" })
  add_pair("PushFont", "PopFont", "Font", { "any", "number" })
  add_pair("BeginGroup", "EndGroup", "Group", {})
  add_pair("PushID", "PopID", "ID", { "string" }, function(frame, id)
    local path = inside("PushID", frame).path
    path[#path + 1] = id
  end, function(frame)
    table.remove(inside("PopID", frame).path)
  end)
  add_pair("BeginDisabled", "EndDisabled", "Disabled", { "boolean?" }, function(frame, is_disabled)
    frame.disabled = frame.disabled or {}
    table.insert(frame.disabled, is_disabled ~= false)
  end, function(frame)
    table.remove(frame.disabled)
  end)

  add_items(functions, {
    context_of = context_of, inside = inside, open_scope = open_scope, close_scope = close_scope, fail = fail,
  })
  add_layout(functions, context_of, inside)

  -- Sizes

  function functions.CalcTextSize(handle, text)
    context_of("CalcTextSize", handle)
    wants("CalcTextSize", 2, text, "string")
    local _, breaks = text:gsub("\n", "")
    return (utf8.len(text) or #text) * LETTER_WIDTH + 0.0, (breaks + 1) * LINE_HEIGHT + 0.0
  end

  function functions.GetContentRegionAvail(handle)
    local context = context_of("GetContentRegionAvail", handle)
    return context.size[1] + 0.0, context.size[2] + 0.0
  end
  functions.GetWindowSize = functions.GetContentRegionAvail

  function functions.GetWindowWidth(handle)
    return context_of("GetWindowWidth", handle).size[1] + 0.0
  end

  -- The end of each tick is the end of the frame.

  local function end_frame(context)
    local frame = context.frame
    context.frame = nil
    if frame then
      local scope = frame.scopes[#frame.scopes]
      if scope then
        fake.fail(("ImGui: Missing %s(): %q is open at the end of the frame"):format(SCOPES[scope.kind], scope.name))
        context.is_gone = true
      end
      context.shown, context.windows, context.can_close = frame.things, frame.windows, frame.can_close
      for key, event in pairs(context.events) do
        event.frames = (event.frames or 0) + 1
        if event.frames > 2 then context.events[key] = nil end
      end
    end
    if not context.is_used then context.is_gone, context.windows, context.shown = true, {}, {} end
    context.is_used = false
  end

  table.insert(fake.after_tick, function()
    for _, context in ipairs(contexts) do
      if not context.is_gone then end_frame(context) end
    end
  end)

  -- What the test sees and does.

  local function front()
    for index = #contexts, 1, -1 do
      local context = contexts[index]
      if not context.is_gone and #context.windows > 0 then return context end
    end
    return nil
  end

  local function await(label, kinds, value)
    local context = front()
    for _, thing in ipairs(context.shown) do
      if kinds[thing.kind] ~= nil and (thing.label == label or thing.text == label) then
        local name = thing.label ~= "" and thing.label or thing.id:match("[^\0]*$")
        context.events[name] = { kinds = kinds, value = value }
        return
      end
    end
    error(("the window shows no %q that could be used so"):format(label), 0)
  end

  fake.add_face({
    is_open = function() return front() ~= nil end,
    title = function() return front().windows[1] end,
    texts = function()
      local texts = {}
      for _, thing in ipairs(front().shown) do
        if thing.kind == "input" or thing.kind == "combo" then texts[#texts + 1] = thing.label end
        texts[#texts + 1] = thing.text
      end
      return texts
    end,
    click = function(label) await(label, { button = true, checkbox = true, selectable = true }) end,
    type = function(label, text) await(label, { input = true }, text) end,
    choose = function(label, text) await(label, { combo = true }, text) end,
    close = function()
      if not front().can_close then error("this window has no button to close it", 0) end
      front().is_closing = true
    end,
    resize = function(width, height) front().size = { width, height } end,
    collapse = function(is_collapsed) front().is_collapsed = is_collapsed ~= false end,
  })

  -- The names as REAPER has them, and as the module of ReaImGui gives them.

  for name, work in pairs(functions) do api["ImGui_" .. name] = work end
  for name, value in pairs(CONSTANTS) do api["ImGui_" .. name] = function() return value end end

  function api.ImGui__module(version)
    local major, minor = tostring(version):match("^(%d+)%.(%d+)")
    local newest = fake.option.imgui_api or NEWEST_API
    if not major or tonumber(major) > newest[1] or tonumber(major) == newest[1] and tonumber(minor) > newest[2] then
      error(("ImGui__init: requested version %s is not supported (ReaImGui is too old)"):format(tostring(version)), 0)
    end
    local module = {}
    for name in pairs(functions) do module[name] = api["ImGui_" .. name] end
    for name, value in pairs(CONSTANTS) do module[name] = value end
    return setmetatable(module, {
      __index = function(_, key) error(("attempt to access a nil value (field '%s')"):format(tostring(key)), 2) end,
    })
  end

  if fake.extensions.ImGui then
    fake.host.make_folder(functions.GetBuiltinPath())
    fake:write(fake.resource .. "/Scripts/ReaTeam Extensions/API/imgui.lua", MODULE)
  end
end

return add_imgui
