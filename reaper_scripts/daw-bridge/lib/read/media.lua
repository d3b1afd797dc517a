-- @noindex
-- The media behind a take: whether it can be read, and waiting while REAPER has it offline.

local protocol = require("lib.protocol")

local M = {}

local AWAY = "REAPER has set its media offline because another program is in front: click into REAPER, or "
  .. "switch that off in Preferences > Media."
local OFFLINE = "The media of what was selected is offline: run REAPER's action Item: Set all media online."
local OTHER_SUFFIXES = { -- what REAPER reads besides the daemon's own
  [".mid"] = true, [".midi"] = true, [".m4a"] = true, [".mp4"] = true, [".mov"] = true, [".mkv"] = true,
  [".avi"] = true, [".wma"] = true, [".opus"] = true, [".wv"] = true, [".w64"] = true, [".caf"] = true,
  [".rpp"] = true, [".bwf"] = true, [".rf64"] = true, [".aac"] = true, [".webm"] = true,
}

local is_there, is_awaited, words, look_into, short_name

-- The source that holds the media itself, below sections; nil where there is none.
function M.root(take)
  local source = reaper.GetMediaItemTake_Source(take)
  while source do
    local parent = reaper.GetMediaSourceParent(source)
    if not parent then return source end
    source = parent
  end
  return nil
end

-- The file that a take plays, a section's too, as REAPER names it; "" where there is none.
function M.file(take)
  local source = M.root(take)
  return source and reaper.GetMediaSourceFileName(source, "") or ""
end

-- What keeps the media of a take from ever being read, as a sentence; nil when nothing does.
function M.problem(take, title)
  local path = M.file(take)
  if path == "" or reaper.file_exists(path) then return nil end
  return ("The file %s of %s is missing; put it back, or choose another in the item's properties (F2).")
    :format(short_name(path), title)
end

-- Whether files that end in this, such as ".wav", are sounds, films or MIDI.
function M.is_suffix(suffix)
  suffix = suffix:lower()
  return protocol.AUDIO_SUFFIXES[suffix] or OTHER_SUFFIXES[suffix] or false
end

-- Whether a take that is not MIDI holds sound: pictures, empty files, and videos without sound do not.
function M.has_sound(take)
  local source = M.root(take)
  if not source then return false end
  local kind = reaper.GetMediaSourceType(source, "")
  if kind == "" or kind == "EMPTY" then return false end
  if not M.is_offline(take) then return reaper.GetMediaSourceNumChannels(source) > 0 end
  local path = reaper.GetMediaSourceFileName(source, "")
  local seconds, channels = look_into(path)
  if not seconds then return false end
  if seconds > 0 or channels > 0 then return seconds > 0 and channels > 0 end
  return M.is_suffix(path:match("%.[^./\\]+$") or "")
end

-- How long a source's file is in seconds; 0 where that cannot be known now.
function M.seconds(source)
  local seconds, is_in_beats = reaper.GetMediaSourceLength(source)
  if is_in_beats then return 0 end
  return seconds > 0 and seconds or look_into(reaper.GetMediaSourceFileName(source, "")) or 0
end

-- Whether REAPER has the media of a take offline: by its default preferences, while another program is in
-- front. It is silent then, and only its length of 0 tells.
function M.is_offline(take)
  local source = M.root(take)
  if not source then return false end
  local is_online = (reaper.GetMediaSourceLength(source)) > 0
    and not reaper.GetMediaSourceType(source, ""):find("^_OFFLINE_")
    and not (reaper.CF_GetMediaSourceOnline and not reaper.CF_GetMediaSourceOnline(source))
  if is_online then return false end
  local path = reaper.GetMediaSourceFileName(source, "")
  return path ~= "" and reaper.file_exists(path)
end

-- Whether any of these takes that are there still is offline.
function M.are_offline(project, takes)
  for _, take in ipairs(takes) do
    if is_there(project, take) and M.is_offline(take) and M.has_sound(take) then return true end
  end
  return false
end

-- Waits until all media of these takes is online, those that were deleted aside; whether it had to.
function M.wait(project, takes, pause)
  local has_waited = false
  for _, take in ipairs(takes) do
    if is_awaited(project, take) and M.has_sound(take) then
      has_waited = true
      repeat pause(words()) until not is_awaited(project, take)
    end
  end
  return has_waited
end

is_there = function(project, take)
  return reaper.ValidatePtr2(0, project, "ReaProject*")
    and reaper.ValidatePtr2(project, take, "MediaItem_Take*")
end

is_awaited = function(project, take)
  return is_there(project, take) and M.is_offline(take)
end

words = function()
  local is_known, flags = reaper.get_config_var_string("offlineinact")
  local is_switched_off = is_known and (tonumber(flags) or 1) % 2 == 0
  return is_switched_off and OFFLINE or AWAY
end

-- Seconds and channels of a file, by a source of its own, for one that is offline tells nothing; nil for a
-- file that REAPER cannot read.
look_into = function(path)
  local source = path ~= "" and reaper.PCM_Source_CreateFromFile(path)
  if not source then return nil end
  local seconds, is_in_beats = reaper.GetMediaSourceLength(source)
  local channels = reaper.GetMediaSourceNumChannels(source)
  reaper.PCM_Source_Destroy(source)
  return is_in_beats and 0 or seconds, channels
end

short_name = function(path) return path:match("[^/\\]+$") or path end

return M
