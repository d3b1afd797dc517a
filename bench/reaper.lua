-- What REAPER's scripts take of a tick: read by bench/reaper.py, run against the strict fake REAPER of the tests.

local open_reaper = require("fakes.reaper")

local EVENTS = 20000
local RESULTS = 200
local MINUTES = 10

-- Runs one tick after the other until a condition holds; how many.
local function run_until(r, condition)
  local ticks = 0
  while not condition() do
    r:run()
    ticks = ticks + 1
    assert(ticks < 20000, "it does not end")
  end
  return ticks
end

test("a take of 20,000 events becomes a MIDI file", function(t)
  local r = open_reaper(t)
  local song = r:project({ path = "Song/Song.rpp", bpm = 96 })
  local notes = {}
  for index = 1, EVENTS // 2 do
    notes[index] = { pitch = 36 + index % 60, start = index / 8, duration = 0.1, velocity = 1 + index % 127 }
  end
  local seconds = EVENTS / 16 * 60 / 96 + 1
  local item = song:track("Keys"):midi({ at = 0, length = seconds, notes = notes, source_beats = EVENTS / 16 + 8 })
  local part = { item = r.handle(item), take = r.handle(item.takes[1]), start_seconds = 0, end_seconds = seconds }
  local midi = r:load("lib.read.midi")
  for _ = 1, 5 do
    local start = t.host.clock()
    assert(midi.write({ part }, 0, seconds, r.handle(song), t.folder .. "/clip.mid", function() end))
    t.host.tell("midi", t.host.clock() - start)
  end
end)

test("ten minutes of samples are written", function(t)
  local r = open_reaper(t)
  local mixing, rate = r:load("lib.read.mixing"), r:load("lib.protocol").CLIP_RATE
  local samples = {}
  for index = 1, 65536 do samples[index] = index % 100 / 100 end
  local function voice(gain)
    local reader = { read = function() return samples end, close = function() end }
    return {
      first_frame = 0, end_frame = MINUTES * 60 * rate, channels = 2, stride = 2, gain = gain,
      open = function() return reader end,
    }
  end
  for name, voices in pairs({ copied = { voice(1) }, mixed = { voice(0.5), voice(0.5) } }) do
    local start, longest = t.host.clock(), 0
    local slice = start
    local function pause()
      longest = math.max(longest, t.host.clock() - slice)
      slice = t.host.clock()
    end
    local shape = { rate = rate, channels = 2, frames = MINUTES * 60 * rate }
    assert(mixing.write(t.folder .. "/clip.wav", shape, voices, pause))
    t.host.tell(name, t.host.clock() - start)
    t.host.tell(name .. "_slice", longest * 1000)
  end
end)

test("an item of ten minutes is read through REAPER", function(t)
  local r = open_reaper(t)
  r:daemon("alive")
  local song = r:project({ path = "Song/Song.rpp", bpm = 96 })
  local file = r:wav("long.wav", { seconds = 1, channels = 2 })
  local item = song:track("Long"):audio({ file = file, at = 0, length = MINUTES * 60, pitch = 1, selected = true })
  local source = item.takes[1].source
  source.seconds, source.frames, source.signal = MINUTES * 60.0, MINUTES * 60 * source.rate, "ramp"
  r:press("Generate from selected items")
  t.host.tell("read_ticks", run_until(r, function() return r:trigger() ~= nil end))
  t.host.tell("read_instructions", r.most_instructions / 1e6)
end)

test("two hundred waiting results come in", function(t)
  local r = open_reaper(t)
  r:daemon("alive")
  local song = r:project({ path = "Song/Song.rpp", bpm = 96 })
  local track = song:track("Marimba")
  track:audio({ file = r:wav("riff.wav", { seconds = 10 }), at = 20, length = 10, selected = true, name = "Riff" })
  r:press("Generate from selected items")
  r:run(0.5)
  local trigger = r:trigger()
  for index = 1, RESULTS do
    r:answer(trigger, { request_id = ("reaper-%016x"):format(index), seconds = 0.5 })
  end
  t.host.tell("results_ticks", run_until(r, function() return #song:items() >= RESULTS + 1 end))
  t.host.tell("results_instructions", r.most_instructions / 1e6)
end)
