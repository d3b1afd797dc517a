-- @noindex
-- A job's view as the outbox tells it: whoever wrote the file, what comes of it here is of known shape.

local inbox = require("lib.talk.inbox")
local protocol = require("lib.protocol")

local M = {}

local OPEN_STATES = {
  accepted = true, rendered = true, composed = true, submitting = true, submitted = true, generated = true,
}
local REJECTED = "rejected"
local MOST_STAGE_BYTES = 64
local MOST_ERROR_BYTES = 1000
local MOST_WORD_BYTES = 200

local is_state, read_source, read_error, read_takes, read_take, text, number, whole

-- The view, or nil where it is none of ours or no view at all. `is_awaited`: it stands under a request of
-- ours, and may then say that the trigger could not be read, without a source.
-- `{ request_id, job_id, state, progress, stage, error = { code, text }|nil, asked, source, takes,
-- left_out }`;
-- `source`: `{ client, project = { id, path }|nil, where }`, of which lib/place/target reads `where`;
-- `left_out`: how many takes had another shape than
-- `{ take, file, mode, prompt, provider, created, key, bpm, beats, seconds, seed, imported, undone }`.
function M.read(told, is_awaited)
  if type(told) ~= "table" or not inbox.is_id(told.request_id) or not is_state(told.state) then return nil end
  local is_rejected = told.state == REJECTED
  if not (inbox.is_id(told.job_id) or is_rejected and told.job_id == "") then return nil end
  local source = read_source(told.source)
  if not source or source.client ~= "reaper" and not (is_rejected and is_awaited) then return nil end
  local progress, asked = number(told.progress), whole(told.asked, 0)
  if not progress or progress < 0 or progress > 1 or not asked then return nil end
  local takes, left_out = read_takes(told.takes)
  if not takes then return nil end
  return {
    request_id = told.request_id, job_id = told.job_id, state = told.state, progress = progress,
    stage = text(told.stage, MOST_STAGE_BYTES) or "", error = read_error(told.error), asked = asked,
    source = source, takes = takes, left_out = left_out,
  }
end

is_state = function(state)
  return type(state) == "string"
    and (OPEN_STATES[state] or protocol.FINAL_STATES[state] or state == REJECTED) == true
end

read_source = function(source)
  if type(source) ~= "table" then return nil end
  local project = type(source.project) == "table" and source.project or nil
  local path = project and project.path
  if type(path) ~= "string" or #path > protocol.MOST_PATH_LETTERS then path = "" end
  return {
    client = source.client,
    project = project and { id = text(project.id, MOST_WORD_BYTES) or "", path = path },
    where = type(source.where) == "table" and source.where or {},
  }
end

read_error = function(problem)
  if type(problem) ~= "table" then return nil end
  return {
    code = text(problem.code, MOST_WORD_BYTES) or "",
    text = text(problem.text, MOST_ERROR_BYTES) or "",
  }
end

-- The takes that fit, and how many did not; nil where it is no list.
read_takes = function(told)
  if type(told) ~= "table" then return nil end
  local takes, has, left_out = {}, {}, 0
  for _, one in ipairs(told) do
    local take = #takes < protocol.MOST_TAKES and type(one) == "table" and read_take(one)
    if take and not has[take.take] then
      has[take.take] = true
      takes[#takes + 1] = take
    else
      left_out = left_out + 1
    end
  end
  return takes, left_out
end

read_take = function(told)
  local take, file, undone = whole(told.take, 1), told.file, told.undone
  if not take or undone ~= nil and type(undone) ~= "boolean" then return nil end
  if type(file) ~= "string" or file == "" or #file > protocol.MOST_PATH_LETTERS then return nil end
  local read = { take = take, file = file, undone = undone == true }
  for _, name in ipairs({ "mode", "prompt", "provider", "created" }) do
    read[name] = text(told[name], protocol.MOST_PROMPT_LETTERS)
    if not read[name] then return nil end
  end
  for _, name in ipairs({ "key", "imported" }) do
    read[name] = text(told[name], MOST_ERROR_BYTES)
    if told[name] ~= nil and not read[name] then return nil end
  end
  for _, name in ipairs({ "bpm", "beats", "seconds", "seed" }) do
    read[name] = number(told[name])
    if told[name] ~= nil and not read[name] then return nil end
  end
  return read
end

-- In one line, and not longer than so many bytes.
text = function(value, most_bytes)
  if type(value) ~= "string" then return nil end
  if #value > most_bytes then
    local last = most_bytes
    while last > 0 and value:byte(last + 1) & 0xC0 == 0x80 do last = last - 1 end
    value = value:sub(1, last)
  end
  return (value:gsub("%c+", " "))
end

number = function(value)
  local is_finite = type(value) == "number" and value == value and math.abs(value) < math.huge
  return is_finite and value or nil
end

-- An integer from `least` to as many takes as there can be.
whole = function(value, least)
  local integer = type(value) == "number" and math.tointeger(value)
  return integer and integer >= least and integer <= protocol.MOST_TAKES and integer or nil
end

return M
