-- @noindex
-- Takes come into the song: all that a job has ready, in one step of REAPER's undo.

local change = require("lib.place.change")
local marks = require("lib.place.marks")
local projects = require("lib.place.projects")
local put = require("lib.place.put")
local take_words = require("lib.place.take_words")
local target = require("lib.place.target")

local M = {}

local MOST_JOBS = 20

local wanted_takes, known_takes, open_sound, put_in, refused, item_seconds, outcome_of

-- Brings in all takes of an outbox view that are to be, and says of each what became of it, in the order of
-- their numbers:
-- `{ take, ok = true, where, note, already, media }` (`already`: it was there; `media`: the take in REAPER)
-- or `{ take, ok = false, problem }`.
function M.takes(project, view)
  local wanted = wanted_takes(view)
  if #wanted == 0 then return {} end
  local where = target.read(view.source and view.source.where)
  local known, by_number = known_takes(project, view.job_id)
  local outcomes, sounds = {}, {}
  for _, told in ipairs(wanted) do
    local mark, sound, problem = by_number[told.take], nil, nil
    if not mark then sound, problem = open_sound(told) end
    if mark then
      outcomes[#outcomes + 1] = outcome_of(project, told, mark, "", true)
    elseif sound then
      sounds[#sounds + 1] = sound
    else
      outcomes[#outcomes + 1] = refused(told, problem)
    end
  end
  if #sounds > 0 then
    local put_outcomes, went = put_in(project, view.job_id, where, known, sounds)
    table.move(put_outcomes, 1, #put_outcomes, #outcomes + 1, outcomes)
    if went then projects.remember_last(project, "jobs", view.job_id, MOST_JOBS) end
  end
  table.sort(outcomes, function(one, other) return one.take < other.take end)
  return outcomes
end

-- Those that were neither imported nor undone, the first number first.
wanted_takes = function(view)
  local wanted = {}
  for _, told in ipairs(view.takes or {}) do
    if told.imported == nil and not told.undone then wanted[#wanted + 1] = told end
  end
  table.sort(wanted, function(one, other) return one.take < other.take end)
  return wanted
end

-- The marks of a job's takes that are in the song, and the same by their numbers.
known_takes = function(project, job)
  local known, by_number = {}, {}
  for _, mark in ipairs(marks.takes(project)) do
    if mark.job == job then
      known[#known + 1] = mark
      by_number[mark.number] = by_number[mark.number] or mark
    end
  end
  return known, by_number
end

-- A take's file as REAPER reads it, before anything is changed:
-- `{ told, source, seconds, frame_seconds, is_given }`, or nil and a problem.
open_sound = function(told)
  local file = take_words.file_name(told.file)
  local source = told.file and reaper.PCM_Source_CreateFromFile(told.file)
  if not source then
    return nil, ("REAPER cannot open %s: see that it is where daw-bridge put it, or ask again."):format(file)
  end
  local kind = reaper.GetMediaSourceType(source)
  local seconds, is_in_beats = reaper.GetMediaSourceLength(source)
  if kind == "" or kind == "EMPTY" or is_in_beats or seconds <= 0 then
    reaper.PCM_Source_Destroy(source)
    return nil, ("REAPER finds no sound in %s: ask for the take again."):format(file)
  end
  local rate = reaper.GetMediaSourceSampleRate(source)
  return {
    told = told,
    source = source,
    seconds = seconds,
    frame_seconds = rate > 0 and 1 / rate or 0,
    is_given = false,
  }
end

-- Puts all sounds into the song in one step, or none: what became of each, and whether they are there.
put_in = function(project, job, where, known, sounds)
  local words = take_words.step(#sounds, where.name)
  local went, result = change.make(project, words, function()
    local source, outcomes = target.find_source(project, where), {}
    for index, sound in ipairs(sounds) do
      local seconds = item_seconds(where, sound)
      local place = target.choose(project, where, source, known, sound.told.mode, seconds)
      local mark, problem = put.take(project, job, where, place, sound, seconds)
      if not mark then return nil, problem end
      known[#known + 1] = mark
      outcomes[index] = outcome_of(project, sound.told, mark, place.note, false)
    end
    return outcomes
  end)
  if went then return result, true end
  local outcomes = {}
  for index, sound in ipairs(sounds) do
    -- What a take was given is REAPER's to end.
    if not sound.is_given then reaper.PCM_Source_Destroy(sound.source) end
    outcomes[index] = refused(sound.told, result)
  end
  return outcomes, false
end

-- The take's own length; a time selection's, where the take is not shorter by more than a frame.
item_seconds = function(where, sound)
  local exact = where.exact_seconds
  if exact > 0 and exact <= sound.seconds + sound.frame_seconds then return exact end
  return sound.seconds
end

outcome_of = function(project, told, mark, note, already)
  local place = take_words.where(project, mark)
  return { take = told.take, ok = true, where = place, note = note, already = already, media = mark.take }
end

refused = function(told, problem)
  return { take = told.take, ok = false, problem = problem }
end

return M
