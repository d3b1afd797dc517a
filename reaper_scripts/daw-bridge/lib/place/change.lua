-- @noindex
-- A change of the song as one step of REAPER's undo, of which nothing stays when it fails halfway.

local M = {}

-- Tracks and items: what any of our changes touches. All else would only make the step slow in a large song.
local STATES = 1 | 4
local NOT_DONE = "%s (not done)"
local DEFECT = "A defect of daw-bridge stopped this, and nothing was changed: "
  .. "please report what REAPER's ReaScript console says."

local traced

-- Does `work()` in one undo block, which is named `words`: true and what it returned, or false and a problem
-- where it returned `nil, problem` or raised. Never called from within `work`.
function M.make(project, words, work)
  reaper.Undo_BeginBlock2(project)
  reaper.PreventUIRefresh(1)
  local went, value, problem = xpcall(work, traced)
  reaper.PreventUIRefresh(-1)
  local is_done = went and value ~= nil
  -- A name that no other step has: undone is only what this block did, and nothing if it had not begun yet.
  local name = is_done and words or NOT_DONE:format(words)
  reaper.Undo_EndBlock2(project, name, STATES)
  if not is_done and reaper.Undo_CanUndo2(project) == name then reaper.Undo_DoUndo2(project) end
  reaper.TrackList_AdjustWindows(false)
  reaper.UpdateArrange()
  if is_done then return true, value end
  if went then return false, problem end
  reaper.ShowConsoleMsg(("!SHOW:daw-bridge: %s\n"):format(value))
  return false, DEFECT
end

traced = function(problem)
  return debug.traceback(tostring(problem), 2)
end

return M
