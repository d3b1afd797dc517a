-- @noindex
-- What a press does: each word of the actions, up to the file in the daemon's inbox or the sentence why not.

local clip = require("lib.read.clip")
local files = require("lib.files")
local inbox = require("lib.talk.inbox")
local key = require("lib.read.key")
local music = require("lib.read.music")
local projects = require("lib.projects")
local settings = require("lib.face.settings")
local trigger = require("lib.trigger")
local undoing = require("lib.place.undoing")
local words = require("lib.words")
local works = require("lib.work")

local M = {}

local read, are_there, first_that

-- The actions by their words. `rooms`: the watcher's `messages`, `work`, `jobs`, `daemon` and `window`.
function M.create(rooms)
  local messages, work, jobs, daemon = rooms.messages, rooms.work, rooms.jobs, rooms.daemon
  local actions = {}

  local send, tell_sent

  local function cancel(entry)
    jobs.cancelling(entry)
    daemon.send({
      command = "cancel", request_id = entry.request, job_id = entry.job ~= "" and entry.job or nil,
    })
  end

  -- Whether a wish lies in the inbox, now that this was tried; else it is forgotten, and told why.
  local function is_daemons(entry, is_sent, problem)
    local home = daemon.home()
    local is_back = is_sent and entry.is_cancelling and home and inbox.take_back(home, entry.request)
    if is_sent and not is_back then
      jobs.sent(entry)
      if entry.is_cancelling then cancel(entry) end
      return true
    end
    jobs.forget(entry)
    if home then inbox.forget_media(home, entry.request) end
    if entry.is_cancelling then messages.say(words.cancelled(entry.name)) else messages.warn(problem) end
    return false
  end

  local function generate(how)
    local project = projects.active()
    local home, no_home = daemon.home()
    if not home then return messages.warn(no_home) end
    local wish = settings.read(project)
    local plan, problem = clip.plan(project, how, wish)
    if not plan then return messages.warn(problem) end
    local request = inbox.new_id()
    local ref = { id = projects.id(project), path = projects.path(project) }
    local entry = jobs.begin({
      request = request, name = plan.name, project = ref, takes = wish.takes, prompt = wish.prompt,
    })
    messages.say(words.reading(plan.name))
    work.start(request, function(pause)
      return read(project, entry, plan, wish, files.join(home.media, request), pause)
    end, function(composed, why_not)
      send(entry, composed, why_not)
    end, messages.warn)
  end

  -- The end of reading: the trigger goes into the inbox, or what stopped it is told.
  send = function(entry, composed, problem)
    if entry.is_cancelling then
      jobs.forget(entry)
      return messages.say(words.cancelled(entry.name))
    end
    if not composed then
      jobs.forget(entry)
      if problem ~= works.STOPPED then messages.warn(problem) end
      return
    end
    daemon.send_trigger(composed, function(is_sent, why_not)
      if is_daemons(entry, is_sent, why_not) then tell_sent(entry, composed) end
    end)
  end

  tell_sent = function(entry, composed)
    local project = projects.find(entry.project)
    if project then projects.remember(project, "last_request", entry.request) end
    local text = daemon.life().alive and words.sent(entry.name, entry.takes) or words.waits(entry.name)
    local is_saved = composed.project and composed.project.path
    messages.say(is_saved and text or text .. " " .. words.UNSAVED)
  end

  function actions.generate_items()
    generate("items")
  end

  function actions.generate_time()
    generate("time")
  end

  -- The last job of the project once more; the daemon copies the wish, with the prompt of now.
  function actions.again()
    local project = projects.active()
    local known = jobs.of_project(project)
    local last = first_that(known, function(entry)
      return entry.is_ours and (entry.job ~= "" or jobs.is_open(entry))
    end)
    local job = last and last.job or projects.recall(project, "last_job")
    local home, problem = daemon.home()
    if not home then return messages.warn(problem) end
    if last and job == "" then return messages.warn(words.not_accepted_yet(last.name)) end
    if job == "" then return messages.warn(words.NOTHING_TO_REPEAT) end
    last = last or first_that(known, function(entry) return entry.job == job end) or { name = "" }
    local prompt = settings.read(project).prompt
    local entry = jobs.begin({
      request = inbox.new_id(), name = last.name, takes = last.takes,
      project = { id = projects.id(project), path = projects.path(project) },
      prompt = prompt ~= "" and prompt or last.prompt,
    })
    daemon.send_command({
      command = "again", request_id = entry.request, job_id = job,
      prompt = prompt ~= "" and prompt ~= last.prompt and prompt or nil,
    }, function(is_sent, why_not)
      if not is_daemons(entry, is_sent, why_not) then return end
      if projects.is_open(project) then projects.remember(project, "last_request", entry.request) end
      messages.say(daemon.life().alive and words.sent_again(entry.name) or words.waits(entry.name))
    end)
  end

  -- The newest job of the project that goes on; one more press takes the one before.
  function actions.cancel()
    local open = first_that(jobs.of_project(projects.active()), function(entry)
      return jobs.is_open(entry) and not entry.is_cancelling
    end)
    if not open then return messages.say(words.NOTHING_TO_CANCEL) end
    if open.state == "reading" then
      open.is_cancelling = true
      work.stop(open.request)
      return
    end
    local home, problem = daemon.home()
    if not home then return messages.warn(problem) end
    -- One that has a job's id, from before a restart it may be, is the daemon's already.
    if open.is_ours and open.job == "" and inbox.take_back(home, open.request) then
      jobs.forget(open)
      return messages.say(words.cancelled(open.name))
    end
    cancel(open)
    messages.say(words.cancelling(open.name, daemon.life().alive))
  end

  -- The job of the project that ended last and may be gone on with.
  function actions.retry()
    local ended = first_that(jobs.of_project(projects.active()), jobs.can_retry)
    if not ended then return messages.say(words.NOTHING_TO_RETRY) end
    local home, problem = daemon.home()
    if not home then return messages.warn(problem) end
    jobs.retried(ended)
    daemon.send({ command = "retry", request_id = ended.request, job_id = ended.job })
    messages.say(words.retrying(ended.name, daemon.life().alive))
  end

  -- What is there of the last job is taken out, and no more of it comes.
  function actions.undo()
    local project = projects.active()
    local undone, problem = undoing.last(project)
    if not undone then return messages.warn(problem) end
    local running = first_that(jobs.of_project(project), function(entry)
      return entry.job == undone.job and jobs.is_open(entry)
    end)
    if running and not running.is_cancelling then cancel(running) end
    messages.say(running and words.undone_and_cancelled(undone.text) or undone.text)
  end

  function actions.status()
    if rooms.window.is_open() then rooms.window.close() else rooms.window.open() end
  end

  function actions.settings()
    settings.ask(projects.active(), messages.warn)
  end

  return actions
