-- The fake's windows: REAPER's own drawing, and ReaImGui with its rules.

local open_reaper = require("fakes.reaper")

local GFX_SCRIPT = [[
gfx.init("Bridge", 300, 200, 0, 10, 20)
local presses, was_down = 0, false
local function draw()
  if gfx.getchar() == -1 then return end
  gfx.setfont(1, "Arial", 16)
  gfx.set(1, 1, 1)
  gfx.x, gfx.y = 10, 10
  gfx.drawstr("Pressed " .. presses)
  gfx.x, gfx.y = 10, 40
  gfx.drawstr("Generate")
  local width = gfx.measurestr("Generate")
  local over = gfx.mouse_x >= 10 and gfx.mouse_x < 10 + width and gfx.mouse_y >= 40 and gfx.mouse_y < 56
  local is_down = gfx.mouse_cap & 1 == 1
  if over and is_down and not was_down then presses = presses + 1 end
  was_down = is_down
  gfx.update()
  reaper.defer(draw)
end
draw()
]]

test("a gfx window shows its texts, takes clicks and says when it was closed", function(t)
  local r = open_reaper(t)
  r:project({})
  r:run_script("window.lua", GFX_SCRIPT)
  r:run(0.1)
  t.equal(r.window:title(), "Bridge")
  t.equal(r.window:texts(), { "Pressed 0", "Generate" })
  r.window:click("Generate")
  r:run(0.3)
  t.equal(r.window:texts(), { "Pressed 1", "Generate" })
  t.raises(function() r.window:click("Cancel") end, "does not show")
  r.window:close()
  r:run(0.1)
  t.equal(r.window:is_open(), false)
  t.equal(r.gfx.getchar(), -1)
end)

test("gfx knows its own names only, wants numbers, and paints over what was there", function(t)
  local r = open_reaper(t)
  r:project({})
  local gfx = r.gfx
  t.raises(function() return gfx.drawtext end, "has no drawtext")
  t.raises(function() gfx.colour = 1 end, "no variable")
  t.raises(function() gfx.x = "1" end, "a number was wanted")
  t.raises(function() gfx.drawstr(nil) end, "string expected")
  t.raises(function() gfx.line(1, 2, "3", 4) end, "number expected")
  t.equal({ gfx.measurestr("before") }, { 0, 0 })
  gfx.init("T", 100, 50)
  gfx.setfont(1, "Arial", 20)
  t.equal({ gfx.measurestr("Ä b") }, { 30.0, 20 })
  gfx.drawstr("under")
  gfx.rect(0, 0, 100, 50)
  gfx.x, gfx.y = 0, 0
  gfx.drawstr("over")
  gfx.x, gfx.y = 200, 0
  gfx.drawstr("outside")
  gfx.update()
  t.equal(r.window:texts(), { "over" })
  gfx.update()
  t.equal(r.window:texts(), { "over" })
  gfx.x, gfx.y = 0, 0
  gfx.drawstr("right", 2, 0, 20)
  gfx.rect(90, 40, 5, 5)
  gfx.update()
  t.equal(r.window:texts(), {})
  gfx.quit()
  t.equal(gfx.w, 0)
end)

test("a menu counts its lines without separators and headings, and wants an answer", function(t)
  local r = open_reaper(t)
  r:project({})
  r.gfx.init("T", 100, 50)
  r.window:choose("Continue")
  t.equal(r.gfx.showmenu("!Variation||>More|#Grey|<Continue|Last"), 3)
  r.window:choose(false)
  t.equal(r.gfx.showmenu("One|Two"), 0)
  r.window:choose("Grey")
  t.raises(function() r.gfx.showmenu("One|#Grey") end, "is grey")
  r.window:type("aä")
  t.equal({ r.gfx.getchar(), r.gfx.getchar(), r.gfx.getchar() }, { 97, 228, 0 })
  t.contains(t.failure_of(function(inner)
    open_reaper(inner).gfx.showmenu("One")
  end), "nobody had chosen")
  r.gfx.quit()
end)

test("the gfx window goes with its script", function(t)
  local r = open_reaper(t)
  r:project({})
  r:run_script("window.lua", "gfx.init('T', 100, 50) gfx.update()")
  t.equal(r.window:is_open(), false)
end)

local IMGUI_HEAD = [[
package.path = reaper.ImGui_GetBuiltinPath() .. "/?.lua"
local ImGui = require "imgui" "0.10"
local context = ImGui.CreateContext("Bridge")
]]

test("ReaImGui is absent unless the test says otherwise, and too old when it is", function(t)
  t.equal(open_reaper(t).reaper.ImGui_GetBuiltinPath, nil)
  local r = open_reaper(t, { extensions = { "ImGui" }, imgui_api = { 0, 9 } })
  r:project({})
  r:allow_errors("too old")
  r:run_script("old.lua", IMGUI_HEAD)
  t.contains(r.errors[1], "not supported")
end)

