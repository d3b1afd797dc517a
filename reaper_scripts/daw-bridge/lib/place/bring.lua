-- @noindex
-- Takes come into the song: all that a job has ready, in one step of REAPER's undo.

local change = require("lib.place.change")
local marks = require("lib.marks")
local projects = require("lib.projects")
local put = require("lib.place.put")
local sound_files = require("lib.place.sound")
local take_words = require("lib.place.take_words")
local target = require("lib.place.target")

local M = {}

local MOST_JOBS = 20

local wanted_takes, known_takes, put_in, refused, item_seconds, outcome_of

-- Brings in all takes of an outbox view that are to be, and says of each what became of it, in the order of
-- their numbers:
-- `{ take, ok = true, where, note, already, media }` (`already`: it was there; `media`: the take in REAPER)
-- or `{ take, ok = false, problem, wait }` (`wait`: its file may be whole in a while).
-- `homes` are folders of the daemon that takes may lie in beside those of the project.
function M.takes(project, view, homes)
  local wanted = wanted_takes(view)
  if #wanted == 0 then return {} end
  local where = target.read(view.source and view.source.where)
  local known, by_number = known_takes(project, view.job_id)
  local outcomes, sounds = {}, {}
  for _, told in ipairs(wanted) do
    local mark, sound, problem, may_wait = by_number[told.take], nil, nil, nil
    if not mark then sound, problem, may_wait = sound_files.open(project, told, homes) end
    if mark then
      outcomes[#outcomes + 1] = outcome_of(project, told, mark, "", true)
    elseif sound then
      sounds[#sounds + 1] = sound
    else
      outcomes[#outcomes + 1] = refused(told, problem, may_wait)
    end
  end
  if #sounds > 0 then
    local put_outcomes, went = put_in(project, view.job_id, where, known, sounds)
    table.move(put_outcomes, 1, #put_outcomes, #outcomes + 1, outcomes)
    if went then
      projects.adopt(project, view.source and view.source.project and view.source.project.id)
      projects.remember_last(project, "jobs", view.job_id, MOST_JOBS)
    end
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
    outcomes[index] = refused(sound.told, result, false)
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

refused = function(told, problem, may_wait)
  return { take = told.take, ok = false, problem = problem, wait = may_wait }
end

return M
