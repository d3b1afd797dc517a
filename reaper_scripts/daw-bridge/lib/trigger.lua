-- @noindex
-- The trigger: what was read of clip and song and what the user asks, as the daemon reads it.

local about = require("lib.read.about")
local json = require("lib.json")
local protocol = require("lib.protocol")

local M = {}

local MOST_LETTERS_OF_A_NAME = 200
local MOST_LETTERS_OF_A_JOB = 80
-- Small enough to be carried back with each answer, and far under what the daemon takes.
local MOST_SOURCE_BYTES = 4096
local MOST_ITEMS = 20
-- An item that begins this little before a bar line begins on it.
local SHORTEST_PICKUP_SECONDS = 0.03
local SAME_BEATS = 1e-6
local REPLACEMENT = "\xEF\xBF\xBD"

local pickup_of, clip_of, music_of, track_of, project_of, ask_of, source_of, within_bytes, where_of
local take_beats, tempo_changes_within, place_of, mode_of, is_one_of, bars_of, short

-- The protocol's trigger, without what is unknown. `wish` is { request_id, plan, settings, clip and about
-- (clip.read's), song (music.read's), key and key_source (key.find's), project = { id, path }, and handle,
-- REAPER's own of that project }.
function M.compose(wish)
  local pickup_beats = pickup_of(wish)
  return {
    schema = 1,
    request_id = wish.request_id,
    source = source_of(wish, pickup_beats),
    clip = clip_of(wish, pickup_beats),
    music = music_of(wish),
    track = track_of(wish),
    project = project_of(wish),
    position = wish.song.position,
    ask = ask_of(wish),
  }
end

-- How long the item sounds before the bar line that it leads to, in beats; nil when it is no upbeat. A time
-- selection begins where the user drew it, and what is laid over the item or behind it has no downbeat of its
-- own.
pickup_of = function(wish)
  local song, plan = wish.song, wish.plan
  local has_downbeat = place_of(wish.settings) ~= "takes" and mode_of(wish.settings) ~= "continue"
  if plan.exact or not has_downbeat or not song.music.bpm then return nil end
  local beats = song.to_bar_beats
  local is_upbeat = song.next_bar_seconds - plan.start_seconds > SHORTEST_PICKUP_SECONDS
    and beats > 0 and beats <= song.bar_beats / 2 + SAME_BEATS
    and song.beats - beats >= song.next_bar_beats - SAME_BEATS
  return is_upbeat and beats or nil
end

clip_of = function(wish, pickup_beats)
  local clip = {}
  for name, value in pairs(wish.clip) do clip[name] = value end
  clip.name = short(clip.name or wish.plan.name, MOST_LETTERS_OF_A_NAME)
  clip.pickup_beats = pickup_beats
  return clip
end

music_of = function(wish)
  local music = {}
  for name, value in pairs(wish.song.music) do music[name] = value end
  local key = wish.key
  if type(key) == "table" then
    key = { root = key.root, scale = short(key.scale, MOST_LETTERS_OF_A_NAME), intervals = key.intervals }
  else
    key = short(key, MOST_LETTERS_OF_A_NAME)
  end
  music.key = key
  return next(music) and music or nil
end

track_of = function(wish)
  local found = wish.about or {}
  local track = about.track(wish.plan.track, found.program, found.drums)
  track.name = short(track.name, MOST_LETTERS_OF_A_NAME)
  track.instrument = short(track.instrument, MOST_LETTERS_OF_A_NAME)
  return next(track) and track or nil
end

project_of = function(wish)
  local project = about.project(wish.handle)
  if project.path == "" or #project.path > protocol.MOST_PATH_LETTERS then project.path = nil end
  return project
end

ask_of = function(wish)
  local settings, song = wish.settings, wish.song
  local bars = bars_of(settings)
  local is_exact = wish.plan.exact and not bars and song.music.bpm ~= nil
  local takes = math.floor(tonumber(settings.takes) or 1)
  return {
    prompt = short(settings.prompt, protocol.MOST_PROMPT_LETTERS),
    mode = mode_of(settings),
    takes = math.max(1, math.min(takes, protocol.MOST_TAKES)),
    bars = bars,
    beats = is_exact and song.beats > 0 and song.beats <= protocol.MOST_BEATS and song.beats or nil,
  }
end

-- What comes back with every answer: all that is needed to bring its takes in, also after a restart.
source_of = function(wish, pickup_beats)
  local settings = wish.settings
  local source = {
    client = "reaper",
    version = protocol.VERSION,
    daw = about.daw(),
    project = { id = wish.project.id, path = short(wish.project.path, protocol.MOST_PATH_LETTERS) or "" },
    where = where_of(wish, pickup_beats),
    key_source = wish.key_source or "",
    job = short(settings.prompt, MOST_LETTERS_OF_A_JOB) or mode_of(settings),
  }
  return within_bytes(source)
end

-- The source with the least important left out until it is small enough: the project is also known by its id,
-- and takes find the track where the items are gone.
within_bytes = function(source)
  local where = source.where
  local steps = {
    function() source.project.path = "" end,
    function() where.name = short(where.name, MOST_LETTERS_OF_A_NAME // 5) end,
    function() source.job = short(source.job, MOST_LETTERS_OF_A_JOB // 4) end,
    function() where.items = json.array({ where.items[1] }) end,
  }
  for _, shorten in ipairs(steps) do
    if #json.encode(source) <= MOST_SOURCE_BYTES then break end
    shorten()
  end
  return source
end

where_of = function(wish, pickup_beats)
  local plan, song, settings = wish.plan, wish.song, wish.settings
  local place, target = place_of(settings)
  local is_behind = mode_of(settings) == "continue"
  local bars = bars_of(settings)
  local guids = {}
  for index = 1, math.min(#plan.parts, MOST_ITEMS) do
    local _, guid = reaper.GetSetMediaItemInfo_String(plan.parts[index].item, "GUID", "", false)
    guids[index] = guid
  end
  local at_seconds, at_beats = plan.start_seconds, song.position.beats
  if is_behind then
    at_seconds, at_beats = plan.end_seconds, at_beats + song.beats
  elseif pickup_beats then
    at_seconds, at_beats = song.next_bar_seconds, at_beats + pickup_beats
  end
  return {
    place = place,
    target = target,
    items = json.array(guids),
    track = plan.track and reaper.GetTrackGUID(plan.track) or nil,
    name = short(plan.name, MOST_LETTERS_OF_A_NAME) or "",
    start_seconds = plan.start_seconds,
    end_seconds = plan.end_seconds,
    at_seconds = at_seconds,
    at_beats = at_beats,
    -- Where the first item lies: a take goes with it when it is moved.
    items_seconds = guids[1] and reaper.GetMediaItemInfo_Value(plan.parts[1].item, "D_POSITION") or nil,
    exact_seconds = plan.exact and not bars and not is_behind and plan.end_seconds - plan.start_seconds or 0,
    mapped = tempo_changes_within(song, is_behind and song.beats or 0, take_beats(plan, song, bars)),
  }
end

-- How long the take will be: as asked, as the time selection, else the item's whole bars.
take_beats = function(plan, song, bars)
  if plan.exact and not bars then return song.beats end
  return (bars or math.ceil(song.beats / song.bar_beats - SAME_BEATS)) * song.bar_beats
end

-- Whether the tempo changes within so many beats from that beat of the clip on.
tempo_changes_within = function(song, from_beats, beats)
  for _, point in ipairs(song.music.tempo_map or {}) do
    local within = point.beat - from_beats
    if within > SAME_BEATS and within < beats - SAME_BEATS then return true end
  end
  return false
end

-- "new_track", "takes", or "track" and its GUID.
place_of = function(settings)
  local place = settings.place or ""
  if place:find("^{") then return "track", place end
  return place == "takes" and place or "new_track"
end

mode_of = function(settings)
  return is_one_of(protocol.MODES, settings.mode) and settings.mode or protocol.MODES[1]
end

is_one_of = function(list, wanted)
  for _, one in ipairs(list) do
    if one == wanted then return true end
  end
  return false
end

-- The bars that are asked for, nil for as many as the clip has.
bars_of = function(settings)
  local bars = math.floor(tonumber(settings.bars) or 0)
  return bars >= 1 and math.min(bars, protocol.MOST_BARS) or nil
end

-- The text without spaces around it and without what is no text, cut to so many letters; nil when it is
-- empty.
short = function(text, most)
  if not text then return nil end
  -- Lua 5.3 takes halves of letters (surrogates) for letters.
  text = text:gsub("\xED[\xA0-\xBF][\x80-\xBF]", REPLACEMENT):gsub("%c+", " ")
  local from = 1
  while true do
    local length, bad = utf8.len(text, from)
    if length then break end
    text = text:sub(1, bad - 1) .. REPLACEMENT .. text:sub(bad + 1)
    from = bad + #REPLACEMENT
  end
  text = text:match("^%s*(.-)%s*$")
  if utf8.len(text) > most then text = text:sub(1, utf8.offset(text, most + 1) - 1) end
  return text ~= "" and text or nil
end

return M
