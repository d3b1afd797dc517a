-- @noindex
-- What is said to the user: a short word beside the mouse that goes by itself, never a dialog.

local console = require("lib.console")
local lines = require("lib.face.lines")

local MOST_KEPT = 20
local SAME_TEXT_SECONDS = 2
local SHOWN_SECONDS = { word = 5, problem = 10 }
local MOST_LETTERS = 400
local TOAST_LETTERS = 64
local TOAST_BELOW_MOUSE = 20
-- The first argument of TrackCtl_SetToolTip is named a format: this sign reads the same, and is none.
local HARMLESS_PERCENT = "％"

local messages = {}
local show_toast, take_toast_away

-- One watcher's messages: { say(text), warn(text), tick(), list(), close() }.
function messages.create()
  local kept = {}
  local toast_ends_at = nil

  local function tell(text, kind)
    local plain = lines.fitted(lines.plain(text), MOST_LETTERS, lines.count)
    local now = reaper.time_precise()
    local last = kept[1]
    if plain == "" or (last and last.text == plain and now - last.at < SAME_TEXT_SECONDS) then return end
    table.insert(kept, 1, { text = plain, kind = kind, at = now })
    kept[MOST_KEPT + 1] = nil
    show_toast(plain)
    toast_ends_at = now + SHOWN_SECONDS[kind]
    reaper.Help_Set(plain, true)
    if kind == "problem" then console.note(plain) end
  end

  local function close()
    if not toast_ends_at then return end
    toast_ends_at = nil
    take_toast_away()
  end

  return {
    say = function(text) tell(text, "word") end,
    warn = function(text) tell(text, "problem") end,
    tick = function()
      if toast_ends_at and reaper.time_precise() >= toast_ends_at then close() end
    end,
    -- Newest first: { text, kind = "word"|"problem", at = seconds of time_precise }.
    list = function() return table.move(kept, 1, #kept, 1, {}) end,
    -- Takes away what still stands beside the mouse; for the watcher's end.
    close = close,
  }
end

function show_toast(text)
  local wrapped = table.concat(lines.wrapped(text, TOAST_LETTERS, lines.count), "\n")
  local shown = wrapped:gsub("%%", HARMLESS_PERCENT)
  local x, y = reaper.GetMousePosition()
  reaper.TrackCtl_SetToolTip(shown, x, y + TOAST_BELOW_MOUSE, true)
end

function take_toast_away()
  reaper.TrackCtl_SetToolTip("", 0, 0, true)
end

return messages
