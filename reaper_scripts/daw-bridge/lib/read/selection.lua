-- @noindex
-- What the user has selected: the items, the stretch of time, and what sounds in it.

local marks = require("lib.marks")

local M = {}

local SOLOED, SILENCED_BY_SOLO = -1, 1 -- of C_MUTE_SOLO

local order, heard_tracks, plays, item_value, track_value

-- The selected items, in the order of their tracks, then of time. (Not the selected ones one by one:
-- REAPER discourages asking for those.)
function M.items(project)
  local items = {}
  for index = 0, reaper.CountMediaItems(project) - 1 do
    local item = reaper.GetMediaItem(project, index)
    if reaper.IsMediaItemSelected(item) then items[#items + 1] = item end
  end
  return order(items)
end

-- The time selection, or nil.
function M.span(project)
  local start_seconds, end_seconds = reaper.GetSet_LoopTimeRange2(project, false, false, 0, 0, false)
  if end_seconds <= start_seconds then return nil end
  return { start_seconds = start_seconds, end_seconds = end_seconds }
end

-- The items that sound in a stretch of time, in the same order, and whether the user chose tracks for it:
-- on the selected tracks if any is selected, else on all but those with our own takes, for a take should
-- not be made of takes unasked.
function M.under(project, span)
  local tracks, are_chosen = heard_tracks(project)
  local items = {}
  for _, one in ipairs(tracks) do
    for index = 0, reaper.CountTrackMediaItems(one.track) - 1 do
      local item = reaper.GetTrackMediaItem(one.track, index)
      local start_seconds = item_value(item, "D_POSITION")
      if start_seconds < span.end_seconds
        and start_seconds + item_value(item, "D_LENGTH") > span.start_seconds
        and plays(item, one.has_lanes)
      then
        items[#items + 1] = item
      end
    end
  end
  return order(items), are_chosen
end

-- Whether an item sounds by its own mute and solo.
function M.is_heard(item)
  local solo = item_value(item, "C_MUTE_SOLO")
  return solo == SOLOED or solo ~= SILENCED_BY_SOLO and item_value(item, "B_MUTE") == 0
end

-- REAPER mostly has them in this order already, and then nothing needs to be moved.
order = function(items)
  local places, is_ordered = {}, true
  local last
  for index, item in ipairs(items) do
    local place = {
      item = item,
      track = track_value(reaper.GetMediaItem_Track(item), "IP_TRACKNUMBER"),
      seconds = item_value(item, "D_POSITION"),
      index = index,
    }
    if last and (last.track > place.track or last.track == place.track and last.seconds > place.seconds) then
      is_ordered = false
    end
    places[index], last = place, place
  end
  if is_ordered then return items end
  table.sort(places, function(one, other)
    if one.track ~= other.track then return one.track < other.track end
    if one.seconds ~= other.seconds then return one.seconds < other.seconds end
    return one.index < other.index
  end)
  local ordered = {}
  for index, place in ipairs(places) do ordered[index] = place.item end
  return ordered
end

-- A track is muted, soloed and selected with the folder that it lies in.
heard_tracks = function(project)
  local tracks, folders = {}, {}
  local has_solo, are_chosen = false, false
  for index = 0, reaper.CountTracks(project) - 1 do
    local track = reaper.GetTrack(project, index)
    local folder = folders[#folders] or {}
    local is_selected = track_value(track, "I_SELECTED") ~= 0
    local is_ours = marks.track(track) ~= ""
    local one = {
      track = track,
      is_muted = folder.is_muted or track_value(track, "B_MUTE") ~= 0,
      is_solo = folder.is_solo or track_value(track, "I_SOLO") ~= 0,
      defies_solo = folder.defies_solo or track_value(track, "B_SOLO_DEFEAT") ~= 0,
      is_chosen = is_selected or (folder.is_chosen and not is_ours),
      is_ours = is_ours,
      has_lanes = track_value(track, "I_FREEMODE") == 2,
    }
    tracks[#tracks + 1] = one
    has_solo = has_solo or one.is_solo
    are_chosen = are_chosen or is_selected
    local depth = track_value(track, "I_FOLDERDEPTH")
    if depth > 0 then folders[#folders + 1] = one end
    while depth < 0 and #folders > 0 do
      folders[#folders] = nil
      depth = depth + 1
    end
  end
  local heard = {}
  for _, one in ipairs(tracks) do
    local is_meant = one.is_chosen
    if not are_chosen then is_meant = not one.is_ours end
    local sounds = not one.is_muted and (one.is_solo or one.defies_solo or not has_solo)
    if is_meant and sounds then heard[#heard + 1] = one end
  end
  return heard, are_chosen
end

-- REAPER 7 keeps the takes of a comp in lanes, of which only some play.
plays = function(item, has_lanes)
  return M.is_heard(item) and (not has_lanes or item_value(item, "C_LANEPLAYS") > 0)
end

item_value = function(item, name) return reaper.GetMediaItemInfo_Value(item, name) end

track_value = function(track, name) return reaper.GetMediaTrackInfo_Value(track, name) end

return M
