-- What a window of the fake ReaImGui shows: texts, and things that the mouse and the keys can use.

local words = require("fakes.parts.imgui_words")

local wants, visible_part, id_part = words.wants, words.visible_part, words.id_part

-- `frames` gives the context and frame of a handle, the box that is open, and how boxes are opened and closed.
local function add_items(functions, frames)
  local context_of, inside, fail = frames.context_of, frames.inside, frames.fail
  local open_scope, close_scope = frames.open_scope, frames.close_scope

  local function is_disabled(frame)
    for _, is_set in ipairs(frame.disabled or {}) do
      if is_set then return true end
    end
    return false
  end

  local function add_text(name)
    functions[name] = function(handle, text)
      local _, frame = context_of(name, handle)
      wants(name, 2, text, "string")
      inside(name, frame)
      frame.things[#frame.things + 1] = { kind = "text", text = text }
    end
  end
  for _, name in ipairs({ "Text", "TextWrapped", "TextDisabled", "BulletText", "SeparatorText" }) do add_text(name) end

  function functions.TextColored(handle, colour, text)
    wants("TextColored", 2, colour, "integer")
    functions.Text(handle, text)
  end

  function functions.LabelText(handle, label, text)
    functions.Text(handle, text)
    functions.Text(handle, visible_part(label))
  end

  -- A thing with a name to be used by the mouse: its event of this frame, or nil.
  local function item(name, handle, label, kind, text)
    local context, frame = context_of(name, handle)
    wants(name, 2, label, "string")
    local scope = inside(name, frame)
    if label == "" then fail(name, "an empty label has the window's own ID: write \"##name\"") end
    local id = table.concat(scope.path, "\0") .. "\0" .. id_part(label)
    if scope.ids[id] then fail(name, "two visible items with conflicting ID: %q in %q", label, scope.name) end
    scope.ids[id] = true
    local shown = visible_part(label)
    local thing = { kind = kind, label = shown, text = text, is_disabled = is_disabled(frame), id = id }
    frame.things[#frame.things + 1] = thing
    local event = context.events[shown] or context.events[id_part(label)]
    context.last_edited = false
    if not event or event.kinds[kind] == nil or thing.is_disabled then return nil, thing, context end
    return event, thing, context
  end

  local function taken(context, event)
    for key, other in pairs(context.events) do
      if other == event then context.events[key] = nil end
    end
  end

  local function add_button(name)
    functions[name] = function(handle, label, width, height)
      wants(name, 3, width, "number?")
      wants(name, 4, height, "number?")
      local event, _, context = item(name, handle, label, "button", visible_part(label))
      if event then taken(context, event) end
      return event ~= nil
    end
  end
  for _, name in ipairs({ "Button", "SmallButton", "TextLink" }) do add_button(name) end

  function functions.Checkbox(handle, label, is_set)
    wants("Checkbox", 3, is_set, "boolean")
    local event, thing, context = item("Checkbox", handle, label, "checkbox", visible_part(label))
    if event then
      taken(context, event)
      is_set = not is_set
    end
    thing.value = is_set
    return event ~= nil, is_set
  end

  function functions.RadioButton(handle, label, is_active)
    wants("RadioButton", 3, is_active, "boolean")
    local event, _, context = item("RadioButton", handle, label, "button", visible_part(label))
    if event then taken(context, event) end
    return event ~= nil
  end

  function functions.Selectable(handle, label, is_selected)
    wants("Selectable", 3, is_selected, "boolean?")
    local event, _, context = item("Selectable", handle, label, "selectable", visible_part(label))
    local combo = context.open_combo
    if combo and combo.item == visible_part(label) then
      context.open_combo = nil
      return true, true
    end
    if event then taken(context, event) end
    return event ~= nil, event ~= nil or is_selected or false
  end

  function functions.CollapsingHeader(handle, label)
    local event, thing, context = item("CollapsingHeader", handle, label, "button", visible_part(label))
    if event then
      taken(context, event)
      context.opened[thing.id] = not context.opened[thing.id]
    end
    return context.opened[thing.id] or false, nil
  end

  -- Text fields: the value comes back changed in the frame in which somebody typed, and then they lose the focus.
  local function input(name, kind_of_value, at)
    return function(handle, label, ...)
      local value = select(at, ...)
      wants(name, at + 2, value, kind_of_value)
      local event, thing, context = item(name, handle, label, "input", nil)
      if event then
        taken(context, event)
        value = kind_of_value == "string" and event.value or math.tointeger(tonumber(event.value))
        context.last_edited = true
      end
      thing.value, thing.text = value, tostring(value)
      return event ~= nil, value
    end
  end
  functions.InputText = input("InputText", "string", 1)
  functions.InputTextMultiline = input("InputTextMultiline", "string", 1)
  functions.InputTextWithHint = input("InputTextWithHint", "string", 2)
  functions.InputInt = input("InputInt", "integer", 1)
  functions.SliderInt = input("SliderInt", "integer", 1)

  function functions.IsItemDeactivatedAfterEdit(handle)
    return context_of("IsItemDeactivatedAfterEdit", handle).last_edited or false
  end

  function functions.Combo(handle, label, current, items)
    wants("Combo", 3, current, "integer")
    wants("Combo", 4, items, "string")
    if items:sub(-1) ~= "\0" then fail("Combo", "items must be null-terminated") end
    local list = {}
    for text in items:gmatch("([^\0]*)\0") do list[#list + 1] = text end
    local event, thing, context = item("Combo", handle, label, "combo", list[current + 1] or "")
    thing.value = list[current + 1]
    if not event then return false, current end
    taken(context, event)
    for index, text in ipairs(list) do
      if text == event.value then return index - 1 ~= current, index - 1 end
    end
    fail("Combo", "the list %q has no %q", label, tostring(event.value))
  end

  function functions.BeginCombo(handle, label, preview, flags)
    wants("BeginCombo", 3, preview, "string")
    wants("BeginCombo", 4, flags, "integer?")
    local event, thing, context = item("BeginCombo", handle, label, "combo", preview)
    thing.value = preview
    if not event then return false end
    taken(context, event)
    context.open_combo = { label = label, item = event.value }
    open_scope(context.frame, "Combo", label)
    return true
  end

  function functions.EndCombo(handle)
    local context, frame = context_of("EndCombo", handle)
    close_scope("EndCombo", frame, "Combo")
    local combo = context.open_combo
    if combo and combo.item then fail("EndCombo", "the list %q has no %q", combo.label, combo.item) end
    context.open_combo = nil
  end

  function functions.ProgressBar(handle, fraction, width, height, overlay)
    local _, frame = context_of("ProgressBar", handle)
    wants("ProgressBar", 2, fraction, "number")
    wants("ProgressBar", 3, width, "number?")
    wants("ProgressBar", 4, height, "number?")
    wants("ProgressBar", 5, overlay, "string?")
    inside("ProgressBar", frame)
    local text = overlay or ("%d%%"):format(math.floor(fraction * 100 + 0.01))
    frame.things[#frame.things + 1] = { kind = "progress", text = text, value = fraction }
  end

  function functions.BeginTable(handle, name, columns)
    local _, frame = context_of("BeginTable", handle)
    wants("BeginTable", 2, name, "string")
    wants("BeginTable", 3, columns, "integer")
    local scope = inside("BeginTable", frame)
    open_scope(frame, "Table", name)
    frame.scopes[#frame.scopes].path = { table.unpack(scope.path) }
    return true
  end

  function functions.EndTable(handle)
    local _, frame = context_of("EndTable", handle)
    close_scope("EndTable", frame, "Table")
  end
end

return add_items
