-- @noindex
-- What the user selected becomes a clip: first what is meant and whether it can be sent, then its media.

local audio = require("lib.read.audio")
local media = require("lib.read.media")
local midi = require("lib.read.midi")
local mixing = require("lib.read.mixing")
local protocol = require("lib.protocol")
local render = require("lib.read.render")
local selection = require("lib.read.selection")
local words = require("lib.words")

local M = {}

local LEAST_SECONDS = 0.2
local MOST_MINUTES = 20 -- as a float WAV, what the daemon takes of a file
local MOST_ITEMS = 1000

local of_items, of_time, parts_of, part_of, length_problem, sound_problem, kind_of, read_by, tracks_of
local name_of, own_name, title_of, minutes

-- What `how` ("items" or "time") means now, or nil and a sentence. `kind`: "file" (an audio file as it is,
-- `sound` is its clip.audio), "mix" (audio read through REAPER), "midi", "render" (with FX).
function M.plan(project, how, settings)
  local plan, problem
  if how == "time" then
    plan, problem = of_time(project)
  else
    plan, problem = of_items(project)
  end
  if not plan then return nil, problem end
  problem = length_problem(plan) or sound_problem(plan, settings)
  if problem then return nil, problem end
  plan.kind, plan.sound = kind_of(plan, settings)
  plan.project = project
  plan.name = name_of(plan.parts)
  plan.track = reaper.GetMediaItem_Track(plan.parts[1].item)
  return plan
end

-- Work in slices: writes what has to be written under `path_stem` and gives the protocol's clip, and what is
-- known of its notes; or nil and a sentence.
function M.read(plan, path_stem, pause)
  return read_by[plan.kind](plan, path_stem, pause)
end

of_items = function(project)
  local items = selection.items(project)
  if #items == 0 then return nil, "No item is selected; click an item in the arrangement first." end
  local parts, problem = parts_of(items)
  if not parts then return nil, problem end
  local start_seconds, end_seconds = parts[1].start_seconds, parts[1].end_seconds
  for _, part in ipairs(parts) do
    start_seconds = math.min(start_seconds, part.start_seconds)
    end_seconds = math.max(end_seconds, part.end_seconds)
  end
  return { parts = parts, start_seconds = start_seconds, end_seconds = end_seconds, exact = false }
end

of_time = function(project)
  local span = selection.span(project)
  if not span then return nil, "There is no time selection; drag one in the arrangement first." end
  local items, are_chosen = selection.under(project, span)
  local nothing = are_chosen
    and "Nothing sounds in the time selection on the selected tracks; select others, or none for all of them."
    or "Nothing sounds in the time selection; move it to where something does."
  if #items == 0 then return nil, nothing end
  local parts, problem, is_fatal = parts_of(items, span)
  if not parts then return nil, is_fatal and problem or nothing end
  return { parts = parts, start_seconds = span.start_seconds, end_seconds = span.end_seconds, exact = true }
end

