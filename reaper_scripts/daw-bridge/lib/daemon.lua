-- @noindex
-- The daemon as it is seen from here: its folder, whether it lives, and what could not be said to it yet.

local homes = require("lib.talk.home")
local inbox = require("lib.talk.inbox")
local outbox = require("lib.talk.outbox")
local posts = require("lib.talk.post")
local words = require("lib.words")

local M = {}

local CHECK_SECONDS = 1
local SEND_AGAIN_SECONDS = 5
-- Its file may be missing for a moment while it is rewritten.
local MISSED_LOOKS = 2
local NO_HOME = { alive = false, can_talk = true, hint = "", text = words.NOT_RUNNING }

-- `{ home(), life(), alive_seconds(), send_trigger(trigger, done), send_command(fields, done), send(fields),
-- look(requests), holds(request), tick() }`; `done(true)` or `done(nil, problem)`, at once or some ticks
-- later.
function M.create(script_folder, messages)
  local home, no_home = homes.find(script_folder)
  local life = home and homes.life(home) or NO_HOME
  local shelf = home and outbox.create(home)
  local alive_since = life.alive and reaper.time_precise() or nil
  local missed, check_at = 0, 0
  local post = posts.create()
  local unsent, send_at, is_unsent_told = {}, 0, false
  local told_hint = ""
  local daemon = {}

  -- Its folder where it can be talked to, or nil and a sentence.
  function daemon.home()
    if not home then return nil, no_home end
    if not life.can_talk then return nil, life.text end
    return home
  end

  function daemon.life()
    if not home then return { alive = false, can_talk = true, hint = "", text = no_home } end
    return life
  end

  -- For how long it has been seen alive without a break.
  function daemon.alive_seconds()
    return alive_since and reaper.time_precise() - alive_since or 0
  end

  -- The next view that is news, or nil.
  function daemon.look(requests)
    if not home or not life.can_talk then return nil end
    return shelf.look(requests)
  end

  -- Whether a request lies in its inbox still.
  function daemon.holds(request)
    return home ~= nil and inbox.holds(home, request)
  end

  local function drop(path, text, done)
    if not path then return done(nil, text) end
    post.drop(path, text, done)
  end

  function daemon.send_trigger(trigger, done)
    if not home then return done(nil, no_home) end
    local path, text = inbox.trigger(home, trigger)
    drop(path, text, done)
  end

  function daemon.send_command(fields, done)
    if not home then return done(nil, no_home) end
    local path, text = inbox.command(home, fields)
    drop(path, text, done)
  end

  -- Drops a command, again and again until that can be done.
  function daemon.send(fields)
    daemon.send_command(fields, function(is_sent, problem)
      if is_sent then
        is_unsent_told = false
        return
      end
      unsent[#unsent + 1] = fields
      if not is_unsent_told then messages.warn(problem) end
      is_unsent_told = true
    end)
  end

  local function find()
    home, no_home = homes.find(script_folder)
    if home then shelf = outbox.create(home) end
  end

  local function check()
    if not home then find() end
    local now = home and homes.life(home) or NO_HOME
    missed = now.alive and 0 or missed + 1
    if not now.alive and life.alive and missed < MISSED_LOOKS then return end
    life = now
    alive_since = life.alive and (alive_since or reaper.time_precise()) or nil
    local hint = life.can_talk and life.hint or life.text
    if hint ~= "" and hint ~= told_hint then messages.warn(hint) end
    if life.alive then told_hint = hint end
  end

  function daemon.tick()
    local now = reaper.time_precise()
    post.tick()
    if now >= check_at then
      check_at = now + CHECK_SECONDS
      check()
    end
    if now >= send_at and #unsent > 0 then
      send_at = now + SEND_AGAIN_SECONDS
      daemon.send(table.remove(unsent, 1))
    end
  end

  return daemon
end

return M
