-- @noindex
-- The waveforms of takes that were brought in, drawn little by little: without this they may appear late.

local projects = require("lib.projects")

local M = {}

local BEGIN, GO_ON, FINISH = 0, 1, 2
-- A file whose waveform is not done by then is left to REAPER.
local MOST_TICKS = 3000

local source_of, go_on

function M.create()
  local waiting = {}
  local peaks = {}

  -- A take whose waveform shall be drawn. The take is kept, not its source, which REAPER may end with it.
  function peaks.add(project, take)
    if not reaper.PCM_Source_BuildPeaks then return end
    waiting[#waiting + 1] = { project = project, take = take, source = nil, ticks = 0 }
  end

  function peaks.tick()
    local one = waiting[1]
    if one and go_on(one) then table.remove(waiting, 1) end
  end

  return peaks
end

-- Does a piece of a waveform; whether it needs no more.
go_on = function(one)
  local source = source_of(one)
  if not source then return true end
  if source ~= one.source then
    one.source = source
    return reaper.PCM_Source_BuildPeaks(source, BEGIN) == 0
  end
  one.ticks = one.ticks + 1
  if reaper.PCM_Source_BuildPeaks(source, GO_ON) ~= 0 then return one.ticks >= MOST_TICKS end
  reaper.PCM_Source_BuildPeaks(source, FINISH)
  reaper.UpdateArrange()
  return true
end

-- The source of a take as it is now, nil where project or take are gone.
source_of = function(one)
  if not projects.is_open(one.project) then return nil end
  if not reaper.ValidatePtr2(one.project, one.take, "MediaItem_Take*") then return nil end
  return reaper.GetMediaItemTake_Source(one.take)
end

return M
