-- What is meant by a selection: which items, as what kind of clip, and the sentences when there is none.

local open_reaper = require("fakes.reaper")

local ONE_NOTE = { { pitch = 60, start = 0, duration = 1 } }

local function set_up(t, options)
  local r = open_reaper(t, options)
  local song = r:project({ path = "Song/Song.rpp" })
  return r, song
end

local function sound(r, name, options)
  return r:wav(name, options or { seconds = 10, hz = 440 })
end

-- What `clip.plan` says, with the fake's own objects made handles.
local function plan(r, song, how, settings)
  return r:load("lib.read.clip").plan(r.handle(song), how, settings or {})
end

local function refusal(r, song, how, settings)
  local got, problem = plan(r, song, how, settings)
  return got == nil and problem or "not refused"
end

local function names_under(r, song, from, to)
  local items = r:load("lib.read.selection").under(r.handle(song), { start_seconds = from, end_seconds = to })
  local names = {}
  for index, item in ipairs(items) do
    names[index] = r.object_of(item):take().name
  end
  return names
end

test("selected items come in the order of their tracks, then of time", function(t)
  local r, song = set_up(t)
  local file = sound(r, "riff.wav")
  local first, second = song:track("One"), song:track("Two")
  second:audio({ file = file, at = 0, length = 1, name = "late track", selected = true })
  first:audio({ file = file, at = 5, length = 1, name = "late", selected = true })
  first:audio({ file = file, at = 1, length = 1, name = "early", selected = true })
  first:audio({ file = file, at = 3, length = 1, name = "not selected" })
  local names = {}
  for index, item in ipairs(r:load("lib.read.selection").items(r.handle(song))) do
    names[index] = r.object_of(item):take().name
  end
  t.equal(names, { "early", "late", "late track" })
end)

test("items that REAPER does not keep in order are put in order", function(t)
  local r, song = set_up(t)
  local track, file = song:track("One"), sound(r, "riff.wav")
  track:audio({ file = file, at = 1, length = 1, name = "early" })
  track:audio({ file = file, at = 3, length = 1, name = "late" })
  track.items[1], track.items[2] = track.items[2], track.items[1]
  t.equal(names_under(r, song, 0, 5), { "early", "late" })
end)

test("no time selection is nil", function(t)
  local r, song = set_up(t)
  t.equal(r:load("lib.read.selection").span(r.handle(song)), nil)
  song:select_time(2, 6)
  t.equal(r:load("lib.read.selection").span(r.handle(song)), { start_seconds = 2, end_seconds = 6 })
end)

test("what touches the time selection sounds in it, what ends where it begins does not", function(t)
  local r, song = set_up(t)
  local track, file = song:track("One"), sound(r, "riff.wav")
  track:audio({ file = file, at = 0, length = 2, name = "before" })
  track:audio({ file = file, at = 1, length = 2, name = "into" })
  track:audio({ file = file, at = 3, length = 1, name = "inside" })
  track:audio({ file = file, at = 4, length = 1, name = "after" })
  track:audio({ file = file, at = 3, length = 1, name = "muted", mute = true })
  t.equal(names_under(r, song, 2, 4), { "into", "inside" })
end)

test("a time selection means the selected tracks if there are any", function(t)
  local r, song = set_up(t)
  local file = sound(r, "riff.wav")
  song:track("One"):audio({ file = file, name = "one" })
  local second = song:track("Two")
  second:audio({ file = file, name = "two" })
  t.equal(names_under(r, song, 0, 1), { "one", "two" })
  second.values.I_SELECTED = 1
  t.equal(names_under(r, song, 0, 1), { "two" })
end)

test("a muted track does not sound, and with a soloed one only that", function(t)
  local r, song = set_up(t)
  local file = sound(r, "riff.wav")
  song:track("One", { mute = true }):audio({ file = file, name = "muted" })
  song:track("Two"):audio({ file = file, name = "plain" })
  local third = song:track("Three")
  third:audio({ file = file, name = "soloed" })
  t.equal(names_under(r, song, 0, 1), { "plain", "soloed" })
  third.values.I_SOLO = 2
  t.equal(names_under(r, song, 0, 1), { "soloed" })
end)

