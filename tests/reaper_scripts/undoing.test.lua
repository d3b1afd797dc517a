-- The takes of the last job go out of the song again, and their files when the song was saved without them.

local open_reaper = require("fakes.reaper")

local open, sound, bring, undo, save_and_settle

open = function(t, options)
  local r = open_reaper(t, options)
  local song = r:project({ path = "Song/Song.rpp" })
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
    local file = sound(r, ("Generated/Riff 96bpm %s-%d.wav"):format(job, number))
    view.takes[number] = { take = number, file = file, mode = "variation" }
  end
  for _, outcome in ipairs(r:load("lib.place.bring").takes(r.handle(song), view)) do
    assert(outcome.ok, outcome.problem)
  end
end

undo = function(r, song)
  return r:load("lib.place.undoing").last(r.handle(song))
end

save_and_settle = function(r, song)
  song:save()
  return r:load("lib.place.undoing").settle(r.handle(song))
end

test("the last job's item and its empty track go in one step", function(t)
  local r, song, _, where = open(t)
  bring(r, song, where, "jobone00", 2)
  local undone = undo(r, song)
  t.equal(undone.job, "jobone00")
  t.equal(undone.text, "2 takes of Riff were taken out of the song; REAPER's undo brings them back.")
  t.equal(#song:tracks(), 1)
  t.equal(song:undo_steps(), { "daw-bridge: 2 takes of Riff", "daw-bridge: undo takes of Riff" })
  t.equal(song:ext_state("undone"), "jobone00")
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
  t.equal(song:ext_state("undone"), "")
end)

test("the files may go when the song is saved without the takes, and that is told once", function(t)
  local r, song, _, where = open(t)
  bring(r, song, where, "jobone00")
  undo(r, song)
  local undoing = r:load("lib.place.undoing")
  t.equal(undoing.settle(r.handle(song)), {})
  t.equal(save_and_settle(r, song), { "jobone00" })
  t.equal(save_and_settle(r, song), {})
end)

test("the files stay when the takes are back before the song is saved", function(t)
  local r, song, _, where = open(t)
  bring(r, song, where, "jobone00")
  undo(r, song)
  song:undo()
  t.equal(save_and_settle(r, song), {})
  t.equal(song:ext_state("undone"), "")
end)

test("the files stay where another take in the song plays one of them, also in a section", function(t)
  local r, song, item, where = open(t)
  bring(r, song, where, "jobone00")
  bring(r, song, where, "jobtwo00")
  undo(r, song)
  undo(r, song)
  item.track:audio({ file = "Generated/Riff 96bpm jobone00-1.wav", at = 60, reverse = true })
  t.equal(save_and_settle(r, song), { "jobtwo00" })
end)

test("a song that is never unsaved, by REAPER's preferences, loses no files", function(t)
  local r, song, _, where = open(t)
  bring(r, song, where, "jobone00")
  r.api.IsProjectDirty = function() return 0 end
  t.truthy(undo(r, song))
  t.equal(r:load("lib.place.undoing").settle(r.handle(song)), {})
end)

test("a closed project settles nothing", function(t)
  local r, song, _, where = open(t)
  bring(r, song, where, "jobone00")
  undo(r, song)
  r:project({ path = "Other/Other.rpp" })
  local handle = r.handle(song)
  song:save()
  song:close()
  t.equal(r:load("lib.place.undoing").settle(handle), {})
end)

test("it makes no difference whether what a project remembers makes it unsaved", function(t)
  local r, song, _, where = open(t, { ext_state_dirties = true })
  bring(r, song, where, "jobone00")
  undo(r, song)
  t.equal(save_and_settle(r, song), { "jobone00" })
  t.equal(save_and_settle(r, song), {})
end)
