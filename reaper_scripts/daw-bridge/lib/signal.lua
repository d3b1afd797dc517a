-- @noindex
-- How actions speak to the watcher: an action leaves its word for it and sees that it runs.

local memory = require("lib.memory")
local protocol = require("lib.protocol")

local M = {}

-- The word that ends a watcher: another version's actions leave it.
M.STOP = "stop"

local WATCHER = "daw-bridge_Watcher.lua"
local ALIVE, SIGNALS = "alive", "signals"
local HELD = "held"
local IGNORE_RESTART = 2
local FRESH_SECONDS = 2
local TICKS_OF_GRACE = 5
local MOST_STARTS = 2
local BOUNCE_SECONDS = 0.4

local watcher, see_that_it_runs, replace, start

-- An action's whole work.
function M.send(word)
  local folder = ({ reaper.get_action_context() })[2]:match("^(.*[/\\])")
  -- REAPER asks the user when this action is pressed once more before it has ended.
  if reaper.set_action_options then reaper.set_action_options(IGNORE_RESTART) end
  local running = watcher()
  if running and running.is_alive and not running.is_held and running.version ~= protocol.VERSION then
    replace(folder, word)
  else
    M.leave(word)
    see_that_it_runs(folder)
  end
  -- A script that ends without having deferred leaves an undo step that undoes nothing.
  reaper.defer(function() end)
end

-- Leaves a word for the watcher's next tick.
function M.leave(word)
  memory.write(SIGNALS, memory.read(SIGNALS) .. word .. " ")
end

-- Whether a watcher, this one or another, has ticked within the last two seconds, or is held up in its tick.
function M.is_alive()
  local running = watcher()
  return running ~= nil and running.is_alive
end

-- The watcher's side: `{ hold(), beat(), take(), stop() }`: `hold()` when a tick begins, for what it does may
-- show a dialog or last, `beat()` when it ends; `take()` gives the words that came, without bounces.
function M.create()
  local taken_at = {}
  local signals = {}

  function signals.hold()
    memory.write(ALIVE, HELD .. " " .. protocol.VERSION)
  end

  function signals.beat()
    local now = ("%.3f"):format(reaper.time_precise()):gsub(",", ".")
    memory.write(ALIVE, now .. " " .. protocol.VERSION)
  end

  function signals.take()
    local words = {}
    local now = reaper.time_precise()
    local came = memory.words(SIGNALS)
    if #came > 0 then memory.write(SIGNALS, "") end
    for _, word in ipairs(came) do
      local last = taken_at[word]
      if not last or now - last >= BOUNCE_SECONDS then words[#words + 1] = word end
      taken_at[word] = now
    end
    return words
  end

  function signals.stop()
    memory.write(ALIVE, "")
  end

  return signals
end

-- The watcher as its heart tells: `{ version, is_held, is_alive }`; nil where none has run since REAPER was
-- started, or the last one has ended.
watcher = function()
  local beat, version = memory.read(ALIVE):match("^(%S+) ?(.*)$")
  if not beat then return nil end
  local at = tonumber(beat)
  return {
    version = version, is_held = beat == HELD,
    is_alive = beat == HELD or at ~= nil and math.abs(reaper.time_precise() - at) < FRESH_SECONDS,
  }
end

-- Starts the watcher where none lives. One whose heart has stopped may only have been held up with all of
-- REAPER, so it gets a moment: a script that runs would be ended by being started, or REAPER would ask. Where
-- that happened all the same, it is found dead a moment later and started anew.
see_that_it_runs = function(folder)
  local starts = 0
  local function look(ticks_left)
    local running = watcher()
    if running and running.is_alive then return end
    local may_come = running or starts > 0
    if may_come and ticks_left > 0 then return reaper.defer(function() look(ticks_left - 1) end) end
    starts = starts + 1
    if not start(folder) or starts == MOST_STARTS then return end
    reaper.defer(function() look(TICKS_OF_GRACE) end)
  end
  look(TICKS_OF_GRACE)
end

-- Ends a watcher of another version, then has this one's do the work.
replace = function(folder, word)
  M.leave(M.STOP)
  local function look(ticks_left)
    if M.is_alive() and ticks_left > 0 then return reaper.defer(function() look(ticks_left - 1) end) end
    -- It knows no such word: it ends where it is started again.
    if M.is_alive() then start(folder) end
    M.leave(word)
    see_that_it_runs(folder)
  end
  look(TICKS_OF_GRACE)
end

-- Whether the watcher was found and started.
start = function(folder)
  local command = reaper.AddRemoveReaScript(true, 0, folder .. WATCHER, true)
  if command ~= 0 then
    reaper.Main_OnCommand(command, 0)
    return true
  end
  local problem = "%s cannot be started from %s: run `daw-bridge install reaper` again."
  reaper.ShowMessageBox(problem:format(WATCHER, folder), "daw-bridge", 0)
  return false
end

return M