test("a track that solo does not silence sounds beside the soloed one", function(t)
  local r, song = set_up(t)
  local file = sound(r, "riff.wav")
  local click = song:track("Click", { B_SOLO_DEFEAT = 1 })
  click:audio({ file = file, name = "click" })
  song:track("Two"):audio({ file = file, name = "plain" })
  t.equal(names_under(r, song, 0, 1), { "click", "plain" })
  song:track("Three", { solo = true }):audio({ file = file, name = "soloed" })
  t.equal(names_under(r, song, 0, 1), { "click", "soloed" })
  click.values.B_MUTE = 1
  t.equal(names_under(r, song, 0, 1), { "soloed" })
end)

test("a soloed item sounds though it is muted, and those that its solo silences do not", function(t)
  local r, song = set_up(t)
  local track, file = song:track("One"), sound(r, "riff.wav")
  track:audio({ file = file, name = "soloed", mute = true, values = { C_MUTE_SOLO = -1 } })
  track:audio({ file = file, name = "silenced", at = 1, selected = true, values = { C_MUTE_SOLO = 1 } })
  track:audio({ file = file, name = "plain", at = 2 })
  t.equal(names_under(r, song, 0, 9), { "soloed", "plain" })
  t.contains(refusal(r, song, "items", { with_fx = true }), "The item silenced is muted")
end)

test("tracks are muted, soloed and selected with their folder", function(t)
  local r, song = set_up(t)
  local file = sound(r, "riff.wav")
  local drums = song:track("Drums", { I_FOLDERDEPTH = 1 })
  song:track("Kick"):audio({ file = file, name = "kick" })
  song:track("Snare", { I_FOLDERDEPTH = -1 }):audio({ file = file, name = "snare" })
  song:track("Bass"):audio({ file = file, name = "bass" })
  for _, key in ipairs({ "I_SELECTED", "I_SOLO" }) do
    drums.values[key] = 1
    t.equal(names_under(r, song, 0, 1), { "kick", "snare" }, key)
    drums.values[key] = 0
  end
  drums.values.B_MUTE = 1
  t.equal(names_under(r, song, 0, 1), { "bass" })
end)

test("a folder ends where REAPER says, several at once too", function(t)
  local r, song = set_up(t)
  local file = sound(r, "riff.wav")
  local band = song:track("Band", { I_FOLDERDEPTH = 1 })
  song:track("Drums", { I_FOLDERDEPTH = 1 })
  song:track("Kick", { I_FOLDERDEPTH = -2 }):audio({ file = file, name = "kick" })
  song:track("Vocals"):audio({ file = file, name = "vocals" })
  band.values.I_SELECTED = 1
  t.equal(names_under(r, song, 0, 1), { "kick" })
end)

test("a track of our takes is meant only when it is selected itself", function(t)
  local r, song = set_up(t)
  local file = sound(r, "riff.wav")
  local folder = song:track("Folder", { I_FOLDERDEPTH = 1 })
  folder:audio({ file = file, name = "riff" })
  local ours = song:track("Folder · bridge", { I_FOLDERDEPTH = -1 })
  ours:audio({ file = file, name = "take" })
  ours.ext.daw_bridge = folder.guid
  t.equal(names_under(r, song, 0, 1), { "riff" })
  folder.values.I_SELECTED = 1
  t.equal(names_under(r, song, 0, 1), { "riff" })
  folder.values.I_SELECTED, ours.values.I_SELECTED = 0, 1
  t.equal(names_under(r, song, 0, 1), { "take" })
end)

test("of a track with lanes only those that play are heard", function(t)
  local r, song = set_up(t)
  local file = sound(r, "riff.wav")
  local track = song:track("Comp", { I_FREEMODE = 2 })
  track:audio({ file = file, name = "old", values = { C_LANEPLAYS = 0 } })
  track:audio({ file = file, name = "chosen", values = { C_LANEPLAYS = 1 } })
  t.equal(names_under(r, song, 0, 1), { "chosen" })
end)

