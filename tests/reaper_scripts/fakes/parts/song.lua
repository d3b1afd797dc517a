-- Songs of the fake REAPER: projects, tracks, items and takes, as tests build them and as scripts see them.
--
-- Objects are tables; scripts only ever see their handles (fake.handle(object)). All have
--   pointer   "ReaProject" | "MediaTrack" | "MediaItem" | "MediaItem_Take" | "PCM_source" | "AudioAccessor" |
--             "TrackEnvelope"; made by fake.object(pointer, fields), ended by fake.delete(object): dead = true
-- project     path (nil = unsaved; as scripts see it), bpm, num, den (the project settings'),
--             tempo = { {at=, bpm=, num=, den= (nil: unchanged), linear=, pattern="ABBB"}, … } the tempo markers,
--             list = { track, … }, master (a track), ext[section][key], info[desc] numbers, texts[desc] strings,
--             span = {start, end} the time selection, loop, cursor, is_dirty, state_count, undo_depth,
--             steps = { {words, before, after}, … }, step (how many of them are done)
-- track       project, guid, values["D_VOL"…], texts["P_NAME"], ext["key of P_EXT"], items = { item, … },
--             fx = { "name", … }, envelopes = { envelope, … }, name (read only)
-- item        track, guid, values["D_POSITION"…], texts["P_NOTES"], ext, takes = { take, … }, current (1 = first take)
-- take        item, guid, values["D_STARTOFFS"…], texts["P_NAME"], ext, source (or nil), fx = { "name", … },
--             envelopes = { envelope, … }, stretch = { {at=, source=}, … } the stretch markers
-- envelope    name ("Volume", "Pan", "Mute", "Pitch"), parent (take or track), points = { {at=, value=}, … }, active
-- source      kind "WAVE" | "MIDI" | "MIDIPOOL" | "SECTION" | "EMPTY" | …, path ("" in the project), rate, channels,
--             frames, seconds (audio) or beats (MIDI), parent (SECTION: the source inside), section =
--             { offset=, length=, reverse= }, owner (the take it is on, or nil: then a script must destroy it),
--             peaks (nil, or how they stand), offline; what MIDI needs besides is the MIDI part's own
--
-- What other parts give, and this one calls: fake.midi_source(options of track:midi) -> source;
-- fake.section_source(source, section) -> source.
-- What this part gives: fake.change(words, project) before every change; fake.touch(project) for changes that need no
-- undo block; fake.active() the project in front; fake.each_take(project) iterator; fake.project_of(object);
-- fake.user_step(project, words, work) for what the user does; fake.add_envelope(take or track, options).
-- fake.option holds open_reaper's options with their defaults; fake.host what lua.py offers, for paths as scripts see
-- them; fake.real(path) is where such a path lies on the disk; fake.after_tick[…] functions called once a tick;
-- fake.at_end[…] functions called when the test ends (fake.fail(words) there fails it).

local tables = require("fakes.tables")

local add_songs

local function add(fake)
  fake.projects = {}
  local front

  function fake.active()
    return assert(front, "no project is open")
  end

  function fake.set_active(project)
    front = project
  end

  -- A change that needs no undo block: the project is to be saved again, no more.
  function fake.touch(project)
    project.is_dirty = true
    project.state_count = project.state_count + 1
  end

  -- Before each change that does: `words` say what changes.
  function fake.change(words, project)
    project = project or front
    if fake.option.strict_blocks and project.undo_depth == 0 then
      local message = words .. " outside an undo block"
      fake.fail(message)
      error(message, 3)
    end
    fake.touch(project)
  end

  function fake.each_take(project)
    return coroutine.wrap(function()
      for _, track in ipairs(project.list) do
        for _, item in ipairs(track.items) do
          for _, take in ipairs(item.takes) do
            coroutine.yield(take)
          end
        end
      end
    end)
  end

  function fake.project_of(object)
    if object.pointer == "ReaProject" then
      return object
    elseif object.pointer == "MediaTrack" then
      return object.project
    elseif object.pointer == "MediaItem" then
      return object.track.project
    elseif object.pointer == "MediaItem_Take" then
      return object.item.track.project
    elseif object.parent then
      return fake.project_of(object.parent)
    elseif object.owner then
      return fake.project_of(object.owner)
    end
    return nil
  end

  add_songs(fake)
end

function add_songs(fake)
  local song_methods = {}
  fake.song_methods = song_methods

  function fake.new_project(path)
    local project = fake.object("ReaProject", setmetatable({
      path = path, bpm = 120, num = 4, den = 4, tempo = {}, list = {}, ext = {}, info = {}, texts = {},
      span = { 0, 0 }, loop = { 0, 0 }, cursor = 0, play_state = 0, is_dirty = false, state_count = 1, undo_depth = 0,
      steps = {}, step = 0,
    }, { __index = song_methods }))
    project.master = fake.new_track(project, "MASTER")
    return project
  end

  -- A tab: path relative to the test's folder (nil: unsaved), bpm, num, den, tempo markers, rate, front = false.
  function fake:project(options)
    options = options or {}
    local path = options.path and fake.shown(fake.full_path(options.path))
    local project = fake.new_project(path)
    project.bpm, project.num, project.den = options.bpm or 120, options.num or 4, options.den or 4
    project.tempo = tables.copy(options.tempo or {})
    for _, marker in ipairs(project.tempo) do
      marker.linear = marker.linear or false
    end
    project.info.PROJECT_SRATE = options.rate or 48000
    project.info.PROJECT_SRATE_USE = options.rate and 1 or 0
    fake.projects[#fake.projects + 1] = project
    if options.front ~= false then
      fake.set_active(project)
    end
    if path then
      project:save()
    end
    return project
  end

  function fake:front(project)
    if project then
      assert(not project.dead, "this project is closed")
      fake.set_active(project)
    end
    return fake.active()
  end

  -- Writes the project: to its path, or to a new one.
  function song_methods.save(project, path)
    project.path = path and fake.shown(fake.full_path(path)) or assert(project.path, "an unsaved project needs a path")
    project.saved = {
      song = fake.snapshot(project), ext = tables.copy(project.ext), info = tables.copy(project.info),
      texts = tables.copy(project.texts), span = tables.copy(project.span), cursor = project.cursor,
    }
    project.is_dirty = false
    fake:write(project.path, "<REAPER_PROJECT 0.1 \"" .. fake.version .. "\" 1795000000\n>\n")
  end

  function song_methods.dirty(project)
    return project.is_dirty
  end

  local closed = {}

  function fake.close_project(project)
    for index, other in ipairs(fake.projects) do
      if other == project then
        table.remove(fake.projects, index)
      end
    end
    fake.delete(project)
    fake.delete_tracks(project)
    if project.path then
      closed[project.path] = project
    end
    if fake.projects[1] then
      fake.set_active(fake.projects[1])
    end
  end

  -- The tab is closed, and what was not saved is lost; REAPER always has one open.
  function song_methods.close(project)
    if #fake.projects == 1 then
      fake:project({})
    end
    fake.close_project(project)
  end

  -- Opens a project that was saved and closed, as it was saved; the same object as before, in front.
  function fake:open(path)
    path = fake.shown(fake.full_path(path))
    local project = assert(closed[path], "no such project was closed: " .. path)
    closed[path] = nil
    fake.renew(project)
    local saved = assert(project.saved)
    project.list = {}
    fake.restore(project, saved.song)
    project.ext, project.info, project.texts = tables.copy(saved.ext), tables.copy(saved.info), tables.copy(saved.texts)
    project.span, project.cursor = tables.copy(saved.span), saved.cursor
    project.steps, project.step, project.undo_depth, project.is_dirty = {}, 0, 0, false
    fake.projects[#fake.projects + 1] = project
    fake.set_active(project)
    return project
  end

  function song_methods.tracks(project)
    return { table.unpack(project.list) }
  end

  function song_methods.items(project)
    local items = {}
    for _, track in ipairs(project.list) do
      table.move(track.items, 1, #track.items, #items + 1, items)
    end
    return items
  end

  function song_methods.select_time(project, start_seconds, end_seconds)
    project.span = { start_seconds, end_seconds }
  end
end

return add
