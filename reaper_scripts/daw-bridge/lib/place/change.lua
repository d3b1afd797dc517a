-- @noindex
-- A change of the song as one step of REAPER's undo, of which nothing stays when it fails halfway.

local console = require("lib.console")
local sentences = require("lib.words")

local M = {}

-- Tracks and items: what any of our changes touches. All else would only make the step slow in a large song.
local STATES = 1 | 4
local NOT_DONE = "%s (not done)"

local bring_to_front, traced

-- Does `work()` in one undo block, which is named `words`: true and what it returned, or false and a problem
-- where it returned `nil, problem` or raised. Never called from within `work`.
function M.make(project, words, work)
  local front = bring_to_front(project)
  reaper.Undo_BeginBlock2(project)
  reaper.PreventUIRefresh(1)
  local went, value, problem = xpcall(work, traced)
  reaper.PreventUIRefresh(-1)
  local is_done = went and value ~= nil
  -- A name that no other step has: undone is only what this block did, and nothing if it had not begun yet.
  local name = is_done and words or NOT_DONE:format(words)
  reaper.Undo_EndBlock2(project, name, STATES)
  if not is_done and reaper.Undo_CanUndo2(project) == name then reaper.Undo_DoUndo2(project) end
  if front then reaper.SelectProjectInstance(front) end
  reaper.TrackList_AdjustWindows(false)
  reaper.UpdateArrange()
  if is_done then return true, value end
  if went then return false, problem end
  console.defect(value)
  return false, sentences.DEFECT
end

-- Before REAPER 7.18 a track can only be put into the project in front, and within an undo block none may
-- come there. The project that was in front, nil where nothing had to be done.
bring_to_front = function(project)
  local front = reaper.EnumProjects(-1)
  if reaper.InsertTrackInProject or front == project then return nil end
  reaper.SelectProjectInstance(project)
  return front
end

traced = function(problem)
  return debug.traceback(tostring(problem), 2)
end

return M
