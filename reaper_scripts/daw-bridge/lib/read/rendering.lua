-- @noindex
-- One render by REAPER itself, with the user's own settings and selected tracks as they were afterwards.

local files = require("lib.files")

local M = {}

local RENDER = 42230 -- File: Render project, using the most recent render settings, auto-close render dialog
local SAME_SECONDS = 1e-6
local OTHER_BOUNDS = "REAPER did not take the start and end of the selection for its render; generate again, "
  .. "or switch off With FX in the settings."

local wishes, current, set, selected_tracks, select_tracks, render, rendered_files

-- Renders WAVs named by `stem` into `folder`, one a track: `{ folder, names, expected (how many) }`; or nil
-- and a sentence.
function M.make(project, tracks, span, folder, stem)
  local wanted = wishes(span, folder, stem)
  local before, selected = current(project, wanted), selected_tracks(project)
  local went, expected, problem = xpcall(render, debug.traceback, project, tracks, wanted, span)
  select_tracks(project, selected)
  set(project, before)
  if not went then error(expected, 0) end
  if not expected then return nil, problem end
  return { folder = folder, names = rendered_files(folder, stem), expected = expected }
end

function M.remove(rendered)
  for _, name in ipairs(rendered.names) do files.remove(files.join(rendered.folder, name)) end
end

-- What a render of ours asks for, in the order in which REAPER is told: it takes a start and an end only
-- after it knows that the bounds are custom ones.
wishes = function(span, folder, stem)
  return {
    { "RENDER_SETTINGS", 128 }, -- selected tracks via master
    { "RENDER_BOUNDSFLAG", 0 }, -- from RENDER_STARTPOS to RENDER_ENDPOS
    { "RENDER_STARTPOS", span.start_seconds },
    { "RENDER_ENDPOS", span.end_seconds },
    { "RENDER_CHANNELS", 2 },
    { "RENDER_SRATE", 48000 }, -- one that every plug-in knows; the daemon resamples
    { "RENDER_TAILFLAG", 0 },
    { "RENDER_TAILMS", 0 },
    { "RENDER_ADDTOPROJ", 0 },
    { "RENDER_DITHER", 0 },
    { "RENDER_NORMALIZE", 0 }, -- that is no limiter, fades, trimming or padding either
    { "RENDER_DELAY", 0 },
    { "RENDER_FILE", folder },
    { "RENDER_PATTERN", stem },
    { "RENDER_FORMAT", "ZXZhdyAAAQ==" }, -- WAV, 32 bit float
    { "RENDER_FORMAT2", "" },
  }
end

-- The project's own values of the same settings, in the opposite order: its own start and end go back while
-- the bounds are custom ones still.
current = function(project, wanted)
  local values = {}
  for index = #wanted, 1, -1 do
    local name, value = wanted[index][1], wanted[index][2]
    if type(value) == "number" then
      value = reaper.GetSetProjectInfo(project, name, 0, false)
    else
      value = select(2, reaper.GetSetProjectInfo_String(project, name, "", false))
    end
    values[#values + 1] = { name, value }
  end
  return values
end

set = function(project, values)
  for _, one in ipairs(values) do
    local name, value = one[1], one[2]
    if type(value) == "number" then
      reaper.GetSetProjectInfo(project, name, value, true)
    else
      reaper.GetSetProjectInfo_String(project, name, value, true)
    end
  end
end

-- The master track too, which REAPER would render as one of them.
selected_tracks = function(project)
  local tracks = {}
  for index = -1, reaper.CountTracks(project) - 1 do
    local track = index < 0 and reaper.GetMasterTrack(project) or reaper.GetTrack(project, index)
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

-- How many files REAPER said that it would write, or nil and a sentence.
render = function(project, tracks, wanted, span)
  set(project, wanted)
  for name, seconds in pairs({ RENDER_STARTPOS = span.start_seconds, RENDER_ENDPOS = span.end_seconds }) do
    local taken = reaper.GetSetProjectInfo(project, name, 0, false)
    if math.abs(taken - seconds) > SAME_SECONDS then return nil, OTHER_BOUNDS end
  end
  select_tracks(project, tracks)
  local _, targets = reaper.GetSetProjectInfo_String(project, "RENDER_TARGETS", "", false)
  reaper.Main_OnCommandEx(RENDER, 0, project)
  local count = 0
  for _ in targets:gmatch("%.[Ww][Aa][Vv]%f[;\0]") do count = count + 1 end
  return math.max(1, count) -- a REAPER that does not tell writes one at least
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

return M
