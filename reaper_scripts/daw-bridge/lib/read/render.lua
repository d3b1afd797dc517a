-- @noindex
-- Some tracks with their FX, through the master, rendered by REAPER itself into the daemon's home.

local files = require("lib.files")
local mixing = require("lib.read.mixing")
local wav = require("lib.read.wav")

local M = {}

local RENDER = 42230 -- File: Render project, using the most recent render settings, auto-close render dialog
local RECORDING = 4 -- of the play state
local NUMBERS = { -- what a render of ours asks for
  RENDER_SETTINGS = 128, -- selected tracks via master
  RENDER_BOUNDSFLAG = 0, -- from RENDER_STARTPOS to RENDER_ENDPOS
  RENDER_CHANNELS = 2,
  RENDER_SRATE = 48000, -- one that every plug-in knows; the daemon resamples
  RENDER_TAILFLAG = 0,
  RENDER_TAILMS = 0,
  RENDER_ADDTOPROJ = 0,
  RENDER_DITHER = 0,
  RENDER_NORMALIZE = 0, -- that is no limiter, fades, trimming or padding either
  RENDER_DELAY = 0,
}
local TEXTS = {
  RENDER_FORMAT = "ZXZhdyAAAQ==", -- WAV, 32 bit float
  RENDER_FORMAT2 = "",
}
local LOST_SECONDS = 0.01 -- less than this may be missing at the end: frames are rounded
local UNFINISHED = "REAPER did not render it all; generate again, or switch off With FX in the settings."

local wishes, current, set, selected_tracks, select_tracks, render, gather, rendered_files, voice

-- Writes `path` (a WAV) of the tracks, of which some may come twice, from `start_seconds` to `end_seconds`;
-- or nil and a sentence. REAPER is busy meanwhile, and stops playing. Other items on these tracks sound too:
-- FX hear tracks, not items.
function M.write(project, tracks, start_seconds, end_seconds, path, pause)
  if not reaper.ValidatePtr2(0, project, "ReaProject*") then
    return nil, "The project was closed before it was rendered; open it and generate again."
  end
  for _, track in ipairs(tracks) do
    if not reaper.ValidatePtr2(project, track, "MediaTrack*") then
      return nil, "A track was deleted before it was rendered; select what is there now, and generate again."
    end
  end
  if reaper.EnumProjects(-1) ~= project then
    return nil, "Another project is in front, and REAPER renders that one; go back and generate again."
  end
  if reaper.GetPlayStateEx(project) & RECORDING ~= 0 then
    return nil, "REAPER is recording; stop that first, or switch off With FX in the settings."
  end
  local folder, stem = path:match("^(.*)[/\\]([^/\\]+)%.wav$")
  stem = stem .. "-fx" -- new each time: REAPER asks before it writes over a file
  local wanted = wishes(start_seconds, end_seconds, folder, stem)
  local before, selected = current(project, wanted), selected_tracks(project)
  local went, expected = xpcall(render, debug.traceback, project, tracks, wanted)
  select_tracks(project, selected)
  set(project, before)
  if not went then error(expected, 0) end
  return gather(folder, stem, expected, end_seconds - start_seconds, path, pause)
end

wishes = function(start_seconds, end_seconds, folder, stem)
  local numbers = { RENDER_STARTPOS = start_seconds, RENDER_ENDPOS = end_seconds }
  local texts = { RENDER_FILE = folder, RENDER_PATTERN = stem }
  for name, value in pairs(NUMBERS) do numbers[name] = value end
  for name, value in pairs(TEXTS) do texts[name] = value end
  return { numbers = numbers, texts = texts }
end

-- The project's own values of the same settings.
current = function(project, wanted)
  local numbers, texts = {}, {}
  for name in pairs(wanted.numbers) do
    numbers[name] = reaper.GetSetProjectInfo(project, name, 0, false)
  end
  for name in pairs(wanted.texts) do
    local _, text = reaper.GetSetProjectInfo_String(project, name, "", false)
    texts[name] = text
  end
  return { numbers = numbers, texts = texts }
end

set = function(project, values)
  for name, value in pairs(values.numbers) do reaper.GetSetProjectInfo(project, name, value, true) end
  for name, text in pairs(values.texts) do reaper.GetSetProjectInfo_String(project, name, text, true) end
end

selected_tracks = function(project)
  local tracks = {}
  for index = 0, reaper.CountTracks(project) - 1 do
    local track = reaper.GetTrack(project, index)
    if reaper.GetMediaTrackInfo_Value(track, "I_SELECTED") ~= 0 then tracks[#tracks + 1] = track end
  end
  return tracks
end

-- Just these ones.
select_tracks = function(project, tracks)
  for _, track in ipairs(selected_tracks(project)) do
    reaper.SetMediaTrackInfo_Value(track, "I_SELECTED", 0)
  end
  for _, track in ipairs(tracks) do reaper.SetMediaTrackInfo_Value(track, "I_SELECTED", 1) end
end

-- How many files REAPER said that it would write.
render = function(project, tracks, wanted)
  set(project, wanted)
  select_tracks(project, tracks)
  local _, targets = reaper.GetSetProjectInfo_String(project, "RENDER_TARGETS", "", false)
  reaper.Main_OnCommandEx(RENDER, 0, project)
  local count = 0
  for _ in targets:gmatch("%.[Ww][Aa][Vv]%f[;\0]") do count = count + 1 end
  return math.max(1, count) -- a REAPER that does not tell writes one at least
end

-- Makes one WAV of what was rendered: REAPER writes one a track.
gather = function(folder, stem, expected, seconds, path, pause)
  local names = rendered_files(folder, stem)
  local went, made, problem = xpcall(function()
    if #names < expected then return nil, UNFINISHED end
    local voices, shape = {}, { rate = 0, channels = 1, frames = 0 }
    for index, name in ipairs(names) do
      local reader, unreadable = wav.open(files.join(folder, name))
      if not reader then return nil, unreadable end
      reader.close()
      if reader.frames < (seconds - LOST_SECONDS) * reader.rate then return nil, UNFINISHED end
      voices[index] = voice(files.join(folder, name), reader)
      shape.rate = reader.rate
      shape.channels = math.max(shape.channels, voices[index].channels)
      shape.frames = math.max(shape.frames, reader.frames)
    end
    if #names > 1 then return mixing.write(path, shape, voices, pause) end
    if os.rename(files.join(folder, names[1]), path) then return true end
    return nil, ("%s cannot be written into %s."):format(path:match("[^/\\]+$"), folder)
  end, debug.traceback)
  for _, name in ipairs(names) do files.remove(files.join(folder, name)) end
  if not went then error(made, 0) end
  return made, problem
end

-- REAPER numbers the files when there are several.
rendered_files = function(folder, stem)
  local names = {}
  for _, name in ipairs(files.names(folder)) do
    if name:sub(1, #stem) == stem and name:lower():find("%.wav$") then names[#names + 1] = name end
  end
  table.sort(names)
  return names
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
