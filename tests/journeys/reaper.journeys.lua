-- REAPER's scripts against the real daemon: whole ways from the press to the take in the song.

local open_reaper = require("fakes.reaper")

local TICKS_AT_ONCE = 0.1
local LONGEST_SECONDS = 60

-- REAPER on a saved song with a track, and the daemon running unless `options.daemon` is false.
local function open(t, song_options, options)
  local r = open_reaper(t, options)
  r.now = t.host.time()
  local song = r:project(song_options or { path = "Song/Song.rpp", bpm = 96 })
  local track = song:track("Marimba")
  if not (options and options.daemon == false) then t.host.start_daemon(r.home) end
  return r, song, track
end

-- Lets REAPER run beside the daemon until a condition holds.
local function wait_for(t, r, condition, what)
  local until_seconds = t.host.time() + LONGEST_SECONDS
  while t.host.time() < until_seconds do
    r:run(TICKS_AT_ONCE)
    r.now = t.host.time()
    local value = condition()
    if value then return value end
    t.host.sleep(0.02)
  end
  t.fail("waited in vain for " .. what .. "; said: " .. r:say())
end

-- All items that hold takes of ours, in the order of tracks and times.
local function ours(song)
  local items = {}
  for _, item in ipairs(song:items()) do
    if item.takes[1] and item.takes[#item.takes]:note("daw_bridge") ~= "" then items[#items + 1] = item end
  end
  return items
end

local function wait_for_takes(t, r, song, count)
  return wait_for(t, r, function()
    local takes = 0
    for _, item in ipairs(song:items()) do
      for _, take in ipairs(item.takes) do
        if take:note("daw_bridge") ~= "" then takes = takes + 1 end
      end
    end
    return takes >= count and ours(song)
  end, count .. " takes")
end

-- What the user has typed into the settings, as the song keeps it.
local function set(song, wish)
  song.ext.daw_bridge = song.ext.daw_bridge or {}
  for key, value in pairs(wish) do song.ext.daw_bridge[key] = value end
end

-- The daemon has been told of all takes of a job when the job's outbox file is gone.
local function wait_until_told(t, r)
  wait_for(t, r, function() return #r:names(r.home .. "/outbox") == 0 end, "an empty outbox")
end

local function riff(r, track, more)
  local options = { file = r:wav("riff.wav", { seconds = 12, clicks = 1.6 }), at = 20, length = 10, selected = true }
  for key, value in pairs(more or {}) do options[key] = value end
  options.name = options.name or "Riff"
  return track:audio(options)
end

local SCALE = {
  { pitch = 68, start = 0, duration = 1 }, { pitch = 71, start = 1, duration = 1 },
  { pitch = 75, start = 2, duration = 1 }, { pitch = 80, start = 3, duration = 1 },
}

test("a plain item goes out by its path, and two takes come in on a track below, in time to the frame", function(t)
  local r, song, track = open(t)
  riff(r, track, { offset = 1 })
  set(song, { takes = "2", prompt = "marimba, tropical house" })
  r:press("Generate from selected items")
  local items = wait_for_takes(t, r, song, 2)
  t.equal(#items, 1)
  t.equal(#items[1].takes, 2)
  t.equal(song:tracks()[2].name, "Marimba · bridge")
  t.equal(items[1]:get("D_POSITION"), 20)
  t.near(items[1]:get("D_LENGTH"), 10, 1e-9)
  for _, take in ipairs(items[1].takes) do
    t.contains(take.source.path, "/Song/Generated/Riff 96bpm")
    t.equal(take.source.frames, 480000)
  end
  wait_until_told(t, r)
  t.equal(t.host.suffixes_in(r.folder .. "/Song/Generated"), ".json .json .wav .wav")
end)

test("notes go out as a MIDI file, unrolled, in the key that the project remembers", function(t)
  local r, song, track = open(t)
  track:midi({ at = 10, length = 10, notes = SCALE, source_beats = 4, loop = true, selected = true })
  set(song, { key = "G# minor", mode = "accompany" })
  r:press("Generate from selected items")
  local items = wait_for_takes(t, r, song, 1)
  t.near(items[1]:get("D_LENGTH"), 10, 1e-9)
  local told = r:json((items[1].takes[1].source.path:gsub("%.wav$", ".json")))
  t.equal(told.key, "G# minor")
  t.equal(told.mode, "accompany")
  t.equal(told.bpm, 96)
end)

test("an item that REAPER plays faster is heard as REAPER plays it", function(t)
  local r, song, track = open(t)
  riff(r, track, { rate = 1.2, pitch = 2 })
  r:press("Generate from selected items")
  local items = wait_for_takes(t, r, song, 1)
  t.equal(items[1].takes[1].source.frames, 480000)
  t.equal(t.host.suffixes_in(r.home .. "/media"), ".wav")
end)

test("a time selection is answered in exactly its length", function(t)
  local r, song, track = open(t)
  riff(r, track, { selected = false })
  song:select_time(21.25, 24.6)
  r:press("Generate from time selection")
  local items = wait_for_takes(t, r, song, 1)
  t.equal(items[1]:get("D_POSITION"), 21.25)
  t.near(items[1]:get("D_LENGTH"), 3.35, 1 / 48000)
  t.equal(items[1].takes[1].source.frames, 160800)
end)

test("over a changing tempo a take lasts as long as REAPER's own bars", function(t)
  local tempo = {
    { at = 0, bpm = 100, num = 4, den = 4 }, { at = 4.8, bpm = 90, linear = true }, { at = 9.6, bpm = 140 },
    { at = 12, bpm = 120, num = 7, den = 8 },
  }
  local r, song, track = open(t, { path = "Song/Song.rpp", tempo = tempo })
  riff(r, track, { at = 2.4, length = 9.6 })
  r:press("Generate from selected items")
  local items = wait_for_takes(t, r, song, 1)
  local told = r:json((items[1].takes[1].source.path:gsub("%.wav$", ".json")))
  t.equal(items[1]:get("D_POSITION"), 2.4)
  local quarters = r.api.TimeMap_timeToQN_abs(song, 2.4)
  local till = r.api.TimeMap_QNToTime_abs(song, quarters + told.beats)
  t.near(items[1]:get("D_LENGTH"), till - 2.4, 1 / 48000)
  t.equal(items[1]:get("C_BEATATTACHMODE"), 2)
end)

test("what goes on after an item is made for the tempo that the song has there", function(t)
  local tempo = { { at = 0, bpm = 100, num = 4, den = 4 }, { at = 9.6, bpm = 140 } }
  local r, song, track = open(t, { path = "Song/Song.rpp", tempo = tempo })
  riff(r, track, { at = 0, length = 9.6 })
  set(song, { mode = "continue" })
  r:press("Generate from selected items")
  local items = wait_for_takes(t, r, song, 1)
  t.equal(items[1]:get("D_POSITION"), 9.6)
  t.near(items[1]:get("D_LENGTH"), 16 * 60 / 140, 1 / 48000)
end)

test("a time selection within a steep ramp is answered to the frame", function(t)
  local tempo = { { at = 0, bpm = 60, num = 4, den = 4, linear = true }, { at = 8, bpm = 180 } }
  local r, song, track = open(t, { path = "Song/Song.rpp", tempo = tempo })
  riff(r, track, { at = 0, length = 10, selected = false })
  song:select_time(1.0, 4.3)
  r:press("Generate from time selection")
  local items = wait_for_takes(t, r, song, 1)
  t.equal(items[1].takes[1].source.frames, 158400)
end)

test("a wish that is sent while no daemon runs is answered when one is started", function(t)
  local r, song, track = open(t, nil, { daemon = false })
  t.host.start_daemon(r.home)
  t.host.stop_daemon()
  riff(r, track)
  r:press("Generate from selected items")
  r:run(1)
  t.truthy(r:has_said("daw-bridge is not running; open a terminal and run `daw-bridge run`."))
  t.equal(#song:tracks(), 1)
  t.host.start_daemon(r.home)
  wait_for_takes(t, r, song, 1)
end)

test("a daemon that is killed in the middle of a job brings it when it runs again, once", function(t)
  local r, song, track = open(t)
  riff(r, track)
  set(song, { takes = "3", bars = "16" })
  r:press("Generate from selected items")
  wait_for(t, r, function() return #r:names(r.home .. "/inbox") == 0 and #r:names(r.home .. "/outbox") == 1 end,
    "the wish to be accepted")
  t.host.kill_daemon()
  r:run(1)
  t.host.start_daemon(r.home)
  local items = wait_for_takes(t, r, song, 3)
  wait_until_told(t, r)
  t.equal(#items, 1)
  t.equal(#items[1].takes, 3)
end)

test("takes that came while REAPER was closed come in after it has been started again", function(t)
  local r, song, track = open(t)
  riff(r, track)
  r:press("Generate from selected items")
  wait_for(t, r, function() return #r:names(r.home .. "/inbox") == 0 and #r:names(r.home .. "/outbox") == 1 end,
    "the wish to be accepted")
  local view = r.home .. "/outbox/" .. r:names(r.home .. "/outbox")[1]
  song:save()
  r:restart()
  wait_for(t, r, function() return r:json(view).state == "delivered" end, "the take, of which REAPER hears nothing")
  r:press("Status")
  r:run(1)
  t.equal(r:front():tracks()[1], nil, "nothing is put into another project")
  song = r:open("Song/Song.rpp")
  local items = wait_for_takes(t, r, song, 1)
  t.equal(items[1]:get("D_POSITION"), 20)
  wait_until_told(t, r)
end)

test("takes come into the right song while another tab is in front", function(t)
  local r, song, track = open(t)
  riff(r, track)
  r:press("Generate from selected items")
  r:run(0.5)
  local other = r:project({ path = "Other/Other.rpp", bpm = 140 })
  wait_for_takes(t, r, song, 1)
  t.equal(#other:tracks(), 0)
  t.equal(r:front(), other)
end)

test("a job that is asked for again from the command line lands beside the first one", function(t)
  local r, song, track = open(t)
  riff(r, track)
  r:press("Generate from selected items")
  wait_for_takes(t, r, song, 1)
  t.host.type_in(r.home, "again", "")
  local items = wait_for_takes(t, r, song, 2)
  t.equal(#items, 2)
  t.equal(items[2]:get("D_POSITION"), 20)
  t.equal(song:tracks()[3].name, "Marimba · bridge")
end)

test("Again takes the same wish once more", function(t)
  local r, song, track = open(t)
  riff(r, track)
  r:press("Generate from selected items")
  local first = wait_for_takes(t, r, song, 1)[1].takes[1].source
  r:press("Again")
  local items = wait_for_takes(t, r, song, 2)
  wait_until_told(t, r)
  t.truthy(items[2].takes[1].source.path ~= first.path)
end)

test("Undo last takes the takes out, and their files when the song, saved without them, is closed", function(t)
  local r, song, track = open(t)
  riff(r, track)
  r:press("Generate from selected items")
  wait_for_takes(t, r, song, 1)
  wait_until_told(t, r)
  r:press("Undo last")
  r:run(0.5)
  t.equal(#ours(song), 0)
  t.equal(#song:tracks(), 1)
  t.equal(t.host.suffixes_in(r.folder .. "/Song/Generated"), ".json .wav")
  song:undo()
  r:run(2)
  t.equal(#ours(song), 1)
  r:press("Undo last")
  r:run(0.5)
  song:save()
  r:run(3)
  t.equal(t.host.suffixes_in(r.folder .. "/Song/Generated"), ".json .wav")
  song:close()
  wait_for(t, r, function() return t.host.suffixes_in(r.folder .. "/Song/Generated") == "" end, "the files to go")
  t.equal(t.host.suffixes_in(r.home .. "/undone"), ".json .wav")
end)

test("Cancel stops a job, and nothing comes of it", function(t)
  local r, song, track = open(t)
  riff(r, track)
  set(song, { takes = "10", bars = "64" })
  r:press("Generate from selected items")
  wait_for(t, r, function() return #r:names(r.home .. "/outbox") == 1 end, "the wish to be accepted")
  r:press("Cancel")
  wait_for(t, r, function() return r:has_said("cancelled") end, "the word that it is cancelled")
  t.truthy(#ours(song) <= 1)
end)

test("a song that is not saved gets its takes from the results folder, and is told so", function(t)
  local r, song, track = open(t, { bpm = 120 })
  riff(r, track)
  r:press("Generate from selected items")
  local items = wait_for_takes(t, r, song, 1)
  t.contains(items[1].takes[1].source.path, "/home/results/")
  t.truthy(r:has_said("The project is not saved"))
end)

test("with FX what is heard goes out, notes too", function(t)
  local r, song, track = open(t)
  track:midi({ at = 10, length = 5, notes = SCALE, source_beats = 8, selected = true })
  set(song, { with_fx = "1" })
  r:press("Generate from selected items")
  local items = wait_for_takes(t, r, song, 1)
  t.near(items[1]:get("D_LENGTH"), 5, 1 / 48000)
end)

test("a clip that the daemon refuses is told in its own words", function(t)
  local r, _, track = open(t)
  riff(r, track, { file = r:wav("silent.wav", { seconds = 12, level = 0, hz = 1, clicks = false }) })
  r:write(r.folder .. "/silent.wav", "no sound at all")
  r:press("Generate from selected items")
  wait_for(t, r, function() return r:has_said("silent.wav") end, "the daemon's sentence")
end)
