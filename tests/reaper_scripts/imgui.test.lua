-- The window with ReaImGui: the same rows, the settings changed in place, and the plain window where it fails.

local open_reaper = require("fakes.reaper")
local windows = require("windows")

-- An open window: r, shown = { presses, warned, changes (over the facts), project }, window.
local function open(t, options, prepare)
  options = options or {}
  options.extensions = { "ImGui" }
  local r = open_reaper(t, options)
  r:project({ path = "Song/Song.rpp" })
  if prepare then prepare(r) end
  local settings = r:load("lib.face.settings")
  local shown = { presses = {}, warned = {}, changes = {} }
  function shown.settings(project) return settings.read(project or (r.reaper.EnumProjects(-1))) end
  local window = r:load("lib.face.window").create(function() return windows.facts(r, shown.changes) end,
    function(word) shown.presses[#shown.presses + 1] = word end,
    function(text) shown.warned[#shown.warned + 1] = text end)
  windows.run(r, window)
  return r, shown, window
end

test("where ReaImGui is there, the window is made with it", function(t)
  local r, shown = open(t)
  shown.changes.jobs = { { request = "b", name = "Riff", state = "working", stage = "submitted", progress = 0.4 } }
  shown.changes.messages = { { text = "50 % done, {all} of it.", kind = "problem", at = 1 } }
  r:run(0.3)
  t.equal(r.window:title(), "daw-bridge")
  t.falsy(r.gfx.w > 0, "a plain window is open too")
  for _, words in ipairs({
    "daw-bridge 0.1.0 runs", "Song", "Riff · Marimba", "Prompt", "variation", "Takes go to", "new track", "With FX",
    "Generate from items", "Undo last", "Riff: the music is being made", "40%", "50 % done, {all} of it.",
  }) do
    t.truthy(r.window:shows(words), words)
  end
  t.equal(shown.warned, {})
end)

test("what is typed is kept in the project when the edit ends", function(t)
  local r, shown = open(t)
  r.window:type("Prompt", "warm pad, slow | 40 %")
  r.window:type("Bars", "8")
  r.window:type("Key", "g# minor")
  r:run(0.3)
  local wish = shown.settings()
  t.equal({ wish.prompt, wish.bars, wish.key }, { "warm pad, slow | 40 %", 8, "G# minor" })
  t.equal(r.reaper.IsProjectDirty((r.reaper.EnumProjects(-1))), 1)
  t.truthy(r.window:shows("G# minor"), "shown as it is kept")
end)

test("Mode is chosen, and With FX is switched", function(t)
  local r, shown = open(t)
  r.window:choose("Mode", "continue")
  r.window:click("With FX")
  r:run(0.3)
  t.equal({ shown.settings().mode, shown.settings().with_fx }, { "continue", true })
  r.window:click("With FX")
  r:run(0.3)
  t.equal(shown.settings().with_fx, false)
end)

test("something wrong is told below its field, which keeps what was typed", function(t)
  local r, shown = open(t)
  r.window:type("Takes", "eleven")
  r:run(0.3)
  t.equal(shown.settings().takes, 1)
  t.truthy(r.window:shows('Takes is a whole number from 1 to 10, not "eleven".'))
  t.truthy(r.window:shows("eleven"))
  r.window:type("Takes", "3")
  r:run(0.3)
  t.equal(shown.settings().takes, 3)
  t.falsy(r.window:shows("whole number"))
end)

test("an edit belongs to the project that it was begun in", function(t)
  local has_ended = false
  local r, shown = open(t, nil, function(r)
    r.api.ImGui_IsItemDeactivatedAfterEdit = function() return has_ended end
  end)
  local first = (r.reaper.EnumProjects(-1))
  r.window:type("Prompt", "pad")
  r:run(0.3)
  r:project({ path = "Other/Other.rpp" })
  r.window:type("Prompt", "pad, slow")
  r:run(0.3)
  has_ended = true
  r:run(0.3)
  t.equal({ shown.settings(first).prompt, shown.settings().prompt }, { "pad, slow", "" })
end)

test("buttons act, and those that are off do not", function(t)
  local r, shown = open(t)
  r.window:click("From time selection")
  r:run(0.3)
  r.window:click("Cancel")
  r:run(0.3)
  t.equal(shown.presses, { "generate_time" })
end)

test("its close box closes it, and it can be opened again", function(t)
  local r, _, window = open(t)
  r.window:close()
  r:run(0.3)
  t.equal({ window.is_open(), r.window:is_open() }, { false, false })
  r:run(1.0)
  window.open()
  r:run(0.3)
  t.truthy(window.is_open() and r.window:shows("Riff · Marimba"))
end)

test("a context that REAPER has collected is made anew", function(t)
  local r, shown, window = open(t)
  local tick = window.tick
  window.tick = function() end
  r:run(0.3)
  t.falsy(r.window:is_open(), "the context is gone")
  window.tick = tick
  r:run(0.3)
  t.truthy(window.is_open() and r.window:shows("Riff · Marimba"))
  t.equal(shown.warned, {})
end)

test("a ReaImGui that is too old is told once, and the plain window opens", function(t)
  local r, shown, window = open(t, { imgui_api = { 0, 8 } })
  t.truthy(r.window:shows("Riff · Marimba"))
  t.truthy(r.gfx.w > 0, "the plain window is open")
  window.close()
  window.open()
  r:run(0.1)
  t.equal(#shown.warned, 1)
  t.contains(shown.warned[1], "update ReaImGui")
end)

test("a defect in a frame closes the window, so that it is told once", function(t)
  local is_broken = false
  local r, _, window = open(t, nil, function(r)
    r.api.ImGui_SetNextWindowSize = function()
      if is_broken then error("a defect", 0) end
    end
  end)
  local tick, problems = window.tick, {}
  window.tick = function()
    local is_whole, problem = pcall(tick)
    if not is_whole then problems[#problems + 1] = problem end
  end
  is_broken = true
  r:run(0.3)
  t.equal({ problems, window.is_open() }, { { "a defect" }, false })
end)

test("a frame is short", function(t)
  local r, shown = open(t)
  shown.changes.jobs, shown.changes.messages = {}, {}
  for index = 1, 50 do
    shown.changes.jobs[index] = { request = "r", name = ("n"):rep(300), state = "working", progress = 0.5 }
    shown.changes.messages[index] = { text = ("wörd "):rep(80), kind = "problem", at = index }
  end
  r:run(0.3)
  t.truthy(r.most_instructions < 200000, "a tick took " .. r.most_instructions)
end)
