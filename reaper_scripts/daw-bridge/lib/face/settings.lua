-- @noindex
-- The wish that is remembered in each project, and the dialog that changes it.

local fields = require("lib.face.fields")
local lines = require("lib.face.lines")
local projects = require("lib.projects")
local protocol = require("lib.protocol")
local startup = require("lib.startup")

local TITLE, TITLE_AGAIN = "daw-bridge settings", "daw-bridge settings: not kept yet"
-- Asked of REAPER: prompts hold commas, and nobody can type a line break into such a field.
local SEPARATOR = "\n"
local FIELD_PIXELS = 320
local CAPTIONS = {
  prompt = "Prompt",
  mode = "Mode (%s)",
  bars = "Bars (empty = as the clip)",
  takes = "Takes (1 to %d)",
  place = "Takes go to (new/takes/track)",
  key = "Key (empty = as found)",
  with_fx = "With FX (yes = rendered)",
}
local STARTS, STARTS_CAPTION = "starts", "Start with REAPER (yes/no)"
local SHORT_MODE_LETTERS = 3
-- REAPER takes what stands between quotes, or after a bracket that nobody shuts, for one text, separators and
-- all: what it is given has other signs in their place, which are taken back when it answers.
local QUOTES = { ['"'] = "”", ["'"] = "’", ["`"] = "‘" }
local BRACKETS = { ["("] = "（", [")"] = "）" }

local settings = {}
local readers, is_mode, whole_number, ask_for, asked_captions, shielded, unshielded, replaced, split, apply

-- The project's { prompt, mode, bars (0: as the clip), takes, place, key, with_fx }, or their defaults.
function settings.read(project)
  local wish = {}
  for _, name in ipairs(fields.NAMES) do
    wish[name] = readers[name](projects.recall(project, name))
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
      projects.remember(project, name, tostring(value))
    end
  end
  if is_changed then reaper.MarkProjectDirty(project) end
end

-- Asks in a dialog, and again while something is wrong, which `warn(text)` says; the new settings, or nil
-- when cancelled.
function settings.ask(project, warn)
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
    title = TITLE_AGAIN
    warn(problem)
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
    shown[index] = shielded(texts[name])
  end
  shown[#shown + 1] = shielded(texts[STARTS])
  local is_ok, typed = reaper.GetUserInputs(title, #shown, asked_captions(), table.concat(shown, SEPARATOR))
  if not is_ok then return nil end
  local parts = split(typed)
  if #parts < #shown then return nil, "The prompt is too long for this dialog: use fewer words." end
  -- Only a pasted prompt can bring a line break along: what stands before the other fields is the prompt.
  local first = #parts - #shown + 1
  local answers = { prompt = unshielded(table.concat(parts, " ", 1, first), texts.prompt) }
  for index = 2, #fields.NAMES do
    local name = fields.NAMES[index]
    answers[name] = unshielded(parts[first + index - 1], texts[name])
  end
  answers[STARTS] = unshielded(parts[#parts], texts[STARTS])
  return answers
end

function asked_captions()
  local captions, modes = {}, {}
  for index, mode in ipairs(protocol.MODES) do modes[index] = mode:sub(1, SHORT_MODE_LETTERS) end
  local told = { mode = table.concat(modes, " / "), takes = protocol.MOST_TAKES }
  for index, name in ipairs(fields.NAMES) do captions[index] = CAPTIONS[name]:format(told[name]) end
  captions[#captions + 1] = STARTS_CAPTION
  captions[#captions + 1] = "extrawidth=" .. FIELD_PIXELS
  captions[#captions + 1] = "separator=" .. SEPARATOR
  return table.concat(captions, ",")
end

-- A text as REAPER's dialog shows it.
function shielded(text)
  text = replaced(text, QUOTES)
  return text:gsub("%b()", ""):find("[()]") and replaced(text, BRACKETS) or text
end

-- What is meant by an answer to a field that showed this text: signs that the text had before are its own.
function unshielded(answer, text)
  local before = shielded(text)
  if answer == before then return text end
  if before == text then return answer end
  for _, signs in ipairs({ QUOTES, BRACKETS }) do
    for sign, stand_in in pairs(signs) do answer = answer:gsub(stand_in, sign) end
  end
  return answer
end

function replaced(text, signs)
  return (text:gsub("[\"'`()]", signs))
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
