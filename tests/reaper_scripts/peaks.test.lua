-- The waveforms of takes that were brought in.

local open_reaper = require("fakes.reaper")

local function open(t, options)
  local r = open_reaper(t, options)
  local song = r:project({ path = "Song/Song.rpp" })
  local item = song:track("Marimba"):audio({ file = r:wav("riff.wav", { seconds = 1 }) })
  return r, song, item, r:load("lib.place.peaks").create()
end

test("a waveform is drawn a piece a tick until it is done", function(t)
  local r, song, item, peaks = open(t)
  peaks.add(r.handle(song), r.handle(item:take()))
  for _ = 1, 4 do
    t.equal(#r.peaks_built, 0)
    peaks.tick()
  end
  t.equal(#r.peaks_built, 1)
  peaks.tick()
  t.equal(#r.peaks_built, 1)
end)

test("one waveform after the other is drawn", function(t)
  local r, song, item, peaks = open(t)
  local other = item.track:audio({ file = "riff.wav", at = 5 })
  peaks.add(r.handle(song), r.handle(item:take()))
  peaks.add(r.handle(song), r.handle(other:take()))
  for _ = 1, 8 do peaks.tick() end
  t.equal(#r.peaks_built, 2)
end)

test("a take that is deleted meanwhile is left alone", function(t)
  local r, song, item, peaks = open(t)
  peaks.add(r.handle(song), r.handle(item:take()))
  peaks.tick()
  item:delete()
  peaks.tick()
  peaks.tick()
  t.equal(#r.peaks_built, 0)
end)

test("a project that is closed meanwhile is left alone", function(t)
  local r, song, item, peaks = open(t)
  r:project({ path = "Other/Other.rpp" })
  peaks.add(r.handle(song), r.handle(item:take()))
  peaks.tick()
  song:close()
  peaks.tick()
  t.equal(#r.peaks_built, 0)
end)

test("a REAPER that cannot draw waveforms for scripts is not asked to", function(t)
  local r, song, item, peaks = open(t, { version = "6.20/linux-x86_64" })
  peaks.add(r.handle(song), r.handle(item:take()))
  peaks.tick()
  t.equal(#r.peaks_built, 0)
end)
