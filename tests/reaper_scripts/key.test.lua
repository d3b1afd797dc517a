-- The key comes from where somebody said it, and from nowhere else.

local open_reaper = require("fakes.reaper")

local MINOR = { 0, 2, 3, 5, 7, 8, 10 }

local function song_at(t, options)
  local r = open_reaper(t, options)
  return r, r:project({ path = "Song/Song.rpp", bpm = 120 })
end

local function find(r, items, remembered)
  local parts = {}
  for index, item in ipairs(items) do
    local values = item.values
    parts[index] = {
      item = r.handle(item), take = r.handle(item.takes[1]), start_seconds = values.D_POSITION,
      end_seconds = values.D_POSITION + values.D_LENGTH,
    }
  end
  local key, source = r:load("lib.read.key").find(parts, remembered)
  return { key, source }
end

local function signature(at, root, mask)
  return { at = at, text = ("KSIG root %d dir -1 notes 0x%X"):format(root, mask), type = 15 }
end

test("REAPER 6 is asked for key snap in its own form", function(t)
  local r, song = song_at(t, { version = "6.20/x64" })
  local item = song:track(""):midi({ at = 0, length = 2, scale = { root = 9, mask = 0x5AD, name = "Minor" } })
  t.equal(find(r, { item }), { { root = 9, scale = "minor", intervals = MINOR }, "key snap" })
end)

test("what the user typed comes first, as it was typed", function(t)
  local r, song = song_at(t)
  local item = song:track(""):midi({ at = 0, length = 2, events = { signature(0, 9, 0x5AD) } })
  t.equal(find(r, { item }, " Abm "), { "Abm", "yours" })
end)

test("a key signature of the notation is read", function(t)
  local r, song = song_at(t)
  local item = song:track(""):midi({ at = 0, length = 2, events = { signature(0, 8, 0x5AD) } })
  t.equal(find(r, { item }, ""), { { root = 8, scale = "minor", intervals = MINOR }, "notation" })
  item = song:track(""):midi({ at = 0, length = 2, events = { signature(0, 2, 0xAB5) } })
  t.equal(find(r, { item })[1].scale, "major")
end)

test("the signature in force at the start beats later ones", function(t)
  local r, song = song_at(t)
  local events = { signature(0, 0, 0xAB5), signature(2, 2, 0xAB5), signature(5, 4, 0xAB5) }
  local item = song:track(""):midi({ at = 1, length = 3, offset = 1.5, source_beats = 9, events = events })
  t.equal(find(r, { item })[1].root, 2)
end)

test("without one at the start the first within the part counts", function(t)
  local r, song = song_at(t)
  local item = song:track(""):midi({ at = 1, length = 2, source_beats = 9,
    events = { signature(1, 4, 0xAB5), signature(3, 5, 0xAB5), signature(8, 7, 0xAB5) } })
  t.equal(find(r, { item })[1].root, 4)
  item = song:track(""):midi({ at = 1, length = 2, source_beats = 9, events = { signature(8, 7, 0xAB5) } })
  t.equal(find(r, { item }), { nil, "" })
end)

test("a muted signature counts for nothing", function(t)
  local r, song = song_at(t)
  local event = signature(0, 4, 0xAB5)
  event.muted = true
  t.equal(find(r, { song:track(""):midi({ at = 0, length = 2, events = { event } }) }), { nil, "" })
end)

test("the track's earlier items tell the key where the item itself does not", function(t)
  local r, song = song_at(t)
  local track = song:track("Keys")
  track:midi({ at = 0, length = 2, source_beats = 4, events = { signature(0, 7, 0xAB5) } })
  track:midi({ at = 4, length = 2, source_beats = 4, events = { signature(0, 9, 0x5AD), signature(1, 4, 0x5AD) } })
  local audio = track:audio({ file = r:wav("a.wav", { seconds = 2, hz = 440 }), at = 8, length = 2 })
  track:midi({ at = 12, length = 2, events = { signature(0, 1, 0xAB5) } })
  local got = find(r, { audio })
  t.equal({ got[1].root, got[2] }, { 4, "notation" })
  local alone = song:track("Other"):audio({ file = r:wav("b.wav", { seconds = 2, hz = 440 }), at = 8, length = 2 })
  t.equal(find(r, { alone }), { nil, "" })
end)

test("key snap is read where somebody set it", function(t)
  local r, song = song_at(t)
  local item = song:track(""):midi({ at = 0, length = 2, scale = { root = 5, mask = 0x6AD, name = "Dorian" } })
  t.equal(find(r, { item }),
    { { root = 5, scale = "dorian", intervals = { 0, 2, 3, 5, 7, 9, 10 } }, "key snap" })
end)

test("a scale that we have no name for keeps REAPER's", function(t)
  local r, song = song_at(t)
  local item = song:track(""):midi({ at = 0, length = 2, scale = { root = 0, mask = 0x9D5, name = "Neapolitan X" } })
  t.equal(find(r, { item })[1], { root = 0, scale = "neapolitan x", intervals = { 0, 2, 4, 6, 7, 8, 11 } })
end)

test("a chord is no key", function(t)
  local r, song = song_at(t)
  local item = song:track(""):midi({ at = 0, length = 2, scale = { root = 0, mask = 0x91, name = "Major triad" } })
  t.equal(find(r, { item }), { nil, "" })
end)

for _, untouched in ipairs({ "chromatic", "empty", "none" }) do
  test("key snap that nobody touched is no key: " .. untouched, function(t)
    local r, song = song_at(t, { untouched_scale = untouched })
    t.equal(find(r, { song:track(""):midi({ at = 0, length = 2 }) }, nil), { nil, "" })
  end)
end
