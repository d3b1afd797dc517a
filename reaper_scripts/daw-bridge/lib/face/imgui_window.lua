-- @noindex
-- The window with ReaImGui: the same rows, with the settings open to be changed in place.

local fields = require("lib.face.fields")
local panel = require("lib.face.panel")
local settings = require("lib.face.settings")

-- The oldest whose rules are those of today (End only after a visible Begin); newer ones still speak it.
local IMGUI_API = "0.9"
local TITLE = "daw-bridge"
local WIDTH, HEIGHT, LABEL_WIDTH = 420, 460, 80
local LOOK_SECONDS = 0.1
local PROBLEM_COLOUR = 0xF5AD66FF

local imgui_window = {}
local load_imgui, draw, wrapped

-- The same as gfx_window.create; nil without ReaImGui, nil and a sentence where it cannot be loaded.
function imgui_window.create(facts, act)
  local imgui, no_imgui = load_imgui()
  if not imgui then return nil, no_imgui end
  local context, rows
  local is_open, look_at = false, 0
  -- What is being typed: by the setting's name, { text, project, problem }.
  local edits = {}

  local function store(name, text, project)
    local value, problem = fields.read_one(project, name, text)
    if problem then
      edits[name] = { text = text, project = project, problem = problem }
      return
    end
    edits[name] = nil
    local wish = settings.read(project)
    wish[name] = value
    settings.write(project, wish)
    look_at = 0
  end

  local editor = {
    text_of = function(row)
      local edit = edits[row.name]
      if edit and edit.problem and edit.project ~= reaper.EnumProjects(-1) then
        edits[row.name] = nil
        return row.text
      end
      return edit and edit.text or row.text
    end,
    problem_of = function(row) return edits[row.name] and edits[row.name].problem end,
    change = function(row, text)
      local edit = edits[row.name]
      edits[row.name] = { text = text, project = edit and edit.project or reaper.EnumProjects(-1) }
    end,
    -- Another tab may have come to the front while it was typed: it belongs to the project it was begun in.
    finish = function(row)
      local edit = edits[row.name]
      if not edit then return end
      if reaper.ValidatePtr2(0, edit.project, "ReaProject*") then
        store(row.name, edit.text, edit.project)
      else
        edits[row.name] = nil
      end
    end,
    choose = function(row, text) store(row.name, text, reaper.EnumProjects(-1)) end,
  }

  local function draw_frame()
    -- A context goes by itself when it was not drawn for a while, as while a dialog was open.
    if not context or not imgui.ValidatePtr(context, "ImGui_Context*") then
      context = imgui.CreateContext(TITLE)
    end
    imgui.SetNextWindowSize(context, WIDTH, HEIGHT, imgui.Cond_FirstUseEver)
    local is_visible, stays_open = imgui.Begin(context, TITLE, true)
    local word
    if is_visible then
      for _, row in ipairs(rows) do
        word = draw[row.kind](imgui, context, row, editor) or word
      end
      imgui.End(context)
    end
    return stays_open, word
  end

  local function close()
    is_open, context, edits = false, nil, {}
  end

  local function tick()
    if not is_open then return end
    local now = reaper.time_precise()
    if now >= look_at then
      look_at = now + LOOK_SECONDS
      rows = panel.describe(facts())
    end
    local is_whole, stays_open, word = pcall(draw_frame)
    if not is_whole then
      -- The half-drawn context cannot be drawn again: closed, the window can at least be opened anew.
      close()
      error(stays_open, 0)
    end
    if not stays_open then close() end
    if word then act(word) end
  end

  return {
    open = function() is_open, look_at = true, 0 end,
    close = close,
    is_open = function() return is_open end,
    tick = tick,
  }
end

function load_imgui()
  if not reaper.ImGui_GetBuiltinPath then return nil end
  local path_before = package.path
  package.path = reaper.ImGui_GetBuiltinPath() .. "/?.lua;" .. path_before
  local is_loaded, imgui = pcall(function() return require("imgui")(IMGUI_API) end)
  package.path = path_before
  if is_loaded then return imgui end
  return nil, "ReaImGui cannot be used, so the window is a plain one: update ReaImGui in ReaPack."
end

-- Each draws one kind of row, and returns the word of a button that was pressed.
draw = {
  light = function(imgui, context, row) wrapped(imgui, context, row.text, not row.lit) end,

  line = function(imgui, context, row)
    imgui.Text(context, row.label)
    imgui.SameLine(context, LABEL_WIDTH)
    wrapped(imgui, context, row.text)
  end,

  note = function(imgui, context, row) wrapped(imgui, context, row.text, true) end,

  setting = function(imgui, context, row, editor)
    if row.choices then
      if imgui.BeginCombo(context, row.label, row.text) then
        for _, choice in ipairs(row.choices) do
          if imgui.Selectable(context, choice, choice == row.text) then editor.choose(row, choice) end
        end
        imgui.EndCombo(context)
      end
    elseif row.flag ~= nil then
      local is_changed, flag = imgui.Checkbox(context, row.label, row.flag)
      if is_changed then editor.choose(row, flag and "yes" or "no") end
    else
      local is_changed, text = imgui.InputTextWithHint(context, row.label, row.hint, editor.text_of(row))
      if is_changed then editor.change(row, text) end
      if imgui.IsItemDeactivatedAfterEdit(context) then editor.finish(row) end
      local problem = editor.problem_of(row)
      if problem then wrapped(imgui, context, problem, true) end
    end
  end,

  buttons = function(imgui, context, row)
    local word
    for index, button in ipairs(row.buttons) do
      if index > 1 then imgui.SameLine(context) end
      imgui.BeginDisabled(context, not button.enabled)
      if imgui.Button(context, button.label) then word = button.word end
      imgui.EndDisabled(context)
    end
    return word
  end,

  job = function(imgui, context, row)
    wrapped(imgui, context, row.text)
    if row.progress then imgui.ProgressBar(context, row.progress) end
  end,

  message = function(imgui, context, row) wrapped(imgui, context, row.text, row.problem) end,
}

function wrapped(imgui, context, text, is_problem)
  if is_problem then imgui.PushStyleColor(context, imgui.Col_Text, PROBLEM_COLOUR) end
  imgui.TextWrapped(context, text)
  if is_problem then imgui.PopStyleColor(context) end
end

return imgui_window
