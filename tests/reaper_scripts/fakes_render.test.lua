-- Rendering in the fake REAPER: what it writes, and what would open a dialog.

local open_reaper = require("fakes.reaper")

local function set_up_render(r, values)
  local reaper, project = r.reaper, 0
  local numbers = {
    RENDER_SETTINGS = 128, RENDER_BOUNDSFLAG = 0, RENDER_STARTPOS = 1, RENDER_ENDPOS = 3.5, RENDER_SRATE = 32000,
    RENDER_CHANNELS = 2, RENDER_TAILFLAG = 0, RENDER_ADDTOPROJ = 0,
  }
  local texts = { RENDER_FILE = r.shown(r.full_path("out")), RENDER_PATTERN = "take", RENDER_FORMAT = "ZXZhdyAAAQ==" }
  for key, value in pairs(values or {}) do
    (type(value) == "string" and texts or numbers)[key] = value
  end
  -- The bounds are taken only where they are custom ones.
  reaper.GetSetProjectInfo(project, "RENDER_BOUNDSFLAG", numbers.RENDER_BOUNDSFLAG, true)
  for key, value in pairs(numbers) do reaper.GetSetProjectInfo(project, key, value, true) end
  for key, value in pairs(texts) do reaper.GetSetProjectInfo_String(project, key, value, true) end
  local _, targets = reaper.GetSetProjectInfo_String(project, "RENDER_TARGETS", "", false)
  return targets
end

test("a render writes the files it said it would, of exactly the asked length", function(t)
  local r = open_reaper(t)
  local song = r:project({ path = "Song/Song.rpp" })
  song:track("One", { selected = true })
  song:track("Two")
  local targets = set_up_render(r)
  t.equal(targets, r.full_path("out/take.wav"))
  r.reaper.Main_OnCommandEx(42230, 0, 0)
  t.equal(r:sound("out/take.wav"), { frames = 80000, rate = 32000, channels = 2 })
  t.equal(r.renders[1].bits, "float")
  song:tracks()[2]:set("I_SELECTED", 1)
  t.equal(set_up_render(r, { RENDER_PATTERN = "both" }),
    r.full_path("out/both-001.wav") .. ";" .. r.full_path("out/both-002.wav"))
  t.equal(set_up_render(r, { RENDER_PATTERN = "$track" }),
    r.full_path("out/One.wav") .. ";" .. r.full_path("out/Two.wav"))
  t.equal(set_up_render(r, { RENDER_SETTINGS = 0 }), r.full_path("out/take.wav"))
end)

test("selected items are rendered one by one, each by its own length", function(t)
  local r = open_reaper(t)
  local track = r:project({ path = "Song/Song.rpp" }):track("One")
  track:audio({ file = r:wav("a.wav", { seconds = 3 }), length = 2, selected = true })
  track:audio({ file = "a.wav", at = 4, length = 1, selected = true })
  track:audio({ file = "a.wav", at = 8, length = 1 })
  set_up_render(r, { RENDER_SETTINGS = 64, RENDER_PATTERN = "x" })
  r.reaper.Main_OnCommandEx(41824, 0, 0)
  t.equal(r:sound("out/x-001.wav").frames, 64000)
  t.equal(r:sound("out/x-002.wav").frames, 32000)
  set_up_render(r, { RENDER_SETTINGS = 64, RENDER_PATTERN = "tails", RENDER_TAILFLAG = 18, RENDER_TAILMS = 250 })
  r.reaper.Main_OnCommandEx(41824, 0, 0)
  t.equal(r:sound("out/tails-002.wav").frames, 40000)
  local one = set_up_render(r, { RENDER_SETTINGS = 64 | 4 << 16, RENDER_PATTERN = "one" })
  t.equal(one, r.full_path("out/one.wav"))
  r.reaper.Main_OnCommandEx(41824, 0, 0)
  t.equal(r:sound("out/one.wav").frames, 160000)
end)

test("settings nobody has set are not what a script would like, and unknown ones raise", function(t)
  local r = open_reaper(t)
  r:project({ path = "Song/Song.rpp" })
  t.equal(r.reaper.GetSetProjectInfo(0, "RENDER_TAILFLAG", 0, false), 18.0)
  t.equal(r.reaper.GetSetProjectInfo(0, "RENDER_BOUNDSFLAG", 0, false), 1.0)
  t.raises(function() r.reaper.GetSetProjectInfo(0, "RENDER_START", 0, false) end, "REAPER would answer nothing")
  t.raises(function() r.reaper.GetSetProjectInfo_String(0, "RENDER_PATH", "", false) end, "REAPER would answer nothing")
end)

local function failure_of_render(t, values, prepare)
  return t.failure_of(function(inner)
    local r = open_reaper(inner)
    local song = r:project({ path = "Song/Song.rpp" })
    song:track("One", { selected = true })
    if prepare then prepare(r, song) end
    set_up_render(r, values)
    r.reaper.Main_OnCommandEx(42230, 0, 0)
  end)
end

test("a render that would open a dialog fails the test", function(t)
  t.equal(failure_of_render(t), nil)
  t.contains(failure_of_render(t, { RENDER_PATTERN = "x" }, function(r) r:wav("out/x.wav") end), "exists already")
  t.contains(failure_of_render(t, { RENDER_FILE = "" }), "no render file is set")
  local function unsaved(r) r:project({}):track("A", { selected = true }) end
  t.contains(failure_of_render(t, { RENDER_FILE = "out" }, unsaved), "unsaved")
  t.contains(failure_of_render(t, { RENDER_ENDPOS = 1 }), "bounds are empty")
  t.contains(failure_of_render(t, { RENDER_PATTERN = "a", RENDER_SETTINGS = 32 }), "nothing to render")
  t.contains(failure_of_render(t, { RENDER_PATTERN = "b", RENDER_ADDTOPROJ = 1 }), "added to the user's project")
end)

test("a render can fail, be cancelled, and leave a tail where one was set", function(t)
  local r = open_reaper(t)
  r:project({ path = "Song/Song.rpp" }):track("One", { selected = true })
  for _, outcome in ipairs({ "fails", "cancelled" }) do
    r.render_outcome = outcome
    set_up_render(r, { RENDER_PATTERN = outcome })
    r.reaper.Main_OnCommandEx(42230, 0, 0)
    t.equal(r:read("out/" .. outcome .. ".wav"), nil)
  end
  r:refuse_writes("shut")
  r.render_outcome = "done"
  set_up_render(r, { RENDER_FILE = r.full_path("shut") })
  r.reaper.Main_OnCommandEx(42230, 0, 0)
  t.equal(r:read("shut/take.wav"), nil)
  t.contains(r:say(), "Error opening render file")
  r.render_outcome = "partial"
  set_up_render(r, { RENDER_PATTERN = "half" })
  r.reaper.Main_OnCommandEx(42230, 0, 0)
  t.equal(r:sound("out/half.wav").frames, 40000)
  r.render_outcome = "done"
  set_up_render(r, { RENDER_PATTERN = "tail", RENDER_TAILFLAG = 1, RENDER_TAILMS = 500 })
  r.reaper.Main_OnCommandEx(42230, 0, 0)
  t.equal(r:sound("out/tail.wav").frames, 96000)
end)
