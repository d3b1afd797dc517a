-- @noindex
-- Jobs of which nothing is heard: after a while the user is told, once, and what to do.

local words = require("lib.words")

local M = {}

local CHECK_SECONDS = 1
local SILENCE_SECONDS = 20

-- `{ tick() }`
function M.create(jobs, daemon, messages)
  local check_at = 0
  local was_alive = daemon.life().alive
  local patience = {}

  -- A request that the daemon has had long enough to answer.
  local function judge(entry)
    if entry.is_retried then
      -- It may have failed again in the same words at once.
      entry.is_retried = false
      jobs.told(entry)
      messages.warn(entry.text ~= "" and entry.text or words.unanswered(entry.name, daemon.home().refused))
    elseif entry.job ~= "" then
      -- Remembered from before a restart, and in the song already: its file is gone from the outbox.
      jobs.told(entry)
      jobs.forget(entry)
    elseif not entry.is_unanswered and not daemon.holds(entry.request) then
      entry.is_unanswered = true
      messages.warn(words.unanswered(entry.name, daemon.home().refused))
    end
  end

  function patience.tick()
    local now = reaper.time_precise()
    if now < check_at then return end
    check_at = now + CHECK_SECONDS
    local is_alive = daemon.life().alive
    local open = jobs.open()
    if was_alive and not is_alive and #open > 0 then messages.warn(words.STOPPED_RUNNING) end
    was_alive = is_alive
    if not daemon.home() or daemon.alive_seconds() < SILENCE_SECONDS then return end
    for _, entry in ipairs(open) do
      local is_waiting = entry.state ~= "reading" and (entry.is_retried or not entry.is_heard)
      if is_waiting and now - entry.asked_at >= SILENCE_SECONDS then judge(entry) end
    end
  end

  return patience
end

return M
