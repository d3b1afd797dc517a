-- @noindex
-- The daemon's folder: where it is, whether its daemon lives, and whether both sides are of one version.

local files = require("lib.files")
local json = require("lib.json")
local protocol = require("lib.protocol")
local words = require("lib.words")

local M = {}

local MOST_BYTES = 65536
local MISSED_BEATS = 3
local INSTALLED = "installed.json"
local UPDATE_SCRIPTS = "run `daw-bridge install reaper` again (or update daw-bridge in ReaPack)"

local PROBE = "reaper-probe"

local read_json, chosen_folder, usual_folder, is_there, can_open

-- `{ folder, inbox, outbox, media, results, refused }`, or nil and a sentence.
function M.find(script_folder)
  local folder = chosen_folder(script_folder)
  if not folder then
    return nil, "daw-bridge's folder cannot be found: run `daw-bridge install reaper`, then restart REAPER."
  end
  if not is_there(folder) then
    return nil, ("daw-bridge has never run on this computer (there is no %s): open a terminal and run "
      .. "`daw-bridge run`."):format(folder)
  end
  if not can_open(folder) then
    return nil, ("%s is not in plain letters, so REAPER's scripts cannot open it: run `daw-bridge install "
      .. "reaper`, or set DAW_BRIDGE_HOME to another folder, then restart REAPER."):format(folder)
  end
  local home = { folder = folder }
  for _, name in ipairs({ "inbox", "outbox", "media", "results", "refused" }) do
    home[name] = files.join(folder, name)
  end
  reaper.RecursiveCreateDirectory(home.inbox, 0)
  reaper.RecursiveCreateDirectory(home.media, 0)
  return home
end

-- What `daemon.json` says: `{ alive, version, protocol, can_talk, hint, text }`. `hint` is a sentence, or "",
-- on versions that differ but can talk.
function M.life(home)
  local says = read_json(files.join(home.folder, "daemon.json")) or {}
  local beat = tonumber(says.alive_at)
  if not beat or os.time() - beat >= MISSED_BEATS * protocol.ALIVE_INTERVAL_SECONDS then
    return { alive = false, can_talk = true, hint = "", text = words.NOT_RUNNING }
  end
  local version = tostring(says.version)
  local life = { alive = true, version = version, protocol = tonumber(says.protocol) or 0, hint = "" }
  life.can_talk = life.protocol == protocol.PROTOCOL_VERSION
  local own = protocol.VERSION
  if life.protocol > protocol.PROTOCOL_VERSION then
    life.text = ("These scripts (%s) are too old for daw-bridge %s: %s."):format(own, version, UPDATE_SCRIPTS)
  elseif life.protocol < protocol.PROTOCOL_VERSION then
    life.text = ("daw-bridge %s is too old for these scripts (%s): update it, then start it again.")
      :format(version, own)
  else
    life.text = ("daw-bridge %s runs"):format(version)
    if version ~= own then
      life.hint = ("daw-bridge is %s, these scripts are %s: %s."):format(version, own, UPDATE_SCRIPTS)
    end
  end
  return life
end

-- The folder that was written down when the scripts were installed, or that the environment names, or the
-- usual one.
chosen_folder = function(script_folder)
  local installed = read_json(script_folder .. INSTALLED) or {}
  if type(installed.home) == "string" and installed.home ~= "" then return installed.home end
  local named = os.getenv("DAW_BRIDGE_HOME")
  if named and named ~= "" then
    local own = os.getenv("HOME") or os.getenv("USERPROFILE") or ""
    return (named:gsub("^~", function() return own end))
  end
  return usual_folder(reaper.GetOS())
end

usual_folder = function(system)
  local function below(variable, ...)
    local folder = os.getenv(variable)
    if not folder or folder == "" then return nil end
    for _, name in ipairs({ ... }) do folder = files.join(folder, name) end
    return folder
  end
  if system:find("^Win") then return below("LOCALAPPDATA", "daw-bridge") end
  if system:find("^OSX") or system:find("^macOS") then
    return below("HOME", "Library", "Application Support", "daw-bridge")
  end
  return below("XDG_DATA_HOME", "daw-bridge") or below("HOME", ".local", "share", "daw-bridge")
end

-- A folder that a daemon has used is not empty.
is_there = function(folder)
  reaper.EnumerateSubdirectories(folder, -1)
  return reaper.EnumerateSubdirectories(folder, 0) ~= nil or #files.names(folder) > 0
end

-- Whether Lua opens files there: on Windows it may know plain letters alone.
can_open = function(folder)
  if not (reaper.GetOS():find("^Win") and folder:find("[\x80-\xFF]")) then return true end
  if files.read(files.join(folder, "daemon.json"), MOST_BYTES) then return true end
  local probe = files.join(folder, PROBE)
  return files.write_whole(probe, "") == true and files.remove(probe)
end

read_json = function(path)
  local text = files.read(path, MOST_BYTES)
  local value = text and json.decode(text)
  return type(value) == "table" and value or nil
end

return M
