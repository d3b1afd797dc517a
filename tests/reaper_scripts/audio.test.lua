-- Reading audio: which samples become the clip, that it stays quick, and that it cleans up after itself.

local open_reaper = require("fakes.reaper")

local RATE = 32000
local MOST_A_SLICE = 300000

local function set_up(t)
  local r = open_reaper(t)
  local song = r:project({ path = "Song/Song.rpp" })
  r.host.make_folder(t.folder .. "/home/media")
  return r, song
end

-- A file of `frames` frames at the clip's own rate, all with one value for each channel.
local function flat(r, name, frames, ...)
  local samples = {}
  local values = { ... }
  for frame = 0, frames - 1 do
    for channel, value in ipairs(values) do
      samples[frame * #values + channel] = value
    end
  end
  return r:wav(name, { rate = RATE, channels = #values, samples = samples, frames = frames, bits = "float" })
end

-- Reads what is meant as the watcher does, slice by slice; `between(tick, work)` is what the user does meanwhile.
local function read(r, song, how, between)
  local clip = r:load("lib.read.clip")
  local plan = assert(clip.plan(r.handle(song), how or "items", {}))
  local result = { slices = 0, most = 0, told = {} }
  local work = r:load("lib.work").create()
  work.start("reading", function(pause)
    return clip.read(plan, r.home .. "/media/reaper-1", function(words)
      result.slices = result.slices + 1
      pause(words)
    end)
  end, function(value, problem)
    result.clip, result.problem, result.has_ended = value, problem, true
  end, function(words) result.told[#result.told + 1] = words end)
  local ticks = 0
  while not result.has_ended do
    local slices = result.slices
    local taken = r:count_instructions(work.tick)
    result.most = math.max(result.most, taken / math.max(1, result.slices - slices))
    ticks = ticks + 1
    if between then between(ticks, work) end
  end
  if #r.console > 0 then error(table.concat(r.console, "\n")) end -- a defect
  return result
end

local function samples(r, from, count)
  local list = r:samples("home/media/reaper-1.wav", from, count)
  local values = {}
  for index = 1, #list do values[index] = list[index] end
  return values
end

test("an item that is not plain becomes a WAV of its own length", function(t)
  local r, song = set_up(t)
  local item = song:track("Marimba"):audio({
    file = r:wav("riff.wav", { rate = RATE, seconds = 4, hz = 200, bits = "float" }), at = 1.5, length = 2.25,
    offset = 0.5, selected = true, chanmode = 1, volume = 0.5,
  })
  local result = read(r, song)
  t.equal(result.clip.name, "riff")
  t.equal(result.clip.audio.path, r.home .. "/media/reaper-1.wav")
  t.near(result.clip.audio.gain_db, -6.0206, 1e-3)
  t.equal(r:sound("home/media/reaper-1.wav"), { frames = 72000, rate = RATE, channels = 1 })
  local wanted = r:samples("riff.wav", 16000, 72000)
  local got = r:samples("home/media/reaper-1.wav")
  for index = 1, 72000, 7 do
    t.equal(got[index], wanted[index])
  end
  t.truthy(item:is_there())
end)

test("rate and reverse are in what is read", function(t)
  local r, song = set_up(t)
  song:track("Marimba"):audio({
    file = r:wav("riff.wav", { rate = RATE, channels = 2, seconds = 2, noise = true, bits = "float" }), length = 1,
    reverse = true, selected = true,
  })
  read(r, song)
  t.equal(r:sound("home/media/reaper-1.wav"), { frames = RATE, rate = RATE, channels = 2 })
  local wanted, got = r:samples("riff.wav"), samples(r)
  for frame = 0, RATE - 1, 101 do
    local mirrored = (2 * RATE - 1 - frame) * 2
    t.equal({ got[frame * 2 + 1], got[frame * 2 + 2] }, { wanted[mirrored + 1], wanted[mirrored + 2] })
  end
end)

test("a time selection is read to the frame, with silence where nothing sounds", function(t)
  local r, song = set_up(t)
  local track = song:track("Marimba")
  track:audio({ file = flat(r, "a.wav", RATE, 0.5), at = 1, length = 0.5 })
  track:audio({ file = flat(r, "b.wav", RATE, 0.25), at = 2.5, length = 1 })
  song:select_time(0.75, 3.00001)
  read(r, song, "time")
  t.equal(r:sound("home/media/reaper-1.wav"), { frames = 72000, rate = RATE, channels = 1 })
  local got = samples(r)
  local edges = {
    { 7999, 0 }, { 8000, 0.5 }, { 23999, 0.5 }, { 24000, 0 }, { 55999, 0 }, { 56000, 0.25 }, { 71999, 0.25 },
  }
  for _, edge in ipairs(edges) do
    t.equal(got[edge[1] + 1], edge[2], "frame " .. edge[1])
  end
end)

test("where a source ends before its item there is silence, from that frame on", function(t)
  local r, song = set_up(t)
  song:track("One"):audio({ file = flat(r, "a.wav", 40000, 0.5), length = 2.5, selected = true })
  read(r, song)
  local got = samples(r, 39998, 20000)
  t.equal({ got[1], got[2], got[3] }, { 0.5, 0.5, 0 })
  for index = 3, #got do t.equal(got[index], 0) end
end)

test("items that overlap are summed, mono in the middle of stereo", function(t)
  local r, song = set_up(t)
  song:track("One"):audio({ file = flat(r, "a.wav", RATE, 0.5), at = 0, length = 1, selected = true })
  song:track("Two"):audio({ file = flat(r, "b.wav", RATE, 0.25, -0.75), at = 0.5, length = 1, selected = true })
  read(r, song)
  t.equal(r:sound("home/media/reaper-1.wav"), { frames = 48000, rate = RATE, channels = 2 })
  t.equal(samples(r, 100, 1), { 0.5, 0.5 })
  t.equal(samples(r, 15999, 1), { 0.5, 0.5 })
  t.equal(samples(r, 16000, 1), { 0.75, -0.25 })
  t.equal(samples(r, 31999, 1), { 0.75, -0.25 })
  t.equal(samples(r, 32000, 1), { 0.25, -0.75 })
end)

test("in a mix each item has its volume, and polarity counts", function(t)
  local r, song = set_up(t)
  local track = song:track("One")
  track:audio({ file = flat(r, "a.wav", RATE, 0.5), length = 1, selected = true, volume = 0.5, take_volume = -1 })
  track:audio({ file = flat(r, "b.wav", RATE, 1), length = 1, selected = true, volume = 0.125 })
  track:audio({ file = flat(r, "c.wav", RATE, 1), length = 1, selected = true, volume = 0 })
  local result = read(r, song)
  t.equal(result.clip.audio.gain_db, nil)
  t.equal(samples(r, 20000, 1), { -0.125 })
end)

test("pieces side by side at full volume are copied as they are", function(t)
  local r, song = set_up(t)
  local track, file = song:track("One"), r:wav("a.wav", { rate = RATE, seconds = 4, noise = true, bits = "float" })
  track:audio({ file = file, at = 0, length = 1.3, selected = true })
  track:audio({ file = file, at = 1.3, length = 2.7, offset = 1.3, selected = true })
  read(r, song)
  local wanted, got = r:samples("a.wav"), samples(r)
  t.equal(#got, 128000)
  for index = 1, #got do
    if got[index] ~= wanted[index] then t.fail("frame " .. index - 1) end
  end
end)

test("a volume envelope is followed, in the take's own time, unless it is switched off", function(t)
  for _, active in ipairs({ true, false }) do
    local r, song = set_up(t)
    song:track("One"):audio({
      file = flat(r, "a.wav", RATE * 8, 0.5), at = 3, length = 2, rate = 2, selected = true,
      envelopes = { { name = "Volume", active = active, points = { { at = 0, value = 1 }, { at = 4, value = 0 } } } },
    })
    read(r, song)
    for _, seconds in ipairs({ 0.1, 0.75, 1, 1.9 }) do
      local wanted = active and 0.5 * (1 - seconds / 2) or 0.5
      t.near(samples(r, math.floor(seconds * RATE), 1)[1], wanted, 1e-3)
    end
  end
end)

local MODES = {
  { name = "downmix", mode = 2, channels = 1, sounds = { 0.375 } },
  { name = "left", mode = 3, channels = 1, sounds = { 0.5 } },
  { name = "right", mode = 4, channels = 1, sounds = { 0.25 } },
  { name = "reverse stereo", mode = 1, channels = 2, sounds = { 0.25, 0.5 } },
  { name = "second pair", mode = 69, channels = 2, sounds = { -0.125, -0.25 } },
  { name = "third channel", mode = 5, channels = 1, sounds = { -0.125 } },
}
for _, mode in ipairs(MODES) do
  test("channel mode " .. mode.name .. " sounds as in REAPER", function(t)
    local r, song = set_up(t)
    local file = mode.mode > 4 and flat(r, "a.wav", RATE, 0.5, 0.25, -0.125, -0.25) or flat(r, "a.wav", RATE, 0.5, 0.25)
    song:track("One"):audio({ file = file, length = 1, selected = true, chanmode = mode.mode })
    read(r, song)
    t.equal(r:sound("home/media/reaper-1.wav"), { frames = RATE, rate = RATE, channels = mode.channels })
    t.equal(samples(r, 9000, 1), mode.sounds)
  end)
end

test("of more than two channels the first two are heard", function(t)
  local r, song = set_up(t)
  song:track("One"):audio({ file = flat(r, "a.wav", RATE, 0.5, 0.25, 1, 1), length = 1, selected = true, pitch = 1 })
  read(r, song)
  t.equal(samples(r, 9000, 1), { 0.5, 0.25 })
end)

test("a plain item is not read at all", function(t)
  local r, song = set_up(t)
  song:track("One"):audio({ file = flat(r, "a.wav", RATE, 0.5), length = 0.5, selected = true })
  local result = read(r, song)
  t.equal(result.clip.audio.path, t.folder .. "/a.wav")
  t.equal({ result.clip.audio.start_seconds, result.clip.audio.end_seconds }, { 0, 0.5 })
  t.equal(r:names("home/media"), {})
  t.equal(result.slices, 0)
end)

-- Ten minutes without a file on the disk: the fake's own signal.
local function long_items(r, song, count, options)
  local track = song:track("Long")
  for index = 1, count do
    options.file, options.length, options.selected = flat(r, "long.wav", 100, 0, 0), 600, true
    local item = track:audio(options)
    local source = item.takes[1].source
    source.seconds, source.frames, source.signal = 600.0, 600 * RATE, "ramp"
    item.values.D_VOL = options.volume or 1
    item.values.D_POSITION = index * 0.5
  end
end

test("ten minutes are read in small slices", function(t)
  local r, song = set_up(t)
  long_items(r, song, 1, { pitch = 1 })
  local result = read(r, song)
  t.equal(r:sound("home/media/reaper-1.wav"), { frames = 600 * RATE, rate = RATE, channels = 2 })
  t.truthy(result.slices >= 200, "slices: " .. result.slices)
  t.truthy(result.most <= MOST_A_SLICE, "instructions a slice: " .. result.most)
  local frame = 17 * RATE + 123
  local got = samples(r, frame, 1)
  t.near(got[1], r.ramp(frame, 1), 1e-6)
  t.near(got[2], r.ramp(frame, 2), 1e-6)
end)

test("what has to be added up stays in small slices too", function(t)
  local r, song = set_up(t)
  local track = song:track("Many")
  for index = 1, 6 do
    track:audio({
      file = flat(r, "a.wav", RATE * 2, 0.125, 0.25, 0.5), at = index * 0.01, length = 2, selected = true, volume = 0.5,
      envelopes = { { name = "Volume", points = { { at = 0, value = 1 }, { at = 2, value = 0.5 } } } },
    })
  end
  local result = read(r, song)
  t.truthy(result.most <= MOST_A_SLICE, "instructions a slice: " .. result.most)
  t.near(samples(r, RATE, 1)[1], 6 * 0.125 * 0.5 * 0.75, 0.01)
end)

test("an item that is deleted meanwhile ends the reading with a sentence and no file", function(t)
  local r, song = set_up(t)
  long_items(r, song, 2, { pitch = 1 })
  local result = read(r, song, "items", function(tick)
    if tick == 2 then song:items()[2]:delete() end
  end)
  t.equal(result.clip, nil)
  t.contains(result.problem, "An item was deleted before it was read")
  t.equal(r:names("home/media"), {})
  t.equal(#r.open_accessors(), 0)
end)

test("a project that is closed meanwhile ends the reading with a sentence and no file", function(t)
  local r, song = set_up(t)
  r:project({ path = "Other.rpp", front = false })
  long_items(r, song, 1, { pitch = 1 })
  local result = read(r, song, "items", function(tick)
    if tick == 2 then song:close() end
  end)
  t.contains(result.problem, "The project was closed before its items were read")
  t.equal(r:names("home/media"), {})
  t.equal(#r.open_accessors(), 0)
end)

test("an item that is gone before its turn comes is said", function(t)
  local r, song = set_up(t)
  local item = song:track("One"):audio({ file = flat(r, "a.wav", RATE, 0.5), length = 1, selected = true, pitch = 1 })
  local clip = r:load("lib.read.clip")
  local plan = clip.plan(r.handle(song), "items", {})
  item:delete()
  local got, problem = clip.read(plan, r.home .. "/media/reaper-1", function() end)
  t.equal(got, nil)
  t.contains(problem, "An item was deleted before it was read")
end)

test("work that is stopped leaves no file and no accessor", function(t)
  local r, song = set_up(t)
  long_items(r, song, 2, { pitch = 1, volume = 0.5 })
  local result = read(r, song, "items", function(tick, work)
    if tick == 2 then work.stop("reading") end
  end)
  t.equal({ result.clip, result.problem }, { nil, "stopped" })
  t.equal(r:names("home/media"), {})
  t.equal(#r.open_accessors(), 0)
end)

local AWAY = "REAPER has set its media offline because another program is in front: click into REAPER, or switch "
  .. "that off in Preferences > Media."

test("while REAPER is not in front reading waits, says so once, and is whole afterwards", function(t)
  local r, song = set_up(t)
  long_items(r, song, 1, { pitch = 1 })
  local result = read(r, song, "items", function(tick)
    if tick == 3 then r:leave_reaper() end
    if tick == 40 then r:back_to_reaper() end
  end)
  t.equal(result.clip.name, "long")
  t.equal(result.told, { AWAY })
  t.truthy(result.most <= MOST_A_SLICE, "instructions a slice: " .. result.most)
  for _, frame in ipairs({ 0, 123, 20 * 8192 + 5, 300 * RATE + 1, 599 * RATE + 77 }) do
    t.near(samples(r, frame, 1)[1], r.ramp(frame, 1), 1e-6, "frame " .. frame)
  end
end)

test("an item that was offline from the start is read when it is back, in all its channels", function(t)
  local r, song = set_up(t)
  song:track("One"):audio({ file = flat(r, "a.wav", RATE, 0.5, 0.25), length = 1, selected = true, reverse = true })
  r:leave_reaper()
  local result = read(r, song, "items", function(tick)
    if tick == 5 then r:back_to_reaper() end
  end)
  t.equal(result.told, { AWAY })
  t.equal(r:sound("home/media/reaper-1.wav"), { frames = RATE, rate = RATE, channels = 2 })
  t.equal(samples(r, 9000, 1), { 0.5, 0.25 })
end)

test("where the user set the media offline himself, it is said how it comes back", function(t)
  local r = open_reaper(t, { config_vars = { offlineinact = "0" }, extensions = { "SWS" } })
  local song = r:project({ path = "Song/Song.rpp" })
  r.host.make_folder(t.folder .. "/home/media")
  local item = song:track("One"):audio({
    file = flat(r, "a.wav", RATE, 0.5), length = 1, selected = true, pitch = 1, offline = true,
  })
  local result = read(r, song, "items", function(tick)
    if tick == 5 then item.takes[1].source.offline = false end
  end)
  t.equal(result.told, { "The media of what was selected is offline: run REAPER's action Item: Set all media online." })
  t.equal(samples(r, 9000, 1), { 0.5 })
end)

test("waiting can be cancelled, and ends when the item goes", function(t)
  local r, song = set_up(t)
  song:track("One"):audio({ file = flat(r, "a.wav", RATE, 0.5), length = 1, selected = true, pitch = 1 })
  r:leave_reaper()
  t.equal(read(r, song, "items", function(tick, work)
    if tick == 5 then work.stop("reading") end
  end).problem, "stopped")
  t.contains(read(r, song, "items", function(tick)
    if tick == 5 then song:items()[1]:delete() end
  end).problem, "An item was deleted before it was read")
  t.equal(r:names("home/media"), {})
end)

test("an accessor's own start is counted in", function(t)
  local r = open_reaper(t, { accessor_start = 2.5 })
  local song = r:project({ path = "Song/Song.rpp" })
  r.host.make_folder(t.folder .. "/home/media")
  song:track("One"):audio({
    file = r:wav("riff.wav", { rate = RATE, seconds = 2, noise = true, bits = "float" }), at = 1, length = 1.5,
    selected = true, chanmode = 1,
  })
  read(r, song)
  t.equal(samples(r, 20000, 3), { table.unpack(r:samples("riff.wav", 20000, 3), 1, 3) })
end)

test("a home that cannot be written is said", function(t)
  local r, song = set_up(t)
  long_items(r, song, 1, { pitch = 1 })
  r:refuse_writes("home/media")
  local result = read(r, song)
  t.contains(result.problem, "reaper-1.wav cannot be written")
end)

test("accessors are open only while their item sounds", function(t)
  local r, song = set_up(t)
  local track, file = song:track("One"), flat(r, "a.wav", RATE * 4, 0.5)
  for index = 0, 9 do
    track:audio({ file = file, at = index * 4, length = 4, selected = true })
  end
  local most = 0
  read(r, song, "items", function() most = math.max(most, #r.open_accessors()) end)
  t.truthy(most >= 1 and most <= 2, "open at once: " .. most)
end)

test("pressed as an action, a part that has to be read arrives as a file beside its trigger", function(t)
  local r = open_reaper(t)
  local song = r:project({ path = "Song/Song.rpp", bpm = 96 })
  r:daemon("alive")
  song:track("Marimba"):audio({ file = flat(r, "riff.wav", RATE * 4, 0.5, 0.25), at = 2, length = 4, chanmode = 1 })
  song:select_time(3, 4.5)
  r:press("Generate from time selection")
  r:run(1)
  local clip = r:trigger().clip
  t.equal(clip.name, "riff")
  t.equal(r:sound(clip.audio.path), { frames = 48000, rate = RATE, channels = 2 })
  t.equal(#r.open_accessors(), 0)
end)

test("REAPER 6 is asked for the names of media and plug-ins in its own form", function(t)
  local r = open_reaper(t, { version = "6.20/x64" })
  local song = r:project({ path = "Song/Song.rpp", bpm = 96 })
  r:daemon("alive")
  local track = song:track("Keys", { fx = { "VSTi: Vital (Vital Audio)" } })
  local item = track:audio({ file = flat(r, "riff.wav", RATE * 4, 0.5), length = 2, chanmode = 1, selected = true })
  r:press("Generate from selected items")
  r:run(1)
  t.equal({ r:trigger().clip.name, r:trigger().track.instrument }, { "riff", "Vital" })
  t.equal(r:trigger().project.sample_rate, 48000)
  item:select(false)
  track:midi({
    at = 2, length = 2, source_beats = 4, notes = { { pitch = 60, start = 0, duration = 1 } }, selected = true,
  })
  r:press("Generate from selected items")
  r:run(1)
  t.truthy(r:trigger().clip.midi)
end)

test("a pedal pressed while another program is in front is told what it waits for, and heard", function(t)
  local r = open_reaper(t)
  local song = r:project({ path = "Song/Song.rpp", bpm = 96 })
  r:daemon("alive")
  song:track("Marimba"):audio({ file = flat(r, "riff.wav", RATE * 4, 0.5), length = 2, chanmode = 1, selected = true })
  r:leave_reaper()
  r:press("Generate from selected items")
  r:run(3)
  t.equal(#r:triggers(), 0)
  t.truthy(r:has_said("REAPER has set its media offline because another program is in front"))
  r:back_to_reaper()
  r:run(1)
  t.equal(r:sound(r:trigger().clip.audio.path).frames, 2 * RATE)
end)
