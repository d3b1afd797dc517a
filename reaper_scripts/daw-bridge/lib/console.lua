-- @noindex
-- What REAPER's console is told, without its window opening for it.

local M = {}

local FIRST_QUIET_REAPER = 7
local QUIET = "!SHOW:"

local is_quiet

-- Notes something, for who looks there; before REAPER 7 the window would open for it, so nothing is noted.
function M.note(text)
  if is_quiet() then reaper.ShowConsoleMsg(("%sdaw-bridge: %s\n"):format(QUIET, text)) end
end

-- Writes down a defect of ours, whatever opens for it.
function M.defect(trace)
  reaper.ShowConsoleMsg(("%sdaw-bridge: %s\n"):format(is_quiet() and QUIET or "", trace))
end

is_quiet = function()
  return tonumber(reaper.GetAppVersion():match("^%d+") or 0) >= FIRST_QUIET_REAPER
end

return M
