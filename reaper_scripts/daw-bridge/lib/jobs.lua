-- @noindex
-- The requests that are known: those of this REAPER, which are remembered until they have ended, and others'.

local inbox = require("lib.talk.inbox")
local json = require("lib.json")
local memory = require("lib.memory")
local projects = require("lib.projects")
local protocol = require("lib.protocol")

local M = {}

local LIST = "open"
local MOST_REMEMBERED = 200
local MOST_RETRYABLE = 20
local REMEMBERED = { "request", "job", "name", "project", "takes", "prompt", "state", "text", "is_told" }
local RETRYABLE = { partial = true, failed = true, cancelled = true }

local key_of, recall, update

-- One request: `{ request, job, name, project = { id, path }, takes, prompt, state, stage, progress, text }`,
-- `state` one of the daemon's, or "reading", "sent"; `is_ours`: this REAPER asked for it; `is_told`: its end
-- was told; `is_heard`: the daemon has answered; `asked_at`: seconds of time_precise; `is_retried`,
-- `is_cancelling`: asked of the daemon, not answered yet.
function M.create()
  local entries = {} -- oldest first
  local by_request = {}
  local jobs = {}

  local function put(entry, index)
    table.insert(entries, index or #entries + 1, entry)
    by_request[entry.request] = entry
    return entry
  end

  -- Writes down which of our requests are to be found again after a restart; `changed` has news itself.
  local function remember(changed)
    local ids, retryable = {}, 0
    for index = #entries, 1, -1 do
      local entry = entries[index]
      if entry.is_ours and entry.state ~= "reading" then
        local is_kept = not entry.is_told
        if not is_kept and RETRYABLE[entry.state] then
          retryable = retryable + 1
          is_kept = retryable <= MOST_RETRYABLE
        end
        if is_kept and #ids < MOST_REMEMBERED then ids[#ids + 1] = entry.request end
      end
    end
    local kept = {}
    for _, id in ipairs(ids) do kept[id] = true end
    for _, id in ipairs(memory.words(LIST)) do
      if not kept[id] then memory.forget(key_of(id)) end
    end
    if changed and kept[changed.request] then
      local fields = {}
      for _, name in ipairs(REMEMBERED) do fields[name] = changed[name] end
      memory.keep(key_of(changed.request), json.encode(fields))
    end
    memory.keep(LIST, table.concat(ids, " "))
  end

  -- A request of ours begins; it is remembered from `jobs.sent` on.
  function jobs.begin(fields)
    fields.is_ours, fields.is_told, fields.is_heard = true, false, false
    fields.job, fields.state, fields.stage, fields.progress, fields.text = "", "reading", "", 0, ""
    return put(fields)
  end

  function jobs.sent(entry)
    entry.state = "sent"
    entry.asked_at = reaper.time_precise()
    remember(entry)
  end

  function jobs.forget(entry)
    for index, one in ipairs(entries) do
      if one == entry then table.remove(entries, index) end
    end
    by_request[entry.request] = nil
    remember()
  end

  function jobs.told(entry)
    entry.is_told = true
    remember(entry)
  end

  -- Gone on with, whoever asked for it first: its end is told again.
  function jobs.retried(entry)
    entry.is_ours, entry.is_told, entry.is_retried, entry.is_cancelling = true, false, true, false
    entry.asked_at = reaper.time_precise()
    remember(entry)
  end

  -- Its end is told, whoever asked for it.
  function jobs.cancelling(entry)
    entry.is_cancelling = true
    if entry.is_ours then return end
    entry.is_ours, entry.is_told = true, false
    remember(entry)
  end

  -- The request that a view is of, brought up to date; one that has ended when it is first heard of is old.
  function jobs.hear(view)
    local entry = by_request[view.request_id]
    if not entry then
      entry = { request = view.request_id, job = "", name = "", project = {} }
      entry.is_ours, entry.is_told = false, true
      put(entry, protocol.FINAL_STATES[view.state] and 1 or nil)
    end
    local job, state = entry.job, entry.state
    update(entry, view)
    if entry.is_ours and (entry.job ~= job or entry.state ~= state and not jobs.is_open(entry)) then
      remember(entry)
    end
    return entry
  end

  function jobs.is_open(entry)
    local has_ended = protocol.FINAL_STATES[entry.state] or entry.state == "rejected"
    return entry.is_retried or not has_ended
  end

  function jobs.can_retry(entry)
    return entry.job ~= "" and not entry.is_retried and RETRYABLE[entry.state] == true
  end

  -- The requests of which the outbox is asked first.
  function jobs.awaited()
    local requests = {}
    for index = #entries, 1, -1 do
      local entry = entries[index]
      if entry.is_ours and entry.state ~= "reading" and jobs.is_open(entry) then
        requests[#requests + 1] = entry.request
      end
    end
    return requests
  end

  -- Ours that are open, oldest first.
  function jobs.open()
    local open = {}
    for _, entry in ipairs(entries) do
      if entry.is_ours and jobs.is_open(entry) then open[#open + 1] = entry end
    end
    return open
  end

  -- All of an open project, the newest first.
  function jobs.of_project(project)
    local found, known = {}, {}
    for index = #entries, 1, -1 do
      local entry = entries[index]
      local ref = tostring(entry.project.id) .. "\n" .. tostring(entry.project.path)
      if known[ref] == nil then known[ref] = projects.find(entry.project) or false end
      if known[ref] == project then found[#found + 1] = entry end
    end
    return found
  end

  function jobs.of_request(request)
    return by_request[request]
  end

  for _, entry in ipairs(recall()) do
    entry.is_ours, entry.is_heard, entry.asked_at = true, false, reaper.time_precise()
    put(entry)
  end
  return jobs
end

key_of = function(request)
  return "job_" .. request
end

-- What was remembered, oldest first.
recall = function()
  local list = {}
  for _, id in ipairs(memory.words(LIST)) do
    local entry = inbox.is_id(id) and json.decode(memory.read(key_of(id)))
    if type(entry) == "table" and entry.request == id and type(entry.project) == "table" then
      entry.job, entry.name, entry.text = entry.job or "", entry.name or "", entry.text or ""
      entry.state, entry.stage, entry.progress = entry.state or "sent", "", 0
      table.insert(list, 1, entry)
    end
  end
  return list
end

update = function(entry, view)
  local source = view.source
  local name = source.where.name
  if entry.name == "" and type(name) == "string" then entry.name = name end
  if not entry.is_ours and source.project then entry.project = source.project end
  local text = view.error and view.error.text or ""
  -- How it stood before the retry is no answer to it.
  local is_answer = not entry.is_retried or entry.state ~= view.state or entry.text ~= text
  entry.job = view.job_id
  entry.state, entry.stage, entry.progress = view.state, view.stage, view.progress
  entry.takes = view.asked
  entry.text = text
  entry.is_heard, entry.is_retried = true, entry.is_retried and not is_answer
  if protocol.FINAL_STATES[view.state] then entry.is_cancelling = false end
end

return M