end

-- Reads what was planned: the trigger, or nil and a sentence. The song is read first, as it is now.
read = function(project, entry, plan, wish, path_stem, pause)
  if not are_there(project, plan) then return nil, words.gone_while_reading(entry.name) end
  local song = music.read(project, plan.start_seconds, plan.end_seconds, wish.bars)
  pause()
  if not are_there(project, plan) then return nil, words.gone_while_reading(entry.name) end
  local its_key, key_source = key.find(plan.parts, wish.key)
  pause()
  if not are_there(project, plan) then return nil, words.gone_while_reading(entry.name) end
  local its_clip, found = clip.read(plan, path_stem, pause)
  if not its_clip then return nil, found end
  if not are_there(project, plan) then return nil, words.gone_while_reading(entry.name) end
  return trigger.compose({
    request_id = entry.request, plan = plan, clip = its_clip, about = found, song = song, key = its_key,
    key_source = key_source, project = entry.project, handle = project, settings = wish,
  })
end

-- Whether project, track and items are there still, for the user goes on working meanwhile.
are_there = function(project, plan)
  if not projects.is_open(project) then return false end
  if plan.track and not reaper.ValidatePtr2(project, plan.track, "MediaTrack*") then return false end
  for _, part in ipairs(plan.parts) do
    if not reaper.ValidatePtr2(project, part.item, "MediaItem*") then return false end
  end
  return true
end

first_that = function(list, is_meant)
  for _, one in ipairs(list) do
    if is_meant(one) then return one end
  end
end

return M
