-- @noindex
-- Who is asking: the track and its instrument, the project and its folder, and which REAPER this is.

local memory = require("lib.memory")
local paths = require("lib.paths")
local projects = require("lib.projects")
local protocol = require("lib.protocol")

local M = {}

-- What REAPER puts before a plug-in's name; an i marks instruments.
local PLUGIN_KINDS = {
  VST = true, VSTi = true, VST3 = true, VST3i = true, AU = true, AUi = true, AUv3 = true, AUv3i = true,
  CLAP = true, CLAPi = true, LV2 = true, LV2i = true, DX = true, DXi = true, JS = true,
}

local instrument_of, plain_name, sample_rate_of, device_rate, valid_rate

-- The protocol's `track`; `program` and `drums` are what was found among the notes.
function M.track(track, program, drums)
  local fields = { program = program, drums = drums and true or nil }
  if not track then return fields end
  local _, name = reaper.GetSetMediaTrackInfo_String(track, "P_NAME", "", false)
  fields.name = name
  fields.instrument = instrument_of(track)
  return fields
end

-- The protocol's `project`, and whether the project has a folder: `path` is empty while it was never saved.
function M.project(project)
  local folder = paths.folder_of(projects.path(project))
  return { path = folder, daw = "reaper", sample_rate = sample_rate_of(project) }, folder ~= ""
end

function M.daw()
  return "REAPER " .. reaper.GetAppVersion()
end

-- The first instrument's name without its kind, its maker and its outputs: "VSTi: Vital (Vital Audio)" is
-- "Vital".
instrument_of = function(track)
  local index = reaper.TrackFX_GetInstrument(track)
  if index < 0 then return nil end
  local is_there, name = reaper.TrackFX_GetFXName(track, index, "")
  return is_there and plain_name(name) or nil
end

plain_name = function(name)
  local kind, rest = name:match("^(%w+): (.+)$")
  name = PLUGIN_KINDS[kind] and rest or name
  while true do
    local shorter = name:match("^(.*%S)%s+%b()%s*$")
    if not shorter then return name end
    name = shorter
  end
end

-- The project's own sample rate, else the audio device's.
sample_rate_of = function(project)
  if reaper.GetSetProjectInfo(project, "PROJECT_SRATE_USE", 0, false) == 0 then return device_rate() end
  return valid_rate(reaper.GetSetProjectInfo(project, "PROJECT_SRATE", 0, false))
end

-- The device's rate, the last known one while it is closed, as it is while another program has it.
device_rate = function()
  if not reaper.GetAudioDeviceInfo then return nil end
  local known = valid_rate(tonumber(memory.read("rate")))
  local is_open, text = reaper.GetAudioDeviceInfo("SRATE", "")
  local rate = is_open and valid_rate(tonumber(text))
  if not rate then return known end
  if rate ~= known then memory.keep("rate", tostring(rate)) end
  return rate
end

valid_rate = function(rate)
  rate = math.floor((rate or 0) + 0.5)
  return rate >= protocol.LEAST_SAMPLE_RATE and rate <= protocol.MOST_SAMPLE_RATE and rate or nil
end

return M