test("a plain item is a file: path, offsets and gain", function(t)
  local r, song = set_up(t)
  local track = song:track("Marimba")
  track:audio({
    file = sound(r, "riff.wav"), at = 2, length = 4, offset = 1.5, selected = true, volume = 0.5, take_volume = -0.5,
  })
  local got = plan(r, song, "items")
  t.equal(got.kind, "file")
  t.equal(got.name, "riff")
  t.equal({ got.start_seconds, got.end_seconds, got.exact }, { 2, 6, false })
  t.equal(got.track, r.handle(track))
  t.equal(got.sound.path, t.folder .. "/riff.wav")
  t.equal({ got.sound.start_seconds, got.sound.end_seconds }, { 1.5, 5.5 })
  t.near(got.sound.gain_db, -12.0412, 1e-3)
end)

test("a time selection inside a plain item is a part of its file", function(t)
  local r, song = set_up(t)
  song:track("Marimba"):audio({ file = sound(r, "riff.wav"), at = 2, length = 8, offset = 1 })
  song:select_time(3, 5.5)
  local got = plan(r, song, "time")
  t.equal(got.kind, "file")
  t.equal({ got.start_seconds, got.end_seconds, got.exact }, { 3, 5.5, true })
  t.equal({ got.sound.start_seconds, got.sound.end_seconds }, { 2, 4.5 })
end)

test("a time selection that goes beyond the item is read, with its silence", function(t)
  local r, song = set_up(t)
  song:track("Marimba"):audio({ file = sound(r, "riff.wav"), at = 2, length = 4 })
  song:select_time(1, 5)
  local got = plan(r, song, "time")
  t.equal(got.kind, "mix")
  t.equal({ got.start_seconds, got.end_seconds }, { 1, 5 })
  t.equal({ got.parts[1].start_seconds, got.parts[1].end_seconds }, { 2, 5 })
end)

local UNPLAIN = {
  rate = { rate = 1.5 },
  pitch = { pitch = 2 },
  ["channel mode"] = { chanmode = 2 },
  ["a stretch marker"] = { stretch = { { at = 1, source = 1 } } },
  ["a take envelope"] = { envelopes = { { name = "Volume", points = { { at = 0, value = 0.5 } } } } },
  ["a section"] = { section = { offset = 1, length = 5 } },
  ["reversed media"] = { reverse = true },
  ["a loop that wraps"] = { length = 12, loop = true },
  ["an end after the file's"] = { length = 12 },
  ["a start before the file's"] = { offset = -1 },
}
for what, options in pairs(UNPLAIN) do
  test("an item with " .. what .. " is read through REAPER", function(t)
    local r, song = set_up(t)
    options.file, options.selected = sound(r, "riff.wav"), true
    options.length = options.length or 3
    song:track("Marimba"):audio(options)
    t.equal(plan(r, song, "items").kind, "mix")
  end)
end

test("take FX, fades, a lock and another take below do not make an item less plain", function(t)
  local r, song = set_up(t)
  local file = sound(r, "riff.wav")
  local item = song:track("Marimba"):audio({
    file = file, length = 3, selected = true, fade_in = 0.5, fx = { "VST: ReaEQ (Cockos)" }, values = { C_LOCK = 1 },
  })
  item:add_take({ file = file })
  t.equal(plan(r, song, "items").kind, "file")
end)

test("a file of a kind that the daemon does not read goes through REAPER", function(t)
  local r, song = set_up(t)
  song:track("Marimba"):audio({ file = sound(r, "riff.w64"), length = 3, selected = true })
  t.equal(plan(r, song, "items").kind, "mix")
end)

