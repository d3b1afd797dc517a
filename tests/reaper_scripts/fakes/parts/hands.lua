-- The user's hands in the fake REAPER: what tests do to a song by its tracks, items and takes.

local tables = require("fakes.tables")

local function add(fake)
  local track_methods, item_methods, take_methods = fake.track_methods, fake.item_methods, fake.take_methods

  function fake.song_methods.track(project, name, options)
    return fake.user_step(project, "Insert new track", function()
      local track = fake.new_track(project, name)
      options = tables.copy(options or {})
      table.insert(project.list, options.at or #project.list + 1, track)
      options.at = nil
      for word, key in pairs({ selected = "I_SELECTED", mute = "B_MUTE", solo = "I_SOLO", volume = "D_VOL" }) do
        local value = options[word]
        if value ~= nil then
          track.values[key] = value == true and 1 or value or 0
        end
        options[word] = nil
      end
      for index, effect in ipairs(options.fx or {}) do
        track.fx[index] = effect
      end
      options.fx = nil
      for key, value in pairs(options) do
        assert(track.values[key], "a track has no " .. tostring(key))
        track.values[key] = value
      end
      return track
    end)
  end

  -- Items as the user lays them down: no fades, loop source off unless said.
  local function lay_item(track, options)
    local item = fake.new_item(track)
    local values = item.values
    values.D_POSITION, values.D_LENGTH = options.at or 0, options.length or 0
    values.B_LOOPSRC, values.B_UISEL = options.loop and 1 or 0, options.selected and 1 or 0
    values.B_MUTE, values.D_VOL = options.mute and 1 or 0, options.volume or 1
    values.D_FADEINLEN, values.D_FADEOUTLEN = options.fade_in or 0, options.fade_out or 0
    for key, value in pairs(options.values or {}) do
      assert(values[key], "an item has no " .. tostring(key))
      values[key] = value
    end
    fake.sort_items(track)
    return item
  end

  local function lay_take(item, source, options, name)
    local take = fake.new_take(item, source)
    local values = take.values
    values.D_STARTOFFS, values.D_PLAYRATE, values.D_PITCH = options.offset or 0, options.rate or 1, options.pitch or 0
    values.D_VOL, values.D_PAN, values.I_CHANMODE = options.take_volume or 1, options.pan or 0, options.chanmode or 0
    for key, value in pairs(options.take_values or {}) do
      assert(values[key], "a take has no " .. tostring(key))
      values[key] = value
    end
    take.texts.P_NAME = options.name or name or ""
    take.stretch = tables.copy(options.stretch or {})
    take.fx = tables.copy(options.fx or {})
    for _, envelope in ipairs(options.envelopes or {}) do
      fake.add_envelope(take, envelope)
    end
    return take
  end

  -- A file that is not there makes offline media, if that is what the test says.
  local function audio_source(options)
    local path = fake.shown(fake.full_path(options.file))
    local source = fake.api.PCM_Source_CreateFromFile(path)
    if not source then
      assert(options.offline, "no sound file: " .. path)
      source = fake.object("PCM_source", { kind = "WAVE", path = path, seconds = options.length or 0, missing = true })
    end
    source.offline = options.offline or false
    if options.section or options.reverse then
      local section = options.section or { offset = 0, length = source.seconds }
      source = fake.section_source(source, {
        offset = section.offset or 0, length = section.length or source.seconds,
        reverse = options.reverse or section.reverse or false,
      })
    end
    return source
  end

  local function name_of_file(options)
    return options.file:match("[^/\\]*$")
  end

  function track_methods.audio(track, options)
    return fake.user_step(track.project, "Insert media", function()
      local source = audio_source(options)
      local length = options.length or (source.seconds - (options.offset or 0)) / (options.rate or 1)
      local item = lay_item(track, tables.copy(options, { length = length }))
      lay_take(item, source, options, name_of_file(options))
      return item
    end)
  end

  function track_methods.midi(track, options)
    return fake.user_step(track.project, "Insert MIDI item", function()
      local item = lay_item(track, options)
      local source = fake.midi_source(options)
      local take = lay_take(item, source, options, options.file and name_of_file(options) or "")
      if fake.midi_take then
        fake.midi_take(take, options)
      end
      return item
    end)
  end

  -- An item without takes.
  function track_methods.empty(track, options)
    return fake.user_step(track.project, "Insert empty item", function()
      local item = lay_item(track, options)
      item.texts.P_NOTES = options.notes or ""
      return item
    end)
  end

  -- One more take of an item: options as of track:audio, or of track:midi when it has notes or events.
  function item_methods.add_take(item, options)
    return fake.user_step(item.track.project, "Add take", function()
      local is_midi = options.notes or options.events
      local source = is_midi and fake.midi_source(options) or audio_source(options)
      return lay_take(item, source, options, options.file and name_of_file(options) or "")
    end)
  end

  local function add_get_and_set(methods, words, get)
    function methods.get(object, key)
      return get(object, key)
    end
    function methods.set(object, key, value)
      return fake.user_step(fake.project_of(object), words, function()
        if type(value) == "string" then
          object.texts[key] = value
        else
          assert(object.values[key], "there is no " .. tostring(key))
          object.values[key] = value
          if key == "D_POSITION" then
            fake.sort_items(object.track)
          end
        end
      end)
    end
    -- The text of P_EXT:key.
    function methods.note(object, key)
      return object.ext[key] or ""
    end
    function methods.is_there(object)
      return not object.dead
    end
  end

  local function value_or_text(object, key)
    local value = object.values[key]
    if value == nil then
      value = object.texts[key]
    end
    assert(value ~= nil, "there is no " .. tostring(key))
    return value
  end
  add_get_and_set(track_methods, "Change track", value_or_text)
  add_get_and_set(item_methods, "Change item", value_or_text)
  add_get_and_set(take_methods, "Change take", value_or_text)

  function track_methods.delete(track)
    fake.user_step(track.project, "Remove track", function()
      fake.delete_track(track)
    end)
  end

  function item_methods.delete(item)
    fake.user_step(item.track.project, "Delete item", function()
      fake.delete_item(item)
    end)
  end

  function item_methods.move(item, seconds, track)
    fake.user_step(item.track.project, "Move item", function()
      item.values.D_POSITION = seconds
      if track and track ~= item.track then
        table.remove(item.track.items, tables.index_of(item.track.items, item))
        table.insert(track.items, item)
        item.track = track
      end
      fake.sort_items(item.track)
    end)
  end

  function item_methods.select(item, is_selected)
    item.values.B_UISEL = is_selected == false and 0 or 1
  end

  function item_methods.take(item)
    return item.takes[item.current]
  end

  function take_methods.delete(take)
    fake.user_step(take.item.track.project, "Delete take", function()
      local takes = take.item.takes
      table.remove(takes, tables.index_of(takes, take))
      take.item.current = math.max(1, math.min(take.item.current, #takes))
      fake.delete_take(take)
    end)
  end
end

return add
