-- @noindex
-- A take's file as REAPER reads it, opened before anything is changed; only a file that may be one of ours.

local files = require("lib.files")
local paths = require("lib.paths")
local projects = require("lib.projects")
local protocol = require("lib.protocol")
local take_words = require("lib.place.take_words")

local M = {}

local NO_SOUND_FILE = "%s is no sound file, so it is left alone: ask for the take again."
local ELSEWHERE = "%s lies neither in the project's folder nor in daw-bridge's own, so it is left alone: "
  .. "drag it in by hand if you want it."
local GONE = "REAPER cannot open %s: see that it is where daw-bridge put it, or ask again."
local EMPTY = "REAPER finds no sound in %s: ask for the take again."

local own_path, below_any, same_in

-- `{ told, source, seconds, frame_seconds, is_given }`; or nil, a problem, and whether it may be gone in a
-- while. `homes` are folders of the daemon that takes may lie in beside those of the project.
function M.open(project, told, homes)
  local path, problem = own_path(project, told, homes)
  if not path then return nil, problem, false end
  local file = take_words.file_name(path)
  local source = reaper.PCM_Source_CreateFromFile(path)
  if not source then return nil, GONE:format(file), reaper.file_exists(path) end
  local kind = reaper.GetMediaSourceType(source, "")
  local seconds, is_in_beats = reaper.GetMediaSourceLength(source)
  if kind == "" or kind == "EMPTY" or is_in_beats or seconds <= 0 then
    reaper.PCM_Source_Destroy(source)
    return nil, EMPTY:format(file), true
  end
  local rate = reaper.GetMediaSourceSampleRate(source)
  return {
    told = told,
    source = source,
    seconds = seconds,
    frame_seconds = rate > 0 and 1 / rate or 0,
    is_given = false,
  }
end

-- The path of a take's file, where it is one that the daemon would have written; or nil and a problem. Any
-- other path would be opened for whoever can write into the daemon's folders: a project as media, or a share
-- of another computer, to which Windows would sign in.
own_path = function(project, told, homes)
  local path = type(told.file) == "string" and told.file or ""
  local file = take_words.file_name(told.file)
  local suffix = path:match("%.%w+$")
  if not suffix or not protocol.AUDIO_SUFFIXES[suffix:lower()] then return nil, NO_SOUND_FILE:format(file) end
  if below_any(path, projects.folders(project)) or below_any(path, homes) then return path end
  local same = same_in(homes, file)
  if same then return same end
  return nil, ELSEWHERE:format(file)
end

below_any = function(path, folders)
  for _, folder in ipairs(folders) do
    if paths.is_below(path, folder) then return true end
  end
  return false
end

-- On Windows the scripts may know the daemon's folder by its short name, but the daemon by its long one.
same_in = function(homes, file)
  for _, folder in ipairs(homes) do
    local path = files.join(folder, file)
    if folder:find("~", 1, true) and reaper.file_exists(path) then return path end
  end
  return nil
end

return M
