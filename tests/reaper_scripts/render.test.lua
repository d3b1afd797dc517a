-- Rendering with FX: what REAPER is asked for, that its own settings come back, and the sentences when it fails.

local open_reaper = require("fakes.reaper")

local NUMBERS = {
  "RENDER_SETTINGS", "RENDER_BOUNDSFLAG", "RENDER_CHANNELS", "RENDER_SRATE", "RENDER_STARTPOS", "RENDER_ENDPOS",
  "RENDER_TAILFLAG", "RENDER_TAILMS", "RENDER_ADDTOPROJ", "RENDER_DITHER", "RENDER_NORMALIZE", "RENDER_DELAY",
}
local TEXTS = { "RENDER_FILE", "RENDER_PATTERN", "RENDER_FORMAT", "RENDER_FORMAT2" }
local PLAYING, RECORDING = 1, 5

-- A song with a riff on one track and a bass on another, both selected; a third track is the selected one.
local function set_up(t, options)
  local r = open_reaper(t, options)
  local song = r:project({ path = "Song/Song.rpp" })
  r.host.make_folder(t.folder .. "/home/media")
  local marimba, keys, other = song:track("Marimba"), song:track("Keys"), song:track("Other", { selected = true })
  local riff = marimba:audio({ file = r:wav("riff.wav", { seconds = 4 }), at = 1.25, length = 2.5, selected = true })
  return { r = r, song = song, marimba = marimba, keys = keys, other = other, riff = riff }
end

local function add_notes(s)
  return s.keys:midi({
    at = 2, length = 2, source_beats = 4, notes = { { pitch = 60, start = 0, duration = 1 } }, selected = true,
  })
end

local function read(s, how, between)
  local r = s.r
  local clip = r:load("lib.read.clip")
  local plan = assert(clip.plan(r.handle(s.song), how or "items", { with_fx = true }))
  if between then between() end
  return clip.read(plan, r.home .. "/media/reaper-1", function() end)
end

local function refusal(s, how, between)
  local got, problem = read(s, how, between)
  return got == nil and problem or "not refused"
end

-- All that a render touches and that is the user's.
local function state(s)
  local values = {}
  local handle = s.r.handle(s.song)
  for _, name in ipairs(NUMBERS) do
    values[name] = s.r.reaper.GetSetProjectInfo(handle, name, 0, false)
  end
  for _, name in ipairs(TEXTS) do
    local _, text = s.r.reaper.GetSetProjectInfo_String(handle, name, "", false)
    values[name] = text
  end
  for index, track in ipairs(s.song:tracks()) do
    values["track " .. index] = track.values.I_SELECTED
  end
  return values
end

