-- Get…Info_Value, Set…Info_Value and GetSet…Info_String of tracks, items and takes, by one pattern.

local tables = require("fakes.tables")

-- What may be changed without an undo block, for it is put back, or is the user's view only.
local FREE = { B_UISEL = true, I_SELECTED = true, I_TCPH = true }

local function add(fake)
  local api = fake.api

  local function add_values(name, computed)
    api["Get" .. name .. "_Value"] = function(object, key)
      if computed[key] then
        return computed[key](object)
      end
      local value = object.values[key]
      if value == nil then
        error(("the fake's Get%s_Value knows no %s"):format(name, key), 3)
      end
      return value
    end
    api["Set" .. name .. "_Value"] = function(object, key, value)
      if computed[key] and key ~= "I_CURTAKE" or object.values[key] == nil and key ~= "I_CURTAKE" then
        error(("the fake's Set%s_Value cannot set %s"):format(name, key), 3)
      end
      local project = fake.project_of(object)
      if not FREE[key] then
        fake.change(key .. " is set", project)
      end
      if value ~= value or value == math.huge or value == -math.huge then
        fake.fail(("%s is set to %s"):format(key, value))
      end
      if key == "I_CURTAKE" then
        object.current = math.tointeger(value) + 1
        return true
      end
      object.values[key] = value
      if key == "D_POSITION" then
        fake.sort_items(object.track)
      end
      return true
    end
  end

  add_values("MediaTrackInfo", {
    IP_TRACKNUMBER = function(track)
      return track == track.project.master and -1 or tables.index_of(track.project.list, track)
    end,
    P_PROJECT = function(track)
      return track.project
    end,
    P_PARTRACK = function()
      return nil
    end,
  })
  add_values("MediaItemInfo", {
    I_CURTAKE = function(item)
      return item.current - 1
    end,
    IP_ITEMNUMBER = function(item)
      return tables.index_of(item.track.items, item) - 1
    end,
    P_TRACK = function(item)
      return item.track
    end,
  })
  add_values("MediaItemTakeInfo", {
    IP_TAKENUMBER = function(take)
      return tables.index_of(take.item.takes, take) - 1
    end,
    P_SOURCE = function(take)
      return take.source
    end,
    P_ITEM = function(take)
      return take.item
    end,
    P_TRACK = function(take)
      return take.item.track
    end,
  })

  local function add_strings(name)
    api["GetSet" .. name .. "_String"] = function(object, key, value, is_set)
      local ext_key = key:match("^P_EXT:(.+)$")
      if is_set then
        fake.change(key .. " is set", fake.project_of(object))
      end
      if key == "GUID" then
        if is_set then
          object.guid = value
        end
        return true, object.guid
      elseif ext_key then
        if is_set then
          object.ext[ext_key] = value ~= "" and value or nil
        end
        -- REAPER answers false where there is none.
        return object.ext[ext_key] ~= nil, object.ext[ext_key] or ""
      elseif object.texts[key] == nil then
        error(("the fake's GetSet%s_String knows no %s"):format(name, key), 3)
      end
      if is_set then
        object.texts[key] = value
      end
      return true, object.texts[key]
    end
  end
  add_strings("MediaTrackInfo")
  add_strings("MediaItemInfo")
  add_strings("MediaItemTakeInfo")
end

return add
