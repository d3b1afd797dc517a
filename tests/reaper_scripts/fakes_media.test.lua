-- The fake REAPER's media half: what it refuses, and where it surprises as REAPER does.

local open_reaper = require("fakes.reaper")

local RATE = 8000

-- A mono file of 0, 1, 2 … thousandths, so that every sample says where it stood.
local function counting(r, name, frames, channels)
  local samples = {}
  for frame = 0, frames - 1 do
    for channel = 1, channels or 1 do
      samples[#samples + 1] = frame / 1024 * (channel == 1 and 1 or -1)
    end
  end
  return r:wav(name, { rate = RATE, channels = channels or 1, samples = samples, bits = "float" })
end

local function read(r, take, channels, start_frame, frames, rate, filled)
  local reaper = r.reaper
  local accessor = reaper.CreateTakeAudioAccessor(r.handle(take))
  local buffer = reaper.new_array(channels * frames)
  buffer.clear(filled or 9)
  rate = rate or RATE
  local result = reaper.GetAudioAccessorSamples(accessor, rate, channels, start_frame / rate, frames, buffer)
  reaper.DestroyAudioAccessor(accessor)
  local samples = buffer.table()
  for index, value in ipairs(samples) do
    samples[index] = value == 9 and "old" or math.floor(value * 1024 * 4 + 0.5) / 4
  end
  return samples, result
end

test("an array has a fixed room, counts from 1 and is called with a dot", function(t)
  local r = open_reaper(t)
  local array = r.reaper.new_array(4)
  array[1], array[4] = 0.5, 2
  t.equal(array.table(), { 0.5, 0.0, 0.0, 2.0 })
  t.equal({ #array, array.get_alloc(), array[4] }, { 4, 4, 2.0 })
  array.clear(1, 2, 2)
  t.equal(array.table(2, 3), { 1.0, 1.0, 2.0 })
  array.resize(2)
  t.equal(#array, 2)
  t.equal(array.get_alloc(), 4)
  t.raises(function() array:clear() end, "with a dot")
  t.raises(function() return array[0] end, "index is 0")
  t.raises(function() array[3] = 1 end, "must lie in 1..2")
  t.raises(function() array[1] = "1" end, "a number was wanted")
  t.raises(function() array.resize(5) end, "must lie in 0..4")
  t.raises(function() r.reaper.new_array(0) end, "must lie in")
  t.equal(r.reaper.new_array({ 1, 2, 3 }).table(), { 1.0, 2.0, 3.0 })
  local other = r.reaper.new_array(2)
  other.copy({ 7, 8, 9 }, 2)
  t.equal(other.table(), { 8.0, 9.0 })
end)

test("a plain take gives its file's samples from its start offset", function(t)
  local r = open_reaper(t)
  local song = r:project({ path = "Song/Song.rpp" })
  local item = song:track("Marimba"):audio({
    file = counting(r, "a.wav", 100), at = 5.0, offset = 10 / RATE, length = 20 / RATE,
  })
  t.equal({ read(r, item:take(), 1, 0, 4) }, { { 10.0, 11.0, 12.0, 13.0 }, 1 })
  t.equal({ read(r, item:take(), 1, 18, 4) }, { { 28.0, 29.0, "old", "old" }, 1 })
  t.equal({ read(r, item:take(), 1, 30, 2) }, { { "old", "old" }, 0 })
  t.equal({ read(r, item:take(), 1, -2, 4) }, { { "old", "old", 10.0, 11.0 }, 1 })
end)

test("volume, pan, fades and envelopes are not in an accessor's samples", function(t)
  local r = open_reaper(t)
  local song = r:project({ path = "Song/Song.rpp" })
  local item = song:track("Marimba"):audio({
    file = counting(r, "a.wav", 100), volume = 0.5, take_volume = 0.1, pan = 1, fade_in = 1,
    envelopes = { { name = "Volume", points = { { at = 0, value = 0 } } } },
  })
  t.equal(read(r, item:take(), 1, 0, 3), { 0.0, 1.0, 2.0 })
end)

test("loop source wraps, and without it the rest of a long item is left untouched", function(t)
  local r = open_reaper(t)
  local track = r:project({ path = "Song/Song.rpp" }):track("Marimba")
  local file = counting(r, "a.wav", 4)
  local loops = track:audio({ file = file, length = 20 / RATE, offset = 1 / RATE, loop = true })
  local stops = track:audio({ file = file, length = 20 / RATE, offset = 1 / RATE })
  t.equal(read(r, loops:take(), 1, 0, 8), { 1.0, 2.0, 3.0, 0.0, 1.0, 2.0, 3.0, 0.0 })
  t.equal(read(r, stops:take(), 1, 0, 5), { 1.0, 2.0, 3.0, "old", "old" })
  t.equal({ read(r, stops:take(), 1, 4, 2) }, { { "old", "old" }, 0 })
end)

test("a negative start offset is silence before the file", function(t)
  local r = open_reaper(t)
  local track = r:project({ path = "Song/Song.rpp" }):track("Marimba")
  local item = track:audio({ file = counting(r, "a.wav", 10), length = 5 / RATE, offset = -2 / RATE })
  t.equal(read(r, item:take(), 1, 0, 4), { "old", "old", 0.0, 1.0 })
end)

test("play rate and the asked sample rate are straight lines between the file's samples", function(t)
  local r = open_reaper(t)
  local track = r:project({ path = "Song/Song.rpp" }):track("Marimba")
  local file = counting(r, "a.wav", 100)
  local fast = track:audio({ file = file, rate = 2, length = 40 / RATE })
  local slow = track:audio({ file = file, rate = 0.5, length = 40 / RATE })
  t.equal(read(r, fast:take(), 1, 0, 3), { 0.0, 2.0, 4.0 })
  t.equal(read(r, slow:take(), 1, 0, 4), { 0.0, 0.5, 1.0, 1.5 })
  t.equal(read(r, slow:take(), 1, 0, 4, RATE * 2), { 0.0, 0.25, 0.5, 0.75 })
end)

test("sections and reversed sources are read from the file inside", function(t)
  local r = open_reaper(t)
  local track = r:project({ path = "Song/Song.rpp" }):track("Marimba")
  local file = counting(r, "a.wav", 100)
  local section = { offset = 20 / RATE, length = 5 / RATE }
  local part = track:audio({ file = file, section = section, length = 8 / RATE, loop = true })
  local back = track:audio({ file = file, reverse = true, length = 100 / RATE })
  local both = track:audio({ file = file, section = section, reverse = true })
  t.equal(read(r, part:take(), 1, 0, 6), { 20.0, 21.0, 22.0, 23.0, 24.0, 20.0 })
  t.equal(read(r, back:take(), 1, 0, 3), { 99.0, 98.0, 97.0 })
  t.equal(read(r, both:take(), 1, 0, 6), { 24.0, 23.0, 22.0, 21.0, 20.0, "old" })
  local reaper = r.reaper
  local source = reaper.GetMediaItemTake_Source(r.handle(both:take()))
  t.equal(reaper.GetMediaSourceType(source), "SECTION")
  t.equal(reaper.GetMediaSourceFileName(source), "")
  t.equal({ reaper.PCM_Source_GetSectionInfo(source) }, { true, 20 / RATE, 5 / RATE, true })
  local parent = reaper.GetMediaSourceParent(source)
  t.contains(reaper.GetMediaSourceFileName(parent), "a.wav")
  t.equal(reaper.GetMediaSourceParent(parent), nil)
  t.equal({ reaper.PCM_Source_GetSectionInfo(parent) }, { false, 0.0, 0.0, false })
end)

test("channel modes move channels, and a mono mode fills the first one only", function(t)
  local r = open_reaper(t)
  local track = r:project({ path = "Song/Song.rpp" }):track("Marimba")
  local file = counting(r, "a.wav", 10, 2)
  local function first_frames(mode, channels)
    local item = track:audio({ file = file, chanmode = mode })
    return read(r, item:take(), channels or 2, 2, 2)
  end
  t.equal(first_frames(0), { 2.0, -2.0, 3.0, -3.0 })
  t.equal(first_frames(1), { -2.0, 2.0, -3.0, 3.0 })
  t.equal(first_frames(2), { 0.0, "old", 0.0, "old" })
  t.equal(first_frames(3), { 2.0, "old", 3.0, "old" })
  t.equal(first_frames(4), { -2.0, "old", -3.0, "old" })
  t.equal(first_frames(67), { 2.0, -2.0, 3.0, -3.0 })
  t.equal(first_frames(0, 1), { 2.0, 3.0 })
  t.equal(first_frames(0, 3), { 2.0, -2.0, "old", 3.0, -3.0, "old" })
end)

test("an accessor reads what the take was until it is asked to look again", function(t)
  local r = open_reaper(t)
  local reaper = r.reaper
  local item = r:project({ path = "Song/Song.rpp" }):track("Marimba"):audio({ file = counting(r, "a.wav", 100) })
  local accessor = reaper.CreateTakeAudioAccessor(r.handle(item:take()))
  local buffer = reaper.new_array(1)
  local function first()
    reaper.GetAudioAccessorSamples(accessor, RATE, 1, 0, 1, buffer)
    return buffer[1] * 1024
  end
  t.equal(reaper.AudioAccessorStateChanged(accessor), false)
  t.equal(reaper.GetAudioAccessorEndTime(accessor), 100 / RATE)
  item:take():set("D_STARTOFFS", 7 / RATE)
  t.equal(reaper.AudioAccessorStateChanged(accessor), true)
  t.equal(first(), 0.0)
  t.equal(reaper.AudioAccessorValidateState(accessor), true)
  t.equal(first(), 7.0)
  item:delete()
  t.equal(reaper.GetAudioAccessorSamples(accessor, RATE, 1, 0, 1, buffer), -1)
  reaper.DestroyAudioAccessor(accessor)
  t.raises(function() reaper.DestroyAudioAccessor(accessor) end, "AudioAccessor expected")
end)

test("an accessor that is left open fails the test, and so does an array that is too small", function(t)
  t.contains(t.failure_of(function(inner)
    local r = open_reaper(inner)
    local item = r:project({ path = "Song/Song.rpp" }):track("Marimba"):audio({ file = counting(r, "a.wav", 100) })
    r.reaper.CreateTakeAudioAccessor(r.handle(item:take()))
  end), "accessors were not destroyed")
  t.contains(t.failure_of(function(inner)
    local r = open_reaper(inner)
    local item = r:project({ path = "Song/Song.rpp" }):track("Marimba"):audio({ file = counting(r, "a.wav", 100) })
    local accessor = r.reaper.CreateTakeAudioAccessor(r.handle(item:take()))
    r.reaper.GetAudioAccessorSamples(accessor, RATE, 2, 0, 8, r.reaper.new_array(8))
  end), "do not fit")
end)

test("a ramp of ten minutes is read in blocks by few instructions", function(t)
  local r = open_reaper(t)
  local item = r:project({ path = "Song/Song.rpp" }):track("Long"):audio({
    file = r:wav("a.wav", { rate = 32000, seconds = 0.1, channels = 2 }), length = 600,
  })
  local take = item:take()
  take.source.signal, take.source.seconds, take.source.frames = "ramp", 600, 600 * 32000
  local reaper = r.reaper
  local accessor = reaper.CreateTakeAudioAccessor(r.handle(take))
  local buffer = reaper.new_array(2 * 65536)
  local sum = 0
  for block = 0, 600 * 32000 // 65536 do
    buffer.clear()
    reaper.GetAudioAccessorSamples(accessor, 32000, 2, block * 65536 / 32000, 65536, buffer)
    sum = sum + buffer[1]
  end
  reaper.DestroyAudioAccessor(accessor)
  t.near(buffer[2 * 500 + 1], r.ramp((600 * 32000 // 65536) * 65536 + 500, 1), 1e-9)
  t.truthy(sum > 0)
end)

test("offline media is silent, and media that is gone has no length", function(t)
  local r = open_reaper(t, { extensions = { "SWS" } })
  local reaper = r.reaper
  local track = r:project({ path = "Song/Song.rpp" }):track("Marimba")
  local offline = track:audio({ file = counting(r, "a.wav", 100), offline = true })
  t.equal({ read(r, offline:take(), 1, 0, 1) }, { { "old" }, 0 })
  t.equal((reaper.GetMediaSourceLength(reaper.GetMediaItemTake_Source(r.handle(offline:take())))), 0.0)
  local gone = track:audio({ file = "gone.wav", offline = true, length = 2 })
  local source = reaper.GetMediaItemTake_Source(r.handle(gone:take()))
  t.equal({ reaper.GetMediaSourceLength(source) }, { 0.0, false })
  t.equal(reaper.GetMediaSourceSampleRate(source), 0)
  t.contains(reaper.GetMediaSourceFileName(source), "gone.wav")
  t.equal(reaper.CF_GetMediaSourceOnline(source), false)
  t.equal({ read(r, gone:take(), 1, 0, 1) }, { { "old" }, 0 })
end)

test("media is offline while another program is in front, and an accessor has to look again afterwards", function(t)
  local r = open_reaper(t)
  local reaper = r.reaper
  local item = r:project({ path = "Song/Song.rpp" }):track("Marimba"):audio({ file = counting(r, "a.wav", 100) })
  local source = reaper.GetMediaItemTake_Source(r.handle(item:take()))
  local seconds = reaper.GetMediaSourceLength(source)
  local accessor = reaper.CreateTakeAudioAccessor(r.handle(item:take()))
  local buffer = reaper.new_array(1)
  local function sounds() return reaper.GetAudioAccessorSamples(accessor, 1, 1, 0, 1, buffer) end
  t.equal(sounds(), 1)
  r:leave_reaper()
  t.equal({ (reaper.GetMediaSourceLength(source)), sounds() }, { 0.0, 0 })
  r:back_to_reaper()
  t.equal({ (reaper.GetMediaSourceLength(source)), sounds() }, { seconds, 0 })
  t.equal(reaper.AudioAccessorValidateState(accessor), true)
  t.equal(sounds(), 1)
  reaper.DestroyAudioAccessor(accessor)
end)

test("before REAPER 6.37 the text to be filled has to be given, later it may be", function(t)
  for version, is_asked in pairs({ ["6.36/x64"] = true, ["6.37/x64"] = false }) do
    local r = open_reaper(t, { version = version })
    local item = r:project({ path = "Song/Song.rpp" }):track("Marimba"):audio({ file = counting(r, "a.wav", 100) })
    local source = r.reaper.GetMediaItemTake_Source(r.handle(item:take()))
    t.equal(r.reaper.GetMediaSourceType(source, ""), "WAVE")
    t.equal(pcall(r.reaper.GetMediaSourceType, source), not is_asked)
  end
end)

test("a source made from a file is a source, nil, or one that plays nothing", function(t)
  local r = open_reaper(t)
  local reaper = r.reaper
  r:project({ path = "Song/Song.rpp" })
  t.equal(reaper.PCM_Source_CreateFromFile(r.shown(r.full_path("none.wav"))), nil)
  r:write("text.wav", "no sound")
  local text = reaper.PCM_Source_CreateFromFile(r.shown(r.full_path("text.wav")))
  t.equal(reaper.GetMediaSourceType(text), "EMPTY")
  reaper.PCM_Source_Destroy(text)
  t.raises(function() reaper.PCM_Source_Destroy(text) end, "PCM_source expected")
  r:wav("a.wav", { rate = 32000, seconds = 1, channels = 2 })
  local sound = reaper.PCM_Source_CreateFromFile(r.shown(r.full_path("a.wav")))
  t.equal({ reaper.GetMediaSourceLength(sound) }, { 1.0, false })
  t.equal({ reaper.GetMediaSourceSampleRate(sound), reaper.GetMediaSourceNumChannels(sound) }, { 32000, 2 })
  reaper.PCM_Source_Destroy(sound)
  r:write("notes.mid", "MThd")
  local notes = reaper.PCM_Source_CreateFromFile(r.shown(r.full_path("notes.mid")))
  t.equal(reaper.GetMediaSourceFileName(notes), "")
  t.equal({ reaper.GetMediaSourceLength(notes) }, { 4.0, true })
  reaper.PCM_Source_Destroy(notes)
end)

test("a source that is made and forgotten fails the test, and destroying one in use does", function(t)
  t.contains(t.failure_of(function(inner)
    local r = open_reaper(inner)
    r:project({})
    r.reaper.PCM_Source_CreateFromFile(r.full_path(r:wav("a.wav")))
  end), "not destroyed")
  t.contains(t.failure_of(function(inner)
    local r = open_reaper(inner)
    local item = r:project({}):track("Marimba"):audio({ file = r:wav("a.wav") })
    r.reaper.PCM_Source_Destroy(r.handle(item:take().source))
  end), "that a take plays")
end)

test("peaks are begun, run down to nothing and then written", function(t)
  local r = open_reaper(t)
  local reaper = r.reaper
  local item = r:project({}):track("Marimba"):audio({ file = r:wav("a.wav") })
  local source = r.handle(item:take().source)
  t.raises(function() reaper.PCM_Source_BuildPeaks(source, 1) end, "mode 0 did not ask")
  t.truthy(reaper.PCM_Source_BuildPeaks(source, 0) ~= 0)
  t.raises(function() reaper.PCM_Source_BuildPeaks(source, 2) end, "has not returned 0")
  local left = {}
  repeat
    left[#left + 1] = reaper.PCM_Source_BuildPeaks(source, 1)
  until left[#left] == 0
  t.equal(left, { 67, 34, 0 })
  t.equal(#r.peaks_built, 0)
  reaper.PCM_Source_BuildPeaks(source, 2)
  t.equal(r.peaks_built, { item:take().source })
  t.equal(reaper.PCM_Source_BuildPeaks(source, 0), 0)
  t.equal(open_reaper(t, { version = "6.20/OSX64" }).reaper.PCM_Source_BuildPeaks, nil)
end)

test("a take's volume envelope speaks in its own scale and counts its own time", function(t)
  local r = open_reaper(t)
  local reaper = r.reaper
  local item = r:project({}):track("Marimba"):audio({
    file = r:wav("a.wav"), rate = 2,
    envelopes = { { name = "Volume", points = { { at = 1, value = 1 }, { at = 3, value = 0.5 } } } },
  })
  local take = r.handle(item:take())
  t.equal(reaper.CountTakeEnvelopes(take), 1)
  t.equal(reaper.GetTakeEnvelopeByName(take, "Pan"), nil)
  local envelope = reaper.GetTakeEnvelopeByName(take, "Volume")
  local mode = reaper.GetEnvelopeScalingMode(envelope)
  t.equal(mode, 1)
  local function at(time, samples)
    local valid, value = reaper.Envelope_Evaluate(envelope, time, 1000, samples or 512)
    return valid, reaper.ScaleFromEnvelopeMode(mode, value)
  end
  local valid, value = at(0)
  t.equal(valid, 512)
  t.near(value, 1, 1e-9)
  t.near(select(2, at(2)), 0.75, 1e-9)
  t.near(select(2, at(9)), 0.5, 1e-9)
  t.equal((at(0.9)), 100)
  t.equal((at(2.9)), 100)
  t.near(select(2, reaper.Envelope_Evaluate(envelope, 0, 1000, 1)), 716.2178503126, 1e-6)
  t.near(reaper.ScaleToEnvelopeMode(1, 0), 0, 1e-9)
  local _, chunk = reaper.GetEnvelopeStateChunk(envelope, "", false)
  t.contains(chunk, "ACT 1")
end)

local function unpacked(buffer)
  local events, place, at = {}, 1, 0
  while place <= #buffer do
    local offset, flag, message
    offset, flag, message, place = string.unpack("<i4Bs4", buffer, place)
    at = at + offset
    events[#events + 1] = { at, flag, message }
  end
  return events
end

test("MIDI comes as REAPER packs it: ends before starts, flags, notation, and a last controller 123", function(t)
  local r = open_reaper(t)
  local reaper = r.reaper
  local item = r:project({}):track("Keys"):midi({
    length = 2, source_beats = 4,
    notes = {
      { pitch = 60, start = 0, duration = 1, velocity = 100 },
      { pitch = 60, start = 1, duration = 1, velocity = 90, channel = 2, muted = true },
      { pitch = 62, start = 1, duration = 0, selected = true },
    },
    events = {
      { at = 0, text = "KSIG root 9 dir 1 notes 0x5AD", type = 15 }, { at = 0, text = "Riff", type = 3 },
      { at = 0.5, message = "\xB0\x40\x7F", shape = "bezier", tension = 0.5 }, { at = 1, sysex = "\x7E\x7F" },
      { at = 2, message = "\xFF\x59\x01\x00" },
    },
  })
  local take = r.handle(item:take())
  t.truthy(reaper.TakeIsMIDI(take))
  local ok, buffer = reaper.MIDI_GetAllEvts(take)
  t.equal(ok, true)
  t.equal(unpacked(buffer), {
    { 0, 0, "\xFF\x0FKSIG root 9 dir 1 notes 0x5AD" }, { 0, 0, "\xFF\x03Riff" }, { 0, 0, "\x90\x3C\x64" },
    { 480, 80, "\xB0\x40\x7F" }, { 480, 0, "\xFF\x0FCCBZ \0" .. string.pack("<f", 0.5) },
    { 960, 0, "\x80\x3C\x00" }, { 960, 0, "\xF0\x7E\x7F\xF7" }, { 960, 2, "\x92\x3C\x5A" },
    { 960, 1, "\x90\x3E\x64" }, { 960, 1, "\x80\x3E\x00" }, { 1920, 2, "\x82\x3C\x00" },
    { 1920, 0, "\xFF\x59\x01\x00" }, { 3840, 0, "\xB0\x7B\x00" },
  })
  t.equal({ reaper.MIDI_CountEvts(take) }, { 8, 3.0, 1.0, 4.0 })
  t.equal({ reaper.MIDI_GetNote(take, 1) }, { true, false, true, 960.0, 1920.0, 2, 60, 90 })
  t.equal({ reaper.MIDI_GetNote(take, 3) }, { false, false, false, 0.0, 0.0, 0, 0, 0 })
  t.equal({ reaper.MIDI_GetTextSysexEvt(take, 0) }, { true, false, false, 0.0, 15, "KSIG root 9 dir 1 notes 0x5AD" })
  t.equal({ select(5, reaper.MIDI_GetTextSysexEvt(take, 2)) }, { -1, "\x7E\x7F" })
  t.equal({ select(5, reaper.MIDI_GetTextSysexEvt(take, 3)) }, { -2, "\0\0" })
  t.equal((reaper.MIDI_GetTextSysexEvt(take, 4)), false)
  t.equal({ reaper.MIDI_GetCC(take, 0) }, { true, false, false, 480.0, 0xB0, 0, 64, 127 })
end)

test("a MIDI source is measured in quarter notes and has no file and no sample rate", function(t)
  local r = open_reaper(t)
  local reaper = r.reaper
  local item = r:project({}):track("Keys"):midi({ length = 2, source_beats = 8, notes = {} })
  local source = r.handle(item:take().source)
  t.equal({ reaper.GetMediaSourceLength(source) }, { 8.0, true })
  t.equal(reaper.GetMediaSourceFileName(source), "")
  t.equal(reaper.GetMediaSourceSampleRate(source), 0)
  t.equal(reaper.GetMediaSourceType(source), "MIDI")
  local accessor = reaper.CreateTakeAudioAccessor(r.handle(item:take()))
  t.equal(reaper.GetAudioAccessorSamples(accessor, RATE, 1, 0, 1, reaper.new_array(1)), -1)
  reaper.DestroyAudioAccessor(accessor)
  local audio = r:front():track("Audio"):audio({ file = r:wav("a.wav") })
  t.equal({ reaper.MIDI_GetAllEvts(r.handle(audio:take())) }, { false, "" })
  t.equal({ reaper.MIDI_CountEvts(r.handle(audio:take())) }, { 0, 0.0, 0.0, 0.0 })
end)

test("PPQ counts from the source's start, by the song's tempo and the take's rate", function(t)
  local r = open_reaper(t)
  local reaper = r.reaper
  local song = r:project({ tempo = { { at = 0, bpm = 120, num = 4, den = 4 }, { at = 4, bpm = 60 } } })
  local track = song:track("Keys")
  local item = track:midi({ at = 2, length = 4, source_beats = 16, offset = 0.5, notes = {} })
  local take = r.handle(item:take())
  t.near(reaper.MIDI_GetPPQPosFromProjTime(take, 2), 960)
  t.near(reaper.MIDI_GetPPQPosFromProjTime(take, 5), 960 * (1 + 4 + 1))
  t.near(reaper.MIDI_GetProjTimeFromPPQPos(take, 0), 1.5)
  t.near(reaper.MIDI_GetProjTimeFromPPQPos(take, 960 * 6), 5)
  t.near(reaper.MIDI_GetPPQPosFromProjQN(take, 5) - reaper.MIDI_GetPPQPosFromProjQN(take, 4), 960)
  t.near(reaper.MIDI_GetProjQNFromPPQPos(take, 960), 4)
  local fast = r.handle(track:midi({ at = 2, length = 1, rate = 2, source_beats = 4, notes = {} }):take())
  t.near(reaper.MIDI_GetPPQPosFromProjTime(fast, 2.5), 1920)
  t.near(reaper.MIDI_GetPPQPosFromProjQN(fast, 5) - reaper.MIDI_GetPPQPosFromProjQN(fast, 4), 1920)
  local free = r.handle(track:midi({ at = 2, length = 4, source_beats = 4, ignore_tempo = 90, notes = {} }):take())
  t.near(reaper.MIDI_GetPPQPosFromProjTime(free, 6), 4 * 1.5 * 960)
  t.near(reaper.MIDI_GetProjTimeFromPPQPos(free, 960 * 1.5), 3)
end)

test("key snap that nobody touched does not look like none", function(t)
  local r = open_reaper(t)
  local reaper = r.reaper
  local track = r:project({}):track("Keys")
  local untouched = track:midi({ length = 1, notes = {} })
  t.equal({ reaper.MIDI_GetScale(r.handle(untouched:take())) }, { true, 0.0, 4095.0, "Chromatic" })
  local set = track:midi({ length = 1, notes = {}, scale = { root = 9, mask = 0x5AD, name = "Minor" } })
  t.equal({ reaper.MIDI_GetScale(r.handle(set:take())) }, { true, 9.0, 0x5AD + 0.0, "Minor" })
  local empty = open_reaper(t, { untouched_scale = "none" })
  local take = empty:project({}):track("Keys"):midi({ length = 1, notes = {} }):take()
  t.equal({ empty.reaper.MIDI_GetScale(empty.handle(take)) }, { false, 0.0, 0.0, "" })
end)
