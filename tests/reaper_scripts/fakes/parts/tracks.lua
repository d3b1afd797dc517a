-- REAPER's functions on tracks.

local tables = require("fakes.tables")

local function add(fake)
  local api = fake.api

  function api.CountTracks(project)
    return #project.list
  end

  function api.GetNumTracks()
    return #fake.active().list
  end

  function api.GetTrack(project, index)
    return project.list[index + 1]
  end

  function api.GetMasterTrack(project)
    return project.master
  end

  function api.GetParentTrack(track)
    local folders = {}
    for _, one in ipairs(track.project.list) do
      if one == track then
        return folders[#folders]
      end
      local depth = math.tointeger(one.values.I_FOLDERDEPTH)
      if depth > 0 then
        folders[#folders + 1] = one
      end
      for _ = depth, -1 do
        folders[#folders] = nil
      end
    end
    return nil
  end

  function api.CountSelectedTracks(project)
    local count = 0
    for _, track in ipairs(project.list) do
      count = count + (track.values.I_SELECTED ~= 0 and 1 or 0)
    end
    return count
  end

  function api.GetSelectedTrack(project, index)
    for _, track in ipairs(project.list) do
      if track.values.I_SELECTED ~= 0 then
        if index == 0 then
          return track
        end
        index = index - 1
      end
    end
    return nil
  end

  function api.IsTrackSelected(track)
    return track.values.I_SELECTED ~= 0
  end

  function api.SetTrackSelected(track, is_selected)
    track.values.I_SELECTED = is_selected and 1 or 0
  end

  function api.SetOnlyTrackSelected(track)
    for _, other in ipairs(track.project.list) do
      other.values.I_SELECTED = other == track and 1 or 0
    end
  end

  function api.GetTrackName(track)
    if track == track.project.master then
      return true, "MASTER"
    elseif track.name == "" then
      return true, "Track " .. tables.index_of(track.project.list, track)
    end
    return true, track.name
  end

  function api.GetTrackGUID(track)
    return track.guid
  end

  -- With wantDefaults REAPER adds what the user set for new tracks: an effect, to be seen by those who look.
  local function insert_track(project, index, wants_defaults)
    fake.change("a track is inserted", project)
    local track = fake.new_track(project, "")
    table.insert(project.list, math.max(0, math.min(index, #project.list)) + 1, track)
    if wants_defaults then
      for _, effect in ipairs(fake.option.default_track_fx or {}) do
        track.fx[#track.fx + 1] = effect
      end
    end
  end

  function api.InsertTrackAtIndex(index, wants_defaults)
    insert_track(fake.active(), index, wants_defaults)
  end

  function api.InsertTrackInProject(project, index, flags)
    insert_track(project, index, flags & 1 == 1)
  end

  function api.DeleteTrack(track)
    fake.change("a track is deleted", track.project)
    fake.delete_track(track)
  end

  function api.TrackFX_GetCount(track)
    return #track.fx
  end

  function api.TrackFX_GetFXName(track, index)
    local name = track.fx[index + 1]
    return name ~= nil, name or ""
  end

  function api.TrackFX_GetInstrument(track)
    for index, name in ipairs(track.fx) do
      if name:find("^%w*i:") then
        return index - 1
      end
    end
    return -1
  end

  function api.TrackFX_GetEnabled(track, index)
    return track.fx[index + 1] ~= nil
  end
end

return add
