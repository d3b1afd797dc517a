-- @noindex
-- Tracks come and go here without any other track's folder changing.

local M = {}

local DEPTH = "I_FOLDERDEPTH"
-- The effects that a user wants on new tracks are not meant for takes, which shall sound as they were made.
local NO_DEFAULTS = 0

local insert, depth_of, set_depth, index_of

-- A new track below another one (below its whole folder, where it has one) and in the same folder as it;
-- without one, at the end of the song. Or nil and a problem. Called within a change.
function M.insert_below(project, track)
  local count = reaper.CountTracks(project)
  if not track then return insert(project, count) end
  local last, index = track, index_of(track)
  local level = depth_of(track)
  while level > 0 and index + 1 < count do
    index = index + 1
    last = reaper.GetTrack(project, index)
    level = level + depth_of(last)
  end
  local new, problem = insert(project, index + 1)
  if not new then return nil, problem end
  -- What ended here besides the track's own folder ends with the new track; a folder that nobody ended ends
  -- now.
  if level ~= 0 then set_depth(last, depth_of(last) - level) end
  set_depth(new, math.min(level, 0))
  return new
end

-- Whether a track has tracks in it as their folder.
function M.is_folder(track)
  return depth_of(track) > 0
end

-- Removes a track that is no folder. Called within a change.
function M.remove(project, track)
  local index, depth = index_of(track), depth_of(track)
  if index > 0 and depth < 0 then
    local before = reaper.GetTrack(project, index - 1)
    set_depth(before, depth_of(before) + depth)
    set_depth(track, 0)
  end
  reaper.DeleteTrack(track)
end

insert = function(project, index)
  local count = reaper.CountTracks(project)
  if reaper.InsertTrackInProject then
    reaper.InsertTrackInProject(project, index, NO_DEFAULTS)
  elseif reaper.EnumProjects(-1) == project then
    reaper.InsertTrackAtIndex(index, false)
  end
  local track = reaper.GetTrack(project, index)
  if not track or reaper.CountTracks(project) ~= count + 1 then
    return nil, "REAPER made no new track for the take: make one, choose it in the settings, and ask again."
  end
  reaper.SetMediaTrackInfo_Value(track, "I_SELECTED", 0)
  return track
end

depth_of = function(track)
  return math.floor(reaper.GetMediaTrackInfo_Value(track, DEPTH))
end

set_depth = function(track, depth)
  if depth_of(track) ~= depth then reaper.SetMediaTrackInfo_Value(track, DEPTH, depth) end
end

index_of = function(track)
  return math.floor(reaper.GetMediaTrackInfo_Value(track, "IP_TRACKNUMBER")) - 1
end

return M
