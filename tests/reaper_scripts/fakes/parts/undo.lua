-- Undo of the fake REAPER: blocks and steps that are really taken back, and PreventUIRefresh.

local tables = require("fakes.tables")

local snapshot, restore

local function add(fake)
  local api = fake.api
  local song_methods = fake.song_methods
  fake.refresh = 0

  local function add_step(project, words, before)
    for index = #project.steps, project.step + 1, -1 do
      project.steps[index] = nil
    end
    project.steps[#project.steps + 1] = { words = words, before = before, after = snapshot(project) }
    project.step = #project.steps
  end

  local function undo(project)
    local step = project.steps[project.step]
    if not step then
      return 0
    end
    restore(fake, project, step.before)
    project.step = project.step - 1
    fake.touch(project)
    return 1
  end

  local function redo(project)
    local step = project.steps[project.step + 1]
    if not step then
      return 0
    end
    restore(fake, project, step.after)
    project.step = project.step + 1
    fake.touch(project)
    return 1
  end

  -- What the user does: a step of its own once scripts have run; before that, how the song was made.
  function fake.user_step(project, words, work)
    assert(not project.dead, "this project is closed")
    if not fake.has_started then
      return work()
    end
    local before = snapshot(project)
    local result = work()
    add_step(project, words, before)
    fake.touch(project)
    return result
  end

  function song_methods.undo(project)
    assert(undo(project) == 1, "there is nothing to undo")
  end

  function song_methods.redo(project)
    assert(redo(project) == 1, "there is nothing to redo")
  end

  -- The words of all steps done, oldest first.
  function song_methods.undo_steps(project)
    local words = {}
    for index = 1, project.step do
      words[index] = project.steps[index].words
    end
    return words
  end

  function fake.snapshot(project)
    return snapshot(project)
  end

  function fake.restore(project, saved)
    restore(fake, project, saved)
  end

  function api.Undo_BeginBlock2(project)
    if project.undo_depth == 0 then
      project.before_block, project.count_before = snapshot(project), project.state_count
    end
    project.undo_depth = project.undo_depth + 1
  end

  function api.Undo_EndBlock2(project, words, flags)
    if project.undo_depth == 0 then
      fake.fail("Undo_EndBlock2 without Undo_BeginBlock2: " .. words)
      return
    end
    project.undo_depth = project.undo_depth - 1
    if project.undo_depth > 0 then
      return
    end
    local has_changed = project.state_count ~= project.count_before
    if has_changed and flags ~= 0 then
      if words == "" then
        fake.fail("an undo step has no name")
      end
      add_step(project, words, project.before_block)
    end
    project.before_block = nil
  end

  function api.Undo_BeginBlock()
    api.Undo_BeginBlock2(fake.active())
  end

  function api.Undo_EndBlock(words, flags)
    api.Undo_EndBlock2(fake.active(), words, flags)
  end

  local function on_state_change(project, words)
    fake.fail("Undo_OnStateChange makes a step whose beginning nobody kept: " .. words)
    project.state_count = project.state_count + 1
  end

  function api.Undo_OnStateChange(words)
    on_state_change(fake.active(), words)
  end

  function api.Undo_OnStateChangeEx2(project, words)
    on_state_change(project, words)
  end

  function api.Undo_CanUndo2(project)
    local step = project.steps[project.step]
    return step and step.words or nil
  end

  function api.Undo_CanRedo2(project)
    local step = project.steps[project.step + 1]
    return step and step.words or nil
  end

  local function refuse_inside(project, name)
    if project.undo_depth > 0 then
      fake.fail(name .. " inside an undo block")
      error(name .. " inside an undo block", 3)
    end
  end

  function api.Undo_DoUndo2(project)
    refuse_inside(project, "Undo_DoUndo2")
    return undo(project)
  end

  function api.Undo_DoRedo2(project)
    refuse_inside(project, "Undo_DoRedo2")
    return redo(project)
  end

  fake.actions[40029] = function(project)
    undo(project)
  end
  fake.actions[40030] = function(project)
    redo(project)
  end

  function api.PreventUIRefresh(count)
    fake.refresh = fake.refresh + count
    if fake.refresh < 0 then
      fake.fail("PreventUIRefresh is let go more often than it is held")
      fake.refresh = 0
    end
  end

  -- What must be shut when a script gives the hand back to REAPER.
  function fake.check_balance(who)
    for _, project in ipairs(fake.projects) do
      if project.undo_depth > 0 then
        fake.fail(who .. " leaves an undo block open")
        project.undo_depth = 0
      end
    end
    if fake.refresh > 0 then
      fake.fail(who .. " leaves PreventUIRefresh held")
      fake.refresh = 0
    end
  end
end

-- All that undo brings back, with the objects it belongs to.
function snapshot(project)
  local saved = {
    tempo = tables.copy(project.tempo), bpm = project.bpm, num = project.num, den = project.den, tracks = {},
  }
  local function envelopes_of(object)
    local envelopes = {}
    for index, envelope in ipairs(object.envelopes) do
      envelopes[index] = { object = envelope, points = tables.copy(envelope.points), active = envelope.active }
    end
    return envelopes
  end
  for track_index, track in ipairs(project.list) do
    local items = {}
    for item_index, item in ipairs(track.items) do
      local takes = {}
      for take_index, take in ipairs(item.takes) do
        takes[take_index] = {
          object = take, guid = take.guid, values = tables.copy(take.values), texts = tables.copy(take.texts),
          ext = tables.copy(take.ext), fx = tables.copy(take.fx), stretch = tables.copy(take.stretch),
          source = take.source, envelopes = envelopes_of(take),
        }
      end
      items[item_index] = {
        object = item, guid = item.guid, values = tables.copy(item.values), texts = tables.copy(item.texts),
        ext = tables.copy(item.ext), current = item.current, takes = takes,
      }
    end
    saved.tracks[track_index] = {
      object = track, guid = track.guid, values = tables.copy(track.values), texts = tables.copy(track.texts),
      ext = tables.copy(track.ext), fx = tables.copy(track.fx), items = items, envelopes = envelopes_of(track),
    }
  end
  return saved
end

-- Objects stay the tests' same tables, at new addresses; those that are not in the snapshot are gone.
function restore(fake, project, saved)
  fake.delete_tracks(project)
  local function envelopes_from(list)
    local envelopes = {}
    for index, kept in ipairs(list) do
      fake.renew(kept.object)
      kept.object.points, kept.object.active = tables.copy(kept.points), kept.active
      envelopes[index] = kept.object
    end
    return envelopes
  end
  local function bring_back(kept)
    local object = kept.object
    fake.renew(object)
    object.guid, object.values, object.texts, object.ext = kept.guid, tables.copy(kept.values), tables.copy(kept.texts),
      tables.copy(kept.ext)
    return object
  end
  project.list = {}
  for track_index, kept_track in ipairs(saved.tracks) do
    local track = bring_back(kept_track)
    track.fx, track.items, track.envelopes = tables.copy(kept_track.fx), {}, envelopes_from(kept_track.envelopes)
    project.list[track_index] = track
    for item_index, kept_item in ipairs(kept_track.items) do
      local item = bring_back(kept_item)
      item.track, item.current, item.takes = track, kept_item.current, {}
      track.items[item_index] = item
      for take_index, kept_take in ipairs(kept_item.takes) do
        local take = bring_back(kept_take)
        take.item, take.source = item, kept_take.source
        take.fx, take.stretch = tables.copy(kept_take.fx), tables.copy(kept_take.stretch)
        take.envelopes = envelopes_from(kept_take.envelopes)
        if take.source then
          fake.renew(take.source)
          take.source.owner = take
        end
        item.takes[take_index] = take
      end
    end
  end
  project.tempo, project.bpm, project.num, project.den = tables.copy(saved.tempo), saved.bpm, saved.num, saved.den
end

return add
