-- @noindex
-- The watcher: all rooms joined, and the loop that goes on as long as REAPER does.

local actions = require("lib.actions")
local arrivals = require("lib.arrivals")
local clearings = require("lib.place.clearing")
local console = require("lib.console")
local daemons = require("lib.daemon")
local files = require("lib.files")
local jobs = require("lib.jobs")
local memory = require("lib.memory")
local messages = require("lib.face.messages")
local overview = require("lib.overview")
local patience = require("lib.patience")
local peaks = require("lib.place.peaks")
local protocol = require("lib.protocol")
local signal = require("lib.signal")
local windows = require("lib.face.window")
local sentences = require("lib.words")
local works = require("lib.work")

local M = {}

local END_WHEN_RESTARTED, TOGGLE_ON, TOGGLE_OFF = 1, 4, 8
-- How often the outbox is listed, while jobs of ours go on and else.
local LOOK_SECONDS, SELDOM_LOOK_SECONDS = 0.2, 1
local SETTLE_SECONDS = 1
local TURNS = 4

local register_actions, settle_undone

-- Runs the watcher, unless one runs already, such as that of another copy of these scripts. It ends when it
-- is run once more by hand.
function M.run()
  if signal.is_alive() then return reaper.defer(function() end) end
  local folder = ({ reaper.get_action_context() })[2]:match("^(.*[/\\])")
  local bridge = M.create(folder)
  if reaper.set_action_options then reaper.set_action_options(END_WHEN_RESTARTED | TOGGLE_ON) end
  reaper.atexit(function()
    bridge.stop()
    if reaper.set_action_options then reaper.set_action_options(TOGGLE_OFF) end
  end)
  register_actions(folder)
  local function loop()
    if bridge.tick() then reaper.defer(loop) end
  end
  loop()
end

-- `{ tick(), stop() }`; `tick()` gives false when another version's watcher is to take its place.
function M.create(folder)
  local said = messages.create()
  local signals = signal.create()
  local known = jobs.create()
  local daemon = daemons.create(folder, said)
  local waveforms = peaks.create()
  local coming = arrivals.create(known, said, daemon.send, waveforms.add, daemon.home)
  local clearing = clearings.create()
  local waiting = patience.create(known, daemon, said)
  local work = works.create()
  local window = windows.create(overview.create(known, daemon, said), signal.leave, said.warn)
  local act = actions.create({ messages = said, work = work, jobs = known, daemon = daemon, window = window })
  local turn, look_at, settle_at = 0, 0, 0
  local told_defects = {}

  -- Does one room's part; a defect of it is told once, and the other rooms go on.
  local function guarded(part, ...)
    local went, value = xpcall(part, debug.traceback, ...)
    if went then return value end
    if told_defects[value] then return nil end
    told_defects[value] = true
    console.defect(value)
    pcall(said.warn, sentences.DEFECT)
    return nil
  end

  -- What has come; the next look follows at once where there was news.
  local function look()
    local now = reaper.time_precise()
    if now < look_at then return end
    look_at = now + (#known.open() > 0 and LOOK_SECONDS or SELDOM_LOOK_SECONDS)
    local view = daemon.look(known.awaited())
    if not view then return end
    look_at = 0
    coming.hear(view)
  end

  local function settle()
    if reaper.time_precise() < settle_at or not daemon.home() then return end
    settle_at = reaper.time_precise() + SETTLE_SECONDS
    settle_undone(clearing, daemon)
  end

  -- Does what was pressed; whether to go on. What was pressed after a stop is for the one that comes after.
  local function obey(presses)
    for index, word in ipairs(presses) do
      if word == signal.STOP then
        for later = index + 1, #presses do signal.leave(presses[later]) end
        return false
      end
      if act[word] then guarded(act[word]) end
    end
    return true
  end

  -- No more than one part that may take long in one tick.
  local function long_part()
    turn = (turn + 1) % TURNS
    if work.is_busy() and turn > 0 then return guarded(work.tick) end
    guarded(look)
    guarded(coming.tick)
  end

  local bridge = {}

  function bridge.tick()
    signals.hold()
    local presses = signals.take()
    local goes_on = obey(presses)
    guarded(daemon.tick)
    if #presses == 0 then long_part() end
    guarded(settle)
    guarded(waiting.tick)
    guarded(waveforms.tick)
    guarded(said.tick)
    guarded(window.tick)
    signals.beat()
    return goes_on
  end

  -- What is being read is put aside, and what was changed for it is put back.
  function bridge.stop()
    for _, name in ipairs(work.names()) do work.stop(name) end
    while work.is_busy() do guarded(work.tick) end
    signals.stop()
    said.close()
    window.close()
  end

  return bridge
end

-- Puts all actions beside the watcher into REAPER's list, once for each version: what the user takes out of
-- it stays out.
register_actions = function(folder)
  if memory.read("registered") == protocol.VERSION then return end
  local names = {}
  for _, name in ipairs(files.names(folder)) do
    if name:find("^daw%-bridge_.+%.lua$") then names[#names + 1] = name end
  end
  for index, name in ipairs(names) do
    reaper.AddRemoveReaScript(true, 0, folder .. name, index == #names)
  end
  memory.keep("registered", protocol.VERSION)
end

-- The files of takes that were taken out of the song go when nothing can bring those back.
settle_undone = function(clearing, daemon)
  for _, job in ipairs(clearing.settle()) do
    daemon.send_command({ command = "undo", job_id = job, force = true }, function(is_sent)
      if is_sent then clearing.settled(job) end
    end)
  end
end

return M
