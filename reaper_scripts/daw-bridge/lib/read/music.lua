-- @noindex
-- What REAPER knows of the song around a span: tempo, metre, grouping, and how the span lies in its bars.

local protocol = require("lib.protocol")

local M = {}

local DENOMINATORS = { [1] = true, [2] = true, [4] = true, [8] = true, [16] = true, [32] = true, [64] = true }
local MOST_BEATS_IN_A_BAR = 99
-- A take may be longer than its clip: the maps go on this far, where the song goes on changing.
local BARS_BEHIND = 64
local MOST_BARS = 4000
local MOST_POINTS = 4000
local MOST_MARKERS = 4000
local SAME_SECONDS = 1e-5
local SAME_BEATS = 1e-6
-- A tempo is a quotient: points that lie closer than this would make it a noise of rounding.
local CLOSEST_SECONDS = 1e-3
-- How far the pieces' clock may be from REAPER's between two points of a ramp.
local MOST_OFF_SECONDS = 2.5e-4
local MOST_POINTS_A_QUARTER = 16
local SAME_TEMPO = 1e-9

local quarters_at, seconds_at, read_markers, read_bars, sample_times, points_in_quarter, beats_into_bar
local thinned, tempo_pieces, cut_to_range
local metre_points, grouping_at, is_metre, tidy

-- `music` is the protocol's, without the key. Beats are quarter notes: `beats` the span's length,
-- `to_bar_beats` from its start to the next bar line (0 on one), `bar_beats` the length of the bar that it
-- starts in, `next_bar_beats` of the one behind that bar line, which lies at `next_bar_seconds`.
-- `asked_bars`: how many the take shall have, 0 or nil for as many as the span.
function M.read(project, start_seconds, end_seconds, asked_bars)
  local zero = quarters_at(project, start_seconds)
  local beats = quarters_at(project, end_seconds) - zero
  local markers = read_markers(project, start_seconds)
  local bars = read_bars(project, start_seconds, end_seconds, markers, asked_bars or 0)
  local pieces = tempo_pieces(project, sample_times(project, start_seconds, end_seconds, markers, bars))
  pieces = cut_to_range(pieces, beats)

  local music = {}
  if #pieces > 0 then music.bpm = pieces[1].bpm end
  if #pieces > 1 then music.tempo_map = pieces end
  local numerator, denominator = reaper.TimeMap_GetTimeSigAtTime(project, start_seconds + SAME_SECONDS)
  if is_metre(numerator, denominator) then
    music.time_signature = { numerator, denominator }
    music.grouping = grouping_at(project, start_seconds + SAME_SECONDS, numerator)
    local points = metre_points(bars, zero)
    if #points > 1 then music.metre_map = points end
  end

  local starts_on_bar = math.abs(bars[1].quarters - zero) < SAME_BEATS
  local next_bar = starts_on_bar and bars[1] or bars[2]
  return {
    music = music,
    beats = tidy(beats),
    position = { beats = tidy(reaper.TimeMap2_timeToQN(project, start_seconds)), seconds = start_seconds },
    to_bar_beats = starts_on_bar and 0.0 or tidy(next_bar.quarters - zero),
    bar_beats = tidy(bars[2].quarters - bars[1].quarters),
    next_bar_seconds = next_bar.seconds,
    next_bar_beats = tidy((starts_on_bar and bars[2] or bars[3]).quarters - next_bar.quarters),
  }
end

-- Quarter notes from the project's start to a time. Those that REAPER shows leap where a bar was cut short;
-- these count what is played.
function M.quarters_at(project, seconds)
  return reaper.TimeMap_timeToQN_abs(project, seconds)
end

quarters_at = M.quarters_at

seconds_at = function(project, quarters)
  return reaper.TimeMap_QNToTime_abs(project, quarters)
end

