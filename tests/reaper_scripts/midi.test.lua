-- MIDI items become a file that sounds like them, and what cannot become one is said.

local open_reaper = require("fakes.reaper")

local function go_on() end

local function song_at(t, options)
  local r = open_reaper(t)
  return r, r:project(options or { path = "Song/Song.rpp", bpm = 120 })
end

local function part_of(r, item, span)
  local values = item.values
  return {
    item = r.handle(item), take = r.handle(item.takes[1]),
    start_seconds = span and span[1] or values.D_POSITION,
    end_seconds = span and span[2] or values.D_POSITION + values.D_LENGTH,
  }
end

-- What midi.write says, for whole items, or for `span` of each.
local function write(r, song, items, span, pause)
  local parts, first, last = {}, math.huge, 0
  for index, item in ipairs(items) do
    parts[index] = part_of(r, item, span)
    first, last = math.min(first, parts[index].start_seconds), math.max(last, parts[index].end_seconds)
  end
  return r:load("lib.read.midi").write(parts, first, last, r.handle(song), r.folder .. "/clip.mid", pause or go_on)
end

local function number_at(bytes, at)
  local value = 0
  while true do
    local byte = bytes:byte(at)
    value, at = value << 7 | byte & 0x7F, at + 1
    if byte < 0x80 then return value, at end
  end
end

-- The file's tracks: { { tick, message }, … } each, metas and system exclusives without their length.
local function read(r)
  local file = assert(io.open(r.folder .. "/clip.mid", "rb"))
  local bytes = file:read("a")
  file:close()
  local kind, count, ppq = string.unpack(">I2I2I2", bytes, 9)
  assert(bytes:sub(1, 4) == "MThd" and kind == 1 and ppq == 960)
  local tracks, at = {}, 15
  for index = 1, count do
    local size = string.unpack(">I4", bytes, at + 4)
    local ends, tick = at + 8 + size, 0
    assert(bytes:sub(at, at + 3) == "MTrk")
    at = at + 8
    tracks[index] = {}
    while at < ends do
      local wait, length, head
      wait, at = number_at(bytes, at)
      tick = tick + wait
      local status = bytes:byte(at)
      if status == 0xFF then
        head = bytes:sub(at, at + 1)
        length, at = number_at(bytes, at + 2)
      elseif status == 0xF0 then
        head = bytes:sub(at, at)
        length, at = number_at(bytes, at + 1)
      else
        head, length = "", (status >> 4 == 12 or status >> 4 == 13) and 2 or 3
      end
      table.insert(tracks[index], { tick, head .. bytes:sub(at, at + length - 1) })
      at = at + length
    end
  end
  return tracks
end

