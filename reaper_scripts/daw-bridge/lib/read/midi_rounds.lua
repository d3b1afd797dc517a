-- @noindex
-- A take's events as they are played between two ticks: round after round of a loop, cut at both ends.

local protocol = require("lib.protocol")
local smf = require("lib.read.smf")

local M = {}

local EVENTS_A_SLICE = 1000
-- A note that began earlier is kept when more than a 64th of it is left.
local SHORTEST_REST_TICKS = smf.TICKS_PER_BEAT // 16
local NOTE_OFF, NOTE_ON, CONTROLLER, PROGRAM, BEND = 8, 9, 11, 12, 14
local PEDAL, RESET, RANGE_COARSE, RANGE_FINE, PARAMETER_FINE, PARAMETER_COARSE = 64, 121, 6, 38, 100, 101
-- What is stated at the start: the bank; which parameter is meant, and the range of bends; volume, pan,
-- expression and pedal.
local BANK = { 0, 32 }
local PARAMETER = { PARAMETER_COARSE, PARAMETER_FINE }
local RANGE = { RANGE_COARSE, RANGE_FINE }
local SHAPE = { 7, 10, 11, PEDAL }

local create_player, create_chase, problem_of

-- Puts into the track what sounds from `span.first_tick` to `span.last_tick`. "many", "large" or "gone" when
-- it is too much, or the take is there no more. `events` are midi_events.decode's; of `source` it reads
-- first_ppq, last_ppq, loops, tick_of(ppq) and is_there().
function M.unroll(events, source, track, span, pause)
  local length = events.length_ppq
  local player = create_player(events, source, track, span, pause)
  if not source.loops or length < 1 then
    local problem = player.play(0, span.last_tick)
    if problem then return problem end
  else
    for round = source.first_ppq // length, math.ceil(source.last_ppq / length) - 1 do
      local round_end = math.min(source.tick_of((round + 1) * length), span.last_tick)
      local problem = player.play(round * length, round_end)
      if problem then return problem end
    end
  end
  track.finish(span.last_tick)
  return problem_of(track, source)
end

-- `play(base_ppq, end_tick)` plays the source once, from `base_ppq` of the take on.
create_player = function(events, source, track, span, pause)
  local ppqs, messages, kinds, partners = events.ppqs, events.messages, events.kinds, events.partners
  local note_ons, tick_of = events.note_ons, source.tick_of
  local first_tick, last_tick = span.first_tick, span.last_tick
  local chase = create_chase()
  local started, on_ticks = {}, {}
  local has_begun, seen, sounding = false, 0, 0

  local function start_note(tick, index)
    track.start_note(tick, messages[index])
    on_ticks[index] = tick
    sounding = sounding + 1
  end

  -- The song has come as far as `now`; a note lasts for a tick at least.
  local function end_note(now, on, message)
    track.end_note(math.max(now, on_ticks[on] + 1), now, message)
    on_ticks[on] = nil
    sounding = sounding - 1
  end

  local function begin()
    has_begun = true
    chase.state(track, first_tick)
    for _, index in ipairs(started) do start_note(first_tick, index) end
  end

  local function before_start(index, base_ppq, end_tick)
    local kind = kinds[index]
    if kind == NOTE_ON then
      local off = partners[index]
      local off_tick = math.min(off and tick_of(ppqs[off] + base_ppq) or end_tick, end_tick)
      if off_tick - first_tick > SHORTEST_REST_TICKS then started[#started + 1] = index end
    elseif kind ~= NOTE_OFF then
      chase.keep(messages[index])
    end
  end

  local function inside(tick, index)
    local kind = kinds[index]
    if kind == NOTE_ON then
      start_note(tick, index)
    elseif kind ~= NOTE_OFF then
      track.put(tick, messages[index])
    elseif on_ticks[partners[index]] then
      end_note(tick, partners[index], messages[index])
    end
  end

  local function end_all(end_tick)
    if sounding == 0 then return end
    for counted, on in ipairs(note_ons) do
      if on_ticks[on] then
        local status, pitch = messages[on]:byte(1, 2)
        end_note(end_tick, on, string.char(status & 0x0F | NOTE_OFF << 4, pitch, 64))
      end
      if counted % EVENTS_A_SLICE == 0 then pause() end
    end
  end

  local function play(base_ppq, end_tick)
    for index = 1, #ppqs do
      seen = seen + 1
      if seen % EVENTS_A_SLICE == 0 then
        pause()
        local problem = problem_of(track, source)
        if problem then return problem end
      end
      if kinds[index] ~= 0 then
        local tick = tick_of(ppqs[index] + base_ppq)
        if tick >= last_tick then break end
        if tick < first_tick then
          before_start(index, base_ppq, end_tick)
        else
          if not has_begun then begin() end
          inside(tick, index)
        end
      end
    end
    if not has_begun and end_tick > first_tick then begin() end
    end_all(end_tick)
    return nil
  end

  return { play = play }
end

-- What was set before the start: kept as it comes, and stated at once.
create_chase = function()
  local chase, channels = {}, {}

  function chase.keep(message)
    local status, first, second = message:byte(1, 3)
    local kind, channel = status >> 4, status & 0x0F
    if kind ~= CONTROLLER and kind ~= PROGRAM and kind ~= BEND then return end
    local known = channels[channel] or { values = {}, range = {} }
    channels[channel] = known
    local values = known.values
    if kind == PROGRAM then
      known.program = message
    elseif kind == BEND then
      known.bend = message
    elseif first == RESET then
      values[11], values[PEDAL], known.bend = nil, nil, nil
    elseif first == RANGE_COARSE or first == RANGE_FINE then
      if values[PARAMETER_COARSE] == 0 and values[PARAMETER_FINE] == 0 then known.range[first] = second end
    else
      values[first] = second
    end
  end

  function chase.state(track, tick)
    local function control(channel, numbers, values)
      for _, number in ipairs(numbers) do
        if values[number] then track.put(tick, string.char(0xB0 | channel, number, values[number])) end
      end
    end
    for channel = 0, 15 do
      local known = channels[channel]
      if known then
        control(channel, BANK, known.values)
        if known.program then track.put(tick, known.program) end
        if next(known.range) then
          control(channel, PARAMETER, { [PARAMETER_COARSE] = 0, [PARAMETER_FINE] = 0 })
          control(channel, RANGE, known.range)
        end
        control(channel, PARAMETER, known.values)
        control(channel, SHAPE, known.values)
        if known.bend then track.put(tick, known.bend) end
      end
    end
  end

  return chase
end

problem_of = function(track, source)
  if not source.is_there() then return "gone" end
  local notes, bytes = track.size()
  return notes > protocol.MOST_NOTES and "many" or bytes > protocol.MOST_MIDI_BYTES and "large" or nil
end

return M