-- The parts that sound, clipped to a span where there is one. Among others an empty item or a picture is
-- simply silent; media that is missing is not, so that is said (third result: true).
parts_of = function(items, span)
  if #items > MOST_ITEMS then
    return nil, ("%d items are too many; glue them first (Item > Glue items), or select fewer than %d.")
      :format(#items, MOST_ITEMS), true
  end
  local parts, silent = {}, nil
  for _, item in ipairs(items) do
    local take = reaper.GetActiveTake(item)
    if not take then
      silent = silent or "The selected item is empty; select one that holds audio or MIDI."
    else
      local part = part_of(item, take, span)
      local problem = media.problem(take, title_of(part))
      if problem then return nil, problem, true end
      if part.is_midi or media.has_sound(take) then
        parts[#parts + 1] = part
      else
        silent = silent or ("%s has no audio; select an item that holds audio or MIDI.")
          :format(title_of(part, true))
      end
    end
  end
  if #parts == 0 then return nil, silent end
  return parts
end

part_of = function(item, take, span)
  local start_seconds = reaper.GetMediaItemInfo_Value(item, "D_POSITION")
  local end_seconds = start_seconds + reaper.GetMediaItemInfo_Value(item, "D_LENGTH")
  if span then
    start_seconds = math.max(start_seconds, span.start_seconds)
    end_seconds = math.min(end_seconds, span.end_seconds)
  end
  return {
    item = item,
    take = take,
    is_midi = reaper.TakeIsMIDI(take),
    start_seconds = start_seconds,
    end_seconds = end_seconds,
  }
end

length_problem = function(plan)
  local what = "The selection"
  if plan.exact then
    what = "The time selection"
  elseif #plan.parts == 1 then
    what = title_of(plan.parts[1], true)
  end
  local seconds = plan.end_seconds - plan.start_seconds
  if seconds < LEAST_SECONDS then
    return ("%s is only %.2f s long; take %.1f s at least."):format(what, seconds, LEAST_SECONDS)
  end
  if seconds > MOST_MINUTES * 60 then
    return ("%s is %s long, and %d minutes is the most; drag a time selection and generate from that.")
      :format(what, minutes(seconds), MOST_MINUTES)
  end
  return nil
end

sound_problem = function(plan, settings)
  local has_midi, has_audio, is_loud, is_heard = false, false, false, false
  for _, part in ipairs(plan.parts) do
    has_midi = has_midi or part.is_midi
    has_audio = has_audio or not part.is_midi
    is_loud = is_loud or part.is_midi or audio.gain(part.item, part.take) ~= 0
    is_heard = is_heard or selection.is_heard(part.item)
  end
  local one = #plan.parts == 1
  local what = one and title_of(plan.parts[1], true) or plan.exact and "What is in the time selection"
    or "What is selected"
  if settings.with_fx and not is_heard then
    return ("%s is muted; unmute it, or switch off With FX in the settings."):format(what)
  end
  if not is_loud then return ("%s is silent; turn its volume up."):format(what) end
  if has_midi and has_audio and not settings.with_fx then
    return plan.exact and "The time selection holds audio and MIDI; select tracks with one kind, "
        .. "or switch on With FX in the settings."
      or "Audio and MIDI are selected; select items of one kind, or switch on With FX in the settings."
  end
  return nil
end

kind_of = function(plan, settings)
  if settings.with_fx then return "render" end
  local first = plan.parts[1]
  if first.is_midi then return "midi" end
  local is_whole = #plan.parts == 1
    and first.start_seconds == plan.start_seconds and first.end_seconds == plan.end_seconds
  local sound = is_whole and audio.plain(first) or nil
  return sound and "file" or "mix", sound
end

read_by = {
  file = function(plan)
    return { name = plan.name, audio = plan.sound }, {}
  end,

  mix = function(plan, path_stem, pause)
    local takes = {}
    for index, part in ipairs(plan.parts) do takes[index] = part.take end
    media.wait(plan.project, takes, pause)
    if not reaper.ValidatePtr2(0, plan.project, "ReaProject*") then return nil, words.PROJECT_CLOSED end
    local path = path_stem .. ".wav"
    local shape = { rate = protocol.CLIP_RATE, channels = 1 }
    shape.frames = math.floor((plan.end_seconds - plan.start_seconds) * shape.rate + 0.5)
    local voices = {}
    for index, part in ipairs(plan.parts) do
      local is_there = reaper.ValidatePtr2(plan.project, part.take, "MediaItem_Take*")
      if not is_there then return nil, words.ITEM_GONE end
      voices[index] = audio.voice(plan.project, part, plan.start_seconds, pause)
      shape.channels = math.max(shape.channels, voices[index].channels)
    end
    local sound = { path = path }
    if #voices == 1 then
      -- Told as a number, the volume costs no arithmetic on the samples.
      sound.gain_db = audio.decibels(voices[1].gain)
      voices[1].gain = 1
    end
    local written, problem = mixing.write(path, shape, voices, pause)
    if not written then return nil, problem end
    return { name = plan.name, audio = sound }, {}
  end,

  render = function(plan, path_stem, pause)
    local path = path_stem .. ".wav"
    local tracks, problem = tracks_of(plan)
    if not tracks then return nil, problem end
    local written
    written, problem = render.write(plan.project, tracks, plan.start_seconds, plan.end_seconds, path, pause)
    if not written then return nil, problem end
    return { name = plan.name, audio = { path = path } }, {}
  end,

  midi = function(plan, path_stem, pause)
    local path = path_stem .. ".mid"
    local about, problem =
      midi.write(plan.parts, plan.start_seconds, plan.end_seconds, plan.project, path, pause)
    if not about then return nil, problem end
    return { name = plan.name, midi = { path = path } }, about
  end,
}

tracks_of = function(plan)
  if not reaper.ValidatePtr2(0, plan.project, "ReaProject*") then return nil, words.PROJECT_CLOSED end
  local tracks = {}
  for index, part in ipairs(plan.parts) do
    if not reaper.ValidatePtr2(plan.project, part.item, "MediaItem*") then return nil, words.ITEM_GONE end
    tracks[index] = reaper.GetMediaItem_Track(part.item)
  end
  return tracks
end

-- The first part's name, and how many others go by another one: the pieces of one recording are one name.
name_of = function(parts)
  local first = own_name(parts[1])
  local others, is_known = 0, { [first] = true }
  for _, part in ipairs(parts) do
    local name = own_name(part)
    if not is_known[name] then others = others + 1 end
    is_known[name] = true
  end
  return others == 0 and first or ("%s and %d more"):format(first, others)
end

-- The take's name without the file's suffix, else the file's, else the track's.
own_name = function(part)
  local name = reaper.GetTakeName(part.take)
  if name == "" then name = media.file(part.take):match("[^/\\]+$") or "" end
  local stem, suffix = name:match("^(.+)(%.%w+)$")
  if stem and media.is_suffix(suffix) then name = stem end
  if name ~= "" then return name end
  local _, track_name = reaper.GetTrackName(reaper.GetMediaItem_Track(part.item))
  return track_name
end

-- The item in a sentence: at its start, or in its middle.
title_of = function(part, is_start)
  return (is_start and "The item %s" or "the item %s"):format(own_name(part))
end

minutes = function(seconds)
  return ("%d minutes and %d seconds"):format(seconds // 60, math.floor(seconds % 60))
end

return M
