-- @noindex
-- Where takes go, as the user writes it: a new track, the item's own takes, or a track by its name or number.

local lines = require("lib.face.lines")

local NEW_TRACK, TAKES = "new_track", "takes"
local WORDS = {
  [""] = NEW_TRACK,
  ["auto"] = NEW_TRACK,
  ["new"] = NEW_TRACK,
  ["new track"] = NEW_TRACK,
  ["new_track"] = NEW_TRACK,
  ["take"] = TAKES,
  ["takes"] = TAKES,
  ["takes of item"] = TAKES,
  ["takes of the item"] = TAKES,
}
local SHOWN_LETTERS = 40

local places = {}
local find_named, find_numbered, read_name

-- The place in the user's words; a track that is gone reads as a new track.
function places.text(project, place)
  if place == TAKES then return "takes" end
  if place == NEW_TRACK then return "new track" end
  for index = 0, reaper.CountTracks(project) - 1 do
    local track = reaper.GetTrack(project, index)
    if reaper.GetTrackGUID(track) == place then
      local name = read_name(track)
      local is_plain = places.find(project, name) == place
      return is_plain and name or ("#%d"):format(index + 1)
    end
  end
  return "new track"
end

-- The place that the words mean: "new_track", "takes" or "{track guid}"; or nil and a sentence.
function places.find(project, text)
  local words = lines.plain(text)
  local known = WORDS[words:lower()]
  if known then return known end
  local track = find_named(project, words) or find_numbered(project, words)
  if track then return reaper.GetTrackGUID(track) end
  local count = reaper.CountTracks(project)
  local numbers = count > 1 and (" (1 to %d)"):format(count) or ""
  local named = lines.fitted(words, SHOWN_LETTERS, lines.count)
  return nil, ('There is no track "%s": write new track, takes, or a track\'s name or number%s.'):format(
    named, numbers)
end

-- The track of that name: the selected one of several, else the first; case counts only where it must.
function find_named(project, name)
  local best, best_rank
  for index = 0, reaper.CountTracks(project) - 1 do
    local track = reaper.GetTrack(project, index)
    local found = read_name(track)
    if found == name or found:lower() == name:lower() then
      local rank = (found == name and 2 or 0) + (reaper.IsTrackSelected(track) and 1 or 0)
      if not best or rank > best_rank then best, best_rank = track, rank end
    end
  end
  return best
end

function find_numbered(project, words)
  local number = math.tointeger(tonumber(words:match("^#?(%d+)$")))
  if not number or number < 1 or number > reaper.CountTracks(project) then return nil end
  return reaper.GetTrack(project, number - 1)
end

function read_name(track)
  local _, name = reaper.GetTrackName(track)
  return lines.plain(name)
end

return places