test("one track is rendered by itself, exactly the item's time, as 32 bit float", function(t)
  local s = set_up(t)
  s.song.info.RENDER_TAILFLAG = 63
  local got = read(s)
  t.equal(got, { name = "riff", audio = { path = s.r.home .. "/media/reaper-1.wav" } })
  t.equal(#s.r.renders, 1)
  local render = s.r.renders[1]
  t.equal(render.of, s.marimba)
  t.equal({ render.start, render.seconds, render.bits, render.channels }, { 1.25, 2.5, "float", 2 })
  t.equal(s.r:sound("home/media/reaper-1.wav").frames, 2.5 * render.rate)
  t.equal(s.r:names("home/media"), { "reaper-1.wav" })
end)

test("the project's render settings and the selected tracks are as they were", function(t)
  local s = set_up(t)
  s.song.info.RENDER_TAILFLAG, s.song.info.RENDER_NORMALIZE, s.song.info.RENDER_ADDTOPROJ = 63, 512, 1
  s.song.info.RENDER_BOUNDSFLAG, s.song.info.RENDER_STARTPOS, s.song.info.RENDER_ENDPOS = 2, 7, 9
  s.song.texts.RENDER_FILE, s.song.texts.RENDER_PATTERN = "Mixes", "$project $track"
  s.song.texts.RENDER_FORMAT2 = "l3pm"
  local before = state(s)
  for _, outcome in ipairs({ "done", "fails", "cancelled" }) do
    s.r.render_outcome = outcome
    read(s)
    t.equal(state(s), before, outcome)
  end
end)

test("the settings are put back when REAPER itself raises", function(t)
  local s = set_up(t)
  local before = state(s)
  s.r.actions[42230] = function() error("the action is broken", 0) end
  t.raises(function() read(s) end, "the action is broken")
  t.equal(state(s), before)
end)

test("several tracks are mixed into one file, and the single ones removed", function(t)
  local s = set_up(t)
  add_notes(s)
  read(s)
  t.equal(#s.r.renders, 2)
  t.equal({ s.r.renders[1].of, s.r.renders[2].of }, { s.marimba, s.keys })
  t.equal({ s.r.renders[2].start, s.r.renders[2].seconds }, { 1.25, 2.75 })
  t.equal(s.r:names("home/media"), { "reaper-1.wav" })
  local one = s.r:sound("home/media/reaper-1.wav")
  t.equal({ one.frames, one.channels }, { 2.75 * one.rate, 2 })
  -- The fake renders the same tone for each track.
  local loudest = 0
  local got = s.r:samples("home/media/reaper-1.wav", 0, 1000)
  for index = 1, 2000 do loudest = math.max(loudest, got[index]) end
  t.near(loudest, 1, 1e-3)
end)

test("two items of one track are rendered once, from the first to the last", function(t)
  local s = set_up(t)
  s.marimba:audio({ file = "riff.wav", at = 5, length = 1, selected = true })
  read(s)
  t.equal(#s.r.renders, 1)
  t.equal({ s.r.renders[1].start, s.r.renders[1].seconds }, { 1.25, 4.75 })
end)

test("of a folder and what lies in it only the folder is rendered", function(t)
  local s = set_up(t)
  local file = s.r:wav("riff.wav", { seconds = 4 })
  local band = s.song:track("Band", { I_FOLDERDEPTH = 1 })
  band:audio({ file = file, at = 2, length = 1, selected = true })
  s.song:track("Drums", { I_FOLDERDEPTH = 1 })
  s.song:track("Kick", { I_FOLDERDEPTH = -2 }):audio({ file = file, at = 2, length = 1, selected = true })
  read(s)
  t.equal({ #s.r.renders, s.r.renders[1].of, s.r.renders[2].of }, { 2, s.marimba, band })
end)

test("a selected master track is no track of ours, and stays selected", function(t)
  local s = set_up(t)
  s.song.master.values.I_SELECTED = 1
  read(s)
  t.equal({ #s.r.renders, s.r.renders[1].of }, { 1, s.marimba })
  t.equal(s.song.master.values.I_SELECTED, 1)
end)

test("a time selection is rendered as long as it is, on the selected tracks", function(t)
  local s = set_up(t)
  add_notes(s)
  s.other.values.I_SELECTED, s.keys.values.I_SELECTED = 0, 1
  s.song:select_time(1, 3)
  read(s, "time")
  t.equal(#s.r.renders, 1)
  t.equal({ s.r.renders[1].of, s.r.renders[1].start, s.r.renders[1].seconds }, { s.keys, 1, 2 })
  t.equal(s.keys.values.I_SELECTED, 1)
end)

for outcome, what in pairs({ fails = "fails", cancelled = "is cancelled", partial = "is cancelled halfway" }) do
  test("a render that " .. what .. " is said, and leaves nothing", function(t)
    local s = set_up(t)
    add_notes(s)
    s.r.render_outcome = outcome
    t.contains(refusal(s), "REAPER did not render it all")
    t.equal(s.r:names("home/media"), {})
  end)
end

test("a render that is too long is said, and leaves nothing", function(t)
  local s = set_up(t)
  s.r.render_outcome = "long"
  t.contains(refusal(s), "REAPER rendered more than the selection")
  t.equal(s.r:names("home/media"), {})
end)

test("nothing is rendered where REAPER does not take the bounds", function(t)
  local s = set_up(t, { keeps_bounds = true })
  local before = state(s)
  t.contains(refusal(s), "REAPER did not take the start and end of the selection for its render")
  t.equal(s.r.renders, {})
  t.equal(state(s), before)
end)

test("nothing is rendered while REAPER plays", function(t)
  local s = set_up(t)
  s.song.play_state = PLAYING
  t.equal(refusal(s), "REAPER is playing, and rendering With FX would stop it; stop first, or switch off With FX in "
    .. "the settings.")
  t.equal({ s.r.renders, s.song.play_state }, { {}, PLAYING })
end)

-- As `read`, `pause()` being told what is waited for; it is the user's turn then.
local function read_waiting(s, user)
  local r = s.r
  local clip = r:load("lib.read.clip")
  local plan = assert(clip.plan(r.handle(s.song), "items", { with_fx = true }))
  local told = {}
  local got, problem = clip.read(plan, r.home .. "/media/reaper-1", function(words)
    if not words then return end
    told[#told + 1] = words
    user(#told)
  end)
  return got, problem, told
end

local function loudest(s)
  local most = 0
  local got = s.r:samples("home/media/reaper-1.wav", 0, 1000)
  for index = 1, 2000 do most = math.max(most, got[index]) end
  return most
end

test("rendering waits until REAPER's media is online", function(t)
  local s = set_up(t)
  s.r:leave_reaper()
  local got, _, told = read_waiting(s, function(times)
    if times == 3 then s.r:back_to_reaper() end
  end)
  t.equal(got.name, "riff")
  t.equal(#told, 3)
  t.contains(told[1], "REAPER has set its media offline because another program is in front")
  t.equal(#s.r.renders, 1)
  t.truthy(loudest(s) > 0.4)
end)

test("rendering waits for all that sounds on its tracks then, not for the rest", function(t)
  local s = set_up(t)
  local file = s.r:wav("other.wav", { seconds = 4 })
  local other = s.marimba:audio({ file = file, at = 3, length = 1, offline = true })
  s.marimba:audio({ file = file, at = 9, length = 1, offline = true })
  s.keys:audio({ file = file, at = 2, length = 1, offline = true })
  local _, _, told = read_waiting(s, function() other.takes[1].source.offline = false end)
  t.equal(#told, 1)
end)

test("rendering a folder waits for what lies in it", function(t)
  local s = set_up(t)
  s.riff:select(false)
  local file = s.r:wav("riff.wav", { seconds = 4 })
  s.song:track("Band", { I_FOLDERDEPTH = 1 }):audio({ file = file, length = 1, selected = true })
  local kick = s.song:track("Kick", { I_FOLDERDEPTH = -1 }):audio({ file = file, length = 1, offline = true })
  local _, _, told = read_waiting(s, function() kick.takes[1].source.offline = false end)
  t.equal(#told, 1)
end)

test("what went silent because the media went offline is rendered again", function(t)
  local s = set_up(t)
  add_notes(s)
  s.r.while_rendering = function(index)
    if index == 1 and #s.r.renders == 0 then s.r:leave_reaper() end
  end
  local got, _, told = read_waiting(s, function() s.r:back_to_reaper() end)
  t.equal(got.name, "riff and 1 more")
  t.equal({ #told, #s.r.renders }, { 1, 4 })
  t.truthy(loudest(s) > 0.9) -- both tracks
  t.equal(s.r:names("home/media"), { "reaper-1.wav" })
end)

test("what sounds is kept, though the media has gone offline by the end", function(t)
  local s = set_up(t)
  local wrote = s.r.host.write_sound
  s.r.host.write_sound = function(...)
    wrote(...)
    s.r:leave_reaper()
  end
  local got = read_waiting(s, function() t.fail("it waits") end)
  s.r.host.write_sound = wrote
  t.equal({ got.name, #s.r.renders }, { "riff", 1 })
end)

test("nothing is rendered while REAPER records", function(t)
  local s = set_up(t)
  s.song.play_state = RECORDING
  t.contains(refusal(s), "REAPER is recording; stop that first")
  t.equal(s.r.renders, {})
end)

test("nothing is rendered while another project is in front", function(t)
  local s = set_up(t)
  t.contains(refusal(s, "items", function() s.r:project({ path = "Other.rpp" }) end), "Another project is in front")
  t.equal(s.r.renders, {})
end)

test("what is gone before its turn comes is said", function(t)
  local s = set_up(t)
  t.contains(refusal(s, "items", function() s.riff:delete() end), "An item was deleted before it was read")
  s = set_up(t)
  s.r:project({ path = "Other.rpp", front = false })
  t.contains(refusal(s, "items", function() s.song:close() end), "The project was closed before its items were read")
end)

test("mixing that is stopped leaves nothing", function(t)
  local s = set_up(t)
  add_notes(s)
  local clip = s.r:load("lib.read.clip")
  local plan = clip.plan(s.r.handle(s.song), "items", { with_fx = true })
  local problem = t.raises(function()
    clip.read(plan, s.r.home .. "/media/reaper-1", function() error("stopped", 0) end)
  end)
  t.contains(problem, "stopped")
  t.equal(s.r:names("home/media"), {})
end)
