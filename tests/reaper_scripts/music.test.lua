-- Tempo, metre and bars are told as REAPER has them around a span.

local open_reaper = require("fakes.reaper")

local function read(t, options, start_seconds, end_seconds, asked_bars)
  local r = open_reaper(t)
  options.path = "Song/Song.rpp"
  local song = r:project(options)
  return r:load("lib.read.music").read(r.handle(song), start_seconds, end_seconds, asked_bars), r, song
end

-- Seconds from a time of the song to so many quarter notes behind it, by REAPER's own clock.
local function seconds_of_song(r, song, start_seconds, beats)
  local quarters = r.api.TimeMap_timeToQN_abs(song, start_seconds)
  return r.api.TimeMap_QNToTime_abs(song, quarters + beats) - start_seconds
end

-- A ramp from 60 to 180 bpm within 8 s, steeper than most.
local STEEP = { { at = 0, bpm = 60, num = 4, den = 4, linear = true }, { at = 8, bpm = 180 } }

-- Seconds from the map's zero to a beat, by the map alone.
local function seconds_at(map, beat)
  local seconds = 0
  for index, point in ipairs(map) do
    local from = index == 1 and 0 or point.beat
    local to = math.min(map[index + 1] and map[index + 1].beat or math.huge, beat)
    if to > from then seconds = seconds + (to - from) * 60 / point.bpm end
  end
  return seconds
end

test("one tempo is told as one number", function(t)
  local got = read(t, { bpm = 96, num = 7, den = 8 }, 10, 20)
  t.equal(got.music, { bpm = 96.0, time_signature = { 7, 8 } })
  t.equal(got.beats, 16.0)
  t.equal(got.position, { beats = 16.0, seconds = 10 })
  t.equal(got.bar_beats, 3.5)
end)

test("tempo counts quarter notes in any metre", function(t)
  local got = read(t, { tempo = { { at = 0, bpm = 90, num = 6, den = 8 } } }, 0, 4)
  t.equal(got.music, { bpm = 90.0, time_signature = { 6, 8 } })
  t.equal(got.beats, 6.0)
end)

test("the distance to the next bar line is told", function(t)
  local got = read(t, { bpm = 120 }, 7.5, 20)
  t.equal({ got.to_bar_beats, got.bar_beats, got.next_bar_seconds, got.next_bar_beats }, { 1.0, 4.0, 8.0, 4.0 })
  got = read(t, { bpm = 120 }, 8, 20)
  t.equal({ got.to_bar_beats, got.bar_beats, got.next_bar_seconds, got.next_bar_beats }, { 0.0, 4.0, 8.0, 4.0 })
end)

test("what is a rounding before a bar line is on it", function(t)
  local got = read(t, { bpm = 97 }, 16 * 60 / 97 - 1e-8, 20)
  t.equal(got.to_bar_beats, 0.0)
  t.near(got.next_bar_seconds, 16 * 60 / 97, 1e-6)
end)

test("a tempo that changes within the span is a map", function(t)
  local got = read(t, { tempo = { { at = 0, bpm = 120, num = 4, den = 4 }, { at = 4, bpm = 60 } } }, 2, 8)
  t.equal(got.music.bpm, 120.0)
  t.equal(got.music.tempo_map, { { beat = 0.0, bpm = 120.0 }, { beat = 4.0, bpm = 60.0 } })
  t.equal(got.beats, 8.0)
end)

test("a tempo that changes behind the span is in the map, for takes may be longer", function(t)
  local got = read(t, { tempo = { { at = 0, bpm = 120, num = 4, den = 4 }, { at = 8, bpm = 60 } } }, 2, 4)
  t.equal(got.music.tempo_map, { { beat = 0.0, bpm = 120.0 }, { beat = 12.0, bpm = 60.0 } })
end)

