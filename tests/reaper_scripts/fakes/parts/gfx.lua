-- REAPER's own drawing (gfx) in the fake: one window, what is to be seen in it, its mouse, keys and menus.

local new_window = require("fakes.parts.window")

local MENU_CHOICES_BEFORE = "%s was shown a menu and nobody had chosen: call r.window:choose() first"
local FIRST_SIZE = 8
local MOST_FONTS = 16
local BITMAP_HEIGHT = 8
local CHAR_WIDTH = 0.5 -- of a letter's height
local LEFT, RIGHT = 1, 2

local new_variables, length_of, covers, menu_fields, checked

local function add_gfx(fake)
  if not fake.window then new_window(fake) end
  local variables = new_variables()
  local functions = {}
  local state = { is_open = false, drawn = {}, shown = {}, is_fresh = true, keys = {}, moves = {}, fonts = {} }
  local chosen

  -- Drawing

  -- The first drawing after an update begins an empty picture, unless gfx.clear says that the old one stays.
  local function draw(thing)
    if not state.is_open then return end
    if state.is_fresh and variables.clear > -1 then state.drawn = {} end
    state.is_fresh = false
    state.drawn[#state.drawn + 1] = thing
  end

  local function cover(x, y, width, height)
    if state.is_fresh and variables.clear > -1 then state.drawn = {} end
    for index = #state.drawn, 1, -1 do
      if covers(x, y, width, height, state.drawn[index]) then table.remove(state.drawn, index) end
    end
  end

  function functions.set(red, green, blue, alpha, mode, dest)
    variables.r, variables.g, variables.b = red, green or red, blue or green or red
    variables.a, variables.mode = alpha or 1, mode or 0
    if dest then variables.dest = dest end
  end

  function functions.rect(x, y, width, height, is_filled)
    if is_filled == nil or is_filled == true or is_filled == 1 then
      if variables.a > 0 then cover(x, y, width, height) end
    end
    draw({ kind = "rect", x = x, y = y, width = width, height = height })
  end

  function functions.roundrect(x, y, width, height)
    draw({ kind = "rect", x = x, y = y, width = width, height = height })
  end

  function functions.line(x, y, to_x, to_y)
    draw({ kind = "line", x = x, y = y, width = to_x - x, height = to_y - y })
  end

  function functions.circle(x, y, radius)
    draw({ kind = "circle", x = x - radius, y = y - radius, width = 2 * radius, height = 2 * radius })
  end

  function functions.triangle(x, y)
    draw({ kind = "triangle", x = x, y = y, width = 0, height = 0 })
  end

  -- Text

  function functions.setfont(index, face, size, flags)
    if index < 0 or index > MOST_FONTS then error("gfx.setfont: fonts are 0 to 16", 0) end
    if face ~= nil and type(face) ~= "string" then error("gfx.setfont: the font's face is a string", 0) end
    if flags ~= nil and not math.type(flags) then error("gfx.setfont: flags are a number, as string.byte('b')", 0) end
    if index > 0 and size then state.fonts[index] = { face = face, size = math.max(FIRST_SIZE, size) } end
    variables.texth = index > 0 and state.fonts[index] and state.fonts[index].size or BITMAP_HEIGHT
  end

  -- Nothing can be measured before there is a window.
  function functions.measurestr(text)
    if not state.is_open then return 0, 0 end
    local width, lines = 0, 0
    for line in (tostring(text) .. "\n"):gmatch("(.-)\n") do
      width, lines = math.max(width, length_of(line) * variables.texth * CHAR_WIDTH), lines + 1
    end
    return width, lines * variables.texth
  end

  -- `right` and `bottom` are places, not sizes; without flag 256 nothing is drawn outside them.
  function functions.drawstr(text, flags, right, bottom)
    local width, height = functions.measurestr(text)
    local x, y = variables.x, variables.y
    if right and bottom then
      flags = flags or 0
      local is_empty = right <= x or bottom <= y
      if flags & 1 ~= 0 then x = x + math.max(0, (right - x - width) / 2) end
      if flags & 2 ~= 0 then x = math.max(x, right - width) end
      if flags & 4 ~= 0 then y = y + math.max(0, (bottom - y - height) / 2) end
      if flags & 8 ~= 0 then y = math.max(y, bottom - height) end
      if flags & 256 == 0 and is_empty then return end
    end
    local is_outside = x >= variables.w or y >= variables.h or x + width <= 0 or y + height <= 0
    if variables.a > 0 and not is_outside then
      draw({ kind = "text", text = tostring(text), x = x, y = y, width = width, height = height })
    end
    variables.x, variables.y = x + width, y
  end

  -- The window

  -- A window that is already there is only renamed and resized; a docked one keeps the dock's size.
  function functions.init(name, width, height, dock, x, y)
    if type(name) ~= "string" then error("gfx.init wants a title", 0) end
    if not state.is_open then
      state.is_open, state.drawn, state.shown, state.is_fresh, state.moves, state.keys = true, {}, {}, true, {}, {}
      state.dock = dock or 0
      fake.api.atexit(functions.quit) -- with its script the window goes too
      variables.mouse_x, variables.mouse_y, variables.mouse_cap = 0, 0, 0
      if variables.ext_retina ~= 0 and fake.option.retina then variables.ext_retina = fake.option.retina end
    end
    -- Only macOS counts in points, and makes the window's picture finer than that.
    local system = fake.option.os
    local pixels = (system:find("^OSX") or system:find("^macOS")) and math.max(1, variables.ext_retina) or 1
    if name ~= "" then state.title = name end
    state.x, state.y = x or state.x or 0, y or state.y or 0
    if width and width > 0 then variables.w = width * pixels end
    if height and height > 0 then variables.h = height * pixels end
    return 1
  end

  local function shut()
    state.is_open, state.shown, state.drawn, state.keys, state.moves = false, {}, {}, {}, {}
    variables.w, variables.h = 0, 0
  end

  functions.quit = shut

  -- Shows what was drawn, and only now tells where the mouse is.
  function functions.update()
    if not state.is_open then return end
    state.updated_at = fake.now
    if not state.is_fresh then
      state.shown = table.move(state.drawn, 1, #state.drawn, 1, {})
      state.is_fresh = true
    end
    local move = table.remove(state.moves, 1)
    if move then variables.mouse_x, variables.mouse_y, variables.mouse_cap = move.x, move.y, move.cap end
  end

  function functions.getchar(char)
    if not state.is_open then return -1 end
    if char == 65536 then return 1 | 2 | 4 end
    if char and char ~= 0 then return 0 end
    return table.remove(state.keys, 1) or 0
  end

  function functions.dock(value, x, y, width, height)
    if value >= 0 then state.dock = value end
    if x or y or width or height then
      return state.dock or 0, state.x or 0, state.y or 0, variables.w, variables.h
    end
    return state.dock or 0
  end

  -- Separators and headings of submenus have no number.
  function functions.showmenu(text)
    if type(text) ~= "string" then error("gfx.showmenu wants a text", 0) end
    local fields = menu_fields(text)
    fake.menus[#fake.menus + 1] = fields
    if chosen == nil then
      fake.fail(MENU_CHOICES_BEFORE:format("The script"))
      return 0
    end
    local wish = chosen
    chosen = nil
    if wish == false then return 0 end
    for number, field in ipairs(fields) do
      if field.text == wish then
        if field.is_grey then error("this line of the menu is grey: " .. wish, 0) end
        return number
      end
    end
    error(("the menu has no %q: %s"):format(wish, text), 0)
  end

  function functions.clienttoscreen(x, y)
    return x + (state.x or 0), y + (state.y or 0)
  end

  function functions.screentoclient(x, y)
    return x - (state.x or 0), y - (state.y or 0)
  end

  function functions.setcursor() end

  -- What the test sees and does. Menus shown: their lines { text, is_grey, is_checked }.
  fake.menus = {}
  fake.add_face({
    is_open = function() return state.is_open end,
    title = function() return state.title end,
    texts = function()
      local texts = {}
      for _, thing in ipairs(state.shown) do
        if thing.kind == "text" then texts[#texts + 1] = thing.text end
      end
      return texts
    end,
    click = function(text, options)
      for index = #state.shown, 1, -1 do
        local thing = state.shown[index]
        if thing.kind == "text" and thing.text == text then
          local x, y = math.floor(thing.x + thing.width / 2), math.floor(thing.y + thing.height / 2)
          local cap = options.right and RIGHT or LEFT
          for _, down in ipairs({ 0, cap, 0 }) do state.moves[#state.moves + 1] = { x = x, y = y, cap = down } end
          return
        end
      end
      error(("the window does not show %q"):format(text), 0)
    end,
    type = function(keys)
      if math.type(keys) then
        state.keys[#state.keys + 1] = keys
      else
        for _, code in utf8.codes(keys) do
          state.keys[#state.keys + 1] = code < 256 and code or 0x75000000 + code
        end
      end
    end,
    choose = function(text) chosen = text end,
    close = shut,
    resize = function(width, height) variables.w, variables.h = width, height end,
    move = function(x, y) state.x, state.y = x, y end,
  })

  -- One screen, whichever is asked for.
  function fake.api.my_getViewport()
    return 0, 0, 1920, 1080
  end

  -- The theme: a dark one, of which only the window's background is known.
  function fake.api.GetThemeColor(key)
    return key == "col_main_bg2" and (fake.option.theme_background or 0x333333) or -1
  end

  function fake.api.ColorFromNative(colour)
    return colour & 255, colour >> 8 & 255, colour >> 16 & 255
  end

  -- Once a tick: a window whose script does not call gfx.update() stands there dead.
  function fake.check_gfx()
    if state.is_open and fake.now - (state.updated_at or fake.now) > 1.0 then
      fake.fail("the gfx window is open, but gfx.update() was not called for a second")
      state.updated_at = fake.now
    end
  end
  table.insert(fake.after_tick, fake.check_gfx)

  fake.gfx = setmetatable({}, {
    __index = function(_, key)
      if variables[key] ~= nil then return variables[key] end
      local work = functions[key]
      if not work then error("the fake's gfx has no " .. tostring(key), 2) end
      return checked(key, work)
    end,
    __newindex = function(_, key, value)
      if variables[key] == nil then error("gfx has no variable " .. tostring(key), 2) end
      if not math.type(value) then error(("gfx.%s = %s: a number was wanted"):format(key, tostring(value)), 2) end
      variables[key] = value
    end,
  })
end

function new_variables()
  return {
    r = 0, g = 0, b = 0, a = 1, w = 0, h = 0, x = 0, y = 0, mode = 0, clear = 0, dest = -1, texth = BITMAP_HEIGHT,
    ext_retina = 0, mouse_x = 0, mouse_y = 0, mouse_cap = 0, mouse_wheel = 0, mouse_hwheel = 0,
  }
end

-- Numbers are wanted everywhere but in what is a text.
function checked(name, work)
  local takes_text = { init = true, drawstr = true, measurestr = true, showmenu = true, setfont = true, rect = true }
  return function(...)
    local first = ...
    if name == "drawstr" or name == "measurestr" then
      if type(first) ~= "string" and not math.type(first) then
        error(("bad argument #1 to '%s' (string expected, got %s)"):format(name, type(first)), 2)
      end
    elseif not takes_text[name] then
      for index = 1, select("#", ...) do
        local value = select(index, ...)
        if value ~= nil and not math.type(value) then
          error(("bad argument #%d to '%s' (number expected, got %s)"):format(index, name, type(value)), 2)
        end
      end
    end
    return work(...)
  end
end

function length_of(text)
  return utf8.len(text) or #text
end

function covers(x, y, width, height, thing)
  return thing.x >= x and thing.y >= y and thing.x + thing.width <= x + width and thing.y + thing.height <= y + height
end

function menu_fields(text)
  local fields = {}
  for field in (text .. "|"):gmatch("(.-)|") do
    local marks, words = field:match("^([#!><]*)(.*)$")
    if words ~= "" and not marks:find(">", 1, true) then
      fields[#fields + 1] = {
        text = words, is_grey = marks:find("#", 1, true) ~= nil, is_checked = marks:find("!", 1, true) ~= nil,
      }
    end
  end
  return fields
end

return add_gfx
