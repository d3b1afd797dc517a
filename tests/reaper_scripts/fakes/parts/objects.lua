-- What songs of the fake REAPER are made of: tracks, items, takes and envelopes, as REAPER makes them and lets them go.

local tables = require("fakes.tables")

local ITEM_VALUES = {
  B_MUTE = 0, B_MUTE_ACTUAL = 0, C_MUTE_SOLO = 0, C_LANEPLAYS = 0, B_LOOPSRC = 1, B_ALLTAKESPLAY = 0, B_UISEL = 0,
  C_BEATATTACHMODE = -1, C_AUTOSTRETCH = 0, C_LOCK = 0, D_VOL = 1, D_POSITION = 0, D_LENGTH = 0, D_SNAPOFFSET = 0,
  D_FADEINLEN = 0.01, D_FADEOUTLEN = 0.01, D_FADEINDIR = 0, D_FADEOUTDIR = 0, D_FADEINLEN_AUTO = -1,
  D_FADEOUTLEN_AUTO = -1, C_FADEINSHAPE = 0, C_FADEOUTSHAPE = 0, I_GROUPID = 0, I_LASTY = 0, I_LASTH = 0,
  I_CUSTOMCOLOR = 0, F_FREEMODE_Y = 0, F_FREEMODE_H = 1, I_FIXEDLANE = 0, B_FIXEDLANE_HIDDEN = 0,
}
local TAKE_VALUES = {
  D_STARTOFFS = 0, D_VOL = 1, D_PAN = 0, D_PANLAW = -1, D_PLAYRATE = 1, D_PITCH = 0, B_PPITCH = 1, I_LASTY = 0,
  I_LASTH = 0, I_CHANMODE = 0, I_PITCHMODE = -1, I_STRETCHFLAGS = 0, F_STRETCHFADESIZE = 0.0025, I_RECPASSID = 0,
  I_TAKEFX_NCH = 2, I_CUSTOMCOLOR = 0,
}
local TRACK_VALUES = {
  B_MUTE = 0, B_PHASE = 0, I_SOLO = 0, B_SOLO_DEFEAT = 0, I_FXEN = 1, I_RECARM = 0, I_RECINPUT = 0, I_RECMODE = 0,
  I_RECMON = 0, I_RECMONITEMS = 0, I_AUTOMODE = 0, I_NCHAN = 2, I_SELECTED = 0, I_WNDH = 60, I_TCPH = 60, I_TCPY = 0,
  I_FOLDERDEPTH = 0, I_FOLDERCOMPACT = 0, I_MIDIHWOUT = -1, I_PERFFLAGS = 0, I_CUSTOMCOLOR = 0, I_HEIGHTOVERRIDE = 0,
  B_HEIGHTLOCK = 0, D_VOL = 1, D_PAN = 0, D_WIDTH = 1, I_PANMODE = 3, D_PANLAW = -1, B_SHOWINMIXER = 1,
  B_SHOWINTCP = 1, B_MAINSEND = 1, B_FREEMODE = 0, I_FREEMODE = 0, I_NUMFIXEDLANES = 1, C_BEATATTACHMODE = -1,
}
local ITEM_TEXTS = { P_NOTES = "", I_IMAGEFLAGS = "" }
local TAKE_TEXTS = { P_NAME = "" }
local TRACK_TEXTS = { P_NAME = "", P_ICON = "", P_MCP_LAYOUT = "", P_TCP_LAYOUT = "" }

local function add(fake)
  local track_methods, item_methods, take_methods = {}, {}, {}
  fake.track_methods, fake.item_methods, fake.take_methods = track_methods, item_methods, take_methods

  -- Methods, and `name`, which is the text P_NAME.
  local function meta(methods)
    return {
      __index = function(object, key)
        if key == "name" then
          return rawget(object, "texts").P_NAME
        end
        return methods[key]
      end,
    }
  end

  function fake.new_track(project, name)
    return fake.object("MediaTrack", setmetatable({
      project = project, guid = fake.new_guid(), values = tables.copy(TRACK_VALUES),
      texts = tables.copy(TRACK_TEXTS, { P_NAME = name }), ext = {}, items = {}, fx = {}, envelopes = {},
    }, meta(track_methods)))
  end

  function fake.new_item(track)
    local item = fake.object("MediaItem", setmetatable({
      track = track, guid = fake.new_guid(), values = tables.copy(ITEM_VALUES), texts = tables.copy(ITEM_TEXTS),
      ext = {}, takes = {}, current = 1,
    }, meta(item_methods)))
    table.insert(track.items, item)
    fake.sort_items(track)
    return item
  end

  function fake.new_take(item, source)
    local take = fake.object("MediaItem_Take", setmetatable({
      item = item, guid = fake.new_guid(), values = tables.copy(TAKE_VALUES), texts = tables.copy(TAKE_TEXTS),
      ext = {}, fx = {}, envelopes = {}, stretch = {}, source = source,
    }, meta(take_methods)))
    if source then
      source.owner = take
    end
    table.insert(item.takes, take)
    return take
  end

  function fake.delete_take(take)
    if take.source then
      fake.delete(take.source)
    end
    for _, envelope in ipairs(take.envelopes) do
      fake.delete(envelope)
    end
    fake.delete(take)
  end

  function fake.delete_item(item)
    for _, take in ipairs(item.takes) do
      fake.delete_take(take)
    end
    table.remove(item.track.items, tables.index_of(item.track.items, item))
    fake.delete(item)
  end

  function fake.delete_track(track)
    while #track.items > 0 do
      fake.delete_item(track.items[#track.items])
    end
    for _, envelope in ipairs(track.envelopes) do
      fake.delete(envelope)
    end
    table.remove(track.project.list, tables.index_of(track.project.list, track))
    fake.delete(track)
  end

  -- Every handle of a song ends; the tests keep their tables.
  function fake.delete_tracks(project)
    for _, track in ipairs(project.list) do
      fake.delete(track)
      for _, item in ipairs(track.items) do
        fake.delete(item)
        for _, take in ipairs(item.takes) do
          fake.delete_take(take)
        end
      end
    end
  end

  function fake.add_envelope(parent, options)
    local envelope = fake.object("TrackEnvelope", tables.copy(options))
    envelope.parent, envelope.points = parent, envelope.points or {}
    envelope.active = options.active ~= false
    table.insert(parent.envelopes, envelope)
    return envelope
  end

  -- By insertion, for mostly one item alone is out of order; those at one place stay in theirs.
  function fake.sort_items(track)
    local items = track.items
    for index = 2, #items do
      local item, place = items[index], index
      local position = item.values.D_POSITION
      while place > 1 and items[place - 1].values.D_POSITION > position do
        place = place - 1
      end
      if place < index then
        table.move(items, place, index - 1, place + 1)
        items[place] = item
      end
    end
  end
end

return add
