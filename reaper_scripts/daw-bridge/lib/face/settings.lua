-- @noindex
-- The wish that is remembered in each project, and the dialog that changes it.

local fields = require("lib.face.fields")
local lines = require("lib.face.lines")
local protocol = require("lib.protocol")
local startup = require("lib.startup")

local SECTION = "daw_bridge"
local TITLE = "daw-bridge settings"
-- Asked of REAPER: prompts hold commas, and nobody can type a line break into such a field.
local SEPARATOR = "\n"
local FIELD_PIXELS = 320
local CAPTIONS = {
  "Prompt",
  "Mode (var / acc / cont)",
  "Bars (empty = as the clip)",
  "Takes (1 to 10)",
  "Takes go to (new/takes/track)",
  "Key (empty = as found)",
  "With FX (yes = rendered)",
  "Start with REAPER (yes/no)",
  "extrawidth=" .. FIELD_PIXELS,
  "separator=" .. SEPARATOR,
}
local STARTS = "starts"

local settings = {}
local readers, is_mode, whole_number, ask_for, split, apply

-- The project's { prompt, mode, bars (0: as the clip), takes, place, key, with_fx }, or their defaults.
function settings.read(project)
  local wish = {}
  for _, name in ipairs(fields.NAMES) do
    local _, stored = reaper.GetProjExtState(project, SECTION, name)
    wish[name] = readers[name](stored or "")
  end
  return wish
end

-- Remembers the settings in the project, which then asks to be saved.
function settings.write(project, wish)
  local held = settings.read(project)
  local is_changed = false
  for _, name in ipairs(fields.NAMES) do
    local value = wish[name]
    if value ~= held[name] then
      is_changed = true
      if type(value) == "boolean" then value = value and "1" or "0" end
      reaper.SetProjExtState(project, SECTION, name, tostring(value))
    end
  end
  if is_changed then reaper.MarkProjectDirty(project) end
end

-- Asks in a dialog, again with a sentence while something is wrong; the new settings, or nil when cancelled.
function settings.ask(project)
  local texts = fields.texts(project, settings.read(project))
  texts[STARTS] = startup.is_on() and "yes" or "no"
  local title = TITLE
  while true do
    local answers, problem = ask_for(title, texts)
    if not answers then
      if not problem then return nil end
    else
      texts = answers
      local wish
      wish, problem = apply(project, texts)
      if wish then return wish end
    end
    title = problem
  end
end

readers = {
  prompt = lines.plain,
  mode = function(text) return is_mode(text) and text or protocol.MODES[1] end,
  bars = function(text) return whole_number(text, 1, protocol.MOST_BARS) or 0 end,
  takes = function(text) return whole_number(text, 1, protocol.MOST_TAKES) or 1 end,
  place = function(text) return (text == "takes" or text:match("^{%x[%x-]+}$")) and text or "new_track" end,
  key = function(text) return fields.read_one(nil, "key", text) or "" end,
  with_fx = function(text) return text == "1" end,
}

function is_mode(text)
  for _, mode in ipairs(protocol.MODES) do
    if text == mode then return true end
  end
  return false
end

function whole_number(text, least, most)
  local number = math.tointeger(tonumber(text))
  return number and number >= least and number <= most and number or nil
end

-- What was typed, by field; nil when cancelled; nil and a sentence when REAPER gave back too little.
function ask_for(title, texts)
  local shown = {}
  for index, name in ipairs(fields.NAMES) do
    shown[index] = texts[name]
  end
  shown[#shown + 1] = texts[STARTS]
  local captions = table.concat(CAPTIONS, ",")
  local is_ok, typed = reaper.GetUserInputs(title, #shown, captions, table.concat(shown, SEPARATOR))
  if not is_ok then return nil end
  local parts = split(typed)
  if #parts < #shown then return nil, "The prompt is too long for this dialog: use fewer words." end
  -- Only a pasted prompt can bring a line break along: what stands before the other fields is the prompt.
  local first = #parts - #shown + 1
  local answers = { prompt = table.concat(parts, " ", 1, first) }
  for index = 2, #fields.NAMES do
    answers[fields.NAMES[index]] = parts[first + index - 1]
  end
  answers[STARTS] = parts[#parts]
  return answers
end

function split(typed)
  local parts = {}
  for part in (typed .. SEPARATOR):gmatch("(.-)" .. SEPARATOR) do
    parts[#parts + 1] = part
  end
  return parts
end

function apply(project, texts)
  local wish, problem = fields.read(project, texts)
  if not wish then return nil, problem end
  local starts, no_word = fields.read_yes(texts[STARTS], "Start with REAPER")
  if starts == nil then return nil, no_word end
  if starts ~= startup.is_on() then
    local is_set, why_not = startup.set(starts)
    if not is_set then return nil, why_not end
  end
  settings.write(project, wish)
  return wish
end

return settings