-- { seconds, is_ramp } of the tempo markers from the one in force on; `is_ramp`: it glides to the next tempo.
read_markers = function(project, start_seconds)
  local markers = {}
  local first = math.max(reaper.FindTempoTimeSigMarker(project, start_seconds), 0)
  local last = math.min(reaper.CountTempoTimeSigMarkers(project), first + MOST_MARKERS) - 1
  for index = first, last do
    local is_there, seconds, _, _, _, _, _, is_ramp = reaper.GetTempoTimeSigMarker(project, index)
    if is_there then markers[#markers + 1] = { seconds = seconds, is_ramp = is_ramp } end
  end
  return markers
end

-- { seconds, quarters, numerator, denominator } of the bar in which the span starts and of those that follow:
-- three at least, and as far as the maps go when anything changes behind the start: what goes on after the
-- span may have as many bars as it, or as many as are asked for.
read_bars = function(project, start_seconds, end_seconds, markers, asked_bars)
  local function bar_line(measure)
    local seconds, _, _, numerator, denominator = reaper.TimeMap_GetMeasureInfo(project, measure)
    local quarters = quarters_at(project, seconds)
    return { seconds = seconds, quarters = quarters, numerator = numerator, denominator = denominator }
  end

  local _, first = reaper.TimeMap2_timeToBeats(project, start_seconds + SAME_SECONDS)
  -- The two functions are not known to count their measures from the same number everywhere.
  local bar = bar_line(first)
  while bar.seconds > start_seconds + SAME_SECONDS and first > 0 do
    first = first - 1
    bar = bar_line(first)
  end
  local following = bar_line(first + 1)
  while following.seconds <= start_seconds + SAME_SECONDS and following.seconds > bar.seconds do
    first = first + 1
    bar, following = following, bar_line(first + 1)
  end

  local last_change = markers[1] and markers[#markers].seconds or -1
  local bars, within, behind = { bar, following }, 1, 0
  while #bars < MOST_BARS do
    bar = bars[#bars]
    local is_needed = #bars < 3
      or last_change > start_seconds and (bar.seconds < end_seconds
        or bar.seconds <= last_change and behind < math.max(BARS_BEHIND, asked_bars, within))
    if not is_needed then break end
    if bar.seconds < end_seconds then within = within + 1 else behind = behind + 1 end
    bars[#bars + 1] = bar_line(first + #bars)
  end
  return bars
end

-- The times between which the tempo is told: the start, every tempo marker, as many points in each quarter
-- note of a ramp as it is steep, wherever a take may end, and an end that lies behind them.
sample_times = function(project, start_seconds, end_seconds, markers, bars)
  local last = math.max(end_seconds, bars[#bars].seconds)
  local times, firm = { start_seconds, last }, { [start_seconds] = true, [last] = true }
  local function add(seconds, is_firm)
    if seconds <= start_seconds or seconds >= last then return end
    times[#times + 1] = seconds
    if is_firm then firm[seconds] = true end
  end
  for index, marker in ipairs(markers) do
    local following = markers[index + 1]
    add(marker.seconds, true)
    if marker.is_ramp and following and following.seconds > start_seconds and marker.seconds < last then
      local from = quarters_at(project, math.max(marker.seconds, start_seconds))
      local to = quarters_at(project, math.min(following.seconds, last))
      local left = MOST_POINTS
      for quarter = math.floor(from), math.ceil(to) - 1 do
        if left <= 0 then break end
        local count = points_in_quarter(project, quarter, from, to)
        for point = 0, count - 1 do add(seconds_at(project, quarter + point / count), false) end
        left = left - count
      end
    end
  end
  if #times > 2 then
    add(end_seconds, true)
    -- A take lasts whole bars, counted from the span's start, or from its end for what goes on after it.
    local from_start = beats_into_bar(project, bars, start_seconds)
    local from_end = beats_into_bar(project, bars, end_seconds)
    for _, bar in ipairs(bars) do
      add(bar.seconds, false)
      if from_start > SAME_BEATS then add(seconds_at(project, bar.quarters + from_start), false) end
      if from_end > SAME_BEATS then add(seconds_at(project, bar.quarters + from_end), false) end
    end
  end
  table.sort(times)

  local kept = {}
  for index, seconds in ipairs(times) do
    local before, behind = kept[#kept], times[index + 1]
    local is_clear = not before or seconds - before >= CLOSEST_SECONDS
    local leaves_room = firm[seconds] or not (behind and firm[behind] and behind - seconds < CLOSEST_SECONDS)
    if is_clear and leaves_room then kept[#kept + 1] = seconds end
  end
  if kept[#kept] ~= last then kept[#kept] = last end
  return thinned(kept)
end

-- In how many pieces a quarter note is told, so that notes between their ends are on time too: a clock that
-- runs straight from end to end is off most in the middle, and a quarter as much in halves.
points_in_quarter = function(project, quarter, from, to)
  local first, last = math.max(quarter, from), math.min(quarter + 1, to)
  local middle = (seconds_at(project, first) + seconds_at(project, last)) / 2
  local off = math.abs(seconds_at(project, (first + last) / 2) - middle)
  return math.max(1, math.min(math.ceil(math.sqrt(off / MOST_OFF_SECONDS)), MOST_POINTS_A_QUARTER))
end

-- How far a time lies behind the bar line before it.
beats_into_bar = function(project, bars, seconds)
  local quarters = quarters_at(project, seconds)
  for index = #bars, 1, -1 do
    local beats = quarters - bars[index].quarters
    if beats >= -SAME_BEATS then return math.max(beats, 0) end
  end
  return 0
end

-- Every so many of the times, and the last one: what lies between two of them is told as its mean tempo.
thinned = function(times)
  local step = math.ceil(#times / MOST_POINTS)
  if step <= 1 then return times end
  local kept = {}
  for index = 1, #times - 1, step do kept[#kept + 1] = times[index] end
  kept[#kept + 1] = times[#times]
  return kept
end

-- { beat, bpm } of each stretch of one tempo, in beats from the first time on: their integral meets REAPER's
-- own clock at every one of these times.
tempo_pieces = function(project, times)
  local pieces = {}
  local zero = quarters_at(project, times[1])
  local quarters = zero
  for index = 1, #times - 1 do
    local following = quarters_at(project, times[index + 1])
    local bpm = (following - quarters) * 60 / (times[index + 1] - times[index])
    local before = pieces[#pieces]
    if not before or math.abs(before.bpm - bpm) > SAME_TEMPO * before.bpm then
      pieces[#pieces + 1] = { beat = tidy(quarters - zero), bpm = tidy(bpm) }
    end
    quarters = following
  end
  return pieces
end

-- The pieces up to the first one that is too slow or too fast to be told; none, when that one lies within the
-- span.
cut_to_range = function(pieces, beats)
  local kept = {}
  for index, piece in ipairs(pieces) do
    if piece.bpm < protocol.SLOWEST_BPM or piece.bpm > protocol.FASTEST_BPM then
      return (index > 1 and piece.beat >= beats - SAME_BEATS) and kept or {}
    end
    kept[index] = piece
  end
  return kept
end

-- Where the metre changes, or a bar is shorter than its metre says, in beats from `zero` on: the first point
-- is the bar line at or before it.
metre_points = function(bars, zero)
  local points = {}
  local before
  for _, bar in ipairs(bars) do
    if not is_metre(bar.numerator, bar.denominator) then break end
    local is_new = not before or bar.numerator ~= before.numerator or bar.denominator ~= before.denominator
    if before and not is_new then
      local length = before.numerator * 4 / before.denominator
      is_new = math.abs(bar.quarters - before.quarters - length) > SAME_BEATS
    end
    if is_new then
      local beat = bar.quarters - zero
      points[#points + 1] = {
        beat = math.abs(beat) < SAME_BEATS and 0.0 or tidy(beat),
        time_signature = { bar.numerator, bar.denominator },
      }
    end
    before = bar
  end
  return points
end

-- How the metronome groups a bar's beats, such as 3, 2, 2; nil where it does not group them. The pattern is
-- one sign a beat: A to D and a dot as in REAPER's pattern editor, where A begins a group; or 1 and 2 in its
-- older form.
grouping_at = function(project, seconds, numerator)
  if not reaper.TimeMap_GetMetronomePattern then return nil end
  local _, pattern = reaper.TimeMap_GetMetronomePattern(project, seconds, "EXTENDED")
  if not pattern:find("^[A-D.]+$") then
    _, pattern = reaper.TimeMap_GetMetronomePattern(project, seconds, "")
  end
  if #pattern ~= numerator or not pattern:find("^[A1][A-D012.]*$") then return nil end
  local groups = {}
  for group in pattern:gmatch("[A1][^A1]*") do groups[#groups + 1] = #group end
  -- An accent on each beat says no more than none at all.
  if #groups < 2 or #groups == numerator then return nil end
  return groups
end

is_metre = function(numerator, denominator)
  return numerator >= 1 and numerator <= MOST_BEATS_IN_A_BAR and DENOMINATORS[denominator] == true
end

-- Without the last digits, in which rounding shows.
tidy = function(value)
  return math.floor(value * 1e9 + 0.5) / 1e9
end

return M
