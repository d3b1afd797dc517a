-- @noindex
-- What comes back: views of jobs are noted, their takes are put into the song, and their ends are told.

local bring = require("lib.place.bring")
local memory = require("lib.memory")
local projects = require("lib.projects")
local words = require("lib.words")

local M = {}

local PLACED = "placed"
local MOST_PLACED = 150
local PROJECT_SECONDS = 1
-- A file that REAPER does not read yet may be whole in a moment, and is spoken of only after a while; one
-- that is missing may be put where it belongs.
local SOON_SECONDS, SILENT_SECONDS = 2, 20
local RETRY_SECONDS = 30
local PATIENCE_SECONDS = 600
local RECORDING = 4

local key_of, wants_takes, tell_placed

-- `{ hear(view), tick() }`. `jobs` as of lib/jobs, `send(fields)` drops a command for the daemon,
-- `show(project, take)` has a take's waveform drawn, `home()` gives the daemon's folder where it can be
-- talked to.
function M.create(jobs, messages, send, show, home)
  -- Views with takes for the song: { view, due, fails_since, told }, the one to be looked at next first.
  local waiting = {}
  local placed = memory.words(PLACED)
  local arrivals = {}

  -- Remembers takes until the daemon says that it knows of them: what the user deletes stays deleted.
  local function remember_placed()
    while #placed > MOST_PLACED do table.remove(placed, 1) end
    memory.keep(PLACED, table.concat(placed, " "))
  end

  local function forget_placed(view)
    local confirmed, left = {}, {}
    for _, take in ipairs(view.takes) do
      if take.imported or take.undone then confirmed[key_of(view, take)] = true end
    end
    for _, key in ipairs(placed) do
      if not confirmed[key] then left[#left + 1] = key end
    end
    if #left == #placed then return end
    placed = left
    remember_placed()
  end

  local function mark_placed(view)
    local known = {}
    for _, key in ipairs(placed) do known[key] = true end
    for _, take in ipairs(view.takes) do
      if known[key_of(view, take)] then take.imported = take.imported or "" end
    end
  end

  local function waiting_for(request)
    for index, one in ipairs(waiting) do
      if one.view.request_id == request then return index, one end
    end
  end

  -- Tells a job's end when all of its takes are in; once, and only of a job that was asked for here.
  local function settle(view)
    local entry = jobs.of_request(view.request_id)
    if not entry or not entry.is_ours or entry.is_told or jobs.is_open(entry) then return end
    local text = words.ended(entry.name, view)
    if view.state == "cancelled" then
      messages.say(text)
    elseif text ~= "" then
      messages.warn(text)
    elseif not entry.is_spoken_of then
      messages.say(words.done(entry.name))
    end
    jobs.told(entry)
  end

  function arrivals.hear(view)
    local entry = jobs.hear(view)
    forget_placed(view)
    mark_placed(view)
    local index, before = waiting_for(view.request_id)
    if index then table.remove(waiting, index) end
    if wants_takes(view) and view.source.project then
      local one = before or { due = 0, told = {} }
      one.view = view
      table.insert(waiting, index or #waiting + 1, one)
    else
      settle(view)
    end
    local project = entry.is_ours and entry.job ~= "" and projects.find(entry.project)
    if project and projects.recall(project, "last_request") == entry.request
      and projects.recall(project, "last_job") ~= entry.job
    then
      projects.remember(project, "last_job", entry.job)
    end
  end

  -- A take did not get into the song: in how many seconds it is to be tried again, or nil.
  local function fail(one, take, outcome)
    local entry, now = jobs.of_request(one.view.request_id), reaper.time_precise()
    one.fails_since = one.fails_since or now
    local seconds = now - one.fails_since
    local retry = outcome.wait and SOON_SECONDS
      or not reaper.file_exists(take.file) and RETRY_SECONDS
      or nil
    if seconds >= PATIENCE_SECONDS then retry = nil end
    -- All else waits for another view of the job: each try that REAPER has to undo wipes what the user may
    -- redo.
    if not retry then take.imported = "" end
    local is_early = outcome.wait and retry and seconds < SILENT_SECONDS
    if not (is_early or one.told[take.take]) then
      one.told[take.take], entry.is_spoken_of = true, true
      messages.warn(words.not_placed(entry.name, take.take, outcome.problem))
    end
    return retry
  end

  -- What became of the takes of a view; in how many seconds it is to be looked at again, or nil.
  local function note(one, project, outcomes)
    local view, retry = one.view, nil
    local entry = jobs.of_request(view.request_id)
    local takes, new = {}, {}
    for _, take in ipairs(view.takes) do takes[take.take] = take end
    for _, outcome in ipairs(outcomes) do
      if outcome.ok then
        placed[#placed + 1] = key_of(view, outcome)
        send({ command = "imported", job_id = view.job_id, take = outcome.take, where = outcome.where })
        if not outcome.already then
          new[#new + 1] = outcome
          if outcome.media then show(project, outcome.media) end
        end
      else
        local seconds = fail(one, takes[outcome.take], outcome)
        retry = seconds and math.min(seconds, retry or seconds) or retry
      end
    end
    remember_placed()
    mark_placed(view)
    if #new > 0 then
      entry.is_spoken_of = true
      tell_placed(messages, entry.name, new)
    end
    return retry
  end

  -- Puts the takes of one job into its project, when that is open and does not record.
  function arrivals.tick()
    local now = reaper.time_precise()
    local one = table.remove(waiting, 1)
    if not one then return end
    table.insert(waiting, one)
    if now < one.due then return end
    local project = projects.find(one.view.source.project)
    if not project or reaper.GetPlayStateEx(project) & RECORDING ~= 0 then
      one.due = now + PROJECT_SECONDS
      return
    end
    -- Put off first: were this a defect of ours, it would come with every tick.
    one.due = now + RETRY_SECONDS
    local retry = note(one, project, bring.takes(project, one.view, { (home() or {}).results }))
    if retry then
      one.due = now + retry
      return
    end
    local index = waiting_for(one.view.request_id)
    table.remove(waiting, index)
    settle(one.view)
  end

  return arrivals
end

key_of = function(view, take)
  return ("%s-%d"):format(view.job_id, take.take)
end

wants_takes = function(view)
  for _, take in ipairs(view.takes) do
    if take.imported == nil and not take.undone then return true end
  end
  return false
end

-- One sentence for all takes that went to the same place.
tell_placed = function(messages, name, outcomes)
  local first = 1
  while first <= #outcomes do
    local numbers, one = {}, outcomes[first]
    while outcomes[first] and outcomes[first].where == one.where and outcomes[first].note == one.note do
      numbers[#numbers + 1] = outcomes[first].take
      first = first + 1
    end
    messages.say(words.placed(name, numbers, one.where, one.note))
  end
end

return M