test("several items span from the first start to the last end", function(t)
  local r, song = set_up(t)
  local file = sound(r, "riff.wav")
  local first, second = song:track("One"), song:track("Two")
  first:audio({ file = file, at = 4, length = 2, name = "Riff.wav", selected = true })
  second:audio({ file = file, at = 1, length = 2, name = "Pad.wav", selected = true })
  second:audio({ file = file, at = 5, length = 2, name = "Pad.wav", selected = true })
  local got = plan(r, song, "items")
  t.equal({ got.kind, got.name, #got.parts }, { "mix", "Riff and 1 more", 3 })
  t.equal({ got.start_seconds, got.end_seconds }, { 1, 7 })
  t.equal(got.track, r.handle(first))
end)

test("MIDI items are a MIDI plan, alone and together", function(t)
  local r, song = set_up(t)
  local track = song:track("Keys")
  track:midi({ at = 0, length = 2, source_beats = 4, notes = ONE_NOTE, selected = true, name = "Verse.mid" })
  track:midi({ at = 2, length = 2, source_beats = 4, notes = ONE_NOTE, selected = true, name = "Chorus" })
  local got = plan(r, song, "items")
  t.equal({ got.kind, got.name }, { "midi", "Verse and 1 more" })
end)

test("with FX everything is rendered, audio and MIDI alike", function(t)
  local r, song = set_up(t)
  local track = song:track("Keys")
  track:midi({ at = 0, length = 2, source_beats = 4, notes = ONE_NOTE, selected = true })
  track:audio({ file = sound(r, "riff.wav"), at = 2, length = 2, selected = true })
  t.equal(plan(r, song, "items", { with_fx = true }).kind, "render")
  t.contains(refusal(r, song, "items"), "select items of one kind, or switch on With FX")
end)

test("a clip is named by its take, the file, or the track", function(t)
  local r, song = set_up(t)
  local item = song:track("Marimba"):audio({ file = sound(r, "riff.wav"), length = 3, selected = true })
  local cases = { ["Riff v1.2"] = "Riff v1.2", ["Riff.WAV"] = "Riff", [".wav"] = ".wav", [""] = "riff" }
  for take_name, wanted in pairs(cases) do
    item.takes[1].texts.P_NAME = take_name
    t.equal(plan(r, song, "items").name, wanted)
  end
  item:select(false)
  song:track("Keys"):midi({ at = 0, length = 2, source_beats = 4, notes = ONE_NOTE, selected = true })
  t.equal(plan(r, song, "items").name, "Keys")
end)

test("an empty item and a picture among others are just silent", function(t)
  local r, song = set_up(t)
  local track = song:track("Marimba")
  track:empty({ at = 0, length = 1, selected = true, notes = "Verse" })
  track:audio({ file = sound(r, "riff.wav"), at = 2, length = 3, selected = true })
  local got = plan(r, song, "items")
  t.equal({ got.kind, got.start_seconds }, { "file", 2 })
end)

test("nothing selected is said", function(t)
  local r, song = set_up(t)
  t.equal(refusal(r, song, "items"), "No item is selected; click an item in the arrangement first.")
  t.equal(refusal(r, song, "time"), "There is no time selection; drag one in the arrangement first.")
end)

test("nothing in the time selection is said, and whether the tracks were chosen", function(t)
  local r, song = set_up(t)
  local track = song:track("Marimba")
  track:empty({ at = 1, length = 1 })
  song:select_time(1, 2)
  t.contains(refusal(r, song, "time"), "Nothing sounds in the time selection; move it")
  track.values.I_SELECTED = 1
  t.contains(refusal(r, song, "time"), "Nothing sounds in the time selection on the selected tracks")
end)

test("an empty item is said", function(t)
  local r, song = set_up(t)
  song:track("Marimba"):empty({ at = 0, length = 1, selected = true })
  t.equal(refusal(r, song, "items"), "The selected item is empty; select one that holds audio or MIDI.")
end)

test("media without audio is said", function(t)
  local r, song = set_up(t)
  local options = { file = sound(r, "riff.wav"), length = 2, selected = true, name = "film.mp4" }
  local source = song:track("Video"):audio(options).takes[1].source
  source.channels, source.kind = 0, "VIDEO"
  t.contains(refusal(r, song, "items"), "The item film has no audio")
end)

test("a missing file is named, also behind a section and among other items", function(t)
  local r, song = set_up(t)
  local track = song:track("Marimba")
  track:audio({ file = sound(r, "here.wav"), length = 2, selected = true })
  track:audio({ file = sound(r, "gone.wav"), at = 3, length = 2, selected = true, name = "Riff", reverse = true })
  os.remove(t.folder .. "/gone.wav")
  local problem = refusal(r, song, "items")
  t.contains(problem, "The file gone.wav of the item Riff is missing")
  song:select_time(0, 5)
  t.equal(refusal(r, song, "time"), problem)
end)

test("an item whose media is offline is planned as it will be when REAPER is in front again", function(t)
  local r, song = set_up(t)
  local track = song:track("Marimba")
  track:audio({ file = sound(r, "riff.wav"), length = 2, offset = 1, selected = true })
  r:leave_reaper()
  local got = plan(r, song, "items")
  t.equal({ got.kind, got.sound.start_seconds, got.sound.end_seconds }, { "file", 1, 3 })
  track.items[1].values.D_LENGTH = 12 -- longer than its file
  t.equal(plan(r, song, "items").kind, "mix")
end)

test("where even a file that is opened afresh is offline, it is read later", function(t)
  local r, song = set_up(t, { opens_offline = true })
  song:track("Marimba"):audio({ file = sound(r, "riff.wav"), length = 2, selected = true })
  r:leave_reaper()
  t.equal(plan(r, song, "items").kind, "mix")
end)

test("a file without a sound, and one that is no sound, are not taken for offline", function(t)
  local r, song = set_up(t)
  local track = song:track("Marimba")
  local empty = track:audio({ file = sound(r, "empty.wav", { frames = 0 }), length = 2, selected = true })
  t.contains(refusal(r, song, "items"), "The item empty has no audio")
  empty:select(false)
  r:write("sheet.png", "a picture")
  track:audio({ file = "sheet.png", length = 2, selected = true }).takes[1].source.kind = "VIDEO"
  t.contains(refusal(r, song, "items"), "The item sheet.png has no audio")
end)

test("too short and too long are said with their lengths", function(t)
  local r, song = set_up(t)
  local item = song:track("Marimba"):audio({ file = sound(r, "riff.wav"), length = 0.19, selected = true })
  t.equal(refusal(r, song, "items"), "The item riff is only 0.19 s long; take 0.2 s at least.")
  item.values.D_LENGTH = 0.2
  t.equal(refusal(r, song, "items"), "not refused")
  item.values.D_LENGTH, item.values.B_LOOPSRC = 1261, 1
  t.contains(refusal(r, song, "items"), "The item riff is 21 minutes and 1 seconds long, and 20 minutes is the most")
  song:select_time(0, 0.1)
  t.contains(refusal(r, song, "time"), "The time selection is only 0.10 s long")
  song:select_time(0, 20 * 60)
  t.equal(refusal(r, song, "time"), "not refused")
end)

test("a silent item is said, and a muted one with FX", function(t)
  local r, song = set_up(t)
  local item = song:track("Marimba"):audio({ file = sound(r, "riff.wav"), length = 2, selected = true, mute = true })
  t.equal(refusal(r, song, "items"), "not refused")
  t.contains(refusal(r, song, "items", { with_fx = true }), "The item riff is muted")
  item.values.D_VOL = 0
  t.equal(refusal(r, song, "items"), "The item riff is silent; turn its volume up.")
end)

test("audio and MIDI under one time selection are said", function(t)
  local r, song = set_up(t)
  local audio, keys = song:track("Marimba"), song:track("Keys")
  audio:audio({ file = sound(r, "riff.wav"), length = 4 })
  keys:midi({ at = 0, length = 4, source_beats = 8, notes = ONE_NOTE })
  song:select_time(0, 4)
  t.contains(refusal(r, song, "time"), "The time selection holds audio and MIDI; select tracks with one kind")
  keys.values.I_SELECTED = 1
  t.equal(plan(r, song, "time").kind, "midi")
end)

test("a thousand items are planned in one tick, and more are refused", function(t)
  local r, song = set_up(t)
  local track, file = song:track("Marimba"), sound(r, "riff.wav")
  for index = 0, 999 do
    track:audio({ file = file, at = index, length = 1, selected = true })
  end
  song:select_time(0, 1000)
  for _, how in ipairs({ "items", "time" }) do
    local taken, got = r:count_instructions(function() return plan(r, song, how) end)
    t.equal(#got.parts, 1000)
    t.truthy(taken < 1000000, "instructions: " .. taken)
  end
  track:audio({ file = file, at = 1000, length = 1, selected = true })
  t.contains(refusal(r, song, "items"), "1001 items are too many; glue them first")
end)