test("a ReaImGui window shows its things and takes clicks, words and choices", function(t)
  local r = open_reaper(t, { extensions = { "ImGui" } })
  r:project({})
  r:run_script("window.lua", IMGUI_HEAD .. [[
local presses, text, mode, bars, fx = 0, "dub", "variation", 4, false
local function draw()
  ImGui.SetNextWindowSize(context, 300, 200, ImGui.Cond_FirstUseEver)
  local is_visible, is_open = ImGui.Begin(context, "Bridge", true)
  if is_visible then
    ImGui.Text(context, "Pressed " .. presses)
    if ImGui.Button(context, "Generate") then presses = presses + 1 end
    ImGui.BeginDisabled(context, true)
    if ImGui.Button(context, "Cancel##all") then presses = presses + 100 end
    ImGui.EndDisabled(context)
    local _
    _, text = ImGui.InputText(context, "Prompt", text)
    _, bars = ImGui.InputInt(context, "Bars", bars)
    _, fx = ImGui.Checkbox(context, "With FX", fx)
    if ImGui.BeginCombo(context, "Mode", mode) then
      for _, word in ipairs({ "variation", "continue" }) do
        if ImGui.Selectable(context, word, word == mode) then mode = word end
      end
      ImGui.EndCombo(context)
    end
    ImGui.ProgressBar(context, 0.5, nil, nil, tostring(fx))
    ImGui.End(context)
  end
  if is_open then reaper.defer(draw) end
end
reaper.defer(draw)
]])
  r:run(0.1)
  t.equal(r.window:title(), "Bridge")
  t.equal(r.window:texts(),
    { "Pressed 0", "Generate", "Cancel", "Prompt", "dub", "Bars", "4", "With FX", "Mode", "variation", "false" })
  r.window:click("Generate")
  r.window:click("Cancel")
  r.window:click("With FX")
  r.window:type("Prompt", "marimba")
  r.window:type("Bars", 8)
  r.window:choose("Mode", "continue")
  r:run(0.2)
  t.equal(r.window:texts(),
    { "Pressed 1", "Generate", "Cancel", "Prompt", "marimba", "Bars", "8", "With FX", "Mode", "continue", "true" })
  r.window:close()
  r:run(0.2)
  t.equal(r.window:is_open(), false)
end)

local function failure_in_imgui(t, code, seconds)
  return t.failure_of(function(inner)
    local r = open_reaper(inner, { extensions = { "ImGui" } })
    r:project({})
    r:run_script("window.lua", IMGUI_HEAD .. code)
    r:run(seconds or 0.1)
  end)
end

test("ReaImGui's rules: every Begin that returned true has its End, and nothing else has", function(t)
  local begin = "ImGui.Begin(context, 'B', true) "
  t.contains(failure_in_imgui(t, begin), "Missing End()")
  t.contains(failure_in_imgui(t, begin .. "ImGui.PushID(context, 'x') ImGui.End(context)"), "Missing PopID()")
  t.contains(failure_in_imgui(t, begin .. "ImGui.EndDisabled(context)"), "too many times")
  t.contains(failure_in_imgui(t, "ImGui.End(context)"), "too many times")
  t.contains(failure_in_imgui(t, begin .. "ImGui.EndCombo(context)"), "Missing End()")
  t.contains(failure_in_imgui(t, "ImGui.Text(context, 'x')"), "called Debug")
  t.contains(failure_in_imgui(t, begin .. "ImGui.Button(context, 'a') ImGui.Button(context, 'a')"), "conflicting ID")
  t.contains(failure_in_imgui(t, begin .. "ImGui.Button(context, '')"), "empty label")
  t.contains(failure_in_imgui(t, begin .. "ImGui.Combo(context, 'c', 0, 'a\\0b')"), "null-terminated")
  t.contains(failure_in_imgui(t, begin .. "ImGui.Text(context, 5)"), "string expected")
  t.contains(failure_in_imgui(t, begin .. "ImGui.Txet(context, 'x')"), "field 'Txet'")
  t.equal(failure_in_imgui(t, begin .. "ImGui.PushID(context, 'x') ImGui.Button(context, 'a') ImGui.PopID(context) "
    .. "ImGui.Button(context, 'a') ImGui.End(context)"), nil)
end)

test("a ReaImGui context that is not used for a tick is gone", function(t)
  t.contains(failure_in_imgui(t, [[
local ticks = 0
local function wait()
  ticks = ticks + 1
  if ticks == 4 then ImGui.Begin(context, "B", true) end
  reaper.defer(wait)
end
wait()
]], 0.3), "expected a valid ImGui_Context")
  t.equal(failure_in_imgui(t, [[
local function keep()
  if ImGui.Begin(context, "B", true) then ImGui.End(context) end
  reaper.defer(keep)
end
reaper.defer(keep)
]], 0.3), nil)
end)

test("a collapsed ReaImGui window returns false and is not ended", function(t)
  local r = open_reaper(t, { extensions = { "ImGui" } })
  r:project({})
  r:run_script("window.lua", IMGUI_HEAD .. [[
local function draw()
  if ImGui.Begin(context, "B", true) then
    ImGui.Text(context, "open")
    ImGui.End(context)
  end
  reaper.defer(draw)
end
draw()
]])
  r:run(0.1)
  t.equal(r.window:texts(), { "open" })
  r.window:collapse()
  r:run(0.1)
  t.equal(r.window:texts(), {})
end)
