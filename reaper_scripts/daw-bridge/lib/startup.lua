-- @noindex
-- Starting with REAPER: one marked line in the user's `__startup.lua`, of which all else stays as it is.

local files = require("lib.files")

local M = {}

local CALL = "reaper.Main_OnCommand(reaper.NamedCommandLookup("
local MARK = "-- daw-bridge"
local BYTE_ORDER_MARK = "\xEF\xBB\xBF"
local WATCHER = "daw-bridge_Watcher.lua"
local MOST_BYTES = 1024 * 1024

local startup_path, change, read, find_line, watcher_line, place_for, begin_of

-- Whether the watcher starts with REAPER.
function M.is_on()
  local text = read(startup_path())
  return text ~= nil and find_line(text) ~= nil
end

-- Switches it on or off; true, or nil and a sentence.
function M.set(on)
  local path = startup_path()
  local is_set, problem = change(path, on)
  if not is_set and reaper.GetOS():find("^Win") and path:find("[\x80-\xFF]") then
    return nil, ("%s is not in plain letters, so scripts cannot change it: add this line to it yourself: %s")
      :format(path, watcher_line() or MARK)
  end
  return is_set, problem
end

change = function(path, on)
  local text, problem = read(path)
  if not text then return nil, problem end
  local first, last = find_line(text)
  if (first ~= nil) == on then return true end
  if not on then
    local left = text:sub(1, first - 1) .. text:sub(last + 1)
    if left == "" and files.remove(path) then return true end
    return files.write_whole(path, left)
  end
  local line
  line, problem = watcher_line()
  if not line then return nil, problem end
  local at, ending = place_for(text)
  return files.write_whole(path, text:sub(1, at - 1) .. line .. ending .. text:sub(at))
end

startup_path = function()
  return files.join(files.join(reaper.GetResourcePath(), "Scripts"), "__startup.lua")
end

-- The file's text, "" where there is none.
read = function(path)
  if not reaper.file_exists(path) then return "" end
  return files.read(path, MOST_BYTES)
end

-- Where our line begins, and where it ends with its line break.
find_line = function(text)
  local from = begin_of(text)
  while from <= #text do
    local last = text:find("\n", from, true) or #text
    local line = text:sub(from, last):gsub("%s+$", "")
    if line:sub(1, #CALL) == CALL and line:sub(-#MARK) == MARK then return from, last end
    from = last + 1
  end
end

watcher_line = function()
  local folder = ({ reaper.get_action_context() })[2]:match("^(.*[/\\])")
  local command = reaper.AddRemoveReaScript(true, 0, folder .. WATCHER, true)
  local name = command ~= 0 and reaper.ReverseNamedCommandLookup(command)
  if not name then
    return nil, ("%s is not in REAPER's action list: run `daw-bridge install reaper` again."):format(WATCHER)
  end
  return ('%s"_%s"), 0) %s'):format(CALL, name, MARK)
end

-- Where our line goes, and its line break: at the top, for below a `return` nothing may stand.
place_for = function(text)
  local ending = text:find("\r\n", 1, true) and "\r\n" or "\n"
  local at = begin_of(text)
  if text:sub(at, at) ~= "#" then return at, ending end
  local last = text:find("\n", at, true)
  return last and last + 1 or at, ending
end

begin_of = function(text)
  return text:sub(1, #BYTE_ORDER_MARK) == BYTE_ORDER_MARK and #BYTE_ORDER_MARK + 1 or 1
end

return M