test("a tempo that changes exactly at the end does not change within the span", function(t)
  local got = read(t, { tempo = { { at = 0, bpm = 120, num = 4, den = 4 }, { at = 4, bpm = 60 } } }, 2, 4)
  t.equal(#got.music.tempo_map, 2)
end)

test("a span that ends within a ramp lasts exactly as long by the map", function(t)
  local got = read(t, { tempo = STEEP }, 1.0, 4.3)
  t.near(seconds_at(got.music.tempo_map, got.beats), 3.3, 1e-7)
end)

test("whole bars from within a bar, or from a span's end, last as long by the map", function(t)
  local got, r, song = read(t, { tempo = STEEP }, 0.7, 2.9)
  local map = got.music.tempo_map
  for bars = 1, 3 do
    t.near(seconds_at(map, bars * 4), seconds_of_song(r, song, 0.7, bars * 4), 1e-7)
    local behind = seconds_at(map, got.beats + bars * 4) - seconds_at(map, got.beats)
    t.near(behind, seconds_of_song(r, song, 2.9, bars * 4), 1e-7)
  end
end)

test("a note within a ramp is in time by the map to a third of a millisecond", function(t)
  local got, r, song = read(t, { tempo = STEEP }, 0, 8)
  for sixteenth = 1, 60 do
    local beat = sixteenth / 4
    t.near(seconds_at(got.music.tempo_map, beat), seconds_of_song(r, song, 0, beat), 3.3e-4, "beat " .. beat)
  end
  t.truthy(#got.music.tempo_map < 150, "points: " .. #got.music.tempo_map)
end)

test("a gentle ramp needs few points", function(t)
  local tempo = { { at = 0, bpm = 100, num = 4, den = 4, linear = true }, { at = 60, bpm = 110 } }
  local got = read(t, { tempo = tempo }, 0, 20)
  t.truthy(#got.music.tempo_map < 140, "points: " .. #got.music.tempo_map)
end)

test("the maps go on as far as the bars that are asked for, or as the clip is long", function(t)
  local tempo = { { at = 0, bpm = 120, num = 4, den = 4 }, { at = 160, bpm = 90 } }
  t.equal(read(t, { tempo = tempo }, 0, 8).music.tempo_map, nil)
  local map = { { beat = 0.0, bpm = 120.0 }, { beat = 320.0, bpm = 90.0 } }
  t.equal(read(t, { tempo = tempo }, 0, 8, 128).music.tempo_map, map)
  t.equal(read(t, { tempo = tempo }, 0, 150, 0).music.tempo_map, map)
end)

test("tempos long before and long behind the span are not told", function(t)
  local tempo = { { at = 0, bpm = 100, num = 4, den = 4 }, { at = 10, bpm = 120 }, { at = 1000, bpm = 60 } }
  t.equal(read(t, { tempo = tempo }, 20, 30).music, { bpm = 120.0, time_signature = { 4, 4 } })
end)

test("markers that change nothing leave one tempo", function(t)
  local tempo = { { at = 0, bpm = 97.3, num = 4, den = 4 } }
  for index = 1, 40 do tempo[#tempo + 1] = { at = index * 1.37, bpm = 97.3 } end
  local got = read(t, { tempo = tempo }, 1.5, 30)
  t.equal(got.music, { bpm = 97.3, time_signature = { 4, 4 } })
end)

for _, unchanged in ipairs({ -1, 0 }) do
  test("a marker without a metre keeps the metre when it reports " .. unchanged, function(t)
    local r = open_reaper(t, { unchanged_metre = unchanged })
    local song = r:project({ tempo = { { at = 0, bpm = 120, num = 3, den = 4 }, { at = 3, bpm = 60 } } })
    local got = r:load("lib.read.music").read(r.handle(song), 1.5, 9)
    t.equal(got.music.time_signature, { 3, 4 })
    t.equal(got.music.metre_map, nil)
  end)
end

test("the map of a ramp meets REAPER's clock on every beat, bar line and marker", function(t)
  local tempo = { { at = 0, bpm = 90, num = 4, den = 4 }, { at = 3.3, bpm = 80, linear = true },
    { at = 17.1, bpm = 171, linear = true }, { at = 25, bpm = 60, num = 7, den = 8 } }
  local got, r, song = read(t, { tempo = tempo }, 2, 30)
  local reaper, zero = r.reaper, r.reaper.TimeMap_timeToQN_abs(r.handle(song), 2)
  local points = 0
  for beat = math.ceil(zero) - zero, got.beats, 1 do
    local seconds = reaper.TimeMap_QNToTime_abs(r.handle(song), zero + beat)
    t.near(seconds_at(got.music.tempo_map, beat), seconds - 2, 1e-7)
    points = points + 1
  end
  t.truthy(points > 40)
  for _, seconds in ipairs({ 3.3, 17.1, 25, 30 }) do
    local beat = reaper.TimeMap_timeToQN_abs(r.handle(song), seconds) - zero
    t.near(seconds_at(got.music.tempo_map, beat), seconds - 2, 1e-7)
  end
  t.near(got.music.bpm, 90, 1e-9)
end)

test("within a ramp the tempo is that of its place", function(t)
  local tempo = { { at = 0, bpm = 60, num = 4, den = 4, linear = true }, { at = 60, bpm = 180 } }
  local got = read(t, { tempo = tempo }, 30, 35)
  t.truthy(got.music.bpm > 120 and got.music.bpm < 121, tostring(got.music.bpm))
  t.equal(got.music.tempo_map[1].beat, 0.0)
end)

test("map points rise, whatever lies close together", function(t)
  local tempo = { { at = 0, bpm = 120, num = 4, den = 4 } }
  for index = 1, 30 do
    tempo[#tempo + 1] = { at = 2 + index * 0.0004, bpm = 60 + index * 7 % 90, linear = index % 2 == 0 }
  end
  local got = read(t, { tempo = tempo }, 1, 9)
  for index = 2, #got.music.tempo_map do
    t.truthy(got.music.tempo_map[index].beat > got.music.tempo_map[index - 1].beat)
  end
  t.near(seconds_at(got.music.tempo_map, got.beats), 8, 1e-7)
end)

test("a tempo that cannot be told is not told", function(t)
  local tempo = { { at = 0, bpm = 120, num = 4, den = 4 }, { at = 2, bpm = 10 }, { at = 20, bpm = 120 } }
  t.equal(read(t, { tempo = tempo }, 0, 10).music, { time_signature = { 4, 4 } })
  t.equal(read(t, { tempo = tempo }, 3, 10).music, { time_signature = { 4, 4 } })
end)

test("a map ends before a tempo behind the span that cannot be told", function(t)
  local tempo = { { at = 0, bpm = 120, num = 4, den = 4 }, { at = 2, bpm = 60 }, { at = 20, bpm = 10 } }
  local got = read(t, { tempo = tempo }, 0, 10)
  t.equal(got.music.tempo_map, { { beat = 0.0, bpm = 120.0 }, { beat = 4.0, bpm = 60.0 } })
end)

test("metres that change are told from the bar line before the start", function(t)
  local tempo = { { at = 0, bpm = 120, num = 4, den = 4 }, { at = 8, bpm = 120, num = 7, den = 8 },
    { at = 11.5, bpm = 120, num = 3, den = 4 } }
  local got = read(t, { tempo = tempo }, 3, 15)
  t.equal(got.music.tempo_map, nil)
  t.equal(got.music.time_signature, { 4, 4 })
  t.equal(got.music.metre_map, {
    { beat = -2.0, time_signature = { 4, 4 } }, { beat = 10.0, time_signature = { 7, 8 } },
    { beat = 17.0, time_signature = { 3, 4 } },
  })
end)

test("a bar that is cut short begins a point of its own", function(t)
  local tempo = { { at = 0, bpm = 120, num = 4, den = 4 }, { at = 5, bpm = 120, num = 4, den = 4 } }
  local got = read(t, { tempo = tempo }, 2, 9)
  t.equal(got.beats, 14.0)
  t.equal(got.music.bpm, 120.0)
  t.equal(got.music.metre_map, {
    { beat = 0.0, time_signature = { 4, 4 } }, { beat = 6.0, time_signature = { 4, 4 } },
  })
end)

test("a metre that cannot be told is not told", function(t)
  local got = read(t, { tempo = { { at = 0, bpm = 120, num = 5, den = 24 } } }, 0, 4)
  t.equal(got.music, { bpm = 120.0 })
end)

test("the metronome's groups are told", function(t)
  local function grouping(pattern, num, den)
    local tempo = { { at = 0, bpm = 120, num = num, den = den, pattern = pattern } }
    return read(t, { tempo = tempo }, 1, 4).music.grouping
  end
  t.equal(grouping("ABBABAB", 7, 8), { 3, 2, 2 })
  t.equal(grouping("ABCABCD", 7, 8), { 3, 4 })
  t.equal(grouping("1221222", 7, 8), { 3, 4 })
  t.equal(grouping("A.BA.", 5, 8), { 3, 2 })
  t.equal(grouping("ABBB", 4, 4), nil)
  t.equal(grouping("AAAA", 4, 4), nil)
  t.equal(grouping("BBAB", 4, 4), nil)
  t.equal(grouping("ABBABAB", 4, 4), nil)
  t.equal(grouping("A(BBB)AB", 4, 4), nil)
end)

test("a REAPER without metronome patterns tells no groups", function(t)
  local r = open_reaper(t, { version = "6.05/x64" })
  local song = r:project({ tempo = { { at = 0, bpm = 120, num = 7, den = 8, pattern = "ABBABAB" } } })
  local got = r:load("lib.read.music").read(r.handle(song), 0, 4)
  t.equal(got.music, { bpm = 120.0, time_signature = { 7, 8 } })
end)

test("a song with a marker on each beat costs little and stays exact", function(t)
  local tempo = { { at = 0, bpm = 120, num = 4, den = 4 } }
  for index = 1, 60 do
    tempo[index + 1] = { at = tempo[index].at + 60 / tempo[index].bpm, bpm = 118 + index * 13 % 5 }
  end
  local r = open_reaper(t)
  local song = r:project({ tempo = tempo })
  local music = r:load("lib.read.music")
  local count = 0
  debug.sethook(function()
    if debug.getinfo(2, "S").source:find("reaper_scripts/daw-bridge/", 1, true) then count = count + 10 end
  end, "", 10)
  local got = music.read(r.handle(song), 5, 25)
  debug.sethook()
  t.truthy(count < 500 * 60, count .. " instructions")
  t.truthy(count > 3000, "nothing was counted")
  t.near(seconds_at(got.music.tempo_map, got.beats), 20, 1e-7)
end)
