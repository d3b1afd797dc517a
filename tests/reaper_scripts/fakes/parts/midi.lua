-- MIDI of the fake REAPER: in-project sources made of notes and raw events, and the functions that read them.
--
-- A note: { pitch=, start=, duration=, velocity = 100, channel = 0, muted = false, selected = false }, in beats from
-- the source's start. An event: { at = beats, … } with one of
--   message = "\xB0\x40\x7F"                         as it stands in the source (metas without their length)
--   text = "KSIG root 9 dir 1 notes 0x5AD", type = 15  a text of that type (1..14; 15 is notation)
--   sysex = "\x7E\x7F\x09\x01"                       without F0 and F7
--   padding = true                                   an event of no bytes, as REAPER puts into long gaps
-- and muted, selected, shape ("square", "linear", "slow", "fast start", "fast end", "bezier"), tension (of a bezier).
--
-- What track:midi takes besides: notes, events, source_beats, ppq = 960, ignore_tempo = bpm, pooled = true,
-- scale = { root=, mask=, name= } (the editor's key snap), file = a .mid that the item refers to.

local PPQ = 960
local SHAPES = { square = 0, linear = 16, slow = 32, ["fast start"] = 48, ["fast end"] = 64, bezier = 80 }
local END_OF_SOURCE = "\xB0\x7B\x00"
local NOTATION = "\xFF\x0F"
-- What key snap says when nobody has touched it: not known for certain, so the answer that looks most like a scale.
local UNTOUCHED_SCALES = {
  chromatic = { true, 0, 0xFFF, "Chromatic" },
  empty = { true, 0, 0, "" },
  none = { false, 0, 0, "" },
}

local events_of, event_message, in_order, packed, notes_in, kinds_in, text_of, length_of

local function add_midi(fake)
  local api = fake.api

  -- The events of a source as MIDI_GetAllEvts gives them, and as a list { { tick=, flag=, message= }, … }.
  function fake.midi_buffer(notes, events, ppq, source_beats)
    local list = in_order(events_of(notes or {}, events or {}, ppq or PPQ))
    list[#list + 1] = { tick = math.floor(source_beats * (ppq or PPQ) + 0.5), flag = 0, message = END_OF_SOURCE }
    return packed(list), list
  end

  function fake.midi_source(options)
    local ppq = options.ppq or PPQ
    local beats = options.source_beats or length_of(options.notes or {})
    local buffer, list = fake.midi_buffer(options.notes, options.events, ppq, beats)
    local path = options.file and fake.shown(fake.full_path(options.file)) or ""
    return fake.new_source({
      kind = options.pooled and "MIDIPOOL" or "MIDI", path = path, beats = beats,
      ppq = ppq, buffer = buffer, list = list, notes = notes_in(list), kinds = kinds_in(list),
      ignore_tempo = options.ignore_tempo, scale = options.scale,
    })
  end

  local function source_of(take)
    local source = take.source
    return source and source.list and source or nil
  end

  function api.MIDI_CountEvts(take)
    local source = source_of(take)
    if not source then return 0, 0, 0, 0 end
    local notes, controls, texts = #source.notes, #source.kinds.controls, #source.kinds.texts
    return notes + controls + texts, notes, controls, texts
  end

  function api.MIDI_GetAllEvts(take)
    local source = source_of(take)
    if not source then return false, "" end
    return true, source.buffer
  end

  -- Hidden notes, before the item's start and past its end, are counted and listed like the others.
  function api.MIDI_GetNote(take, index)
    local source = source_of(take)
    local note = source and source.notes[index + 1]
    if not note then return false, false, false, 0.0, 0.0, 0, 0, 0 end
    return true, note.flag & 1 ~= 0, note.flag & 2 ~= 0, note.tick, note.end_tick, note.channel, note.pitch,
      note.velocity
  end

  function api.MIDI_GetCC(take, index)
    local source = source_of(take)
    local event = source and source.kinds.controls[index + 1]
    if not event then return false, false, false, 0.0, 0, 0, 0, 0 end
    local status, first, second = event.message:byte(1, 3)
    return true, event.flag & 1 ~= 0, event.flag & 2 ~= 0, event.tick, status & 0xF0, status & 0x0F, first or 0,
      second or 0
  end

  function api.MIDI_GetEvt(take, index)
    local source = source_of(take)
    local event = source and source.list[index + 1]
    if not event then return false, false, false, 0.0, "" end
    return true, event.flag & 1 ~= 0, event.flag & 2 ~= 0, event.tick, event.message
  end

  -- Type -1 is a system exclusive, 1..15 a text; of any other meta neither its type nor its bytes are told.
  function api.MIDI_GetTextSysexEvt(take, index)
    local source = source_of(take)
    local event = source and source.kinds.texts[index + 1]
    if not event then return false, false, false, 0.0, 0, "" end
    local kind, text = text_of(event.message)
    return true, event.flag & 1 ~= 0, event.flag & 2 ~= 0, event.tick + 0.0, kind, text
  end

  function api.MIDI_GetScale(take)
    local source = source_of(take)
    if not source then return false, 0, 0, "" end
    local scale = source.scale
    if scale then return true, scale.root, scale.mask, scale.name or "" end
    return table.unpack(UNTOUCHED_SCALES[fake.option.untouched_scale or "chromatic"])
  end

  -- Beats of the source at a project time: 0 is where the source starts, which may lie before the item.
  local function beats_at(take, seconds)
    local source, item, values = take.source, take.item, take.values
    local position = item.values.D_POSITION
    if source.ignore_tempo then
      return (values.D_STARTOFFS + (seconds - position) * values.D_PLAYRATE) * source.ignore_tempo / 60
    end
    local project = fake.project_of(take)
    local since = fake.quarters_at(project, seconds) - fake.quarters_at(project, position)
    return values.D_STARTOFFS * fake.tempo_at(project, position) / 60 + since * values.D_PLAYRATE
  end

  local function seconds_at(take, beats)
    local source, item, values = take.source, take.item, take.values
    local position = item.values.D_POSITION
    if source.ignore_tempo then
      return position + (beats * 60 / source.ignore_tempo - values.D_STARTOFFS) / values.D_PLAYRATE
    end
    local project = fake.project_of(take)
    local before = values.D_STARTOFFS * fake.tempo_at(project, position) / 60
    local since = (beats - before) / values.D_PLAYRATE
    return fake.seconds_at(project, fake.quarters_at(project, position) + since)
  end

  function api.MIDI_GetPPQPosFromProjTime(take, seconds)
    local source = source_of(take)
    return source and beats_at(take, seconds) * source.ppq or -1.0
  end

  function api.MIDI_GetProjTimeFromPPQPos(take, tick)
    local source = source_of(take)
    return source and seconds_at(take, tick / source.ppq) or -1.0
  end

  function api.MIDI_GetPPQPosFromProjQN(take, beats)
    return api.MIDI_GetPPQPosFromProjTime(take, api.TimeMap2_QNToTime(fake.project_of(take), beats))
  end

  function api.MIDI_GetProjQNFromPPQPos(take, tick)
    return api.TimeMap2_timeToQN(fake.project_of(take), api.MIDI_GetProjTimeFromPPQPos(take, tick))
  end
end

-- Ranks keep the order within a tick: ends of notes first, then what is no note, then starts, then ends of notes
-- that have no length.
function events_of(notes, events, ppq)
  local list = {}
  local function add(beats, rank, flag, message)
    local tick = math.floor(beats * ppq + 0.5)
    list[#list + 1] = { tick = tick, rank = rank, order = #list, flag = flag, message = message }
  end
  local function flag_of(thing)
    return (thing.selected and 1 or 0) | (thing.muted and 2 or 0)
  end
  for _, event in ipairs(events) do
    add(event.at, 1, flag_of(event) | assert(SHAPES[event.shape or "square"], "no such shape"), event_message(event))
    if event.tension then
      add(event.at, 1, flag_of(event), NOTATION .. "CCBZ \0" .. string.pack("<f", event.tension))
    end
  end
  for _, note in ipairs(notes) do
    local channel, velocity = note.channel or 0, note.velocity or 100
    assert(velocity >= 1 and velocity <= 127 and note.pitch >= 0 and note.pitch <= 127, "no such note in MIDI")
    add(note.start, 2, flag_of(note), string.char(0x90 | channel, note.pitch, velocity))
    add(note.start + note.duration, note.duration > 0 and 0 or 3, flag_of(note),
      string.char(0x80 | channel, note.pitch, 0))
  end
  return list
end

function event_message(event)
  if event.text then return "\xFF" .. string.char(event.type or 1) .. event.text end
  if event.padding then return "" end
  if event.sysex then return "\xF0" .. event.sysex .. "\xF7" end
  return assert(event.message, "an event has a message, a text or a sysex")
end

function in_order(list)
  table.sort(list, function(one, other)
    if one.tick ~= other.tick then return one.tick < other.tick end
    if one.rank ~= other.rank then return one.rank < other.rank end
    return one.order < other.order
  end)
  return list
end

function packed(list)
  local parts, at = {}, 0
  for index, event in ipairs(list) do
    parts[index] = string.pack("<i4Bs4", event.tick - at, event.flag, event.message)
    at = event.tick
  end
  return table.concat(parts)
end

-- Notes with both ends; one whose end is missing lasts as long as the source.
function notes_in(list)
  local notes, sounding = {}, {}
  for _, event in ipairs(list) do
    local status, pitch, velocity = event.message:byte(1, 3)
    local kind = (status or 0) & 0xF0
    if kind == 0x90 and velocity > 0 then
      local note = {
        tick = event.tick, end_tick = list[#list].tick, flag = event.flag, channel = status & 0x0F, pitch = pitch,
        velocity = velocity,
      }
      notes[#notes + 1] = note
      local waiting = sounding[(status & 0x0F) * 128 + pitch] or {}
      waiting[#waiting + 1] = note
      sounding[(status & 0x0F) * 128 + pitch] = waiting
    elseif kind == 0x80 or kind == 0x90 then
      local waiting = sounding[(status & 0x0F) * 128 + pitch]
      if waiting and waiting[1] then table.remove(waiting, 1).end_tick = event.tick end
    end
  end
  return notes
end

-- The end of the source counts as no event, nor does the curve of a bezier.
function kinds_in(list)
  local kinds = { controls = {}, texts = {} }
  for index = 1, #list - 1 do
    local event = list[index]
    local status = event.message:byte(1) or 0
    if status >= 0xF0 then
      if event.message:sub(1, 7) ~= NOTATION .. "CCBZ " then kinds.texts[#kinds.texts + 1] = event end
    elseif status >= 0xA0 then
      kinds.controls[#kinds.controls + 1] = event
    end
  end
  return kinds
end

function text_of(message)
  local status, kind = message:byte(1, 2)
  if status == 0xF0 then return -1, message:sub(2, -2) end
  if kind >= 1 and kind <= 15 then return kind, message:sub(3) end
  return -2, ("\0"):rep(#message - 2)
end

function length_of(notes)
  local beats = 1
  for _, note in ipairs(notes) do beats = math.max(beats, math.ceil(note.start + note.duration)) end
  return beats
end

return add_midi
