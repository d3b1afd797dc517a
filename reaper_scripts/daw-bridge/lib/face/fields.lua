-- @noindex
-- The settings as texts that a user can write, and back, each one checked with a sentence.

local lines = require("lib.face.lines")
local places = require("lib.face.places")
local protocol = require("lib.protocol")

local SHOWN_LETTERS = 40
local YES_NO = {
  [""] = false, ["0"] = false, ["false"] = false, ["n"] = false, ["no"] = false, ["off"] = false,
  ["1"] = true, ["on"] = true, ["true"] = true, ["y"] = true, ["yes"] = true,
}
local SIGNS = { "#", "♯", "♭", "sharp", "flat", "b" }

-- In the order in which they are shown.
local fields = { NAMES = { "prompt", "mode", "bars", "takes", "place", "key", "with_fx" } }
local readers, quoted

-- Each setting as the user would write it; `project` names the track.
function fields.texts(project, settings)
  return {
    prompt = settings.prompt,
    mode = settings.mode,
    bars = settings.bars > 0 and ("%d"):format(settings.bars) or "",
    takes = ("%d"):format(settings.takes),
    place = places.text(project, settings.place),
    key = settings.key,
    with_fx = settings.with_fx and "yes" or "no",
  }
end

-- The settings that the texts mean; or nil and a sentence.
function fields.read(project, texts)
  local settings = {}
  for _, name in ipairs(fields.NAMES) do
    local value, problem = fields.read_one(project, name, texts[name])
    if value == nil then return nil, problem end
    settings[name] = value
  end
  return settings
end

-- The value of one setting; or nil and a sentence.
function fields.read_one(project, name, text)
  return readers[name](lines.plain(text), project)
end

-- What a yes or a no in the user's words means; or nil and a sentence that names the field.
function fields.read_yes(text, label)
  local value = YES_NO[lines.plain(text):lower()]
  if value == nil then return nil, ("%s is yes or no, not %s."):format(label, quoted(text)) end
  return value
end

readers = {
  prompt = function(text)
    if lines.count(text) > protocol.MOST_PROMPT_LETTERS then
      return nil, ("The prompt is too long: %d letters are the most."):format(protocol.MOST_PROMPT_LETTERS)
    end
    return text
  end,

  mode = function(text)
    if text == "" then return protocol.MODES[1] end
    for _, mode in ipairs(protocol.MODES) do
      if mode:sub(1, #text) == text:lower() then return mode end
    end
    local known = table.concat(protocol.MODES, ", ")
    return nil, ("The mode %s is not known: it is one of %s."):format(quoted(text), known)
  end,

  bars = function(text)
    local word = text:lower()
    if word == "" or word == "clip" then return 0 end
    local bars = math.tointeger(tonumber(word:match("^%d+$") or word:match("^(%d+)%s*bars?$")))
    if bars and bars <= protocol.MOST_BARS then return bars end
    return nil, ("Bars is a whole number from 1 to %d, or empty for the clip's own length, not %s."):format(
      protocol.MOST_BARS, quoted(text))
  end,

  takes = function(text)
    if text == "" then return 1 end
    local takes = math.tointeger(tonumber(text:match("^%d+$")))
    if takes and takes >= 1 and takes <= protocol.MOST_TAKES then return takes end
    return nil, ("Takes is a whole number from 1 to %d, not %s."):format(protocol.MOST_TAKES, quoted(text))
  end,

  place = function(text, project) return places.find(project, text) end,

  -- Lenient: the daemon knows the names of the scales.
  key = function(text)
    if text == "" or text:match("^%d%d?[ABab]$") then return text end
    local letter, rest = text:match("^([A-Ga-g])[%s-]*(.*)$")
    local scale = rest
    for _, sign in ipairs(SIGNS) do
      if rest and rest:lower():sub(1, #sign) == sign then
        scale = rest:sub(#sign + 1)
        break
      end
    end
    if letter and scale:match("^[%a%d%s'()./_#-]*$") then
      return letter:upper() .. text:sub(2)
    end
    return nil, ("The key %s cannot be read: write it like G# minor or D dorian, or leave it empty."):format(
      quoted(text))
  end,

  with_fx = function(text) return fields.read_yes(text, "With FX") end,
}

function quoted(text)
  return ('"%s"'):format(lines.fitted(lines.plain(text), SHOWN_LETTERS, lines.count))
end

return fields