-- A track's notes: { start, end, pitch, channel } in ticks.
local function notes_of(track)
  local notes, waiting = {}, {}
  for _, event in ipairs(track) do
    local status, pitch, velocity = event[2]:byte(1, 3)
    local kind, channel = status >> 4, status & 0x0F
    local key = channel * 128 + (pitch or 0)
    if kind == 9 and velocity > 0 then
      local note = { event[1], -1, pitch, channel }
      notes[#notes + 1] = note
      waiting[key] = waiting[key] or {}
      table.insert(waiting[key], note)
    elseif kind == 8 or kind == 9 then
      table.remove(waiting[key], 1)[2] = event[1]
    end
  end
  return notes
end

local function messages_of(track, first, last)
  local found = {}
  for _, event in ipairs(track) do
    local status = event[2]:byte()
    if status >= first and status <= last then found[#found + 1] = { event[1], event[2] } end
  end
  return found
end

test("a take's notes come with their ticks, pitches and channels", function(t)
  local r, song = song_at(t)
  local item = song:track("Marimba"):midi({ at = 3, length = 2, source_beats = 4, notes = {
    { pitch = 60, start = 0, duration = 1 }, { pitch = 64, start = 1.5, duration = 0.25, channel = 3 },
  } })
  t.equal(write(r, song, { item }), { drums = false })
  local tracks = read(r)
  t.equal(#tracks, 2)
  t.equal(tracks[2][1], { 0, "\xFF\x03Marimba" })
  t.equal(notes_of(tracks[2]), { { 0, 960, 60, 0 }, { 1440, 1680, 64, 3 } })
  t.equal(tracks[2][#tracks[2]], { 3840, "\xFF\x2F" })
end)

test("a file ends where the span ends, on every track", function(t)
  local r, song = song_at(t)
  local track = song:track("")
  local one = track:midi({ at = 0, length = 1, notes = { { pitch = 60, start = 0, duration = 1 } } })
  local other = track:midi({ at = 4, length = 1, notes = { { pitch = 62, start = 0, duration = 1 } } })
  write(r, song, { one, other })
  for _, events in ipairs(read(r)) do t.equal(events[#events], { 9600, "\xFF\x2F" }) end
  t.equal(notes_of(read(r)[3]), { { 7680, 8640, 62, 0 } })
end)

test("notes that reach over the edges are cut there", function(t)
  local r, song = song_at(t)
  -- The item shows beats 1 to 3 of its source.
  local item = song:track("Keys"):midi({ at = 1, length = 1, offset = 0.5, source_beats = 8, notes = {
    { pitch = 60, start = 0.5, duration = 1 }, { pitch = 62, start = 2.5, duration = 4 },
    { pitch = 64, start = 0.5, duration = 0.5 }, { pitch = 65, start = 3, duration = 1 },
    { pitch = 67, start = 0, duration = 1 + 1 / 16 }, { pitch = 69, start = 0, duration = 1 + 1 / 15 },
  } })
  write(r, song, { item })
  local notes = notes_of(read(r)[2])
  t.equal(notes, { { 0, 64, 69, 0 }, { 0, 480, 60, 0 }, { 1440, 1920, 62, 0 } })
end)

test("a loop goes round until the item ends", function(t)
  local r, song = song_at(t)
  local item = song:track("Loop"):midi({ at = 2, length = 2.25, offset = 0.25, source_beats = 2, loop = true,
    notes = { { pitch = 60, start = 0, duration = 0.5 }, { pitch = 62, start = 1.5, duration = 3 } } })
  write(r, song, { item })
  t.equal(notes_of(read(r)[2]), {
    { 960, 1440, 62, 0 },
    { 1440, 1920, 60, 0 }, { 2880, 3360, 62, 0 },
    { 3360, 3840, 60, 0 },
  })
end)

test("a loop that begins before its source does has its end there", function(t)
  local r, song = song_at(t)
  local item = song:track("Loop"):midi({ at = 2, length = 1, offset = -0.5, source_beats = 2, loop = true,
    notes = { { pitch = 60, start = 0, duration = 0.5 }, { pitch = 62, start = 1.5, duration = 0.5 } } })
  write(r, song, { item })
  t.equal(notes_of(read(r)[2]), { { 480, 960, 62, 0 }, { 960, 1440, 60, 0 } })
end)

test("a loop of a take that ignores the project's tempo goes round in its own", function(t)
  local r, song = song_at(t)
  local item = song:track("Loop"):midi({ at = 0, length = 4, source_beats = 2, loop = true, ignore_tempo = 60,
    notes = { { pitch = 60, start = 0, duration = 1 } } })
  write(r, song, { item })
  t.equal(notes_of(read(r)[2]), { { 0, 1920, 60, 0 }, { 3840, 5760, 60, 0 } })
end)

test("without loop source nothing sounds behind the source's end", function(t)
  local r, song = song_at(t)
  local item = song:track("Once"):midi({ at = 0, length = 4, source_beats = 2,
    notes = { { pitch = 60, start = 0, duration = 0.5 } } })
  write(r, song, { item })
  t.equal(notes_of(read(r)[2]), { { 0, 480, 60, 0 } })
end)

test("a looped source with a note that never ends is closed at every round", function(t)
  local r, song = song_at(t)
  local item = song:track("Drone"):midi({ at = 0, length = 2, source_beats = 2, loop = true,
    events = { { at = 0.5, message = "\x90\x30\x64" } } })
  write(r, song, { item })
  t.equal(notes_of(read(r)[2]), { { 480, 1920, 48, 0 }, { 2400, 3840, 48, 0 } })
end)

test("muted notes and what REAPER keeps for itself are left out", function(t)
  local r, song = song_at(t)
  local item = song:track("Keys"):midi({ at = 0, length = 2, source_beats = 4, notes = {
    { pitch = 60, start = 0, duration = 1 }, { pitch = 61, start = 0, duration = 1, muted = true },
  }, events = {
    { at = 0, text = "KSIG root 9 dir 1 notes 0x5AD", type = 15 },
    { at = 1, message = "\xB0\x01\x40", shape = "bezier", tension = 0.5 },
    { at = 1, message = "\xB0\x07\x10", muted = true },
    { at = 1.5, message = "\xFF\x51\x07\xA1\x20" },
    { at = 2, text = "la", type = 5 }, { at = 2, sysex = "\x7E\x7F\x09\x01" },
  } })
  write(r, song, { item })
  local track = read(r)[2]
  t.equal(notes_of(track), { { 0, 960, 60, 0 } })
  t.equal(messages_of(track, 0xB0, 0xBF), { { 960, "\xB0\x01\x40" } })
  t.equal(messages_of(track, 0xF0, 0xFF), {
    { 0, "\xFF\x03Keys" }, { 1920, "\xFF\x05la" }, { 1920, "\xF0\x7E\x7F\x09\x01\xF7" }, { 3840, "\xFF\x2F" },
  })
end)

test("what was set before the start is stated there", function(t)
  local r, song = song_at(t)
  local events = {}
  for _, message in ipairs({
    "\xB2\x00\x01", "\xB2\x20\x02", "\xC2\x05", "\xB2\x65\x00", "\xB2\x64\x00", "\xB2\x06\x0C", "\xB2\x07\x50",
    "\xB2\x0A\x20", "\xB2\x0B\x60", "\xB2\x40\x7F", "\xE2\x00\x50", "\xB2\x01\x33", "\xB2\x07\x51", "\xA2\x3C\x10",
  }) do
    events[#events + 1] = { at = 0.5, message = message }
  end
  events[#events + 1] = { at = 3, message = "\xC2\x06" }
  local item = song:track("Keys"):midi({ at = 0, length = 1, offset = 0.5, source_beats = 4, events = events,
    notes = { { pitch = 60, start = 2, duration = 1, channel = 2 } } })
  t.equal(write(r, song, { item }), { program = 5, drums = false })
  local track = read(r)[2]
  t.equal(messages_of(track, 0xB0, 0xEF), {
    { 0, "\xB2\x00\x01" }, { 0, "\xB2\x20\x02" }, { 0, "\xC2\x05" },
    { 0, "\xB2\x65\x00" }, { 0, "\xB2\x64\x00" }, { 0, "\xB2\x06\x0C" }, { 0, "\xB2\x65\x00" }, { 0, "\xB2\x64\x00" },
    { 0, "\xB2\x07\x51" }, { 0, "\xB2\x0A\x20" }, { 0, "\xB2\x0B\x60" }, { 0, "\xB2\x40\x7F" }, { 0, "\xE2\x00\x50" },
    { 1920, "\xB2\x40\x00" },
  })
end)

test("a reset of the controllers is not undone at the start", function(t)
  local r, song = song_at(t)
  local item = song:track("Keys"):midi({ at = 0, length = 1, offset = 0.5, source_beats = 4,
    events = {
      { at = 0, message = "\xB0\x40\x7F" }, { at = 0, message = "\xE0\x00\x50" },
      { at = 0.5, message = "\xB0\x79\x00" },
    },
    notes = { { pitch = 60, start = 1, duration = 1 } } })
  write(r, song, { item })
  t.equal(messages_of(read(r)[2], 0xB0, 0xEF), {})
end)

test("the take's pitch moves notes, but no drums, and drops what leaves the range", function(t)
  local r, song = song_at(t)
  local item = song:track("Keys"):midi({ at = 0, length = 2, source_beats = 4, pitch = 12, notes = {
    { pitch = 60, start = 0, duration = 1 }, { pitch = 120, start = 1, duration = 1 },
    { pitch = 36, start = 2, duration = 1, channel = 9 },
  } })
  write(r, song, { item })
  t.equal(notes_of(read(r)[2]), { { 0, 960, 72, 0 }, { 1920, 2880, 36, 9 } })
end)

test("the play rate moves ticks as it moves time", function(t)
  local r, song = song_at(t)
  local item = song:track("Keys"):midi({ at = 1, length = 1, source_beats = 4, rate = 2,
    notes = { { pitch = 60, start = 1, duration = 1 } } })
  write(r, song, { item })
  t.equal(notes_of(read(r)[2]), { { 480, 960, 60, 0 } })
end)

test("a take that ignores the project's tempo keeps its time over tempo changes", function(t)
  local tempo = { { at = 0, bpm = 120, num = 4, den = 4 }, { at = 1, bpm = 60 } }
  local r, song = song_at(t, { path = "Song/Song.rpp", tempo = tempo })
  local item = song:track("Keys"):midi({ at = 0, length = 4, source_beats = 8, ignore_tempo = 120,
    notes = { { pitch = 60, start = 1, duration = 1 }, { pitch = 62, start = 4, duration = 2 } } })
  write(r, song, { item })
  t.equal(notes_of(read(r)[2]), { { 960, 1920, 60, 0 }, { 2880, 3840, 62, 0 } })
  t.equal(messages_of(read(r)[1], 0xFF, 0xFF), {
    { 0, "\xFF\x58\x04\x02\x18\x08" }, { 0, "\xFF\x51\x07\xA1\x20" }, { 1920, "\xFF\x51\x0F\x42\x40" },
    { 4800, "\xFF\x2F" },
  })
end)

test("tempo and metre stand in the file as far as it goes", function(t)
  local tempo = { { at = 0, bpm = 120, num = 7, den = 8 }, { at = 3.5, bpm = 120, num = 3, den = 4 },
    { at = 5, bpm = 90, num = 4, den = 4 }, { at = 60, bpm = 50 } }
  local r, song = song_at(t, { path = "Song/Song.rpp", tempo = tempo })
  local item = song:track("Keys"):midi({ at = 1.75, length = 5, notes = { { pitch = 60, start = 0, duration = 1 } } })
  write(r, song, { item })
  t.equal(messages_of(read(r)[1], 0xFF, 0xFF), {
    { 0, "\xFF\x58\x07\x03\x18\x08" }, { 0, "\xFF\x51\x07\xA1\x20" }, { 3360, "\xFF\x58\x03\x02\x18\x08" },
    { 6240, "\xFF\x58\x04\x02\x18\x08" }, { 6240, "\xFF\x51\x0A\x2C\x2B" }, { 8760, "\xFF\x2F" },
  })
end)

test("a note without length lasts for a tick", function(t)
  local r, song = song_at(t)
  local item = song:track("Clicks"):midi({ at = 0, length = 2, source_beats = 4, notes = {
    { pitch = 60, start = 1, duration = 0 }, { pitch = 60, start = 1 + 1 / 960, duration = 1 },
  } })
  write(r, song, { item })
  t.equal(notes_of(read(r)[2]), { { 960, 961, 60, 0 }, { 961, 1921, 60, 0 } })
end)

test("most notes on channel 10 are drums", function(t)
  local r, song = song_at(t)
  local notes = { { pitch = 60, start = 0, duration = 1, channel = 1 } }
  for beat = 0, 3 do notes[#notes + 1] = { pitch = 36, start = beat, duration = 0.5, channel = 9 } end
  local item = song:track("Kit"):midi({ at = 0, length = 2, notes = notes,
    events = { { at = 0, message = "\xC1\x20" }, { at = 0, message = "\xC9\x19" } } })
  t.equal(write(r, song, { item }), { program = 25, drums = true })
end)

test("several items are a track each", function(t)
  local r, song = song_at(t)
  local low = song:track("Bass"):midi({ at = 0, length = 1, notes = { { pitch = 40, start = 0, duration = 1 } } })
  local high = song:track(""):midi({ at = 0, length = 1, name = "Lead take",
    notes = { { pitch = 80, start = 0, duration = 1 } } })
  local silent = song:track("Rest"):midi({ at = 0, length = 1, source_beats = 2 })
  write(r, song, { low, high, silent })
  local tracks = read(r)
  t.equal(#tracks, 3)
  t.equal({ tracks[2][1][2], tracks[3][1][2] }, { "\xFF\x03Bass", "\xFF\x03Lead take" })
end)

test("an item without notes is named", function(t)
  local r, song = song_at(t)
  local track = song:track("Keys")
  local empty = track:midi({ at = 0, length = 1, name = "Riff 100%", source_beats = 2 })
  local hidden = track:midi({ at = 2, length = 1, source_beats = 8,
    notes = { { pitch = 60, start = 6, duration = 1 } } })
  local got, problem = write(r, song, { empty })
  t.equal(got, nil)
  t.equal(problem, "No note of the item Riff 100% sounds in the selected part; "
    .. "draw some notes, or select another part.")
  t.matches(select(2, write(r, song, { hidden })), "^No note of the MIDI item sounds")
  t.matches(select(2, write(r, song, { empty, hidden })), "^No note of the item Riff 100%% and 1 more sounds")
  t.falsy(io.open(r.folder .. "/clip.mid"))
end)

test("a take that is deleted meanwhile is said", function(t)
  local r, song = song_at(t)
  local notes = {}
  for index = 1, 3000 do notes[index] = { pitch = 60, start = index / 4, duration = 0.125 } end
  local item = song:track("Keys"):midi({ at = 0, length = 300, notes = notes })
  local got, problem = write(r, song, { item }, nil, function()
    if not item.dead then r.delete_item(item) end
  end)
  t.equal(got, nil)
  t.matches(problem, "^An item was deleted before it was read")
end)

test("more than 200,000 notes are refused before they are all unrolled", function(t)
  local r, song = song_at(t)
  local notes = {}
  for index = 1, 100 do notes[index] = { pitch = 60, start = index / 200, duration = 1 / 400 } end
  local item = song:track("Machine"):midi({ at = 0, length = 1100, source_beats = 1, loop = true, name = "Gun",
    notes = notes })
  local pauses = 0
  local got, problem = write(r, song, { item }, nil, function() pauses = pauses + 1 end)
  t.equal(got, nil)
  t.equal(problem, "More than 200,000 notes sound in the item Gun, which is the limit; select a shorter part.")
  t.truthy(pauses < 450, "it went on to the end")
end)

test("more than 8 MB are refused", function(t)
  local r, song = song_at(t)
  local events = {}
  for index = 1, 200 do events[index] = { at = index / 200, sysex = ("\x01"):rep(50000) } end
  local item = song:track("Dump"):midi({ at = 0, length = 2, source_beats = 4, name = "Dump", events = events,
    notes = { { pitch = 60, start = 0, duration = 1 } } })
  local got, problem = write(r, song, { item })
  t.equal(got, nil)
  t.matches(problem, "^The notes and controllers of the item Dump fill more than 8 MB")
end)

test("a folder that is not there is said", function(t)
  local r, song = song_at(t)
  local item = song:track("Keys"):midi({ at = 0, length = 1, notes = { { pitch = 60, start = 0, duration = 1 } } })
  local midi = r:load("lib.read.midi")
  local got, problem = midi.write({ part_of(r, item) }, 0, 1, r.handle(song), r.folder .. "/gone/clip.mid", go_on)
  t.equal(got, nil)
  t.equal(type(problem), "string")
end)

test("no slice of a long take runs over 300,000 instructions", function(t)
  local r, song = song_at(t)
  local notes, events = {}, {}
  for index = 1, 3000 do
    notes[index] = { pitch = 36 + index % 48, start = index / 8, duration = 0.5, channel = index % 16 }
  end
  for index = 1, 2000 do events[index] = { at = index / 4, message = "\xE0\x00" .. string.char(index % 128) } end
  song:set_tempo({
    { at = 0, bpm = 120, num = 4, den = 4 }, { at = 20, bpm = 60, linear = true }, { at = 40, bpm = 180 },
  })
  local track = song:track("Keys")
  for _, ignore_tempo in ipairs({ false, 100 }) do
    local item = track:midi({ at = 0, length = 250, source_beats = 501, ignore_tempo = ignore_tempo,
      notes = notes, events = events })
    local most, count = 0, 0
    local function pause()
      most, count = math.max(most, count), 0
    end
    -- What the fake does in Lua, REAPER does not.
    debug.sethook(function()
      if debug.getinfo(2, "S").source:find("reaper_scripts/daw-bridge/", 1, true) then count = count + 100 end
    end, "", 100)
    local found, problem = write(r, song, { item }, nil, pause)
    debug.sethook()
    t.truthy(found, problem)
    pause()
    t.truthy(most <= 300000, ("a slice of %d instructions"):format(most))
    t.truthy(most >= 10000, ("only %d instructions were seen"):format(most))
  end
end)
