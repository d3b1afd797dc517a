-- Takes come into the song: where they go, what they are called, and that nothing else changes.

local open_reaper = require("fakes.reaper")

local JOB = "k3j2h1g0"
local ROOM = 1e-9
local RATE = 8000

local open, sound, view_of, bring, levels, sum_of_depths, placed_on

-- A song with an item "Riff" of 10 s at 20 s on the track Marimba, and what a trigger's `where` said of it.
open = function(t, options, song_options)
  options = options or {}
  local r = open_reaper(t, options)
  song_options = song_options or {}
  song_options.path = song_options.path or "Song/Song.rpp"
  song_options.bpm = song_options.bpm or 96
  local song = r:project(song_options)
  local track = song:track("Marimba")
  local item = track:audio({ file = sound(r, "riff.wav", 10), at = 20, length = 10, selected = true })
  local where = {
    place = "new_track", items = { item.guid }, track = track.guid, name = "Riff",
    start_seconds = 20, end_seconds = 30, at_seconds = 20, at_beats = 32, items_seconds = 20, exact_seconds = 0,
    mapped = false,
  }
  return r, song, item, where
end

-- The path of a new sound file.
sound = function(r, path, seconds)
  return r.shown(r.full_path(r:wav(path, { seconds = seconds, rate = RATE, channels = 1 })))
end

-- An outbox view with takes of 10 s (or as `lengths` say), numbered from 1.
view_of = function(r, where, lengths, job)
  job = job or JOB
  lengths = lengths or { 10 }
  local view = { request_id = "reaper-1", job_id = job, source = { where = where }, takes = {} }
  for number, seconds in ipairs(lengths) do
    view.takes[number] = {
      take = number, takes = #lengths, undone = false,
      file = sound(r, ("Song/Generated/Riff 96bpm G#m %s-%d.wav"):format(job, number), seconds),
      bpm = 96.0, key = "G# minor", prompt = "tropical house", mode = "variation", seed = 1234, provider = "local",
      created = "2026-11-22T18:00:00Z", seconds = seconds,
    }
  end
  return view
end

bring = function(r, song, view)
  return r:load("lib.place.bring").takes(r.handle(song), view, { r.home .. r.slash .. "results" })
end

