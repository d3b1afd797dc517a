-- Time in the fake REAPER: tempo markers with jumps and ramps, bars cut short by a new metre, quarter notes.

local TINY = 1e-9

local points_of, quarters_in, seconds_for

local function add(fake)
  local api = fake.api

  -- The last tempo point whose `key` ("at" in seconds, "quarters") is not behind a value.
  local function point_before(project, key, value)
    local points = points_of(project)
    local point = points[1]
    for index = 2, #points do
      if points[index][key] > value + TINY then
        break
      end
      point = points[index]
    end
    return point
  end

  -- Quarter notes from the project's start, whatever bars were cut short.
  local function quarters_at(project, seconds)
    local point = point_before(project, "at", seconds)
    return point.quarters + quarters_in(point, seconds - point.at)
  end

  local function seconds_at(project, quarters)
    local point = point_before(project, "quarters", quarters)
    return point.at + seconds_for(point, quarters - point.quarters)
  end

  -- Stretches of bars of one metre: first bar (from 0), quarters where it begins, bar length, quarters missing before.
  local function metres_of(project)
    local metres = { { measure = 0, quarters = 0, num = project.num, den = project.den, missing = 0, pattern = "" } }
    for _, point in ipairs(points_of(project)) do
      if point.num then
        local last = metres[#metres]
        local metre = {
          measure = 0, missing = 0, quarters = point.quarters, num = point.num, den = point.den,
          pattern = point.pattern,
        }
        if point.quarters <= TINY then
          metres[1] = metre
        else
          local bar = last.num * 4 / last.den
          local bars = math.ceil((point.quarters - last.quarters) / bar - 1e-7)
          metre.measure = last.measure + bars
          metre.missing = last.missing + last.quarters + bars * bar - point.quarters
          metres[#metres + 1] = metre
        end
      end
    end
    return metres
  end

  local function metre_at(project, key, value)
    local metres = metres_of(project)
    local found, next_one = metres[1], metres[2]
    for index = 2, #metres do
      if metres[index][key] > value + TINY then
        break
      end
      found, next_one = metres[index], metres[index + 1]
    end
    return found, next_one
  end

  -- The count that goes on as if no bar were ever cut short.
  local function counted(project, quarters)
    return quarters + metre_at(project, "quarters", quarters).missing
  end

  local function uncounted(project, count)
    local metres = metres_of(project)
    local found, next_one = metres[1], metres[2]
    for index = 2, #metres do
      if metres[index].quarters + metres[index].missing > count + TINY then
        break
      end
      found, next_one = metres[index], metres[index + 1]
    end
    local quarters = count - found.missing
    return next_one and math.min(quarters, next_one.quarters) or quarters
  end

  local function tempo_at(project, seconds)
    local point = point_before(project, "at", seconds)
    if point.end_bpm and seconds > point.at then
      return point.bpm + (point.end_bpm - point.bpm) * (seconds - point.at) / point.length
    end
    return point.bpm
  end

  fake.quarters_at, fake.seconds_at, fake.tempo_at = quarters_at, seconds_at, tempo_at

  function api.TimeMap_timeToQN_abs(project, seconds)
    return quarters_at(project, seconds)
  end

  function api.TimeMap_QNToTime_abs(project, quarters)
    return seconds_at(project, quarters)
  end

  function api.TimeMap2_timeToQN(project, seconds)
    return counted(project, quarters_at(project, seconds))
  end

  function api.TimeMap2_QNToTime(project, count)
    return seconds_at(project, uncounted(project, count))
  end

  function api.TimeMap_timeToQN(seconds)
    return api.TimeMap2_timeToQN(fake.active(), seconds)
  end

  function api.TimeMap_QNToTime(count)
    return api.TimeMap2_QNToTime(fake.active(), count)
  end

  function api.TimeMap_GetTimeSigAtTime(project, seconds)
    local metre = metre_at(project, "quarters", quarters_at(project, seconds))
    return metre.num, metre.den, tempo_at(project, seconds)
  end

  -- The project settings' own, whatever the tempo markers say; beats are the denominator's.
  function api.GetProjectTimeSignature2(project)
    return project.bpm, project.num
  end

  function api.GetProjectTimeSignature()
    return api.GetProjectTimeSignature2(fake.active())
  end

  function api.Master_GetTempo()
    return tempo_at(fake.active(), fake.active().cursor)
  end

  function api.TimeMap2_GetDividedBpmAtTime(project, seconds)
    local metre = metre_at(project, "quarters", quarters_at(project, seconds))
    return tempo_at(project, seconds) * metre.den / 4
  end

  function api.TimeMap_GetDividedBpmAtTime(seconds)
    return api.TimeMap2_GetDividedBpmAtTime(fake.active(), seconds)
  end

  function api.TimeMap2_GetNextChangeTime(project, seconds)
    for _, marker in ipairs(project.tempo) do
      if marker.at > seconds + TINY then
        return marker.at
      end
    end
    return -1
  end

  function api.TimeMap2_timeToBeats(project, seconds)
    local quarters = quarters_at(project, seconds)
    local metre = metre_at(project, "quarters", quarters)
    local beats = (quarters - metre.quarters) * metre.den / 4
    local bars = math.floor(beats / metre.num + TINY)
    local full = (quarters + metre.missing) * metre.den / 4
    return math.max(0, beats - bars * metre.num), metre.measure + bars, metre.num, full, metre.den
  end

  function api.TimeMap2_beatsToTime(project, beats, measures)
    if not measures then
      return seconds_at(project, beats)
    end
    local metre = metre_at(project, "measure", measures)
    return seconds_at(project, metre.quarters + ((measures - metre.measure) * metre.num + beats) * 4 / metre.den)
  end

  -- Where a measure (from 0) begins and ends, in the count of TimeMap2_timeToQN; a cut bar ends where the next begins.
  function api.TimeMap_GetMeasureInfo(project, measure)
    local metre = metre_at(project, "measure", measure)
    local bar = metre.num * 4 / metre.den
    local start = metre.quarters + (measure - metre.measure) * bar
    local seconds = seconds_at(project, start)
    local count = start + metre.missing
    return seconds, count, count + bar, metre.num, metre.den, tempo_at(project, seconds)
  end

  -- Measures count from 1 here, and from 0 everywhere else: so does REAPER.
  function api.TimeMap_QNToMeasures(project, count)
    local quarters = uncounted(project, count)
    local metre = metre_at(project, "quarters", quarters)
    local bar = metre.num * 4 / metre.den
    local bars = math.floor((quarters - metre.quarters) / bar + TINY)
    local start = metre.quarters + bars * bar + metre.missing
    return metre.measure + bars + 1, start, start + bar
  end

  -- "ABBB"; or with "EXTENDED" asked for, the same with its subdivisions.
  function api.TimeMap_GetMetronomePattern(project, seconds)
    local metre = metre_at(project, "quarters", quarters_at(project, seconds))
    local pattern = metre.pattern
    if not pattern or pattern == "" then
      pattern = "A" .. ("B"):rep(metre.num - 1)
    end
    return 1, pattern
  end

  function api.GetProjectTimeOffset(project)
    return project.info.TIME_OFFSET or 0
  end

  -- Markers.

  function api.CountTempoTimeSigMarkers(project)
    return #project.tempo
  end

  function api.GetTempoTimeSigMarker(project, index)
    local marker = project.tempo[index + 1]
    if not marker then
      return false, 0, 0, 0, 0, 0, 0, false
    end
    local beats, measures = api.TimeMap2_timeToBeats(project, marker.at)
    local unchanged = fake.option.unchanged_metre
    return true, marker.at, measures, beats, marker.bpm, marker.num or unchanged, marker.den or unchanged, marker.linear
  end

  function api.FindTempoTimeSigMarker(project, seconds)
    local found = -1
    for index, marker in ipairs(project.tempo) do
      if marker.at <= seconds + TINY then
        found = index - 1
      end
    end
    return found
  end

  function api.SetTempoTimeSigMarker(project)
    fake.change("a tempo marker is set", project)
    fake.fail("a script changes the song's tempo")
    return false
  end
  api.AddTempoTimeSigMarker = api.SetTempoTimeSigMarker
  api.DeleteTempoTimeSigMarker = api.SetTempoTimeSigMarker

  function api.SetCurrentBPM(project)
    return api.SetTempoTimeSigMarker(project)
  end

  -- What the ruler would show: bars and beats in modes 1 and 2, seconds in 3, minutes else. Bars count from the one
  -- that the project begins with: project.first_measure.
  function api.format_timestr_pos(seconds, _, mode)
    if mode == 1 or mode == 2 then
      local project = fake.active()
      local beats, measures = api.TimeMap2_timeToBeats(project, seconds)
      local bar, beat = measures + (project.first_measure or 1), math.floor(beats)
      return ("%d.%d.%02d"):format(bar, beat + 1, math.floor((beats - beat) * 100 + 0.5))
    elseif mode == 3 then
      return ("%.3f"):format(seconds)
    end
    return ("%d:%06.3f"):format(math.floor(seconds / 60), seconds % 60)
  end

  function fake.song_methods.set_tempo(project, tempo)
    fake.user_step(project, "Change tempo", function()
      if type(tempo) == "number" then
        project.bpm = tempo
        if project.tempo[1] then
          project.tempo[1].bpm = tempo
        end
      else
        project.tempo = tempo
      end
    end)
  end
end

-- The stretches of one tempo or one ramp, each with the quarter notes before it.
function points_of(project)
  local points = {}
  local markers = project.tempo
  if not markers[1] or markers[1].at > TINY then
    points[1] = { at = 0, quarters = 0, bpm = project.bpm }
  end
  for index, marker in ipairs(markers) do
    local point = { at = marker.at, bpm = marker.bpm, num = marker.num, den = marker.den, pattern = marker.pattern }
    local next_one = markers[index + 1]
    if marker.linear and next_one then
      point.end_bpm, point.length = next_one.bpm, next_one.at - marker.at
    end
    local last = points[#points]
    point.quarters = last and last.quarters + quarters_in(last, point.at - last.at) or 0
    points[#points + 1] = point
  end
  return points
end

-- A ramp is straight in time: its beats are the mean tempo's.
function quarters_in(point, seconds)
  if point.end_bpm and seconds > 0 then
    local slope = (point.end_bpm - point.bpm) / point.length
    return (point.bpm * seconds + slope * seconds * seconds / 2) / 60
  end
  return point.bpm * seconds / 60
end

function seconds_for(point, quarters)
  local slope = point.end_bpm and (point.end_bpm - point.bpm) / point.length or 0
  if math.abs(slope) < 1e-12 or quarters <= 0 then
    return quarters * 60 / point.bpm
  end
  return (math.sqrt(point.bpm * point.bpm + 2 * slope * 60 * quarters) - point.bpm) / slope
end

return add
