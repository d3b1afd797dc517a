-- The takes of the last job go out of the song again, and their files when nothing can bring those back.

local open_reaper = require("fakes.reaper")

local open, sound, bring, undo, clearing_of, settle_for

open = function(t, options)
  local r = open_reaper(t, options)
  local song = r:project({ path = "Song/Song.rpp" })
  r:load("lib.projects").id(r.handle(song))
  local track = song:track("Marimba")
  local item = track:audio({ file = sound(r, "riff.wav"), at = 4, length = 2, selected = true })
  local where = {
    place = "new_track", items = { item.guid }, track = track.guid, name = "Riff",
    items_seconds = 4, at_seconds = 4,
  }
  return r, song, item, where
end

-- The path of a new sound file of two seconds.
sound = function(r, path)
  return r.shown(r.full_path(r:wav(path, { seconds = 2, rate = 8000, channels = 1 })))
end

bring = function(r, song, where, job, count)
  local view = { job_id = job, source = { where = where }, takes = {} }
  for number = 1, count or 1 do
    local file = sound(r, ("Song/Generated/Riff 96bpm %s-%d.wav"):format(job, number))
    view.takes[number] = { take = number, file = file, mode = "variation" }
  end
  for _, outcome in ipairs(r:load("lib.place.bring").takes(r.handle(song), view, {})) do
    assert(outcome.ok, outcome.problem)
  end
end

undo = function(r, song)
  return r:load("lib.place.undoing").last(r.handle(song))
end

clearing_of = function(r)
  return r:load("lib.place.clearing").create()
end

