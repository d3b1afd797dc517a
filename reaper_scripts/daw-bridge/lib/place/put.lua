-- @noindex
-- Puts one take where it goes, with an item and a track of its own where it needs them; within a change.

local folders = require("lib.place.folders")
local marks = require("lib.marks")
local take_words = require("lib.place.take_words")

local M = {}

local NO_ITEM = "REAPER made no item for the take: see that its track is not locked, and ask again."
local TIMEBASE_OF_PROJECT, TIMEBASE_BEATS_POSITION = -1, 2
local PLAIN = {
  "B_LOOPSRC", "C_AUTOSTRETCH", "D_FADEINLEN", "D_FADEOUTLEN", "D_FADEINLEN_AUTO", "D_FADEOUTLEN_AUTO",
  "B_UISEL",
}
-- What a take has to have in common with those beside it in its item, so that they play in step.
local IN_STEP = { "D_STARTOFFS", "D_PLAYRATE", "B_PPITCH" }

local new_item, new_track, new_take, add_notes

-- `where` is as target.read, `place` as target.choose tells it, `sound` as bring opened it: its `is_given`
-- becomes true when REAPER has its source. The take's mark, as marks.takes tells it; or nil and a problem.
function M.take(project, job, where, place, sound, seconds)
  local item, take, problem = place.item, nil, nil
  if not item then item, problem = new_item(project, job, where, place, seconds) end
  if item then take, problem = new_take(item, job, where, sound) end
  if not take then return nil, problem end
  for _, key in ipairs(place.like and IN_STEP or {}) do
    reaper.SetMediaItemTakeInfo_Value(take, key, reaper.GetMediaItemTakeInfo_Value(place.like, key))
  end
  if marks.is_our_item(item) then add_notes(item, sound.told, job) end
  reaper.UpdateItemInProject(item)
  return { job = job, number = sound.told.take, take = take, item = item }
end

-- A new item of ours, without a take yet.
new_item = function(project, job, where, place, seconds)
  local track, problem = place.track, nil
  if not track then track, problem = new_track(project, where, place) end
  if not track then return nil, problem end
  local item = reaper.AddMediaItemToTrack(track)
  if not item then return nil, NO_ITEM end
  -- The tempo changes are in the sound already: REAPER shall move it with the bars, but never stretch it.
  local timebase = where.is_mapped and TIMEBASE_BEATS_POSITION or TIMEBASE_OF_PROJECT
  reaper.SetMediaItemInfo_Value(item, "C_BEATATTACHMODE", timebase)
  reaper.SetMediaItemInfo_Value(item, "D_POSITION", place.at_seconds)
  reaper.SetMediaItemInfo_Value(item, "D_LENGTH", seconds)
  -- What REAPER's preferences do to new items is not asked for here.
  for _, key in ipairs(PLAIN) do reaper.SetMediaItemInfo_Value(item, key, 0) end
  marks.mark_item(item, job)
  return item
end

-- A track of ours below the source's, named and coloured after it.
new_track = function(project, where, place)
  local track, problem = folders.insert_below(project, place.below)
  if not track then return nil, problem end
  local name = take_words.track_name(place.source_track, where.name)
  reaper.GetSetMediaTrackInfo_String(track, "P_NAME", name, true)
  local like = place.source_track
  local color = like and reaper.GetMediaTrackInfo_Value(like, "I_CUSTOMCOLOR") or 0
  if color ~= 0 then reaper.SetMediaTrackInfo_Value(track, "I_CUSTOMCOLOR", color) end
  marks.mark_track(track, place.source_guid ~= "" and place.source_guid or "gone")
  return track
end

-- A new take of an item, whose active take stays active.
new_take = function(item, job, where, sound)
  local active = reaper.GetActiveTake(item)
  local take = reaper.AddTakeToMediaItem(item)
  if not take or not reaper.SetMediaItemTake_Source(take, sound.source) then
    local file = take_words.file_name(sound.told.file)
    return nil, ("REAPER did not take %s into the song: drag it in by hand."):format(file)
  end
  sound.is_given = true
  reaper.SetMediaItemTakeInfo_Value(take, "D_STARTOFFS", 0)
  local name = take_words.take_name(where.name, sound.told)
  reaper.GetSetMediaItemTakeInfo_String(take, "P_NAME", name, true)
  marks.mark_take(take, job, sound.told.take)
  reaper.SetActiveTake(active or take)
  return take
end

add_notes = function(item, told, job)
  local _, notes = reaper.GetSetMediaItemInfo_String(item, "P_NOTES", "", false)
  notes = take_words.notes(notes or "", told, job)
  reaper.GetSetMediaItemInfo_String(item, "P_NOTES", notes, true)
end

return M
