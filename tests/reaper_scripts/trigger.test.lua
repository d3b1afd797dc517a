-- Triggers say what was read and asked, in words that the daemon takes.

local open_reaper = require("fakes.reaper")

local ROUND_SONG = { path = "Song/Song.rpp", bpm = 120, rate = 44100 }

-- A wish for one item of 2 s at 4 s, as the actions put it together; `changes` are laid over it.
local function wish_of(t, changes, options)
  changes = changes or {}
  local r = open_reaper(t, options and options.reaper)
  local song = r:project(options and options.song or ROUND_SONG)
  local track = song:track(changes.track_name or "Marimba", { fx = changes.fx })
  local file = r:wav("riff.wav", { seconds = 30, hz = 440 })
  local from, to = changes.from or 4, changes.to or 6
  local parts = {}
  for index = 1, changes.items or 1 do
    local item = track:audio({ file = file, at = from, length = to - from })
    parts[index] = {
      item = r.handle(item), take = r.handle(item.takes[1]), start_seconds = from, end_seconds = to,
    }
  end
  local project = r.handle(song)
  local wish = {
    request_id = "reaper-0123456789abcdef",
    plan = {
      kind = "file", name = changes.name or "Riff", parts = parts, track = r.handle(track), start_seconds = from,
      end_seconds = to, exact = changes.exact or false, project = project,
    },
    clip = changes.clip or { audio = { path = file, start_seconds = 0.0, end_seconds = to - from } },
    about = changes.about or {},
    song = r:load("lib.read.music").read(project, from, to),
    key = changes.key, key_source = changes.key_source or "",
    project = { id = "{0AF0E3F2-0000-0000-0000-000000000000}", path = changes.path or song.path or "" },
    handle = project,
    settings = changes.settings or { prompt = "", mode = "variation", bars = 0, takes = 1, place = "new_track" },
  }
  return wish, r, song, track
end

local function compose(t, changes, options)
  local wish, r, song, track = wish_of(t, changes, options)
  local got = r:load("lib.trigger").compose(wish)
  t.equal(t.host.parse(r:load("lib.json").encode(got)), nil)
  return got, r, song, track
end

test("a trigger says what the protocol asks for", function(t)
  local got, r, song, track = compose(t, {
    settings = { prompt = " tropical house ", mode = "accompany", bars = 8, takes = 3, place = "takes" },
    key = { root = 8, scale = "minor", intervals = { 0, 2, 3, 5, 7, 8, 10 } }, key_source = "notation",
    about = { program = 12, drums = false }, fx = { "VSTi: Vital (Vital Audio)" },
  })
  local item = track.items[1]
  t.equal(got.request_id, "reaper-0123456789abcdef")
  t.equal(got.clip, { name = "Riff", audio = { path = r:wav("riff.wav", { seconds = 30, hz = 440 }),
    start_seconds = 0.0, end_seconds = 2.0 } })
  t.equal(got.music, { bpm = 120.0, time_signature = { 4, 4 },
    key = { root = 8, scale = "minor", intervals = { 0, 2, 3, 5, 7, 8, 10 } } })
  t.equal(got.track, { name = "Marimba", instrument = "Vital", program = 12 })
  t.equal(got.project, { path = song.path:match("^(.*)[/\\]"), daw = "reaper", sample_rate = 44100 })
  t.equal(got.position, { beats = 8.0, seconds = 4 })
  t.equal(got.ask, { prompt = "tropical house", mode = "accompany", bars = 8, takes = 3 })
  t.equal(got.source, {
    client = "reaper", version = r:load("lib.protocol").VERSION, daw = "REAPER 7.78/linux-x86_64",
    project = { id = "{0AF0E3F2-0000-0000-0000-000000000000}", path = song.path },
    where = {
      place = "takes", items = { item.guid }, track = track.guid, name = "Riff", start_seconds = 4, end_seconds = 6,
      at_seconds = 4, at_beats = 8.0, items_seconds = 4, exact_seconds = 0, mapped = false,
    },
    key_source = "notation", job = "tropical house",
  })
end)

test("what nobody knows is left out", function(t)
  local got = compose(t, { track_name = "" }, { song = { bpm = 120 } })
  t.equal(got.track, nil)
  t.equal(got.project, { daw = "reaper", sample_rate = 48000 })
  t.equal(got.ask, { mode = "variation", takes = 1 })
  t.equal(got.source.job, "variation")
  t.equal(got.music, { bpm = 120.0, time_signature = { 4, 4 } })
end)

