-- @noindex
-- Long work in small slices: one routine at a time, in the order of their start, some milliseconds a tick.

local console = require("lib.console")
local words = require("lib.words")

local M = {}

local SLICES = 4
local SECONDS = 0.008

-- The problem of a routine that was stopped.
M.STOPPED = "stopped"

local begin, resume

-- `start(name, routine, done, told)`: `routine(pause)` gives a value, or nil and a problem, which `done` is
-- told. `pause(text)` says what it waits for, which `told` hears once.
function M.create()
  local waiting = {}
  local work = {}

  function work.start(name, routine, done, told)
    waiting[#waiting + 1] = begin(name, routine, done, told)
  end

  -- Whether the named one was there: `pause()` raises in it, so that it can tidy up, then comes
  -- `done(nil, "stopped")`.
  function work.stop(name)
    for _, one in ipairs(waiting) do
      if one.name == name and not one.is_stopped then
        one.is_stopped = true
        return true
      end
    end
    return false
  end

  function work.tick()
    local until_seconds = reaper.time_precise() + SECONDS
    for _ = 1, SLICES do
      local one = waiting[1]
      if not one then return end
      local has_ended, value, problem = resume(one)
      if has_ended then
        table.remove(waiting, 1)
        one.done(value, problem)
      end
      if reaper.time_precise() >= until_seconds then return end
    end
  end

  function work.is_busy()
    return #waiting > 0
  end

  -- Those that have not been stopped, the running one first.
  function work.names()
    local names = {}
    for _, one in ipairs(waiting) do
      if not one.is_stopped then names[#names + 1] = one.name end
    end
    return names
  end

  return work
end

begin = function(name, routine, done, told)
  local one = { name = name, done = done, is_stopped = false, has_begun = false }
  local last_text
  local function pause(text)
    if text and text ~= last_text then
      last_text = text
      told(text)
    end
    if not one.is_stopped then coroutine.yield() end
    if one.is_stopped then error(M.STOPPED, 0) end
  end
  one.thread = coroutine.create(function()
    return xpcall(routine, function(problem)
      return one.is_stopped and M.STOPPED or debug.traceback(tostring(problem), 2)
    end, pause)
  end)
  return one
end

-- Runs one slice; whether it was the last one, and what came of it.
resume = function(one)
  if one.is_stopped and not one.has_begun then return true, nil, M.STOPPED end
  one.has_begun = true
  local went, finished, value, problem = coroutine.resume(one.thread)
  if coroutine.status(one.thread) ~= "dead" then return false end
  if one.is_stopped then return true, nil, M.STOPPED end
  if went and finished then return true, value, problem end
  local trace = went and value or finished
  console.defect(trace)
  return true, nil, words.DEFECT
end

return M
