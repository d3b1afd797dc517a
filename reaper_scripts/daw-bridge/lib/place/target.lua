-- @noindex
-- Where in the song a take goes: into an item that is there, onto a track that is there, or below a track.

local lines = require("lib.face.lines")
local marks = require("lib.marks")

local M = {}

-- Items that touch may overlap by rounding.
local MOST_OVERLAP_SECONDS = 1e-4
local MOST_OFF_SECONDS = 1e-3
local MOST_ITEMS = 20
-- With number and mode a take's name is then shorter than what REAPER keeps of one.
local MOST_NAME_LETTERS = 80
local OWN_TRACK = ", so it lies on a track of its own."

local into_source_item, onto_chosen_track, below_source, sibling_of, source_items, place_now
local is_free, find_track, overlap, texts, text, number

-- What a trigger's `source.where` says, whatever came back in it.
function M.read(where)
  where = type(where) == "table" and where or {}
  return {
    place = text(where.place),
    items = texts(where.items),
    track = text(where.track),
    target = text(where.target),
    name = lines.fitted(lines.plain(text(where.name)), MOST_NAME_LETTERS, lines.count),
    at_seconds = number(where.at_seconds),
    items_seconds = number(where.items_seconds, number(where.start_seconds)),
    exact_seconds = number(where.exact_seconds),
    is_mapped = where.mapped == true,
  }
end

-- What of a job's source is left in a song: `{ items = { item, … }, has_first, track, at_seconds }`;
-- `has_first`: the first of its items is there; `at_seconds`: where its takes begin now.
function M.find_source(project, where)
  local items, has_first = source_items(project, where.items)
  local source = { items = items, has_first = has_first }
  source.track = items[1] and reaper.GetMediaItem_Track(items[1]) or find_track(project, where.track)
  source.at_seconds = place_now(where, source)
  return source
end

-- Where a take of so many seconds goes. `source` is as `find_source` told it; `known`: the takes of the same
-- job that are in the song, as marks.takes tells them. One of
-- `{ item, like }`: into this item (`like`: a take of the same job in it, which the new one shall be like);
-- `{ track, at_seconds }`: as a new item on this track;
-- `{ below, source_track, source_guid, at_seconds }`: as a new item on a new track below `below` (nil: at the
-- end) for what `source_track` (nil where it is gone) plays;
-- each with `note`, a sentence for the user or "".
function M.choose(project, where, source, known, mode, seconds)
  local note = ""
  if where.place == "takes" then
    local item, why = into_source_item(where, source, mode, seconds)
    if item then return { item = item, note = "" } end
    note = why .. OWN_TRACK
  end
  local like = sibling_of(known, source, where.place == "takes")
  if like then return { item = like.item, like = like.take, note = note } end
  if where.place == "track" then
    local track, why = onto_chosen_track(project, where, source, seconds)
    if track then return { track = track, at_seconds = source.at_seconds, note = "" } end
    note = why .. OWN_TRACK
  end
  local place = below_source(project, where, source, seconds)
  local is_at_end = not place.track and not place.below
  place.note = note == "" and is_at_end and "Its track is gone, so it lies below all others." or note
  return place
end

-- The item of the user's that shall get the take, or nil and why not.
into_source_item = function(where, source, mode, seconds)
  local item = source.items[1]
  if #where.items > 1 then return nil, "It was made of several items" end
  if not item then return nil, "The item it was made for is gone" end
  if mode == "continue" then return nil, "It goes on after the item" end
  local at_seconds = reaper.GetMediaItemInfo_Value(item, "D_POSITION")
  local begins_with_it = math.abs(source.at_seconds - at_seconds) <= MOST_OFF_SECONDS
  if not begins_with_it then return nil, "It begins elsewhere than the item" end
  local is_looped = reaper.GetMediaItemInfo_Value(item, "B_LOOPSRC") == 1
  if is_looped and reaper.GetMediaItemInfo_Value(item, "D_LENGTH") > seconds + MOST_OFF_SECONDS then
    return nil, "The item is looped and longer than the take"
  end
  return item
