-- @noindex
-- The one window of the watcher: with ReaImGui where that is there, else with REAPER's own graphics.

local gfx_window = require("lib.face.gfx_window")
local imgui_window = require("lib.face.imgui_window")

local window = {}

-- { open(), close(), is_open(), tick() }; warn(text) is told once when ReaImGui is there and cannot be used.
function window.create(facts, act, warn)
  local chosen

  local function open()
    if not chosen then
      local problem
      chosen, problem = imgui_window.create(facts, act)
      if problem then warn(problem) end
      chosen = chosen or gfx_window.create(facts, act)
    end
    chosen.open()
  end

  return {
    open = open,
    close = function() if chosen then chosen.close() end end,
    is_open = function() return chosen ~= nil and chosen.is_open() end,
    tick = function() if chosen then chosen.tick() end end,
  }
end

return window
