-- @noindex
-- Some tracks with their FX, through the master, rendered by REAPER itself into the daemon's home.

local files = require("lib.files")
local media = require("lib.read.media")
local mixing = require("lib.read.mixing")
local rendering = require("lib.read.rendering")
local wav = require("lib.read.wav")
local words = require("lib.words")

local M = {}

local PLAYING, RECORDING = 1, 4 -- of the play state
local LOST_SECONDS = 0.01 -- it may be this much shorter or longer: frames are rounded
local SWITCH_OFF = "or switch off With FX in the settings."
local UNFINISHED = "REAPER did not render it all; generate again, " .. SWITCH_OFF
local TOO_LONG = "REAPER rendered more than the selection; generate again, " .. SWITCH_OFF

local obstacle, topmost, takes_on, add_takes, is_spoilt, gather, voice

-- Writes `path` (a WAV) of the tracks, of which some may come twice, from `start_seconds` to `end_seconds`;
-- or nil and a sentence. REAPER is busy meanwhile. Other items on these tracks sound too: FX hear tracks, not
-- items.
function M.write(project, tracks, start_seconds, end_seconds, path, pause)
  local span = { start_seconds = start_seconds, end_seconds = end_seconds }
  local folder, stem = path:match("^(.*)[/\\]([^/\\]+)%.wav$")
  stem = stem .. "-fx" -- new each time: REAPER asks before it writes over a file
  local problem = obstacle(project, tracks)
  if problem then return nil, problem end
  tracks = topmost(tracks)
  local takes = takes_on(project, tracks, span)
  local rendered
  repeat
    media.wait(project, takes, pause)
    problem = obstacle(project, tracks)
    if problem then return nil, problem end
    rendered, problem = rendering.make(project, tracks, span, folder, stem)
    if not rendered then return nil, problem end
  until not is_spoilt(project, takes, rendered)
  return gather(rendered, end_seconds - start_seconds, path, pause)
end

-- Why nothing can be rendered now, as a sentence; nil when it can.
obstacle = function(project, tracks)
  if not reaper.ValidatePtr2(0, project, "ReaProject*") then
    return words.PROJECT_CLOSED
  end
  for _, track in ipairs(tracks) do
    if not reaper.ValidatePtr2(project, track, "MediaTrack*") then
      return "A track was deleted before it was rendered; select what is there now, and generate again."
    end
  end
  if reaper.EnumProjects(-1) ~= project then
    return "Another project is in front, and REAPER renders that one; go back and generate again."
  end
  local play_state = reaper.GetPlayStateEx(project)
  if play_state & RECORDING ~= 0 then return "REAPER is recording; stop that first, " .. SWITCH_OFF end
  if play_state & PLAYING ~= 0 then
    return "REAPER is playing, and rendering With FX would stop it; stop first, " .. SWITCH_OFF
  end
  return nil
end

-- The tracks, each once, without those that are heard through a folder among them.
topmost = function(tracks)
  local is_meant, list = {}, {}
  for _, track in ipairs(tracks) do is_meant[track] = true end
  for _, track in ipairs(tracks) do
    local parent = reaper.GetParentTrack(track)
    while parent and not is_meant[parent] do parent = reaper.GetParentTrack(parent) end
    if not parent and is_meant[track] ~= "listed" then
      list[#list + 1], is_meant[track] = track, "listed"
    end
  end
  return list
end

-- The audio takes that may sound on the tracks, and in folders that they are.
takes_on = function(project, tracks, span)
  local is_meant, takes = {}, {}
  for _, track in ipairs(tracks) do is_meant[track] = true end
  for track_index = 0, reaper.CountTracks(project) - 1 do
    local track = reaper.GetTrack(project, track_index)
    local parent = reaper.GetParentTrack(track)
    is_meant[track] = is_meant[track] or parent and is_meant[parent]
    if is_meant[track] then add_takes(takes, track, span) end
  end
  return takes
end

add_takes = function(takes, track, span)
  for index = 0, reaper.CountTrackMediaItems(track) - 1 do
    local item = reaper.GetTrackMediaItem(track, index)
    local take = reaper.GetActiveTake(item)
    local start_seconds = reaper.GetMediaItemInfo_Value(item, "D_POSITION")
    local end_seconds = start_seconds + reaper.GetMediaItemInfo_Value(item, "D_LENGTH")
    local is_in = start_seconds < span.end_seconds and end_seconds > span.start_seconds
    if is_in and take and not reaper.TakeIsMIDI(take) then takes[#takes + 1] = take end
  end
end

-- Whether a file is silent for its media went offline meanwhile; all of them are thrown away then.
is_spoilt = function(project, takes, rendered)
  if not media.are_offline(project, takes) then return false end
  for _, name in ipairs(rendered.names) do
    if wav.is_silent(files.join(rendered.folder, name)) then
      rendering.remove(rendered)
      return true
    end
  end
  return false
end

-- Makes one WAV of what was rendered.
gather = function(rendered, seconds, path, pause)
  local folder, names = rendered.folder, rendered.names
  local went, made, problem = xpcall(function()
    if #names < rendered.expected then return nil, UNFINISHED end
    local voices, shape = {}, { rate = 0, channels = 1, frames = 0 }
    for index, name in ipairs(names) do
      local reader, unreadable = wav.open(files.join(folder, name))
      if not reader then return nil, unreadable end
      reader.close()
      if reader.frames < (seconds - LOST_SECONDS) * reader.rate then return nil, UNFINISHED end
      if reader.frames > (seconds + LOST_SECONDS) * reader.rate then return nil, TOO_LONG end
      voices[index] = voice(files.join(folder, name), reader)
      shape.rate = reader.rate
      shape.channels = math.max(shape.channels, voices[index].channels)
      shape.frames = math.max(shape.frames, reader.frames)
    end
    if #names > 1 then return mixing.write(path, shape, voices, pause) end
    if os.rename(files.join(folder, names[1]), path) then return true end
    return nil, ("%s cannot be written into %s."):format(path:match("[^/\\]+$"), folder)
  end, debug.traceback)
  rendering.remove(rendered)
  if not went then error(made, 0) end
  return made, problem
end

voice = function(path, facts)
  return {
    first_frame = 0,
    end_frame = facts.frames,
    channels = math.min(2, facts.channels),
    stride = facts.channels,
    gain = 1,
    open = function()
      local reader, problem = wav.open(path)
      if not reader then return nil, problem end
      -- From the first frame on, block after block.
      return { read = function(_, frames) return reader.read(frames) end, close = reader.close }
    end,
  }
end

return M
