-- @noindex
-- What is said to the daemon: triggers and commands, each a file that appears whole in its inbox.

local files = require("lib.files")
local json = require("lib.json")
local protocol = require("lib.protocol")

local M = {}

local path_of

-- A name for a request or a command that nobody else has.
function M.new_id()
  local letters = reaper.genGuid(""):gsub("%X", ""):lower()
  return "reaper-" .. letters:sub(1, 16)
end

-- Drops a trigger under its request id; true, or nil and a sentence.
function M.send_trigger(home, trigger)
  local text = json.encode(trigger)
  if #text > protocol.MAX_TRIGGER_BYTES then
    return nil, ("%s is too large to be sent: select less of it."):format(trigger.clip.name or "The clip")
  end
  return files.write_whole(path_of(home, trigger.request_id), text)
end

-- Takes a request out of the inbox again; false when the daemon has it already.
function M.take_back(home, request_id)
  return files.remove(path_of(home, request_id))
end

-- Drops a command; `again` under its new request id, all others under a name of their own.
function M.send_command(home, fields)
  local command = { schema = 1 }
  for name, value in pairs(fields) do command[name] = value end
  local name = command.command == "again" and command.request_id or M.new_id()
  return files.write_whole(path_of(home, name), json.encode(command))
end

path_of = function(home, request_id)
  return files.join(home.inbox, request_id .. ".json")
end

return M
