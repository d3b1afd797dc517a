-- @noindex
-- What a press does: each word of the actions, up to the file in the daemon's inbox or the sentence why not.

local clip = require("lib.read.clip")
local files = require("lib.files")
local inbox = require("lib.talk.inbox")
local key = require("lib.read.key")
local music = require("lib.read.music")
local projects = require("lib.place.projects")
local settings = require("lib.face.settings")
local trigger = require("lib.trigger")
local undoing = require("lib.place.undoing")
local words = require("lib.words")

local M = {}

local read, are_there, first_that

-- The actions by their words. `rooms`: the watcher's `messages`, `work`, `jobs`, `window`; `home()`: the
-- daemon's folder where it can be talked to, or nil and a sentence; `life()`: as talk.home tells it;
-- `send(fields)`: drops a command for the daemon; `hold()`: a dialog is about to stop the watcher.
function M.create(rooms)
  local messages, work, jobs = rooms.messages, rooms.work, rooms.jobs
  local actions = {}

  local send

  local function generate(how)
    local project = projects.active()
    local home, no_home = rooms.home()
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
    end)
  end

  -- The end of reading: the trigger goes into the inbox, or what stopped it is told.
  send = function(entry, composed, problem)
    local home = composed and rooms.home()
    local is_sent = false
    if entry.is_cancelling then
      messages.say(words.cancelled(entry.name))
    elseif not composed then
      messages.warn(problem)
    else
      is_sent, problem = inbox.send_trigger(home, composed)
      if not is_sent then messages.warn(problem) end
    end
    if not is_sent then return jobs.forget(entry) end
    jobs.sent(entry)
    local project = projects.find(entry.project)
    if project then projects.remember(project, "last_request", entry.request) end
    local text = rooms.life().alive and words.sent(entry.name, entry.takes) or words.waits(entry.name)
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
    local home, problem = rooms.home()
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
    local is_sent
    is_sent, problem = inbox.send_command(home, {
      command = "again", request_id = entry.request, job_id = job,
      prompt = prompt ~= "" and prompt ~= last.prompt and prompt or nil,
    })
    if not is_sent then
      jobs.forget(entry)
      return messages.warn(problem)
    end
    jobs.sent(entry)
    projects.remember(project, "last_request", entry.request)
    messages.say(rooms.life().alive and words.sent_again(entry.name) or words.waits(entry.name))
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
    local home, problem = rooms.home()
    if not home then return messages.warn(problem) end
    if open.is_ours and not open.is_heard and inbox.take_back(home, open.request) then
      jobs.forget(open)
      return messages.say(words.cancelled(open.name))
    end
    jobs.cancelling(open)
    rooms.send({ command = "cancel", request_id = open.request, job_id = open.job ~= "" and open.job or nil })
    messages.say(words.cancelling(open.name, rooms.life().alive))
  end

  -- The job of the project that ended last and may be gone on with.
  function actions.retry()
    local ended = first_that(jobs.of_project(projects.active()), jobs.can_retry)
    if not ended then return messages.say(words.NOTHING_TO_RETRY) end
    local home, problem = rooms.home()
    if not home then return messages.warn(problem) end
    jobs.retried(ended)
    rooms.send({ command = "retry", request_id = ended.request, job_id = ended.job })
    messages.say(words.retrying(ended.name, rooms.life().alive))
  end

  function actions.undo()
    local undone, problem = undoing.last(projects.active())
    if undone then messages.say(undone.text) else messages.warn(problem) end
  end

  function actions.status()
    if rooms.window.is_open() then rooms.window.close() else rooms.window.open() end
  end

  function actions.settings()
    rooms.hold()
    settings.ask(projects.active())
  end

  return actions
end

-- Reads what was planned: the trigger, or nil and a sentence. The song is read first, as it is now.
read = function(project, entry, plan, wish, path_stem, pause)
  if not are_there(project, plan) then return nil, words.gone_while_reading(entry.name) end
  local song = music.read(project, plan.start_seconds, plan.end_seconds)
  pause()
  if not are_there(project, plan) then return nil, words.gone_while_reading(entry.name) end
  local its_key, key_source = key.find(project, plan.parts, wish.key)
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