-- How deep each track lies in folders, by name.
levels = function(song)
  local level, found = 0, {}
  for _, track in ipairs(song:tracks()) do
    found[#found + 1] = track.name .. " " .. level
    level = math.max(0, level + math.floor(track:get("I_FOLDERDEPTH")))
  end
  return found
end

sum_of_depths = function(song)
  local sum = 0
  for _, track in ipairs(song:tracks()) do sum = sum + track:get("I_FOLDERDEPTH") end
  return sum
end

placed_on = function(song, index)
  local track = song:tracks()[index]
  return track.items[#track.items]
end

test("a take lies on a new track below its source, at its place and as long as it is", function(t)
  local r, song, _, where = open(t)
  song:track("Bass")
  local outcomes = bring(r, song, view_of(r, where))
  t.equal(#outcomes, 1)
  t.equal(outcomes[1].ok, true)
  t.equal(outcomes[1].take, 1)
  t.equal(outcomes[1].note, "")
  t.equal(outcomes[1].already, false)
  t.equal(outcomes[1].where, "track Marimba · bridge, 0:20.000, bar 9")
  t.equal(song:tracks()[2].name, "Marimba · bridge")
  t.equal(song:tracks()[3].name, "Bass")
  local item = placed_on(song, 2)
  t.near(item:get("D_POSITION"), 20, ROOM)
  t.near(item:get("D_LENGTH"), 10, ROOM)
  t.equal(item:get("C_BEATATTACHMODE"), -1)
  for _, key in ipairs({ "B_LOOPSRC", "D_FADEINLEN", "D_FADEOUTLEN", "D_FADEINLEN_AUTO", "D_FADEOUTLEN_AUTO" }) do
    t.equal(item:get(key), 0, key)
  end
  t.equal(#item.takes, 1)
  t.equal(item:take().name, "Riff · 1")
  t.equal(item:take():get("D_STARTOFFS"), 0)
  t.equal(item:take():note("daw_bridge"), JOB .. "-1")
  t.truthy(outcomes[1].media == r.handle(item:take()))
end)

test("an item of ours tells in its notes where it came from", function(t)
  local r, song, _, where = open(t)
  bring(r, song, view_of(r, where))
  t.equal(placed_on(song, 2):get("P_NOTES"), table.concat({
    "daw-bridge: tropical house",
    "variation, 96 bpm, G# minor",
    "seed 1234, local",
    "job k3j2h1g0, take 1",
    "Riff 96bpm G#m k3j2h1g0-1.wav",
    "2026-11-22T18:00:00Z",
  }, "\n"))
end)

test("notes and names leave out what nobody knows", function(t)
  local r, song, _, where = open(t)
  where.name = ""
  local view = view_of(r, where)
  local take = view.takes[1]
  take.bpm, take.key, take.seed, take.prompt, take.mode = nil, nil, nil, "", "accompany"
  bring(r, song, view)
  local item = placed_on(song, 2)
  t.equal(item:take().name, "daw-bridge · 1 (accompany)")
  t.matches(item:get("P_NOTES"), "^daw%-bridge\naccompany\nlocal\njob ")
  t.equal(song:undo_steps()[1], "daw-bridge: 1 take")
end)

test("selection, cursor and time selection stay as they were", function(t)
  local r, song, item, where = open(t)
  local bass = song:track("Bass", { selected = true })
  song:select_time(3, 4)
  song.cursor = 7.5
  bring(r, song, view_of(r, where, { 10, 10 }))
  t.equal(item:get("B_UISEL"), 1)
  t.equal(placed_on(song, 2):get("B_UISEL"), 0)
  for _, track in ipairs(song:tracks()) do
    t.equal(track:get("I_SELECTED"), track == bass and 1 or 0, track.name)
  end
  t.equal(song.span, { 3, 4 })
  t.equal(song.cursor, 7.5)
end)

test("all takes that are ready become takes of one item in one step, the first one active", function(t)
  local r, song, _, where = open(t)
  local outcomes = bring(r, song, view_of(r, where, { 10, 10, 10 }))
  t.equal(#outcomes, 3)
  t.equal(#song:tracks(), 2)
  local item = placed_on(song, 2)
  t.equal(#song:tracks()[2].items, 1)
  t.equal({ item.takes[1].name, item.takes[2].name, item.takes[3].name }, { "Riff · 1", "Riff · 2", "Riff · 3" })
  t.equal(item.current, 1)
  t.equal(song:undo_steps(), { "daw-bridge: 3 takes of Riff" })
  song:undo()
  t.equal(#song:tracks(), 1)
end)

test("a later take joins its job's item wherever that is now, and plays in step with it", function(t)
  local r, song, _, where = open(t)
  local view = view_of(r, where, { 10, 10 })
  local second = table.remove(view.takes)
  bring(r, song, view)
  local item = placed_on(song, 2)
  local solo = song:track("Solo")
  item:move(40, solo)
  item:take():set("D_STARTOFFS", 1.5)
  item:take():set("D_PLAYRATE", 1.25)
  view.takes = { second }
  local outcomes = bring(r, song, view)
  t.equal(outcomes[1].where, "track Solo, 0:40.000, bar 17")
  t.equal(#item.takes, 2)
  t.equal(item.current, 1)
  t.equal(item.takes[2]:get("D_STARTOFFS"), 1.5)
  t.equal(item.takes[2]:get("D_PLAYRATE"), 1.25)
  t.matches(item:get("P_NOTES"), "take 1\n.*take 2\n")
end)

test("a later take of an item that is gone gets a new item", function(t)
  local r, song, _, where = open(t)
  local view = view_of(r, where, { 10, 10 })
  local second = table.remove(view.takes)
  bring(r, song, view)
  placed_on(song, 2):delete()
  view.takes = { second }
  t.equal(bring(r, song, view)[1].ok, true)
  t.equal(#song:tracks(), 2)
  t.equal(placed_on(song, 2):take().name, "Riff · 2")
end)

test("a take that is there is not placed again, and nothing changes", function(t)
  local r, song, _, where = open(t)
  local view = view_of(r, where, { 10, 10 })
  bring(r, song, view)
  local outcomes = bring(r, song, view)
  t.equal({ outcomes[1].already, outcomes[2].already }, { true, true })
  t.equal(outcomes[2].where, "track Marimba · bridge, 0:20.000, bar 9")
  t.equal(#placed_on(song, 2).takes, 2)
  t.equal(#song:undo_steps(), 1)
end)

test("what was imported or undone is not placed", function(t)
  local r, song, _, where = open(t)
  local view = view_of(r, where, { 10, 10 })
  view.takes[1].imported = "track Marimba · bridge, 0:20.000, bar 9"
  view.takes[2].undone = true
  t.equal(bring(r, song, view), {})
  t.equal(#song:tracks(), 1)
  t.equal(song:ext_state("jobs"), "")
end)

test("a track of ours is used again where it is free, else one more comes below it", function(t)
  local r, song, item, where = open(t)
  bring(r, song, view_of(r, where))
  item:move(30)
  bring(r, song, view_of(r, where, { 10 }, "jobtwo00"))
  t.equal(#song:tracks(), 2)
  t.equal(#song:tracks()[2].items, 2)
  bring(r, song, view_of(r, where, { 10 }, "jobthree"))
  t.equal(#song:tracks(), 3)
  t.equal(song:tracks()[3].name, "Marimba · bridge")
  t.equal(song:tracks()[3].items[1]:take():note("daw_bridge"), "jobthree-1")
end)

test("a take of a take lies below it, on a track of the same name", function(t)
  local r, song, _, where = open(t)
  bring(r, song, view_of(r, where))
  local ours = placed_on(song, 2)
  where.items, where.track = { ours.guid }, ours.track.guid
  bring(r, song, view_of(r, where, { 10 }, "jobtwo00"))
  t.equal(song:tracks()[3].name, "Marimba · bridge")
  t.equal(#song:tracks()[3].items, 1)
end)

test("the new track has the colour of its source, and its number where that has no name", function(t)
  local r, song, _, where = open(t)
  local track = song:track("", { I_CUSTOMCOLOR = 0x1FF8800 })
  local item = track:audio({ file = "riff.wav", at = 0, length = 10 })
  where.items, where.track, where.items_seconds, where.at_seconds = { item.guid }, track.guid, 0, 0
  bring(r, song, view_of(r, where))
  t.equal(song:tracks()[3].name, "Track 2 · bridge")
  t.equal(song:tracks()[3]:get("I_CUSTOMCOLOR"), 0x1FF8800)
end)

test("effects that new tracks get by the user's preferences do not colour a take", function(t)
  local r, song, _, where = open(t, { default_track_fx = { "VST: ReaComp" } })
  bring(r, song, view_of(r, where))
  t.equal(song:tracks()[2].fx, {})
end)

-- Each: the depths of tracks named A, B, C, …; which one is the source; the levels wanted then.
local FOLDERS = {
  { words = "below a plain track", depths = { 0, 0 }, source = 1, wanted = { "A 0", "A · bridge 0", "B 0" } },
  {
    words = "below the whole folder of a folder track", depths = { 1, 0, -1, 0 }, source = 1,
    wanted = { "A 0", "B 1", "C 1", "A · bridge 0", "D 0" },
  },
  {
    words = "as the last in the folder of a folder's last track", depths = { 1, 0, -1, 0 }, source = 3,
    wanted = { "A 0", "B 1", "C 1", "C · bridge 1", "D 0" },
  },
  {
    words = "in the inner folder below the last track of two folders", depths = { 1, 1, 0, -2, 0 }, source = 4,
    wanted = { "A 0", "B 1", "C 2", "D 2", "D · bridge 2", "E 0" },
  },
  {
    words = "in the outer folder below an inner folder that ends with it", depths = { 1, 1, 0, -2, 0 }, source = 2,
    wanted = { "A 0", "B 1", "C 2", "D 2", "B · bridge 1", "E 0" },
  },
  {
    words = "below a folder whose last track ends two", depths = { 1, 1, 0, -2, 0 }, source = 1,
    wanted = { "A 0", "B 1", "C 2", "D 2", "A · bridge 0", "E 0" },
  },
  {
    words = "inside a folder, after a folder in it", depths = { 1, 1, -1, 0, -1 }, source = 2,
    wanted = { "A 0", "B 1", "C 2", "B · bridge 1", "D 1", "E 1" },
  },
}

for _, case in ipairs(FOLDERS) do
  test("the new track lies " .. case.words .. ", and no other track's folder changes", function(t)
    local r = open_reaper(t)
    local song = r:project({ path = "Song/Song.rpp" })
    for index, depth in ipairs(case.depths) do
      song:track(string.char(64 + index), { I_FOLDERDEPTH = depth })
    end
    local source = song:tracks()[case.source]
    local item = source:audio({ file = sound(r, "riff.wav", 1) })
    local sum = sum_of_depths(song)
    local before = levels(song)
    local where = { place = "new_track", items = { item.guid }, track = source.guid, name = "Riff" }
    local view = view_of(r, where, { 1 })
    t.equal(bring(r, song, view)[1].ok, true)
    t.equal(levels(song), case.wanted)
    t.equal(sum_of_depths(song), sum)
    local undoing = r:load("lib.place.undoing")
    t.truthy(undoing.last(r.handle(song)))
    t.equal(levels(song), before)
    t.equal(sum_of_depths(song), sum)
  end)
end

test("below a folder that nobody ended the new track is no part of it", function(t)
  local r = open_reaper(t)
  local song = r:project({ path = "Song/Song.rpp" })
  local folder = song:track("A", { I_FOLDERDEPTH = 1 })
  song:track("B")
  local item = folder:audio({ file = sound(r, "riff.wav", 1) })
  local where = { place = "new_track", items = { item.guid }, track = folder.guid, name = "Riff" }
  local view = view_of(r, where, { 1 })
  bring(r, song, view)
  t.equal(levels(song), { "A 0", "B 1", "A · bridge 0" })
end)

test("a take follows its item to where that was moved meanwhile", function(t)
  local r, song, item, where = open(t)
  local other = song:track("Other")
  where.at_seconds = 20.5
  item:move(42, other)
  bring(r, song, view_of(r, where))
  t.equal(song:tracks()[3].name, "Other · bridge")
  t.near(placed_on(song, 3):get("D_POSITION"), 42.5, ROOM)
end)

test("a take of a deleted item lies at its time, below its track", function(t)
  local r, song, item, where = open(t)
  item:delete()
  local outcomes = bring(r, song, view_of(r, where))
  t.equal(outcomes[1].note, "")
  t.equal(song:tracks()[2].name, "Marimba · bridge")
  t.near(placed_on(song, 2):get("D_POSITION"), 20, ROOM)
end)

test("a take of a deleted track lies at its time, below all others, and says so", function(t)
  local r, song, item, where = open(t)
  song:track("Bass")
  item.track:delete()
  local outcomes = bring(r, song, view_of(r, where))
  t.equal(outcomes[1].ok, true)
  t.matches(outcomes[1].note, "Its track is gone")
  t.equal(song:tracks()[2].name, "Riff · bridge")
  t.near(placed_on(song, 2):get("D_POSITION"), 20, ROOM)
end)

test("a take of several items goes with the first of them; without that one it stays in place", function(t)
  local r, song, item, where = open(t)
  local second = item.track:audio({ file = "riff.wav", at = 30, length = 5 })
  where.items, where.items_seconds = { second.guid, item.guid }, 30
  second:move(60)
  bring(r, song, view_of(r, where))
  t.near(placed_on(song, 2):get("D_POSITION"), 50, ROOM)
  second:delete()
  bring(r, song, view_of(r, where, { 10 }, "jobtwo00"))
  t.near(song:tracks()[2].items[1]:get("D_POSITION"), 20, ROOM)
end)

test("what was made of a time selection, with other bars than that has, lies at its time", function(t)
  local r, song, _, where = open(t)
  where.at_seconds, where.start_seconds = 24, 24
  bring(r, song, view_of(r, where))
  t.near(placed_on(song, 2):get("D_POSITION"), 24, ROOM)
end)

test("a time selection is a time: its take is exactly as long and does not follow items", function(t)
  local r, song, item, where = open(t)
  where.exact_seconds = 9.99999
  item:move(50)
  bring(r, song, view_of(r, where))
  t.near(placed_on(song, 2):get("D_POSITION"), 20, ROOM)
  t.near(placed_on(song, 2):get("D_LENGTH"), 9.99999, ROOM)
end)

test("a take that is shorter than the time selection keeps its own length", function(t)
  local r, song, _, where = open(t)
  where.exact_seconds = 12
  bring(r, song, view_of(r, where))
  t.near(placed_on(song, 2):get("D_LENGTH"), 10, ROOM)
end)

test("a take with tempo changes inside moves with the bars, but is never stretched", function(t)
  local r, song, _, where = open(t)
  where.mapped = true
  bring(r, song, view_of(r, where))
  t.equal(placed_on(song, 2):get("C_BEATATTACHMODE"), 2)
  t.equal(placed_on(song, 2):get("C_AUTOSTRETCH"), 0)
end)

test("what goes on after the item lies after it", function(t)
  local r, song, _, where = open(t)
  where.at_seconds = 30
  local view = view_of(r, where)
  view.takes[1].mode = "continue"
  bring(r, song, view)
  t.near(placed_on(song, 2):get("D_POSITION"), 30, ROOM)
  t.equal(placed_on(song, 2):take().name, "Riff · 1 (continue)")
end)

test("as takes of the source item they leave the item, its notes, fades and active take alone", function(t)
  local r, song, item, where = open(t)
  where.place = "takes"
  item:set("D_FADEINLEN", 0.25)
  item:set("P_NOTES", "mine")
  item:add_take({ file = "riff.wav" })
  item.current = 2
  local outcomes = bring(r, song, view_of(r, where, { 10, 10 }))
  t.equal(outcomes[1].where, "take of the item on track Marimba, 0:20.000, bar 9")
  t.equal(outcomes[1].note, "")
  t.equal(#song:tracks(), 1)
  t.equal(#item.takes, 4)
  t.equal(item.current, 2)
  t.equal(item:get("D_FADEINLEN"), 0.25)
  t.equal(item:get("P_NOTES"), "mine")
  t.equal(item.takes[3].name, "Riff · 1")
  t.equal(item.takes[3]:get("D_STARTOFFS"), 0)
end)

-- Each: what keeps a take out of its source item, and what is said then.
local NOT_INTO_ITEM = {
  { words = "made of several items", note = "several items", change = function(item, where)
    where.items[2] = item.track:audio({ file = "riff.wav", at = 30, length = 5 }).guid
  end },
  { words = "of an item that is gone", note = "is gone", change = function(item) item:delete() end },
  { words = "shorter than its looped item", note = "looped", change = function(item)
    item:set("B_LOOPSRC", 1)
    item:set("D_LENGTH", 40)
  end },
  { words = "that goes on after the item", note = "after the item", change = function(_, where)
    where.at_seconds, where.mode = 30, "continue"
  end },
  { words = "of a part of the item", note = "elsewhere", change = function(_, where)
    where.at_seconds, where.exact_seconds = 24, 6
  end },
}

for _, case in ipairs(NOT_INTO_ITEM) do
  test("a take " .. case.words .. " lies on a track of its own and says why", function(t)
    local r, song, item, where = open(t)
    where.place = "takes"
    case.change(item, where)
    local view = view_of(r, where, { 10, 10 })
    for _, take in ipairs(view.takes) do take.mode = where.mode or "variation" end
    local outcomes = bring(r, song, view)
    for _, outcome in ipairs(outcomes) do
      t.equal(outcome.ok, true)
      t.contains(outcome.note, case.note)
      t.matches(outcome.note, "track of its own%.$")
    end
    t.equal(song:tracks()[2].name, "Marimba · bridge")
    t.equal(#placed_on(song, 2).takes, 2)
  end)
end

test("a take goes to the chosen track", function(t)
  local r, song, _, where = open(t)
  local chosen = song:track("Ideas")
  where.place, where.target = "track", chosen.guid
  local outcomes = bring(r, song, view_of(r, where, { 10, 10 }))
  t.equal(outcomes[1].where, "track Ideas, 0:20.000, bar 9")
  t.equal(#song:tracks(), 2)
  t.equal(#chosen.items, 1)
  t.equal(#chosen.items[1].takes, 2)
end)

test("items that only touch leave a track free", function(t)
  local r, song, _, where = open(t)
  local chosen = song:track("Ideas")
  chosen:audio({ file = "riff.wav", at = 10.00005, length = 10 })
  chosen:audio({ file = "riff.wav", at = 30, length = 10 })
  where.place, where.target = "track", chosen.guid
  bring(r, song, view_of(r, where))
  t.equal(#chosen.items, 3)
end)

test("a chosen track that is not free, or gone, is told, and the take gets a track of its own", function(t)
  local r, song, _, where = open(t)
  local chosen = song:track("Ideas")
  chosen:audio({ file = "riff.wav", at = 25, length = 1 })
  where.place, where.target = "track", chosen.guid
  local outcomes = bring(r, song, view_of(r, where))
  t.equal(outcomes[1].note, "Ideas is not free there, so it lies on a track of its own.")
  t.equal(#chosen.items, 1)
  chosen:delete()
  outcomes = bring(r, song, view_of(r, where, { 10 }, "jobtwo00"))
  t.equal(outcomes[1].note, "The chosen track is gone, so it lies on a track of its own.")
end)

test("a take goes into its own project while another tab is in front", function(t)
  local r, song, _, where = open(t)
  local other = r:project({ path = "Other/Other.rpp" })
  other:track("Other")
  bring(r, song, view_of(r, where))
  t.equal(#other:tracks(), 1)
  t.equal(#song:tracks(), 2)
  t.equal(#song:undo_steps(), 1)
  t.equal(other:undo_steps(), {})
  t.truthy(r:front() == other)
end)

test("before REAPER 7.18 the project comes to the front for the step, never within it", function(t)
  local r, song, _, where = open(t, { version = "6.80/linux-x86_64" })
  local other = r:project({ path = "Other/Other.rpp" })
  bring(r, song, view_of(r, where))
  t.equal(#other:tracks(), 0)
  t.equal(song:tracks()[2].name, "Marimba · bridge")
  t.truthy(r.fronts[1] == song and r.fronts[2] == other and #r.fronts == 2)
  r:front(song)
  bring(r, song, view_of(r, where, { 10 }, "jobtwo00"))
  t.equal(#r.fronts, 2)
end)

test("a file that is not there, or no sound, is told by its name, and the other takes come", function(t)
  local r, song, _, where = open(t)
  local view = view_of(r, where, { 10, 10, 10 })
  view.takes[1].file = t.folder .. "/Song/Generated/gone-1.wav"
  view.takes[2].file = t.folder .. "/Song/Generated/broken-2.wav"
  local broken = assert(io.open(view.takes[2].file, "wb"))
  broken:write("no sound")
  broken:close()
  local outcomes = bring(r, song, view)
  t.equal({ outcomes[1].ok, outcomes[2].ok, outcomes[3].ok }, { false, false, true })
  t.matches(outcomes[1].problem, "^REAPER cannot open gone%-1%.wav")
  t.matches(outcomes[2].problem, "^REAPER finds no sound in broken%-2%.wav")
  t.equal({ outcomes[1].wait, outcomes[2].wait }, { false, true })
  t.equal(placed_on(song, 2):take().name, "Riff · 3")
end)

test("a file that REAPER cannot open though it is there may be whole in a while", function(t)
  local r, song, _, where = open(t)
  local view = view_of(r, where)
  local create, is_whole = r.api.PCM_Source_CreateFromFile, false
  r.api.PCM_Source_CreateFromFile = function(...) return is_whole and create(...) or nil end
  local outcome = bring(r, song, view)[1]
  t.equal({ outcome.ok, outcome.wait }, { false, true })
  t.matches(outcome.problem, "^REAPER cannot open Riff 96bpm")
  is_whole = true
  t.equal(bring(r, song, view)[1].ok, true)
end)

-- Each: what an outbox file may name, and the words of the answer.
local NOT_OURS = {
  { words = "of another folder", file = "/Other/x-1.wav", answer = "lies neither in the project's folder" },
  { words = "that leads out of the folder", file = "/Song/../Other/x-1.wav", answer = "lies neither in" },
  { words = "of a folder whose name begins alike", file = "/Song 2/x-1.wav", answer = "lies neither in" },
  { words = "that is a project", file = "/Song/Generated/x-1.rpp", answer = "is no sound file" },
  { words = "without a suffix", file = "/Song/Generated/x-1", answer = "is no sound file" },
}

for _, case in ipairs(NOT_OURS) do
  test("a file " .. case.words .. " is never opened", function(t)
    local r, song, _, where = open(t)
    local view = view_of(r, where)
    view.takes[1].file = t.folder .. case.file
    r.api.PCM_Source_CreateFromFile = function() error("it was opened") end
    local outcome = bring(r, song, view)[1]
    t.equal({ outcome.ok, outcome.wait }, { false, false })
    t.contains(outcome.problem, case.answer)
    t.matches(outcome.problem, "^x%-1")
  end)
end

test("a file on another computer, or one without a folder, is never opened", function(t)
  local r, song, _, where = open(t, { os = "Win64" })
  r.api.PCM_Source_CreateFromFile = function() error("it was opened") end
  local files = { "\\\\evil\\share\\x-1.wav", "//evil/share/x-1.wav", "x-1.wav", "Generated\\x-1.wav", "", false }
  for _, file in ipairs(files) do
    local view = view_of(r, where)
    view.takes[1].file = file or nil
    t.equal(bring(r, song, view)[1].ok, false, tostring(file))
  end
end)

test("on Windows a file is in its folder in other case and with other slashes", function(t)
  local r, song, _, where = open(t, { os = "Win64" })
  local view = view_of(r, where)
  local folder, rest = view.takes[1].file:match("^(.*)(\\Generated\\.*)$")
  view.takes[1].file = folder:gsub("\\", "/") .. rest
  t.equal(bring(r, song, view)[1].ok, true)
  view = view_of(r, where, { 10 }, "jobtwo00")
  view.takes[1].file = view.takes[1].file:gsub("Generated", ".. \\Generated")
  t.equal(bring(r, song, view)[1].ok, false)
end)

test("the results folder is opened too, also where its name is told short", function(t)
  local r, song, _, where = open(t)
  local view = view_of(r, where, { 10, 10 })
  view.takes[1].file = sound(r, "home/results/Riff k3j2h1g0-1.wav", 10)
  t.equal(bring(r, song, view)[1].ok, true)
  sound(r, "HOME~1/results/Riff jobtwo00-1.wav", 10)
  view = view_of(r, where, { 10 }, "jobtwo00")
  view.takes[1].file = "C:\\Users\\Jörg\\daw-bridge\\results\\Riff jobtwo00-1.wav"
  local bringing = r:load("lib.place.bring")
  t.equal(bringing.takes(r.handle(song), view, { t.folder .. "/HOME~1/results" })[1].ok, true)
  t.equal(song:tracks()[3].items[1]:take().source.path, t.folder .. "/HOME~1/results/Riff jobtwo00-1.wav")
end)

test("a song that is not saved takes files from the results folder only", function(t)
  local r, song, _, where = open(t)
  song.path = nil
  local view = view_of(r, where)
  t.contains(bring(r, song, view)[1].problem, "lies neither in")
  view.takes[1].file = sound(r, "home/results/Riff k3j2h1g0-1.wav", 10)
  t.equal(bring(r, song, view)[1].ok, true)
end)

test("a song that was saved elsewhere meanwhile takes the files of the folder before", function(t)
  local r, song, _, where = open(t)
  local projects = r:load("lib.projects")
  projects.id(r.handle(song))
  song:save("Elsewhere/Song.rpp")
  projects.notice(r.handle(song))
  t.equal(bring(r, song, view_of(r, where))[1].ok, true)
end)

test("a song that has no id keeps the one that the job tells", function(t)
  local r, song, _, where = open(t)
  local view = view_of(r, where)
  view.source.project = { id = "{TOLD}", path = song.path }
  bring(r, song, view)
  t.equal(song:ext_state("id"), "{TOLD}")
end)

test("a long name is cut to what REAPER keeps of a take's", function(t)
  local r, song, _, where = open(t)
  where.name = ("Mär"):rep(200)
  bring(r, song, view_of(r, where))
  local name = placed_on(song, 2):take().name
  t.matches(name, "^MärMär.*… · 1$")
  t.truthy(utf8.len(name) <= 100, name)
end)

test("bars are counted as the ruler does, and left out where REAPER does not tell them", function(t)
  local r, song, _, where = open(t)
  song.first_measure = -1
  t.equal(bring(r, song, view_of(r, where))[1].where, "track Marimba · bridge, 0:20.000, bar 7")
  r:project({ path = "Other/Other.rpp" })
  local outcome = bring(r, song, view_of(r, where, { 10 }, "jobtwo00"))[1]
  t.equal(outcome.where, "track Marimba · bridge, 0:20.000")
end)

test("where no take can be opened nothing changes", function(t)
  local r, song, _, where = open(t)
  local view = view_of(r, where)
  view.takes[1].file = t.folder .. "/Song/gone.wav"
  t.equal(bring(r, song, view)[1].ok, false)
  t.equal(#song:tracks(), 1)
  t.equal(song:undo_steps(), {})
  t.equal(song:ext_state("jobs"), "")
end)

test("when REAPER refuses halfway nothing stays", function(t)
  local r, song, _, where = open(t)
  local count, set_source = 0, r.api.SetMediaItemTake_Source
  r.api.SetMediaItemTake_Source = function(...)
    count = count + 1
    return count < 2 and set_source(...)
  end
  local outcomes = bring(r, song, view_of(r, where, { 10, 10, 10 }))
  for _, outcome in ipairs(outcomes) do
    t.equal({ outcome.ok, outcome.wait }, { false, false })
    t.matches(outcome.problem, "^REAPER did not take Riff 96bpm G#m k3j2h1g0%-2%.wav")
  end
  t.equal(#song:tracks(), 1)
  t.equal(song:undo_steps(), {})
  t.equal(song:ext_state("jobs"), "")
end)

test("a defect halfway leaves nothing behind and is told", function(t)
  local r, song, _, where = open(t)
  r.api.UpdateItemInProject = function() error("a defect") end
  local outcomes = bring(r, song, view_of(r, where, { 10, 10 }))
  t.matches(outcomes[1].problem, "^A defect of daw%-bridge")
  t.equal(#song:tracks(), 1)
  t.contains(r:say(), "a defect")
end)

test("what failed does not take back an earlier step of the same name", function(t)
  local r, song, _, where = open(t)
  local is_broken, count_tracks = false, r.api.CountTracks
  r.api.CountTracks = function(project)
    return is_broken and error("a defect") or count_tracks(project)
  end
  bring(r, song, view_of(r, where))
  is_broken = true
  t.equal(bring(r, song, view_of(r, where, { 10 }, "jobtwo00"))[1].ok, false)
  t.equal(#song:tracks(), 2)
  t.equal(song:undo_steps(), { "daw-bridge: 1 take of Riff" })
end)

test("strange words in an outbox file do no harm", function(t)
  local r, song = open(t)
  local strange = { {}, { place = 7, items = "x", track = {}, at_seconds = "soon" }, { at_seconds = 0 / 0 } }
  for index, where in ipairs(strange) do
    t.equal(bring(r, song, view_of(r, where, { 1 }, "strange" .. index))[1].ok, true)
  end
  local view = view_of(r, nil, { 1 }, "strange4")
  view.source = nil
  for _, field in ipairs({ "bpm", "seed", "key", "created", "prompt", "mode", "provider" }) do
    view.takes[1][field] = nil
  end
  t.equal(bring(r, song, view)[1].ok, true)
end)

test("the jobs that came are remembered, the newest last", function(t)
  local r, song, _, where = open(t)
  bring(r, song, view_of(r, where))
  bring(r, song, view_of(r, where, { 10 }, "jobtwo00"))
  t.equal(song:ext_state("jobs"), JOB .. " jobtwo00")
end)

test("a song of 5,000 items does not hold up a tick", function(t)
  local r, song, _, where = open(t)
  for number = 1, 50 do
    local track = song:track("Track " .. number)
    for _ = 1, 100 do r.new_take(r.new_item(track)) end
  end
  local view = view_of(r, where, { 10, 10 })
  local taken, outcomes = r:count_instructions(bring, r, song, view)
  t.equal({ outcomes[1].ok, outcomes[2].ok }, { true, true })
  t.truthy(taken < 500000, "instructions: " .. taken)
end)