test("a key stays as it was typed", function(t)
  t.equal(compose(t, { key = "Abm", key_source = "yours" }).music.key, "Abm")
end)

test("a time selection asks for exactly its length", function(t)
  local got = compose(t, { exact = true, from = 4.125, to = 9.5 })
  t.equal(got.ask.beats, 10.75)
  t.equal(got.ask.bars, nil)
  t.equal(got.source.where.exact_seconds, 5.375)
end)

test("bars that were asked for beat a time selection", function(t)
  local got = compose(t, { exact = true, settings = { prompt = "x", mode = "variation", bars = 2, takes = 1 } })
  t.equal({ got.ask.bars, got.ask.beats, got.source.where.exact_seconds }, { 2, nil, 0 })
end)

test("a time selection that is too long to be asked for exactly is asked for in bars", function(t)
  t.equal(compose(t, { exact = true, from = 0, to = 256 }, { song = { bpm = 960 } }).ask.beats, 4096.0)
  t.equal(compose(t, { exact = true, from = 0, to = 257 }, { song = { bpm = 960 } }).ask.beats, nil)
end)

test("without a tempo a time selection asks for nothing in beats", function(t)
  local got = compose(t, { exact = true }, { song = { bpm = 12 } })
  t.equal({ got.ask.beats, got.music.bpm }, {})
end)

test("an item that leads to a bar line has an upbeat, and its take begins on that line", function(t)
  local got = compose(t, { from = 3.5, to = 8 })
  t.equal(got.clip.pickup_beats, 1.0)
  t.equal({ got.source.where.at_seconds, got.source.where.at_beats }, { 4.0, 8.0 })
  t.equal(got.source.where.start_seconds, 3.5)
end)

for words, changes in pairs({
  ["on a bar line"] = { from = 4, to = 8 },
  ["a hair before one"] = { from = 3.975, to = 8 },
  ["in the first half of a bar"] = { from = 2.9, to = 8 },
  ["too short for a bar behind the line"] = { from = 3.5, to = 5.9 },
  ["a time selection"] = { from = 3.5, to = 8, exact = true },
  ["laid over its item"] = { from = 3.5, to = 8, settings = { mode = "variation", place = "takes" } },
}) do
  test("no upbeat: " .. words, function(t)
    local got = compose(t, changes)
    t.equal(got.clip.pickup_beats, nil)
    t.equal(got.source.where.at_seconds, changes.from)
  end)
end

test("a continuation comes behind its item", function(t)
  local got = compose(t, { from = 3.5, to = 8, settings = { mode = "continue", place = "new_track" } })
  t.equal(got.clip.pickup_beats, nil)
  t.equal({ got.source.where.at_seconds, got.source.where.at_beats }, { 8, 16.0 })
end)

test("a chosen track is told by its GUID", function(t)
  local got = compose(t, { settings = { mode = "variation", place = "{ABCDEF00-0000-0000-0000-000000000000}" } })
  t.equal({ got.source.where.place, got.source.where.target }, { "track", "{ABCDEF00-0000-0000-0000-000000000000}" })
end)

test("behind an item the tempo changes of the take count, not those of the item", function(t)
  local function mapped(at)
    local tempo = { { at = 0, bpm = 120, num = 4, den = 4 }, { at = at, bpm = 100 } }
    local wish = { from = 0, to = 8, settings = { mode = "continue", place = "new_track" } }
    return compose(t, wish, { song = { tempo = tempo } }).source.where.mapped
  end
  t.equal({ mapped(4), mapped(8), mapped(10) }, { false, false, true })
end)

test("tempo changes are told within the item, and within the bars that are asked for", function(t)
  local function mapped(at, bars)
    local tempo = { { at = 0, bpm = 120, num = 4, den = 4 }, { at = at, bpm = 100 } }
    local settings = { mode = "variation", bars = bars }
    return compose(t, { settings = settings }, { song = { tempo = tempo } }).source.where.mapped
  end
  t.equal({ mapped(5), mapped(8), mapped(8, 8), mapped(8, 2) }, { true, false, true, false })
end)

