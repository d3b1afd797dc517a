-- REAPER's functions on items and takes.

local tables = require("fakes.tables")

local function add(fake)
  local api = fake.api

  function api.CountMediaItems(project)
    return #project:items()
  end

  function api.GetMediaItem(project, index)
    for _, track in ipairs(project.list) do
      if index < #track.items then
        return track.items[index + 1]
      end
      index = index - #track.items
    end
    return nil
  end

  function fake.selected_items(project)
    local items = {}
    for _, item in ipairs(project:items()) do
      if item.values.B_UISEL ~= 0 then
        items[#items + 1] = item
      end
    end
    return items
  end

  function api.CountSelectedMediaItems(project)
    return #fake.selected_items(project)
  end

  function api.GetSelectedMediaItem(project, index)
    return fake.selected_items(project)[index + 1]
  end

  function api.IsMediaItemSelected(item)
    return item.values.B_UISEL ~= 0
  end

  function api.SetMediaItemSelected(item, is_selected)
    item.values.B_UISEL = is_selected and 1 or 0
  end

  function api.SelectAllMediaItems(project, is_selected)
    for _, item in ipairs(project:items()) do
      item.values.B_UISEL = is_selected and 1 or 0
    end
  end

  function api.CountTrackMediaItems(track)
    return #track.items
  end

  function api.GetTrackNumMediaItems(track)
    return #track.items
  end

  function api.GetTrackMediaItem(track, index)
    return track.items[index + 1]
  end

  function api.GetMediaItem_Track(item)
    return item.track
  end

  function api.GetMediaItemTrack(item)
    return item.track
  end

  function api.GetItemProjectContext(item)
    return item.track.project
  end

  function api.AddMediaItemToTrack(track)
    fake.change("an item is added", track.project)
    local item = fake.new_item(track)
    return item
  end

  function api.DeleteTrackMediaItem(track, item)
    fake.change("an item is deleted", track.project)
    if item.track ~= track then
      return false
    end
    fake.delete_item(item)
    return true
  end

  function api.MoveMediaItemToTrack(item, track)
    fake.change("an item is moved", track.project)
    if item.track.project ~= track.project then
      return false
    end
    table.remove(item.track.items, tables.index_of(item.track.items, item))
    item.track = track
    table.insert(track.items, item)
    fake.sort_items(track)
    return true
  end

  function api.SetMediaItemPosition(item, seconds)
    return api.SetMediaItemInfo_Value(item, "D_POSITION", seconds)
  end

  function api.SetMediaItemLength(item, seconds)
    return api.SetMediaItemInfo_Value(item, "D_LENGTH", seconds)
  end

  function api.UpdateItemInProject() end

  function api.UpdateArrange() end

  function api.UpdateTimeline() end

  function api.TrackList_AdjustWindows() end

  function api.CountTakes(item)
    return #item.takes
  end

  function api.GetMediaItemNumTakes(item)
    return #item.takes
  end

  function api.GetTake(item, index)
    return item.takes[index + 1]
  end

  function api.GetMediaItemTake(item, index)
    return item.takes[index == -1 and item.current or index + 1]
  end

  function api.GetActiveTake(item)
    return item.takes[item.current]
  end

  function api.SetActiveTake(take)
    fake.change("the active take is changed", fake.project_of(take))
    take.item.current = tables.index_of(take.item.takes, take)
  end

  -- The take is active at once only where it is the item's first.
  function api.AddTakeToMediaItem(item)
    fake.change("a take is added", item.track.project)
    return fake.new_take(item, nil)
  end

  function api.GetTakeName(take)
    return take.name
  end

  function api.TakeIsMIDI(take)
    local source = take.source
    return source ~= nil and (source.kind == "MIDI" or source.kind == "MIDIPOOL")
  end

  function api.GetMediaItemTake_Item(take)
    return take.item
  end

  function api.GetMediaItemTake_Track(take)
    return take.item.track
  end

  function api.GetMediaItemTake_Source(take)
    return take.source
  end

  -- A source that stands in a project is doubled first; the old one is left to the caller.
  function api.SetMediaItemTake_Source(take, source)
    fake.change("a take's source is set", fake.project_of(take))
    if take.source then
      take.source.owner = nil
    end
    if source.owner or source.is_inside then
      local fields = {}
      for key, value in pairs(source) do
        fields[key] = value
      end
      fields.owner, fields.is_inside = nil, nil
      source = fake.object("PCM_source", fields)
    end
    take.source, source.owner = source, take
    return true
  end

  function api.GetMediaItemTakeByGUID(project, guid)
    for take in fake.each_take(project) do
      if take.guid == guid then
        return take
      end
    end
    return nil
  end

  function api.GetTakeNumStretchMarkers(take)
    return #take.stretch
  end

  function api.GetTakeStretchMarker(take, index)
    local marker = take.stretch[index + 1]
    if not marker then
      return -1, 0, 0
    end
    return index, marker.at, marker.source or marker.at
  end

  function api.TakeFX_GetCount(take)
    return #take.fx
  end

  function api.CountTakeEnvelopes(take)
    return #take.envelopes
  end

  function api.GetTakeEnvelope(take, index)
    return take.envelopes[index + 1]
  end

  function api.GetTakeEnvelopeByName(take, name)
    for _, envelope in ipairs(take.envelopes) do
      if envelope.name == name then
        return envelope
      end
    end
    return nil
  end

  -- Deletes the item's active take: the action of that name has no function of its own in REAPER.
  fake.actions[40129] = function(project)
    fake.change("takes are deleted", project)
    for _, item in ipairs(fake.selected_items(project)) do
      local take = item.takes[item.current]
      if take then
        table.remove(item.takes, item.current)
        item.current = math.max(1, math.min(item.current, #item.takes))
        fake.delete_take(take)
        if #item.takes == 0 then
          fake.delete_item(item)
        end
      end
    end
  end

  fake.actions[40289] = function(project)
    api.SelectAllMediaItems(project, false)
  end
end

return add
