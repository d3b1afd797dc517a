-- @noindex
-- What is said to the daemon: triggers and commands, each a file in its inbox that bears its request's id.

local files = require("lib.files")
local json = require("lib.json")
local protocol = require("lib.protocol")

local M = {}

local MOST_ID_LETTERS = 64
local MEDIA = { ".wav", ".mid" }

local path_of

-- Whether a text can be the id of a request or a job: no path can be made of one that leads elsewhere.
function M.is_id(text)
  return type(text) == "string" and #text <= MOST_ID_LETTERS and text:find("^[A-Za-z0-9._-]+$") ~= nil
end

-- A name for a request or a command that nobody else has.
function M.new_id()
  local letters = reaper.genGuid(""):gsub("%X", ""):lower()
  return "reaper-" .. letters:sub(1, 16)
end

-- A trigger's file, named after its request: its path and text, or nil and a sentence.
function M.trigger(home, trigger)
  local text = json.encode(trigger)
  if #text > protocol.MAX_TRIGGER_BYTES then
    return nil, ("%s is too large to be sent: select less of it."):format(trigger.clip.name or "The clip")
  end
  return assert(path_of(home, trigger.request_id)), text
end

-- A command's file: its path and text; `again` bears its new request's id, all others a name of their own.
function M.command(home, fields)
  local command = { schema = 1 }
  for name, value in pairs(fields) do command[name] = value end
  local name = command.command == "again" and command.request_id or M.new_id()
  return assert(path_of(home, name)), json.encode(command)
end

-- Whether a request lies there still.
function M.holds(home, request_id)
  local path = path_of(home, request_id)
  return path ~= nil and reaper.file_exists(path)
end

-- Takes a request out again, and what was written for it; false when the daemon has it already.
function M.take_back(home, request_id)
  local path = path_of(home, request_id)
  if not path or not files.remove(path) then return false end
  M.forget_media(home, request_id)
  return true
end

-- Removes what was read for a request that was never sent.
function M.forget_media(home, request_id)
  if not M.is_id(request_id) then return end
  for _, suffix in ipairs(MEDIA) do files.remove(files.join(home.media, request_id .. suffix)) end
end

path_of = function(home, request_id)
  return M.is_id(request_id) and files.join(home.inbox, request_id .. ".json") or nil
end

return M