test("an unknown mode and numbers out of range become what the daemon takes", function(t)
  local got = compose(t, { settings = { mode = "loud", takes = 99, bars = 100000, place = "" } })
  t.equal(got.ask, { mode = "variation", takes = 10, bars = 512 })
  t.equal(got.source.where.place, "new_track")
end)

test("long texts are cut between letters", function(t)
  local got = compose(t, {
    name = ("ü"):rep(5000), track_name = ("日"):rep(5000),
    settings = { mode = "variation", prompt = ("é"):rep(9000) },
  })
  t.equal(got.ask.prompt, ("é"):rep(4000))
  t.equal(got.clip.name, ("ü"):rep(200))
  t.equal(got.track.name, ("日"):rep(200))
end)

test("what is no text is made harmless", function(t)
  local got = compose(t, { name = "a\xFFb\xED\xA0\x80c\xE6\x97 d\0e\n\xC3", key = "\xFF" })
  t.equal(got.clip.name, "a\u{FFFD}b\u{FFFD}c\u{FFFD}\u{FFFD} d e \u{FFFD}")
  t.equal(got.music.key, "\u{FFFD}")
end)

test("the source stays under 4 KB and keeps what its takes need", function(t)
  local got, r, _, track = compose(t, {
    items = 30, name = ("日"):rep(300), path = "/" .. ("ü"):rep(2000) .. "/Song.rpp",
    settings = { mode = "variation", prompt = ("🎵"):rep(3000) },
  })
  t.truthy(#r:load("lib.json").encode(got.source) <= 4096)
  t.equal(got.source.project, { id = "{0AF0E3F2-0000-0000-0000-000000000000}", path = "" })
  t.equal(#got.source.where.items, 20)
  t.equal(got.source.where.track, track.guid)
  t.truthy(#got.source.where.name > 0 and #got.source.job > 0)
end)

test("a path of usual length is kept", function(t)
  local path = "C:/" .. ("Musik/"):rep(30) .. "Song.rpp"
  t.equal(compose(t, { path = path, items = 20 }).source.project.path, path)
end)

test("an instrument's name is told without its kind, maker and outputs", function(t)
  local function instrument(...)
    return (compose(t, { fx = { ... } }).track or {}).instrument
  end
  t.equal(instrument("VST: ReaEQ (Cockos)", "VSTi: Vital (Vital Audio)"), "Vital")
  t.equal(instrument("VST3i: Kontakt 7 (Native Instruments) (64 out)"), "Kontakt 7")
  t.equal(instrument("CLAPi: Surge XT (Surge Synth Team)"), "Surge XT")
  t.equal(instrument("AUi: Keyscape (Spectrasonics)"), "Keyscape")
  t.equal(instrument("VSTi: (odd)"), "(odd)")
  t.equal(instrument("VST: ReaEQ (Cockos)"), nil)
end)

test("drums are told", function(t)
  t.equal(compose(t, { about = { drums = true } }).track.drums, true)
end)

test("the sample rate is the project's own, else the open device's, else unknown", function(t)
  local function rate(song, device)
    return compose(t, {}, { song = song, reaper = { audio_device = device } }).project.sample_rate
  end
  t.equal(rate({ bpm = 120, rate = 96000 }, { SRATE = "44100" }), 96000)
  t.equal(rate({ bpm = 120 }, { SRATE = "44100" }), 44100)
  t.equal(rate({ bpm = 120 }, {}), nil)
end)

test("while the device is closed its last known rate holds", function(t)
  local r = open_reaper(t, { audio_device = { SRATE = "96000" } })
  local song = r:project({ path = "Song/Song.rpp" })
  local about = r:load("lib.read.about")
  t.equal(about.project(r.handle(song)).sample_rate, 96000)
  r.option.audio_device = {}
  t.equal(about.project(r.handle(song)).sample_rate, 96000)
  r.option.audio_device = { SRATE = "44100" }
  t.equal(about.project(r.handle(song)).sample_rate, 44100)
  r.option.audio_device = {}
  t.equal(about.project(r.handle(song)).sample_rate, 44100)
end)

test("a REAPER that does not tell its device is asked no more", function(t)
  t.equal(compose(t, {}, { song = { bpm = 120 }, reaper = { version = "6.05/x64" } }).project, { daw = "reaper" })
end)
