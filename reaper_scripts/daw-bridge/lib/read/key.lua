-- @noindex
-- The key of the music: as the user typed it, as notation shows it, or as key snap has it; else nobody knows.

local M = {}

local NOTATION_EVENT = 15
local MOST_TEXTS = 5000
local MOST_ITEMS = 2000
local CHROMATIC = 0xFFF
-- Fewer are a chord, which key snap knows too, and no scale.
local FEWEST_NOTES = 5

-- Scales by their notes above the root: bit 0 is the root, bit 1 the minor second.
local SCALES = {
  [0xAB5] = "major", [0x5AD] = "minor", [0x6AD] = "dorian", [0x6B5] = "mixolydian", [0xAD5] = "lydian",
  [0x5AB] = "phrygian", [0x56B] = "locrian", [0x9AD] = "harmonic minor", [0xAAD] = "melodic minor",
  [0x9B5] = "harmonic major", [0x6CD] = "dorian #4", [0x5B3] = "phrygian dominant",
  [0xB55] = "lydian augmented", [0x6D5] = "lydian dominant", [0x55B] = "super locrian",
  [0x9CD] = "hungarian minor", [0x9B3] = "bhairav", [0x555] = "whole tone", [0x6DB] = "half-whole dim.",
  [0xB6D] = "whole-half dim.", [0x295] = "major pentatonic", [0x4A9] = "minor pentatonic",
  [0x4E9] = "minor blues", [0x29D] = "major blues",
}

local notation_in_part, notation_before, notation_of, scale_of, key_of, name_of, quoted

-- The key, as text or { root, scale, intervals }, and where it is from: "yours", "notation", "key snap", or
-- "" and no key. `remembered` is what the user typed in this project, `parts` are the plan's.
function M.find(parts, remembered)
  local typed = quoted(remembered)
  if typed then return typed, "yours" end
  for _, part in ipairs(parts) do
    local key = part.take and notation_in_part(part)
    if key then return key, "notation" end
  end
  local seen = {}
  for _, part in ipairs(parts) do
    local track = reaper.GetMediaItem_Track(part.item)
    if track and not seen[track] then
      seen[track] = true
      local key = notation_before(track, part.start_seconds)
      if key then return key, "notation" end
    end
  end
  for _, part in ipairs(parts) do
    local key = part.take and reaper.TakeIsMIDI(part.take) and scale_of(part.take)
    if key then return key, "key snap" end
  end
  return nil, ""
end

quoted = function(text)
  text = (text or ""):match("^%s*(.-)%s*$")
  return text ~= "" and text or nil
end

-- The key signature in force where the part starts, else the first one within it.
notation_in_part = function(part)
  local at_start, _, within = notation_of(part.take, part.start_seconds, part.end_seconds)
  return at_start or within
end

-- The latest key signature before this time among the track's items, the one that starts last first.
notation_before = function(track, seconds)
  local looked_into = 0
  local best, best_seconds
  for index = reaper.GetTrackNumMediaItems(track) - 1, 0, -1 do
    local item = reaper.GetTrackMediaItem(track, index)
    local take = reaper.GetActiveTake(item)
    local starts = reaper.GetMediaItemInfo_Value(item, "D_POSITION")
    if take and starts <= seconds then
      if best or looked_into == MOST_ITEMS then break end
      looked_into = looked_into + 1
      local key, at = notation_of(take, seconds, seconds)
      if key and (not best or at > best_seconds) then best, best_seconds = key, at end
    end
  end
  return best
end

-- A take's key signature in force at `seconds`, its time, and the first one from there to `end_seconds`.
notation_of = function(take, seconds, end_seconds)
  if not reaper.TakeIsMIDI(take) then return nil end
  local key, key_seconds, within, within_seconds
  local _, _, _, count = reaper.MIDI_CountEvts(take)
  for index = 0, math.min(count, MOST_TEXTS) - 1 do
    local is_there, _, is_muted, ppq, kind, text = reaper.MIDI_GetTextSysexEvt(take, index)
    if is_there and not is_muted and kind == NOTATION_EVENT then
      local root, mask = text:match("^KSIG root (%d+) dir %-?%d+ notes 0x(%x+)")
      local found = root and key_of(tonumber(root), tonumber(mask, 16))
      if found then
        local at = reaper.MIDI_GetProjTimeFromPPQPos(take, ppq)
        if at <= seconds + 1e-6 then
          if not key or at >= key_seconds then key, key_seconds = found, at end
        elseif at < end_seconds and (not within or at < within_seconds) then
          within, within_seconds = found, at
        end
      end
    end
  end
  return key, key_seconds, within
end

-- What the MIDI editor's key snap is set to, unless nobody has set it.
scale_of = function(take)
  if not reaper.MIDI_GetScale then return nil end
  local is_there, root, mask, name = reaper.MIDI_GetScale(take, 0, 0, "")
  if not is_there or mask == 0 then return nil end
  return key_of(root, mask, name)
end

-- The protocol's key, or nil where these notes are none.
key_of = function(root, mask, name)
  mask = math.floor(mask)
  if root < 0 or root > 11 or mask > CHROMATIC or mask == CHROMATIC or mask & 1 == 0 then return nil end
  local intervals = {}
  for interval = 0, 11 do
    if mask & 1 << interval ~= 0 then intervals[#intervals + 1] = interval end
  end
  if #intervals < FEWEST_NOTES then return nil end
  return { root = math.floor(root), scale = SCALES[mask] or name_of(name), intervals = intervals }
end

name_of = function(name)
  name = quoted(name)
  return name and name:lower() or nil
end

return M
