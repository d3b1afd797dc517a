-- @noindex
-- The marks by which daw-bridge finds again what it put into a song: they are saved with it, and copied with
-- items.

local M = {}

local KEY = "P_EXT:daw_bridge"
-- So many are read in one tick; a song with more takes is read no further.
local MOST_TAKES = 60000

function M.mark_take(take, job, number)
  reaper.GetSetMediaItemTakeInfo_String(take, KEY, ("%s-%d"):format(job, number), true)
end

-- Marks an item that we made, not one of the user's that got a take of ours.
function M.mark_item(item, job)
  reaper.GetSetMediaItemInfo_String(item, KEY, job, true)
end

-- Marks a track that we made for the takes of another one, whose GUID is given.
function M.mark_track(track, source_guid)
  reaper.GetSetMediaTrackInfo_String(track, KEY, source_guid, true)
end

-- Job and number of a take, nil where it is none of ours.
function M.take(take)
  local _, mark = reaper.GetSetMediaItemTakeInfo_String(take, KEY, "", false)
  if not mark or mark == "" then return nil end
  local job, number = mark:match("^(.+)%-(%d+)$")
  return job, math.tointeger(tonumber(number))
end

-- Whether we made this item.
function M.is_our_item(item)
  local _, mark = reaper.GetSetMediaItemInfo_String(item, KEY, "", false)
  return mark ~= nil and mark ~= ""
end

-- The GUID of the track for whose takes this one was made, "" where we did not make it.
function M.track(track)
  local _, mark = reaper.GetSetMediaTrackInfo_String(track, KEY, "", false)
  return mark or ""
end

-- All of our takes in a song: `{ { job, number, take, item }, … }` in its order.
function M.takes(project)
  local found = {}
  for item, take in M.every_take(project) do
    local job, number = M.take(take)
    if job then found[#found + 1] = { job = job, number = number, take = take, item = item } end
  end
  return found
end

-- Goes through `item, take` of a song, empty takes left out.
function M.every_take(project)
  local count, most = reaper.CountMediaItems(project), MOST_TAKES
  local index, number, takes, item = -1, 0, 0, nil
  return function()
    while true do
      if number < takes then
        number = number + 1
        most = most - 1
        local take = reaper.GetTake(item, number - 1)
        if take then return item, take end
      else
        index = index + 1
        if index >= count or most <= 0 then return nil end
        item = reaper.GetMediaItem(project, index)
        number, takes = 0, item and reaper.CountTakes(item) or 0
      end
    end
  end
end

return M
