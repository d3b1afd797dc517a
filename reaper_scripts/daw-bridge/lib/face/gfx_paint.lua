-- @noindex
-- Draws the panel's rows with REAPER's own graphics, in the theme's colours, and says where the buttons lie.

local lines = require("lib.face.lines")

local LEAST_TEXT_WIDTH = 60
local FONT, FONT_SIZE = "Arial", 15
local EDGE, GAP, LINE_HEIGHT, BUTTON_HEIGHT, BAR_HEIGHT, LABEL_WIDTH = 10, 6, 19, 26, 4, 84
local CALM_DARK = { 0.17, 0.17, 0.18 }
local LIT, UNLIT = { 0.35, 0.75, 0.42 }, { 0.80, 0.42, 0.32 }
local PROBLEM_ON_DARK, PROBLEM_ON_LIGHT = { 0.96, 0.68, 0.40 }, { 0.65, 0.26, 0.0 }
-- Settings that are short stand two in a line.
local IS_WIDE = { prompt = true }

local gfx_paint = {}
local palette, mix, draw, set, text_at, wrapped_at, labelled, measure

-- Draws all rows; `pointed` and `pressed` are words of buttons. Returns { { word, x, y, width, height }, … }.
function gfx_paint.paint(rows, scale, pointed, pressed)
  local pen = {
    scale = scale,
    colours = palette(),
    left = EDGE * scale,
    right = gfx.w - EDGE * scale,
    y = EDGE * scale,
    half = nil,
    pointed = pointed,
    pressed = pressed,
    buttons = {},
  }
  gfx.setfont(1, FONT, math.floor(FONT_SIZE * scale + 0.5))
  set(pen.colours.back)
  gfx.rect(0, 0, gfx.w, gfx.h, 1)
  for _, row in ipairs(rows) do
    if pen.y >= gfx.h then break end
    if pen.half and row.kind ~= "setting" then
      pen.y = pen.y + LINE_HEIGHT * scale
      pen.half = nil
    end
    draw[row.kind](pen, row)
  end
  return pen.buttons
end

draw = {
  light = function(pen, row)
    local radius = math.floor(5 * pen.scale)
    set(row.lit and LIT or UNLIT)
    gfx.circle(pen.left + radius, pen.y + LINE_HEIGHT * pen.scale / 2 - pen.scale, radius, 1, 1)
    wrapped_at(pen, row.text, pen.left + 3 * radius, pen.colours.text)
    pen.y = pen.y + GAP * pen.scale
  end,

  line = function(pen, row)
    labelled(pen, row.label, row.text, pen.colours.text, pen.left, pen.right)
    pen.y = pen.y + LINE_HEIGHT * pen.scale
  end,

  note = function(pen, row)
    wrapped_at(pen, row.text, pen.left + LABEL_WIDTH * pen.scale, pen.colours.problem)
  end,

  setting = function(pen, row)
    local is_empty = row.text == ""
    local text = is_empty and row.hint or row.text
    local colour = is_empty and pen.colours.faint or pen.colours.text
    local middle = (pen.left + pen.right) / 2
    if IS_WIDE[row.name] then
      labelled(pen, row.label, text, colour, pen.left, pen.right)
      pen.y = pen.y + LINE_HEIGHT * pen.scale
    elseif pen.half then
      labelled(pen, row.label, text, colour, middle + GAP * pen.scale, pen.right)
      pen.half = nil
      pen.y = pen.y + LINE_HEIGHT * pen.scale
    else
      labelled(pen, row.label, text, colour, pen.left, middle)
      pen.half = true
    end
  end,

  buttons = function(pen, row)
    local gap, height = GAP * pen.scale, BUTTON_HEIGHT * pen.scale
    local width = math.max(1, (pen.right - pen.left - gap * (#row.buttons - 1)) / #row.buttons)
    pen.y = pen.y + gap
    for index, button in ipairs(row.buttons) do
      local x = pen.left + (index - 1) * (width + gap)
      local is_down = button.enabled and button.word == pen.pressed
      local is_near = button.enabled and button.word == pen.pointed
      set(mix(pen.colours.back, pen.colours.text, is_down and 0.34 or is_near and 0.24 or 0.14))
      gfx.rect(x, pen.y, width, height, 1)
      local label = lines.fitted(button.label, width - gap, measure)
      local label_width, label_height = gfx.measurestr(label)
      local colour = button.enabled and pen.colours.text or pen.colours.faint
      text_at(label, x + (width - label_width) / 2, pen.y + (height - label_height) / 2, colour)
      if button.enabled then
        table.insert(pen.buttons, { word = button.word, x = x, y = pen.y, width = width, height = height })
      end
    end
    pen.y = pen.y + height
  end,

  job = function(pen, row)
    pen.y = pen.y + GAP * pen.scale
    wrapped_at(pen, row.text, pen.left, pen.colours.text)
    if not row.progress then return end
    local height, width = BAR_HEIGHT * pen.scale, pen.right - pen.left
    set(mix(pen.colours.back, pen.colours.text, 0.14))
    gfx.rect(pen.left, pen.y, width, height, 1)
    set(LIT)
    gfx.rect(pen.left, pen.y, width * row.progress, height, 1)
    pen.y = pen.y + height
  end,

  message = function(pen, row)
    pen.y = pen.y + GAP * pen.scale
    wrapped_at(pen, row.text, pen.left, row.problem and pen.colours.problem or pen.colours.quiet)
  end,
}

-- The theme's own background where it can be asked for, and a text colour that is readable on it.
function palette()
  local back = CALM_DARK
  if reaper.GetThemeColor then
    local native = reaper.GetThemeColor("col_main_bg2", 0)
    if native ~= -1 then
      local red, green, blue = reaper.ColorFromNative(native)
      back = { red / 255, green / 255, blue / 255 }
    end
  end
  local is_dark = 0.3 * back[1] + 0.59 * back[2] + 0.11 * back[3] < 0.5
  local text = is_dark and { 0.92, 0.92, 0.92 } or { 0.08, 0.08, 0.08 }
  return {
    back = back,
    text = text,
    quiet = mix(back, text, 0.75),
    faint = mix(back, text, 0.5),
    problem = is_dark and PROBLEM_ON_DARK or PROBLEM_ON_LIGHT,
  }
end

function mix(one, other, part)
  local mixed = {}
  for index = 1, 3 do
    mixed[index] = one[index] + (other[index] - one[index]) * part
  end
  return mixed
end

function labelled(pen, label, text, colour, left, right)
  local text_left = left + LABEL_WIDTH * pen.scale
  text_at(lines.fitted(label, text_left - left, measure), left, pen.y, pen.colours.faint)
  text_at(lines.fitted(text, math.max(0, right - text_left), measure), text_left, pen.y, colour)
end

function wrapped_at(pen, text, left, colour)
  local width = math.max(LEAST_TEXT_WIDTH * pen.scale, pen.right - left)
  for _, line in ipairs(lines.wrapped(text, width, measure)) do
    if pen.y >= gfx.h then return end
    text_at(line, left, pen.y, colour)
    pen.y = pen.y + LINE_HEIGHT * pen.scale
  end
end

function text_at(text, x, y, colour)
  set(colour)
  gfx.x, gfx.y = math.floor(x), math.floor(y)
  gfx.drawstr(text)
end

function set(colour)
  gfx.set(colour[1], colour[2], colour[3], 1)
end

function measure(text)
  return (gfx.measurestr(text))
end

return gfx_paint
