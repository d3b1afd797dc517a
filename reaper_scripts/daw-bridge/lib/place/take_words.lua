-- @noindex
-- What stands on takes, items and tracks of daw-bridge, and how a place in the song is told.

local marks = require("lib.marks")

local M = {}

local OF_BRIDGE = " · bridge"
local BETWEEN_NOTES = "\n\n"
-- A bar line may be missed by rounding.
local ROUNDING_SECONDS = 1e-6
local MEASURES_AND_BEATS = 2

local clock, bar_at, plain_number, joined

-- The name of a step in REAPER's undo list.
function M.step(count, name)
  local takes = count == 1 and "1 take" or ("%d takes"):format(count)
  return name == "" and "daw-bridge: " .. takes or ("daw-bridge: %s of %s"):format(takes, name)
end

-- "Riff · 1", with the mode where it is not plain variation.
function M.take_name(name, told)
  local title = ("%s · %d"):format(name == "" and "daw-bridge" or name, told.take)
  local is_plain = told.mode == nil or told.mode == "variation"
  return is_plain and title or ("%s (%s)"):format(title, told.mode)
end

-- What a take of ours was made of, read from its name; "" where it was given another one.
function M.name_in(take_name)
  return take_name:match("^(.+) · %d+") or ""
end

-- The name of a track of ours for what a track plays; a gone one's takes are named after their clip.
function M.track_name(source_track, name)
  if not source_track then return (name == "" and "Takes" or name) .. OF_BRIDGE end
  local _, source_name = reaper.GetTrackName(source_track)
  if source_name:sub(-#OF_BRIDGE) == OF_BRIDGE then return source_name end
  return source_name .. OF_BRIDGE
end

-- An item's notes with those of one more take.
function M.notes(before, told, job)
  local bpm = type(told.bpm) == "number" and plain_number(told.bpm) .. " bpm" or nil
  local seed = type(told.seed) == "number" and "seed " .. plain_number(told.seed) or nil
  local lines = {
    joined(": ", { "daw-bridge", told.prompt }),
    joined(", ", { told.mode, bpm, told.key }),
    joined(", ", { seed, told.provider }),
    ("job %s, take %d"):format(job, told.take),
    M.file_name(told.file),
    joined("", { told.created }),
  }
  local text = {}
  for _, line in ipairs(lines) do
    if line ~= "" then text[#text + 1] = line end
  end
  return (before == "" and "" or before .. BETWEEN_NOTES) .. table.concat(text, "\n")
end

-- The last part of a path.
function M.file_name(path)
  return type(path) == "string" and path:match("[^/\\]+$") or "the take's file"
end

-- "track Marimba · bridge, 0:20.000, bar 9", and for a take in an item of the user's that it is one.
function M.where(project, mark)
  local _, name = reaper.GetTrackName(reaper.GetMediaItem_Track(mark.item))
  local seconds = reaper.GetMediaItemInfo_Value(mark.item, "D_POSITION")
  local bar = bar_at(project, seconds)
  local place = ("track %s, %s%s"):format(name, clock(seconds), bar and ", bar " .. bar or "")
  return marks.is_our_item(mark.item) and place or "take of the item on " .. place
end

-- Minutes, seconds and thousandths.
clock = function(seconds)
  local thousandths = math.floor(math.abs(seconds) * 1000 + 0.5)
  local sign = seconds < 0 and thousandths > 0 and "-" or ""
  local minutes, rest = thousandths // 60000, thousandths % 60000
  return ("%s%d:%02d.%03d"):format(sign, minutes, rest // 1000, rest % 1000)
end

-- The bar as REAPER's ruler counts it, from the bar that the user wants the song to begin with; nil where the
-- project is not in front, for only of that one REAPER tells.
bar_at = function(project, seconds)
  if reaper.EnumProjects(-1) ~= project then return nil end
  return reaper.format_timestr_pos(seconds + ROUNDING_SECONDS, "", MEASURES_AND_BEATS):match("^(%-?%d+)%.")
end

-- A number as people write it, whatever the computer's language.
plain_number = function(value)
  if math.type(value) == "integer" then return ("%d"):format(value) end
  return (("%.2f"):format(value):gsub(",", "."):gsub("%.?0+$", ""))
end

joined = function(between, words)
  local list = {}
  for index = 1, 3 do
    local word = words[index]
    if type(word) == "string" and word ~= "" then list[#list + 1] = word end
  end
  return table.concat(list, between)
end

return M