-- The jobs whose files may go, after some seconds of looking.
settle_for = function(clearing)
  local jobs = {}
  for _ = 1, 3 do
    for _, job in ipairs(clearing.settle()) do jobs[#jobs + 1] = job end
  end
  return jobs
end

test("the last job's item and its empty track go in one step", function(t)
  local r, song, _, where = open(t)
  bring(r, song, where, "jobone00", 2)
  local undone = undo(r, song)
  t.equal(undone.job, "jobone00")
  t.equal(undone.text, "2 takes of Riff were taken out of the song; REAPER's undo brings them back.")
  t.equal(#song:tracks(), 1)
  t.equal(song:undo_steps(), { "daw-bridge: 2 takes of Riff", "daw-bridge: undo takes of Riff" })
  song:undo()
  t.equal(#song:tracks()[2].items[1].takes, 2)
end)

test("jobs go one after the other, the newest first, and then there is nothing", function(t)
  local r, song, _, where = open(t)
  bring(r, song, where, "jobone00")
  bring(r, song, where, "jobtwo00")
  local undone = undo(r, song)
  t.equal(undone.job, "jobtwo00")
  t.equal(undone.text, "1 take of Riff was taken out of the song; REAPER's undo brings it back.")
  t.equal(#song:tracks(), 2)
  t.equal(undo(r, song).job, "jobone00")
  local nothing, problem = undo(r, song)
  t.falsy(nothing)
  t.equal(problem, "There is nothing of daw-bridge to undo in this project.")
end)

test("a job that the user took out by hand is passed over", function(t)
  local r, song, _, where = open(t)
  bring(r, song, where, "jobone00")
  bring(r, song, where, "jobtwo00")
  song:tracks()[3].items[1]:delete()
  t.equal(undo(r, song).job, "jobone00")
end)

test("of an item with other takes only ours go; its active take and the selection stay", function(t)
  local r, song, item, where = open(t)
  local second = item:add_take({ file = "riff.wav", name = "mine" })
  item.current = 2
  local other = item.track:audio({ file = "riff.wav", at = 20, length = 2 })
  where.place = "takes"
  bring(r, song, where, "jobone00", 2)
  t.equal(#item.takes, 4)
  t.truthy(undo(r, song))
  t.equal(#item.takes, 2)
  t.truthy(item:take() == second)
  t.equal(item:get("B_UISEL"), 1)
  t.equal(other:get("B_UISEL"), 0)
  t.equal(#song:tracks(), 1)
end)

test("where a take of ours was the active one another take of the item is then", function(t)
  local r, song, item, where = open(t)
  where.place = "takes"
  bring(r, song, where, "jobone00", 3)
  item.current = 3
  t.truthy(undo(r, song))
  t.equal(#item.takes, 1)
  t.equal(item.current, 1)
end)

test("a copy of our item goes too, wherever the user put it", function(t)
  local r, song, _, where = open(t)
  bring(r, song, where, "jobone00")
  local solo = song:track("Solo")
  local copy = solo:audio({ file = "riff.wav", at = 50, length = 2 })
  copy:take().ext.daw_bridge = "jobone00-1"
  t.truthy(undo(r, song))
  t.equal(#solo.items, 0)
  t.equal(#song:tracks(), 2)
end)

test("a track of ours stays where the user has put something on it", function(t)
  local r, song, _, where = open(t)
  bring(r, song, where, "jobone00")
  song:tracks()[2].fx[1] = "VST: ReaEQ"
  t.truthy(undo(r, song))
  t.equal(#song:tracks(), 2)
  bring(r, song, where, "jobtwo00")
  song:tracks()[2].fx = {}
  song:tracks()[2]:audio({ file = "riff.wav", at = 90, length = 2 })
  t.truthy(undo(r, song))
  t.equal(#song:tracks(), 2)
end)

test("when REAPER does not delete a take nothing is changed", function(t)
  local r, song, item, where = open(t)
  where.place = "takes"
  bring(r, song, where, "jobone00", 2)
  r.actions[40129] = function() end
  local undone, problem = undo(r, song)
  t.falsy(undone)
  t.equal(problem, 'REAPER did not delete the take "Riff · 1": delete it by hand.')
  t.equal(#item.takes, 3)
  t.equal(item:get("B_UISEL"), 1)
  t.equal(r:ext_state("daw_bridge", "undone"), "")
end)

-- A song with a take, taken out of it again; r, song, clearing.
local function open_undone(t, options)
  local r, song, item, where = open(t, options)
  bring(r, song, where, "jobone00")
  song:save()
  local clearing = clearing_of(r)
  settle_for(clearing)
  t.truthy(undo(r, song))
  return r, song, clearing, item
end

test("the files may go when the song, saved without the takes, has been closed", function(t)
  local r, song, clearing = open_undone(t)
  t.equal(settle_for(clearing), {})
  song:save()
  t.equal(settle_for(clearing), {})
  song:close()
  t.equal(clearing.settle(), { "jobone00" })
  t.equal(clearing.settle(), {}, "the command may be under way")
  r:wait(6)
  t.equal(clearing.settle(), { "jobone00" }, "until the daemon has been told")
  clearing.settled("jobone00")
  r:wait(6)
  t.equal(settle_for(clearing), {})
  t.equal(r:ext_state("daw_bridge", "undone_jobone00"), "")
end)

test("they may go after REAPER was started again, but not while the song is open", function(t)
  local r, song, clearing = open_undone(t)
  song:save()
  settle_for(clearing)
  r:restart()
  r:open("Song/Song.rpp")
  clearing = clearing_of(r)
  t.equal(settle_for(clearing), {})
  song:close()
  t.equal(settle_for(clearing), { "jobone00" })
end)

test("a song that is worked on after it was saved lets them go all the same", function(t)
  local _, song, clearing, item = open_undone(t)
  song:save()
  settle_for(clearing)
  item:move(50)
  settle_for(clearing)
  song:close()
  t.equal(settle_for(clearing), { "jobone00" })
end)

test("the files stay when the song was closed and never saved without the takes", function(t)
  local r, song, clearing = open_undone(t)
  settle_for(clearing)
  song:close()
  t.equal(settle_for(clearing), {})
  t.equal(r:ext_state("daw_bridge", "undone"), "")
end)

-- Each: what brings the takes back, or may do so, before the song is closed.
local STAYS = {
  { words = "when the takes are back before the song is saved", change = function(_, song)
    song:undo()
    song:save()
  end },
  { words = "when the takes are back after the song was saved", change = function(_, song, clearing)
    song:save()
    settle_for(clearing)
    song:undo()
    settle_for(clearing)
  end },
  { words = "when the user went back to what was saved before the takes came", change = function(r, song)
    song:undo()
    song:undo()
    r.handle(song)
    song.is_dirty = false
  end },
  { words = "when the song was saved under another name", change = function(_, song, clearing)
    song:save("Song/Song 2.rpp")
    settle_for(clearing)
    song:save()
  end },
  { words = "when the song was saved under another name and under its own again", change = function(_, song, clearing)
    song:save("Song/Song 2.rpp")
    settle_for(clearing)
    song:save("Song/Song.rpp")
  end },
  { words = "when another open song plays one of them, also in a section", change = function(r, song, clearing)
    local other = r:project({ path = "Other/Other.rpp" })
    other:track("Other"):audio({ file = "Song/Generated/Riff 96bpm jobone00-1.wav", at = 60, reverse = true })
    song:save()
    settle_for(clearing)
    other:close()
  end },
  { words = "when a copy of the song is open under another name", change = function(r, song)
    local copy = r:project({ path = "Song/Song 2.rpp" })
    r:load("lib.projects").remember(r.handle(copy), "id", song:ext_state("id"))
    song:save()
  end },
}

for _, case in ipairs(STAYS) do
  test("the files stay " .. case.words, function(t)
    local r, song, clearing = open_undone(t)
    case.change(r, song, clearing)
    t.equal(settle_for(clearing), {})
    song:close()
    t.equal(settle_for(clearing), {})
    t.equal(r:ext_state("daw_bridge", "undone"), "")
  end)
end

test("the files stay of a song that was saved under another name with the takes, whichever is undone", function(t)
  local r, song, _, where = open(t)
  local clearing = clearing_of(r)
  bring(r, song, where, "jobone00")
  song:save()
  settle_for(clearing)
  song:save("Song/Song 2.rpp")
  settle_for(clearing)
  song:save("Song/Song.rpp")
  settle_for(clearing)
  t.truthy(undo(r, song))
  song:save()
  settle_for(clearing)
  song:close()
  t.equal(settle_for(clearing), {})
end)

for _, index in ipairs({ 1, 3 }) do
  test(("open song %d that plays a file is seen when the song is closed, at the latest"):format(index), function(t)
    local r, song, clearing = open_undone(t)
    song:save()
    for number = 1, 3 do r:project({ path = ("Other/Other %d.rpp"):format(number) }) end
    for _ = 1, 4 do settle_for(clearing) end
    song:close()
    for _, other in ipairs(r.projects) do r.touch(other) end
    r.projects[index]:track("Other"):audio({ file = "Song/Generated/Riff 96bpm jobone00-1.wav", at = 60 })
    t.equal(clearing.settle(), {})
    t.equal(r:ext_state("daw_bridge", "undone"), "")
  end)
end

test("of a song that was never saved the files stay", function(t)
  local r, song, _, where = open(t)
  song.path = nil
  local clearing = clearing_of(r)
  local file = sound(r, "home/results/Riff jobone00-1.wav")
  local view = { job_id = "jobone00", source = { where = where }, takes = { { take = 1, file = file } } }
  r:load("lib.place.bring").takes(r.handle(song), view, { t.folder .. "/home/results" })
  t.truthy(undo(r, song))
  settle_for(clearing)
  song:close()
  t.equal(settle_for(clearing), {})
end)

test("a song that is never unsaved, by REAPER's preferences, loses no files", function(t)
  local r, song, _, where = open(t)
  bring(r, song, where, "jobone00")
  r.api.IsProjectDirty = function() return 0 end
  t.truthy(undo(r, song))
  local clearing = clearing_of(r)
  settle_for(clearing)
  song:close()
  t.equal(settle_for(clearing), {})
end)

test("where REAPER saves the steps of its undo with the song the files stay", function(t)
  local _, song, clearing = open_undone(t, { config_vars = { saveundostatesproj = "3" } })
  song:save()
  settle_for(clearing)
  song:close()
  t.equal(settle_for(clearing), {})
end)

test("it makes no difference whether what a project remembers makes it unsaved", function(t)
  local _, song, clearing = open_undone(t, { ext_state_dirties = true })
  song:save()
  t.equal(settle_for(clearing), {})
  song:close()
  t.equal(settle_for(clearing), { "jobone00" })
end)

test("no more than fifty jobs wait, the oldest is forgotten", function(t)
  local r, song = open(t)
  local clearing = r:load("lib.place.clearing")
  for number = 1, 60 do clearing.wait(r.handle(song), ("job%05d"):format(number)) end
  local waiting = {}
  for job in r:ext_state("daw_bridge", "undone"):gmatch("%S+") do waiting[#waiting + 1] = job end
  t.equal({ #waiting, waiting[1] }, { 50, "job00011" })
  t.equal(r:ext_state("daw_bridge", "undone_job00010"), "")
end)

test("nonsense in what is remembered is forgotten", function(t)
  local r, song = open(t)
  r.reaper.SetExtState("daw_bridge", "undone", "jobone00 jobtwo00", true)
  r.reaper.SetExtState("daw_bridge", "undone_jobtwo00", '{"job":"other","is_saved":true}', true)
  song:close()
  t.equal(settle_for(clearing_of(r)), {})
  t.equal(r:ext_state("daw_bridge", "undone"), "")
end)

test("a look at a song of 5,000 items does not hold up a tick", function(t)
  local r, song, clearing, item = open_undone(t)
  for _ = 1, 5000 do r.new_take(r.new_item(item.track), item:take().source) end
  song:save()
  local taken = r:count_instructions(clearing.settle)
  t.truthy(taken < 500000, "instructions: " .. taken)
end)
