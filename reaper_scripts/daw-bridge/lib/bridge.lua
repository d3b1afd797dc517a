-- @noindex
-- The watcher: all rooms joined, and the loop that goes on as long as REAPER does.

local actions = require("lib.actions")
local arrivals = require("lib.arrivals")
local daemons = require("lib.daemon")
local files = require("lib.files")
local jobs = require("lib.jobs")
local messages = require("lib.face.messages")
local overview = require("lib.overview")
local patience = require("lib.patience")
local peaks = require("lib.place.peaks")
local protocol = require("lib.protocol")
local signal = require("lib.signal")
local undoing = require("lib.place.undoing")
local windows = require("lib.face.window")
local works = require("lib.work")

local M = {}

local IGNORE_RESTART, TOGGLE_ON, TOGGLE_OFF = 2, 4, 8
local LOOK_SECONDS = 0.2
local SETTLE_SECONDS = 1
local TURNS = 4
local DEFECT = "A defect of daw-bridge stopped something: please report what REAPER's ReaScript console says."

local register_actions, settle_undone

-- Runs the watcher, unless one runs already, such as that of another copy of these scripts.
function M.run()
  if signal.is_alive() then return reaper.defer(function() end) end
  local folder = ({ reaper.get_action_context() })[2]:match("^(.*[/\\])")
  local bridge = M.create(folder)
  if reaper.set_action_options then reaper.set_action_options(IGNORE_RESTART | TOGGLE_ON) end
  reaper.atexit(function()
    bridge.stop()
    if reaper.set_action_options then reaper.set_action_options(TOGGLE_OFF) end
  end)
  register_actions(folder)
  local function loop()
    bridge.tick()
    reaper.defer(loop)
  end
  loop()
end

-- `{ tick(), stop() }`
function M.create(folder)
  local said = messages.create()
  local signals = signal.create()
  local work = works.create()
  local known = jobs.create()
  local daemon = daemons.create(folder, said)
  local waveforms = peaks.create()
  local coming = arrivals.create(known, said, daemon.send, waveforms.add)
  local waiting = patience.create(known, daemon, said)
  local rooms = { messages = said, work = work, jobs = known }
  rooms.home, rooms.life, rooms.send, rooms.hold = daemon.home, daemon.life, daemon.send, signals.hold
  local act = actions.create(rooms)
  rooms.window = windows.create(overview.create(rooms), signal.leave, said.warn)
  local turn, look_at, settle_at = 0, 0, 0
  local told_defects = {}

  -- Does one room's part; a defect of it is told once, and the other rooms go on.
  local function guarded(part, ...)
    local went, value = xpcall(part, debug.traceback, ...)
    if went then return value end
    if told_defects[value] then return nil end
    told_defects[value] = true
    reaper.ShowConsoleMsg(("!SHOW:daw-bridge: %s\n"):format(value))
    pcall(said.warn, DEFECT)
    return nil
  end

  -- What has come; the next look follows at once where there was news.
  local function look()
    if reaper.time_precise() < look_at then return end
    look_at = reaper.time_precise() + LOOK_SECONDS
    for _, view in ipairs(daemon.look(known.awaited())) do
      look_at = 0
      coming.hear(view)
    end
  end

  local function settle()
    if reaper.time_precise() < settle_at or not daemon.home() then return end
    settle_at = reaper.time_precise() + SETTLE_SECONDS
    settle_undone(daemon.send)
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
    signals.beat()
    local presses = signals.take()
    for _, word in ipairs(presses) do
      if act[word] then guarded(act[word]) end
    end
    guarded(daemon.tick)
    if #presses == 0 then long_part() end
    guarded(settle)
    guarded(waiting.tick)
    guarded(waveforms.tick)
    guarded(said.tick)
    guarded(rooms.window.tick)
  end

  function bridge.stop()
    signals.stop()
    said.close()
    rooms.window.close()
  end

  return bridge
end

-- Puts all actions beside the watcher into REAPER's list, once for each version: what the user takes out of
-- it stays out.
register_actions = function(folder)
  if reaper.GetExtState("daw_bridge", "registered") == protocol.VERSION then return end
  local names = {}
  for _, name in ipairs(files.names(folder)) do
    if name:find("^daw%-bridge_.+%.lua$") then names[#names + 1] = name end
  end
  for index, name in ipairs(names) do
    reaper.AddRemoveReaScript(true, 0, folder .. name, index == #names)
  end
  reaper.SetExtState("daw_bridge", "registered", protocol.VERSION, true)
end

-- The files of takes that were taken out of the song go when it has been saved without them.
settle_undone = function(send)
  local index = 0
  while true do
    local project = reaper.EnumProjects(index)
    if not project then return end
    for _, job in ipairs(undoing.settle(project)) do
      send({ command = "undo", job_id = job, force = true })
    end
    index = index + 1
  end
end

return M
