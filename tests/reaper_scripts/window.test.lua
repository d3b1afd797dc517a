-- The plain window: what stands in it, its buttons, its keys, and that it costs next to nothing.

local open_reaper = require("fakes.reaper")
local windows = require("windows")

local ESCAPE = 27
local JOBS = {
  { request = "b", name = "Riff", state = "working", stage = "submitted", progress = 0.4, text = "" },
  { request = "a", name = "Old", state = "failed", stage = "", progress = 0.2, text = "" },
}

-- An open window whose facts the test may change: r, shown = { facts, asked, drawn, presses }, window.
local function open(t, options, changes)
  local r = open_reaper(t, options)
  r:project({ path = "Song/Song.rpp" })
  local shown = { facts = windows.facts(r, changes), asked = 0, drawn = 0, presses = {} }
  -- The theme is looked at once for each picture.
  local colour_of_theme = r.api.GetThemeColor
  r.api.GetThemeColor = function(...)
    shown.drawn = shown.drawn + 1
    return colour_of_theme(...)
  end
  local window = r:load("lib.face.gfx_window").create(function()
    shown.asked = shown.asked + 1
    return shown.facts
  end, function(word) shown.presses[#shown.presses + 1] = word end)
  windows.run(r, window)
  return r, shown, window
end

local function rows_of(r, changes)
  return r:load("lib.face.panel").describe(windows.facts(r, changes))
end

local function find_row(rows, kind, name)
  for _, row in ipairs(rows) do
    if row.kind == kind and (not name or row.name == name or row.label == name) then return row end
  end
end

local function find_button(rows, word)
  for _, row in ipairs(rows) do
    for _, button in ipairs(row.buttons or {}) do
      if button.word == word then return button end
    end
  end
end

test("a dead daemon is told with how to start it", function(t)
  local r = open_reaper(t)
  r:project({ path = "Song/Song.rpp" })
  local row = find_row(rows_of(r, { daemon = { alive = false } }), "light")
  t.equal({ row.lit, row.text }, { false, "daw-bridge is not running; open a terminal and run `daw-bridge run`." })
  row = find_row(rows_of(r), "light")
  t.equal({ row.lit, row.text }, { true, "daw-bridge 0.1.0 runs" })
end)

test("an unsaved project is told, a saved one is not", function(t)
  local r = open_reaper(t)
  r:project({})
  t.contains(find_row(rows_of(r, { saved = false }), "note").text, "Not saved yet")
  t.equal(find_row(rows_of(r), "note"), nil)
end)

test("settings stand as the user writes them, with a hint where they are empty", function(t)
  local r = open_reaper(t)
  local song = r:project({ path = "Song/Song.rpp" })
  song:track("Marimba")
  local guid = r.reaper.GetTrackGUID(r.reaper.GetTrack(0, 0))
  local rows = rows_of(r, {
    settings = { prompt = "pad", mode = "continue", bars = 0, takes = 3, place = guid, key = "", with_fx = true },
  })
  t.equal(find_row(rows, "setting", "place").text, "Marimba")
  t.equal(find_row(rows, "setting", "takes").text, "3")
  t.equal(find_row(rows, "setting", "with_fx").flag, true)
  local bars, key = find_row(rows, "setting", "bars"), find_row(rows, "setting", "key")
  t.equal({ bars.text, bars.hint, key.text, key.hint }, { "", "as the clip", "", "as found" })
end)

test("Cancel is on while a job is open, Retry where one has failed", function(t)
  local r = open_reaper(t)
  r:project({ path = "Song/Song.rpp" })
  local none, open_job, broken = rows_of(r), rows_of(r, { jobs = { JOBS[1] } }), rows_of(r, { jobs = { JOBS[2] } })
  local function on(rows) return { find_button(rows, "cancel").enabled, find_button(rows, "retry").enabled } end
  t.equal(on(none), { false, false })
  t.equal(on(open_job), { true, false })
  t.equal(on(broken), { false, true })
  t.truthy(find_button(none, "generate_items").enabled and find_button(none, "undo").enabled)
end)

test("a job has a bar while it is open, and words of its own or ours", function(t)
  local r = open_reaper(t)
  r:project({ path = "Song/Song.rpp" })
  local row = find_row(rows_of(r, { jobs = { JOBS[1] } }), "job")
  t.equal({ row.text, row.progress }, { "Riff: the music is being made", 0.4 })
  row = find_row(rows_of(r, { jobs = { JOBS[2] } }), "job")
  t.equal({ row.text, row.progress }, { "Old: failed; press Retry to go on" })
  row = find_row(rows_of(r, { jobs = { { name = "X", state = "working", progress = 7, text = "Soon." } } }), "job")
  t.equal({ row.text, row.progress }, { "Soon.", 1 })
end)

test("the window shows all rows", function(t)
  local r = open(t, nil, {
    jobs = JOBS, saved = false, messages = { { text = "The take is in Marimba.", kind = "word", at = 1 } },
  })
  r.window:resize(600, 900)
  r:run(0.3)
  t.equal(r.window:title(), "daw-bridge")
  for _, words in ipairs({
    "daw-bridge 0.1.0 runs", "Song", "Not saved yet", "Riff · Marimba", "variation", "as the clip", "new track",
    "Generate from items", "From time selection", "Undo last", "the music is being made", "Old: failed",
    "The take is in Marimba.",
  }) do
    t.truthy(r.window:shows(words), words)
  end
end)

test("a button acts when the mouse is let go on it, once", function(t)
  local r, shown = open(t, nil, { jobs = JOBS })
  r.window:click("Generate from items")
  r:run(0.5)
  t.equal(shown.presses, { "generate_items" })
  r.window:click("Cancel")
  r:run(0.5)
  t.equal(shown.presses, { "generate_items", "cancel" })
end)

test("a button that is off, and a press beside the buttons, do nothing", function(t)
  local r, shown = open(t)
  r.window:click("Retry")
  r:run(0.5)
  r.window:click("Riff · Marimba")
  r:run(0.5)
  t.equal(shown.presses, {})
end)

test("a press counts only where the mouse goes down and up on one button", function(t)
  local r, shown = open(t, nil, { jobs = JOBS })
  local function place_of(text)
    r.window:click(text)
    t.truthy(r:run_until(function() return r.gfx.mouse_cap == 1 end))
    r:run(0.3)
    return { r.gfx.mouse_x, r.gfx.mouse_y }
  end
  local again, cancel = place_of("Again"), place_of("Cancel")
  t.equal(shown.presses, { "again", "cancel" })
  local function drag(from, to)
    r.gfx.mouse_x, r.gfx.mouse_y, r.gfx.mouse_cap = from[1], from[2], 1
    r:run(0.2)
    r.gfx.mouse_x, r.gfx.mouse_y = to[1], to[2]
    r:run(0.2)
    r.gfx.mouse_cap = 0
    r:run(0.2)
  end
  drag(again, cancel)
  drag(again, { 5, 5 })
  drag({ 5, 5 }, again)
  t.equal(shown.presses, { "again", "cancel" })
  drag(again, again)
  t.equal(shown.presses, { "again", "cancel", "again" })
end)

test("space plays, Escape and the close box close", function(t)
  local r, _, window = open(t)
  local played = 0
  r.actions[40044] = function() played = played + 1 end
  r.window:type(" x")
  r:run(0.1)
  t.equal({ played, window.is_open() }, { 1, true })
  r.window:type(ESCAPE)
  r:run(0.1)
  t.equal({ window.is_open(), r.window:is_open() }, { false, false })
  window.open()
  r:run(0.1)
  t.truthy(r.window:is_open())
  r.window:close()
  r:run(0.1)
  t.falsy(window.is_open())
end)

test("dock state, size and position are remembered", function(t)
  local r, _, window = open(t)
  t.equal({ r.gfx.w, r.gfx.h }, { 420, 360 })
  r.window:resize(500, 444)
  r.window:move(30, 40)
  r:run(0.3)
  r.gfx.dock(257)
  r.window:resize(1500, 200)
  r:run(0.3)
  window.close()
  t.equal(r:ext_state("daw_bridge", "window"), "257 500 444 30 40")
  r.gfx.dock(0)
  window.open()
  t.equal({ r.gfx.w, r.gfx.h, r.gfx.dock(-1, 0, 0, 0, 0) }, { 500, 444, 257, 30, 40, 500, 444 })
end)

test("a window whose screen is gone opens where REAPER puts it", function(t)
  local r, _, window = open(t)
  r.window:move(30, 40)
  window.close()
  r.reaper.SetExtState("daw_bridge", "window", "0 500 444 2500 -900", true)
  window.open()
  t.equal({ r.gfx.dock(-1, 0, 0, 0, 0) }, { 0, 30, 40, 500, 444 })
end)

test("a remembered nonsense opens the window as you get it", function(t)
  local r, _, window = open(t)
  window.close()
  r.reaper.SetExtState("daw_bridge", "window", "1 big small", true)
  window.open()
  t.equal({ r.gfx.w, r.gfx.h, r.gfx.dock(-1) }, { 420, 360, 0 })
end)

test("on a Retina screen all is twice as large, and the size is remembered in points", function(t)
  local r = open(t, { retina = 2, os = "macOS-arm64" })
  t.equal({ r.gfx.w, r.gfx.texth }, { 840, 30 })
  t.equal(r:ext_state("daw_bridge", "window"), "0 420 360 0 0")
end)

test("on Windows and Linux all is as large as the desktop's scale wants it, the window too", function(t)
  local r, _, window = open(t, { retina = 1.5, os = "Win64" })
  t.equal({ r.gfx.w, r.gfx.h, r.gfx.texth }, { 630, 540, 23 })
  window.close()
  t.equal(r:ext_state("daw_bridge", "window"), "0 420 360 0 0")
  window.open()
  t.equal({ r.gfx.w, r.gfx.h }, { 630, 540 })
end)

test("nothing is drawn when nothing has changed, and never more than ten times a second", function(t)
  local r, shown = open(t)
  local before = shown.drawn
  r:run(1.0)
  t.equal(shown.drawn, before)
  shown.asked, shown.drawn = 0, 0
  for number = 1, 30 do
    shown.facts.source = "Item " .. number
    r:run()
  end
  t.truthy(shown.drawn > 3 and shown.drawn <= 11, "drawn " .. shown.drawn .. " times")
  t.truthy(shown.asked <= 11, "asked " .. shown.asked .. " times")
end)

test("what does not fit is cut with an ellipsis or wrapped, and letters stay whole", function(t)
  local r = open(t, nil, {
    source = ("Größe "):rep(40),
    messages = { { text = ("Überlänge "):rep(12), kind = "problem", at = 1 } },
  })
  r.window:resize(300, 900)
  r:run(0.3)
  local wrapped = 0
  for _, text in ipairs(r.window:texts()) do
    t.truthy(utf8.len(text), "broken letters: " .. text)
    if text:find("^Überlänge") then wrapped = wrapped + 1 end
    if text:find("^Größe") then
      t.matches(text, "…$")
      t.truthy(r.gfx.measurestr(text) < 300 - 2 * 10 - 80, "wider than the window: " .. text)
    end
  end
  t.truthy(wrapped > 1, "wrapped into " .. wrapped)
end)

test("a frame is short, whatever stands in it", function(t)
  local facts = { jobs = {}, messages = {} }
  for index = 1, 50 do
    facts.jobs[index] = { request = "r", name = ("n"):rep(300), state = "working", progress = 0.5 }
    facts.messages[index] = { text = ("wörd"):rep(100), kind = "problem", at = index }
  end
  local r = open(t, nil, facts)
  r.window:resize(60, 4000)
  r:run(0.3)
  t.truthy(r.most_instructions < 200000, "a tick took " .. r.most_instructions)
end)

test("without ReaImGui the watcher's window is the plain one", function(t)
  local r = open_reaper(t)
  r:project({ path = "Song/Song.rpp" })
  local warned = {}
  local window = r:load("lib.face.window").create(function() return windows.facts(r) end, function() end,
    function(text) warned[#warned + 1] = text end)
  t.falsy(window.is_open())
  window.tick()
  window.open()
  window.tick()
  t.truthy(window.is_open() and r.window:is_open())
  window.close()
  t.falsy(window.is_open())
  t.equal(warned, {})
end)
