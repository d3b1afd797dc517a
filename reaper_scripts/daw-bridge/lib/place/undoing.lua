-- @noindex
-- The takes of the last job go out of the song again.

local change = require("lib.place.change")
local clearing = require("lib.place.clearing")
local folders = require("lib.place.folders")
local marks = require("lib.marks")
local projects = require("lib.projects")
local take_words = require("lib.place.take_words")

local M = {}

local DELETE_ACTIVE_TAKE = 40129
local NOTHING = "There is nothing of daw-bridge to undo in this project."
local ONE_OUT = "1 take%s was taken out of the song; REAPER's undo brings it back."
local ALL_OUT = "%d takes%s were taken out of the song; REAPER's undo brings them back."
local REFUSED = "REAPER did not delete %s: delete it by hand."

local last_job, take_out, items_of, take_out_of_item, delete_take, keeping_selection
local has_others, first_of_job, is_left_unused, told_text

-- Takes the job that came last out of the song, in one step of REAPER's undo: `{ job, text }`, or nil and a
-- problem.
function M.last(project)
  local job, takes = last_job(project)
  if not job then return nil, NOTHING end
  local name = take_words.name_in(reaper.GetTakeName(takes[1].take))
  local words = name == "" and "daw-bridge: undo takes" or ("daw-bridge: undo takes of %s"):format(name)
  local went, problem = change.make(project, words, function()
    return take_out(project, job, takes)
  end)
  if not went then return nil, problem end
  clearing.wait(project, job)
  return { job = job, text = told_text(#takes, name) }
end

-- The newest job of which takes are in the song, and these as marks.takes tells them.
last_job = function(project)
  local takes_of = {}
  for _, mark in ipairs(marks.takes(project)) do
    takes_of[mark.job] = takes_of[mark.job] or {}
    table.insert(takes_of[mark.job], mark)
  end
  local jobs = projects.recall_list(project, "jobs")
  for index = #jobs, 1, -1 do
    if takes_of[jobs[index]] then return jobs[index], takes_of[jobs[index]] end
  end
  return nil
end

take_out = function(project, job, takes)
  local tracks = {}
  for _, mark in ipairs(takes) do
    local track = reaper.GetMediaItem_Track(mark.item)
    tracks[reaper.GetTrackGUID(track)] = track
  end
  local went, problem = keeping_selection(project, function()
    for _, item in ipairs(items_of(takes)) do
      local is_out, why = take_out_of_item(project, job, item)
      if not is_out then return nil, why end
    end
    return true
  end)
  if not went then return nil, problem end
  for _, track in pairs(tracks) do
    if is_left_unused(track) then folders.remove(project, track) end
  end
  return true
end

-- Each item once.
items_of = function(takes)
  local items = {}
  for _, mark in ipairs(takes) do
    if items[#items] ~= mark.item then items[#items + 1] = mark.item end
  end
  return items
end

-- The whole item, or only our takes where it has others.
take_out_of_item = function(project, job, item)
  if not has_others(item, job) then
    local track = reaper.GetMediaItem_Track(item)
    if reaper.DeleteTrackMediaItem(track, item) then return true end
    return nil, REFUSED:format("an item of daw-bridge")
  end
  local active = reaper.GetActiveTake(item)
  for _ = 1, reaper.CountTakes(item) do
    local take = first_of_job(item, job)
    if not take then break end
    local is_deleted, problem = delete_take(project, item, take)
    if not is_deleted then return nil, problem end
  end
  if active and reaper.ValidatePtr2(project, active, "MediaItem_Take*") then reaper.SetActiveTake(active) end
  reaper.UpdateItemInProject(item)
  return true
end

-- REAPER has no function that deletes a take, but an action that deletes the active takes of selected items.
delete_take = function(project, item, take)
  local count, name = reaper.CountTakes(item), reaper.GetTakeName(take)
  reaper.SetActiveTake(take)
  reaper.SetMediaItemSelected(item, true)
  reaper.Main_OnCommandEx(DELETE_ACTIVE_TAKE, 0, project)
  if reaper.CountTakes(item) ~= count - 1 then return nil, REFUSED:format(("the take %q"):format(name)) end
  reaper.SetMediaItemSelected(item, false)
  return true
end

-- Does `work` while nothing is selected, then selects what was and is still there.
keeping_selection = function(project, work)
  local selected = {}
  for index = 0, reaper.CountMediaItems(project) - 1 do
    local item = reaper.GetMediaItem(project, index)
    if reaper.IsMediaItemSelected(item) then selected[#selected + 1] = item end
  end
  reaper.SelectAllMediaItems(project, false)
  local went, problem = work()
  for _, item in ipairs(selected) do
    if reaper.ValidatePtr2(project, item, "MediaItem*") then reaper.SetMediaItemSelected(item, true) end
  end
  return went, problem
end

has_others = function(item, job)
  for index = 0, reaper.CountTakes(item) - 1 do
    local take = reaper.GetTake(item, index)
    if take and marks.take(take) ~= job then return true end
  end
  return false
end

first_of_job = function(item, job)
  for index = 0, reaper.CountTakes(item) - 1 do
    local take = reaper.GetTake(item, index)
    if take and marks.take(take) == job then return take end
  end
  return nil
end

-- Only a track that we made, and on which nobody put anything since.
is_left_unused = function(track)
  if marks.track(track) == "" or folders.is_folder(track) then return false end
  return reaper.CountTrackMediaItems(track) == 0 and reaper.TrackFX_GetCount(track) == 0
end

told_text = function(count, name)
  local of = name == "" and "" or " of " .. name
  if count == 1 then return ONE_OUT:format(of) end
  return ALL_OUT:format(count, of)
end

return M
