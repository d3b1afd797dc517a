-- @noindex
-- How actions speak to the watcher: an action leaves its word for it and sees that it runs.

local M = {}

local SECTION = "daw_bridge"
local WATCHER = "daw-bridge_Watcher.lua"
local HELD = "held"
local IGNORE_RESTART = 2
local FRESH_SECONDS = 2
local TICKS_OF_GRACE = 5
local BOUNCE_SECONDS = 0.4

local heartbeat, start

-- An action's whole work. A watcher whose heart has stopped may only have been held up by a dialog, so it
-- gets a moment before it is started anew: REAPER asks the user when a script that runs is started.
function M.send(word)
  local folder = ({ reaper.get_action_context() })[2]:match("^(.*[/\\])")
  -- REAPER asks the user too when this action is pressed once more before it has ended.
  if reaper.set_action_options then reaper.set_action_options(IGNORE_RESTART) end
  M.leave(word)
  local before = heartbeat()
  local function see_that_it_runs(ticks_left)
    if M.is_alive() or heartbeat() ~= before then return end
    if not before or ticks_left == 0 then return start(folder) end
    reaper.defer(function() see_that_it_runs(ticks_left - 1) end)
  end
  see_that_it_runs(TICKS_OF_GRACE)
  -- A script that ends without having deferred leaves an undo step that undoes nothing.
  reaper.defer(function() end)
end

-- Leaves a word for the watcher's next tick.
function M.leave(word)
  reaper.SetExtState(SECTION, "signals", reaper.GetExtState(SECTION, "signals") .. word .. " ", false)
end

-- Whether a watcher, this one or another, has ticked within the last two seconds, or shows a dialog.
function M.is_alive()
  if reaper.GetExtState(SECTION, "alive") == HELD then return true end
  local at = heartbeat()
  return at ~= nil and math.abs(reaper.time_precise() - at) < FRESH_SECONDS
end

-- The watcher's side: `{ beat(), hold(), take(), stop() }`; `hold()` before a dialog, until the next beat;
-- `take()` gives the words that came, without bounces.
function M.create()
  local taken_at = {}
  local signals = {}

  function signals.beat()
    local now = ("%.3f"):format(reaper.time_precise()):gsub(",", ".")
    reaper.SetExtState(SECTION, "alive", now, false)
  end

  function signals.hold()
    reaper.SetExtState(SECTION, "alive", HELD, false)
  end

  function signals.take()
    local text = reaper.GetExtState(SECTION, "signals")
    if text == "" then return {} end
    reaper.SetExtState(SECTION, "signals", "", false)
    local words = {}
    local now = reaper.time_precise()
    for word in text:gmatch("%S+") do
      local last = taken_at[word]
      if not last or now - last >= BOUNCE_SECONDS then words[#words + 1] = word end
      taken_at[word] = now
    end
    return words
  end

  function signals.stop()
    reaper.SetExtState(SECTION, "alive", "", false)
  end

  return signals
end

-- When the watcher last ticked, nil where none has run since REAPER was started.
heartbeat = function()
  return tonumber(reaper.GetExtState(SECTION, "alive"))
end

start = function(folder)
  local command = reaper.AddRemoveReaScript(true, 0, folder .. WATCHER, true)
  if command ~= 0 then return reaper.Main_OnCommand(command, 0) end
  local problem = "%s cannot be started from %s: run `daw-bridge install reaper` again."
  reaper.ShowMessageBox(problem:format(WATCHER, folder), "daw-bridge", 0)
end

return M