end

-- Where the user wants all takes in one item but they cannot go there, only an item of ours gets them.
sibling_of = function(known, source, only_ours)
  for _, mark in ipairs(known) do
    local is_source = mark.item == source.items[1]
    if not (only_ours and is_source) then return mark end
  end
  return nil
end

onto_chosen_track = function(project, where, source, seconds)
  local track = find_track(project, where.target)
  if not track then return nil, "The chosen track is gone" end
  if is_free(track, source.at_seconds, seconds) then return track end
  local _, name = reaper.GetTrackName(track)
  return nil, ("%s is not free there"):format(name)
end

-- The first track of ours for this source that is free, else a new one below the last of them.
below_source = function(project, where, source, seconds)
  local guid = source.track and reaper.GetTrackGUID(source.track) or where.track
  local last = source.track
  for index = 0, reaper.CountTracks(project) - 1 do
    local track = reaper.GetTrack(project, index)
    if guid ~= "" and marks.track(track) == guid then
      if is_free(track, source.at_seconds, seconds) then
        return { track = track, at_seconds = source.at_seconds }
      end
      last = track
    end
  end
  return { below = last, source_track = source.track, source_guid = guid, at_seconds = source.at_seconds }
end

is_free = function(track, at_seconds, seconds)
  for index = 0, reaper.CountTrackMediaItems(track) - 1 do
    local item = reaper.GetTrackMediaItem(track, index)
    local position = reaper.GetMediaItemInfo_Value(item, "D_POSITION")
    local length = reaper.GetMediaItemInfo_Value(item, "D_LENGTH")
    if overlap(position, position + length, at_seconds, at_seconds + seconds) > MOST_OVERLAP_SECONDS then
      return false
    end
  end
  return true
end

overlap = function(start, stop, other_start, other_stop)
  return math.min(stop, other_stop) - math.max(start, other_start)
end

find_track = function(project, guid)
  if guid == "" then return nil end
  for index = 0, reaper.CountTracks(project) - 1 do
    local track = reaper.GetTrack(project, index)
    if reaper.GetTrackGUID(track) == guid then return track end
  end
  return nil
end

-- The items with these GUIDs that are still there, the one first told first, and whether that one is.
source_items = function(project, guids)
  local rank, found = {}, {}
  for index, guid in ipairs(guids) do rank[guid] = index end
  local left = #guids
  for index = 0, left > 0 and reaper.CountMediaItems(project) - 1 or -1 do
    local item = reaper.GetMediaItem(project, index)
    local _, guid = reaper.GetSetMediaItemInfo_String(item, "GUID", "", false)
    if rank[guid] then
      found[#found + 1] = { item = item, rank = rank[guid] }
      left = left - 1
      if left == 0 then break end
    end
  end
  table.sort(found, function(one, other) return one.rank < other.rank end)
  local items = {}
  for index, one in ipairs(found) do items[index] = one.item end
  return items, found[1] ~= nil and found[1].rank == 1
end

-- Beside the first item where that is now; but a time selection's exact take has its time, whatever became of
-- the items in it.
place_now = function(where, source)
  local moved_seconds = 0
  if where.exact_seconds == 0 and source.has_first then
    moved_seconds = reaper.GetMediaItemInfo_Value(source.items[1], "D_POSITION") - where.items_seconds
  end
  return math.max(0, where.at_seconds + moved_seconds)
end

texts = function(value)
  local list = {}
  for _, one in ipairs(type(value) == "table" and value or {}) do
    if type(one) == "string" and #list < MOST_ITEMS then list[#list + 1] = one end
  end
  return list
end

text = function(value)
  return type(value) == "string" and value or ""
end

number = function(value, otherwise)
  local is_finite = type(value) == "number" and value == value and math.abs(value) < math.huge
  return is_finite and value or otherwise or 0
end

return M
