-- @noindex
-- MIDI items as a file: what REAPER plays of them between two times, and nothing else.

local files = require("lib.files")
local midi_events = require("lib.read.midi_events")
local midi_rounds = require("lib.read.midi_rounds")
local midi_track = require("lib.read.midi_track")
local music = require("lib.read.music")
local protocol = require("lib.protocol")
local smf = require("lib.read.smf")
local words = require("lib.words")

local M = {}

local STRAIGHT_BEATS = 1e-6
local PROBES = 16

local PROBLEMS = {
  empty = "No note of %s sounds in the selected part; draw some notes, or select another part.",
  many = "More than 200,000 notes sound in %s, which is the limit; select a shorter part.",
  large = "The notes and controllers of %s fill more than 8 MB, which is the limit; select a shorter part.",
  gone = words.ITEM_GONE,
}

local song_of, open_part, tick_reader, names_of

-- Writes the file that sounds like the parts' takes from `start_seconds` to `end_seconds` of the project, a
-- track each: `{ program, drums }` of what it holds, or nil and a sentence.
function M.write(parts, start_seconds, end_seconds, project, path, pause)
  if not reaper.ValidatePtr2(project, parts[1].take, "MediaItem_Take*") then return nil, words.ITEM_GONE end
  local name = names_of(parts)
  local zero = music.quarters_at(project, start_seconds)
  local function tick_at(seconds)
    return math.floor((music.quarters_at(project, seconds) - zero) * smf.TICKS_PER_BEAT + 0.5)
  end
  local song = song_of(music.read(project, start_seconds, end_seconds).music, tick_at(end_seconds))
  pause()
  local tally = midi_track.tally()
  for _, part in ipairs(parts) do
    local span = {
      first_tick = math.max(tick_at(part.start_seconds), 0),
      last_tick = math.min(tick_at(part.end_seconds), song.end_tick),
    }
    if span.first_tick < span.last_tick then
      local source = open_part(part, project, zero)
      local events = source and midi_events.decode(source, pause)
      if not source or not source.is_there() then return nil, words.ITEM_GONE end
      if #events.note_ons > 0 then
        local track = midi_track.create(source.track_name, tally)
        local problem = midi_rounds.unroll(events, source, track, span, pause)
        if problem then return nil, PROBLEMS[problem]:format(name) end
        song.tracks[#song.tracks + 1] = track
      end
    end
  end
  local found = tally.found()
  if not found then return nil, PROBLEMS.empty:format(name) end
  local bytes = smf.encode(song, pause)
  if #bytes > protocol.MOST_MIDI_BYTES then return nil, PROBLEMS.large:format(name) end
  local written, problem = files.write_whole(path, bytes, pause)
  if not written then return nil, problem end
  return found
end

names_of = function(parts)
  local name = reaper.GetTakeName(parts[1].take)
  name = name ~= "" and "the item " .. name or "the MIDI item"
  return #parts == 1 and name or ("%s and %d more"):format(name, #parts - 1)
end

-- The file's song without tracks: tempo and metre as far as the file goes.
song_of = function(known, end_tick)
  local song = { tempo = {}, metre = {}, tracks = {}, end_tick = end_tick }
  local function put(points, beat, ...)
    local tick = math.max(math.floor(beat * smf.TICKS_PER_BEAT + 0.5), 0)
    if tick < end_tick then points[#points + 1] = { tick, ... } end
  end
  for _, point in ipairs(known.tempo_map or { { beat = 0, bpm = known.bpm } }) do
    if point.bpm then put(song.tempo, point.beat, point.bpm) end
  end
  for _, point in ipairs(known.metre_map or { { beat = 0, time_signature = known.time_signature } }) do
    local metre = point.time_signature
    if metre then put(song.metre, point.beat, metre[1], metre[2]) end
  end
  return song
end

-- All that is asked of REAPER about a part, so that hardly anything need be asked later, when the user may
-- have gone on editing; nil when the take is gone already.
open_part = function(part, project, zero)
  local take = part.take
  local function is_there()
    return reaper.ValidatePtr2(0, project, "ReaProject*")
      and reaper.ValidatePtr2(project, take, "MediaItem_Take*")
  end
  if not is_there() then return nil end
  local _, buffer = reaper.MIDI_GetAllEvts(take, "")
  local length_beats = reaper.GetMediaSourceLength(reaper.GetMediaItemTake_Source(take))
  local first_ppq = reaper.MIDI_GetPPQPosFromProjTime(take, part.start_seconds)
  local last_ppq = reaper.MIDI_GetPPQPosFromProjTime(take, part.end_seconds)
  local beat_ppq = reaper.MIDI_GetPPQPosFromProjQN(take, 1) - reaper.MIDI_GetPPQPosFromProjQN(take, 0)
  local track = reaper.GetMediaItem_Track(part.item)
  local _, track_name = reaper.GetSetMediaTrackInfo_String(track, "P_NAME", "", false)
  return {
    is_there = is_there,
    buffer = buffer,
    first_ppq = first_ppq,
    last_ppq = last_ppq,
    length_ppq = length_beats * beat_ppq / reaper.GetMediaItemTakeInfo_Value(take, "D_PLAYRATE"),
    loops = reaper.GetMediaItemInfo_Value(part.item, "B_LOOPSRC") ~= 0,
    tick_of = tick_reader(take, project, first_ppq, last_ppq, zero),
    semitones = math.floor(reaper.GetMediaItemTakeInfo_Value(take, "D_PITCH") + 0.5),
    track_name = track_name ~= "" and track_name or reaper.GetTakeName(take),
  }
end

-- The file's tick for a position of the take: by a straight line where REAPER's own answers lie on one, else
-- by asking for each.
tick_reader = function(take, project, first_ppq, last_ppq, zero)
  local floor, ticks = math.floor, smf.TICKS_PER_BEAT
  local function beats_at(ppq)
    return music.quarters_at(project, reaper.MIDI_GetProjTimeFromPPQPos(take, ppq)) - zero
  end
  local first_beat = beats_at(first_ppq)
  local slope = (beats_at(last_ppq) - first_beat) / (last_ppq - first_ppq)
  local is_straight = true
  for probe = 1, PROBES - 1 do
    local ahead = (last_ppq - first_ppq) * probe / PROBES
    if math.abs(first_beat + ahead * slope - beats_at(first_ppq + ahead)) > STRAIGHT_BEATS then
      is_straight = false
    end
  end
  if is_straight then
    local factor, start = slope * ticks, first_beat * ticks + 0.5
    return function(ppq) return floor((ppq - first_ppq) * factor + start) end
  end
  local known_ppq, known_tick
  return function(ppq)
    if ppq ~= known_ppq then
      known_ppq, known_tick = ppq, floor(beats_at(ppq) * ticks + 0.5)
    end
    return known_tick
  end
end

return M
