-- @noindex
-- What comes back: views of jobs are noted, their takes are put into the song, and their ends are told.

local bring = require("lib.place.bring")
local projects = require("lib.place.projects")
local words = require("lib.words")

local M = {}

local SECTION = "daw_bridge"
local PLACED = "placed"
local MOST_PLACED = 150
local PROJECT_SECONDS = 1
local RETRY_SECONDS = 30
local PATIENCE_SECONDS = 600

local recall_placed, key_of, wants_takes, tell_placed

-- `{ hear(view), tick() }`. `jobs` as of lib/jobs, `send(fields)` drops a command for the daemon,
-- `show(project, take)` has a take's waveform drawn.
function M.create(jobs, messages, send, show)
  -- Views with takes for the song: { view, due, fails_since, told }, the one to be looked at next first.
  local waiting = {}
  local placed = recall_placed()
  local arrivals = {}

  -- Remembers takes until the daemon says that it knows of them: what the user deletes stays deleted.
  local function remember_placed()
    while #placed > MOST_PLACED do table.remove(placed, 1) end
    reaper.SetExtState(SECTION, PLACED, table.concat(placed, " "), true)
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
    if wants_takes(view) and type(view.source.project) == "table" then
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

  -- What became of the takes of a view; whether it needs to be looked at again.
  local function note(one, project, outcomes)
    local view, now = one.view, reaper.time_precise()
    local entry = jobs.of_request(view.request_id)
    local new, is_failed = {}, false
    for _, outcome in ipairs(outcomes) do
      if outcome.ok then
        placed[#placed + 1] = key_of(view, outcome)
        send({ command = "imported", job_id = view.job_id, take = outcome.take, where = outcome.where })
        if not outcome.already then
          new[#new + 1] = outcome
          if outcome.media then show(project, outcome.media) end
        end
      else
        is_failed, entry.is_spoken_of = true, true
        if not one.told[outcome.take] then
          one.told[outcome.take] = true
          messages.warn(words.not_placed(entry.name, outcome.take, outcome.problem))
        end
      end
    end
    remember_placed()
    mark_placed(view)
    if #new > 0 then
      entry.is_spoken_of = true
      tell_placed(messages, entry.name, new)
    end
    if not is_failed then return false end
    one.fails_since = one.fails_since or now
    return now - one.fails_since < PATIENCE_SECONDS
  end

  -- Puts the takes of one job into its project, when that is open.
  function arrivals.tick()
    local now = reaper.time_precise()
    local one = table.remove(waiting, 1)
    if not one then return end
    table.insert(waiting, one)
    if now < one.due then return end
    local project = projects.find(one.view.source.project)
    if not project then
      one.due = now + PROJECT_SECONDS
      return
    end
    -- Put off first: were this a defect of ours, it would come with every tick.
    one.due = now + RETRY_SECONDS
    if note(one, project, bring.takes(project, one.view)) then return end
    local index = waiting_for(one.view.request_id)
    table.remove(waiting, index)
    settle(one.view)
  end

  return arrivals
end

recall_placed = function()
  local keys = {}
  for key in reaper.GetExtState(SECTION, PLACED):gmatch("%S+") do keys[#keys + 1] = key end
  return keys
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
