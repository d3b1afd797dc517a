-- @noindex
-- The window where there is no ReaImGui: REAPER's own graphics, drawn when something changed.

local gfx_paint = require("lib.face.gfx_paint")
local memory = require("lib.memory")
local panel = require("lib.face.panel")

local TITLE = "daw-bridge"
local WIDTH, HEIGHT = 420, 360
local LEAST, MOST = 160, 4000
local LOOK_SECONDS = 0.1
local MOST_KEYS_A_TICK = 16
local CLOSED, ESCAPE, SPACE = -1, 27, 32
local PLAY_STOP = 40044
local LEFT_BUTTON = 1
local DOCKED = 1

local gfx_window = {}
local remembered, is_on_a_screen, memory_of_now, scale_of_now, pixels_per_point, button_under, outline

-- { open(), close(), is_open(), tick() }; facts() tells what to show, act(word) is told of presses.
function gfx_window.create(facts, act)
  local is_open = false
  local look_at, drawn, kept, buttons, pressed, was_down

  local function remember()
    local now = memory_of_now()
    if now == kept then return end
    kept = now
    memory.keep("window", now)
  end

  local function close()
    if not is_open then return end
    is_open = false
    remember()
    gfx.quit()
  end

  local function open()
    if is_open then return end
    local dock, width, height, x, y = remembered()
    -- Asks for every pixel of a fine screen; gfx.init answers with the scale in the same variable.
    gfx.ext_retina = 1
    if x then gfx.init(TITLE, width, height, dock, x, y) else gfx.init(TITLE, width, height, dock) end
    -- Only macOS makes the window as large as that by itself.
    local scale = scale_of_now() / pixels_per_point()
    if scale > 1 and dock & DOCKED == 0 then
      gfx.init("", math.floor(width * scale + 0.5), math.floor(height * scale + 0.5))
    end
    is_open = true
    look_at, drawn, kept, buttons, pressed, was_down = 0, nil, nil, {}, nil, true
  end

  -- False when the window has been closed.
  local function take_keys()
    for _ = 1, MOST_KEYS_A_TICK do
      local key = gfx.getchar()
      if key == CLOSED or key == ESCAPE then return false end
      -- Users expect the space bar to play whichever window is in front.
      if key == SPACE then reaper.Main_OnCommand(PLAY_STOP, 0) end
      if key == 0 then break end
    end
    return true
  end

  -- The word of the button that was pressed and let go; a press counts only where it began on that button.
  local function take_mouse()
    local is_down = gfx.mouse_cap & LEFT_BUTTON ~= 0
    local under = button_under(buttons)
    local done
    if is_down and not was_down then pressed = under end
    if not is_down then
      if pressed and pressed == under then done = pressed end
      pressed = nil
    end
    was_down = is_down
    return done
  end

  local function look()
    local rows = panel.describe(facts())
    local pointed = button_under(buttons)
    local scale = scale_of_now()
    local now = outline(rows, pointed, pressed, scale)
    if now ~= drawn then
      drawn = now
      buttons = gfx_paint.paint(rows, scale, pointed, pressed)
    end
    remember()
  end

  local function tick()
    if not is_open then return end
    if not take_keys() then return close() end
    local word = take_mouse()
    local now = reaper.time_precise()
    if now >= look_at then
      look_at = now + LOOK_SECONDS
      look()
    end
    gfx.update()
    if word then act(word) end
  end

  return { open = open, close = close, is_open = function() return is_open end, tick = tick }
end

-- Dock state, size and (on a screen that is there) position of the last time, or the size as you get it.
function remembered()
  local numbers = {}
  local text = memory.read("window")
  for word in text:gmatch("%S+") do numbers[#numbers + 1] = math.tointeger(tonumber(word)) end
  local dock, width, height, x, y = table.unpack(numbers)
  if not text:find("^%d+ %d+ %d+ %-?%d+ %-?%d+$") or not y then return 0, WIDTH, HEIGHT end
  local function within(size) return math.max(LEAST, math.min(MOST, size)) end
  if not is_on_a_screen(x, y) then x, y = nil, nil end
  return dock, within(width), within(height), x, y
end

-- The screen of the last time may be another one now, or gone.
function is_on_a_screen(x, y)
  local left, top, right, bottom = reaper.my_getViewport(0, 0, 0, 0, x, y, x + LEAST, y + LEAST, true)
  top, bottom = math.min(top, bottom), math.max(top, bottom)
  return x >= left and x + LEAST <= right and y >= top and y + LEAST <= bottom
end

-- A docked window keeps the size it had when it floated: the dock's own is no size to come back to.
function memory_of_now()
  local dock, x, y = gfx.dock(-1, 0, 0, 0, 0)
  dock, x, y = math.floor(dock), math.floor(x or 0), math.floor(y or 0)
  local scale = scale_of_now()
  local width, height = math.floor(gfx.w / scale + 0.5), math.floor(gfx.h / scale + 0.5)
  if dock & DOCKED ~= 0 then
    local _
    _, width, height = remembered()
  end
  return ("%d %d %d %d %d"):format(dock, width, height, x, y)
end

function scale_of_now()
  return math.max(1, gfx.ext_retina or 1)
end

-- How many pixels of the screen gfx.init makes of one that it is asked for.
function pixels_per_point()
  local system = reaper.GetOS()
  return (system:find("^OSX") or system:find("^macOS")) and scale_of_now() or 1
end

function button_under(buttons)
  local x, y = gfx.mouse_x, gfx.mouse_y
  for _, button in ipairs(buttons) do
    if x >= button.x and x < button.x + button.width and y >= button.y and y < button.y + button.height then
      return button.word
    end
  end
  return nil
end

-- All that the picture depends on, as one text.
function outline(rows, pointed, pressed, scale)
  local parts = { ("%s %s %s %s %s"):format(gfx.w, gfx.h, scale, pointed, pressed) }
  for _, row in ipairs(rows) do
    parts[#parts + 1] = ("%s %s %s %s %s"):format(row.kind, row.text, row.lit, row.problem, row.progress)
    for _, button in ipairs(row.buttons or {}) do
      parts[#parts + 1] = tostring(button.enabled)
    end
  end
  return table.concat(parts, "\n")
end

return gfx_window
