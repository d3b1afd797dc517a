-- @noindex
-- A track of a MIDI file while it is filled, in the order of its ticks, and a tally of what all tracks hold.

local M = {}

local DRUM_CHANNEL = 9
local PROGRAM, CONTROLLER = 12, 11
local PEDAL, RESET = 64, 121

function M.tally()
  local tally = { notes = 0, bytes = 0, of_channel = {}, programs = {} }

  -- The first program of the channel with the most notes, and whether most notes are drums; nil without any.
  function tally.found()
    if tally.notes == 0 then return nil end
    local best = 0
    for channel = 1, 15 do
      if (tally.of_channel[channel] or 0) > (tally.of_channel[best] or 0) then best = channel end
    end
    local drums = tally.of_channel[DRUM_CHANNEL] or 0
    return { program = tally.programs[best], drums = drums * 2 > tally.notes }
  end

  return tally
end

-- `{ name, ticks, messages }`, which are what smf.encode takes, and the functions that fill them.
function M.create(name, tally)
  local ticks, messages, count = {}, {}, 0
  local track = { name = name, ticks = ticks, messages = messages }
  -- Ends of notes that would end where they start: they wait for the next tick.
  local late, late_tick = {}, nil
  local pedals = {}

  local function append(tick, message)
    count = count + 1
    ticks[count], messages[count] = tick, message
    tally.bytes = tally.bytes + #message + 1
  end

  local function settle(tick)
    if not late_tick or tick < late_tick then return end
    for _, message in ipairs(late) do append(late_tick, message) end
    late, late_tick = {}, nil
  end

  -- Anything that is no note.
  function track.put(tick, message)
    settle(tick)
    append(tick, message)
    local status, first, second = message:byte(1, 3)
    local kind, channel = status >> 4, status & 0x0F
    if kind == PROGRAM and not tally.programs[channel] then
      tally.programs[channel] = first
    elseif kind == CONTROLLER and (first == PEDAL or first == RESET) then
      pedals[channel] = first == PEDAL and second >= 64 or nil
    end
  end

  function track.start_note(tick, message)
    settle(tick)
    append(tick, message)
    local channel = message:byte() & 0x0F
    tally.notes = tally.notes + 1
    tally.of_channel[channel] = (tally.of_channel[channel] or 0) + 1
  end

  -- A note ends at `tick`, which is `now` or the tick behind it.
  function track.end_note(tick, now, message)
    settle(now)
    if tick <= now then
      append(now, message)
    else
      late[#late + 1], late_tick = message, tick
    end
  end

  -- Nothing may go on sounding behind the end.
  function track.finish(tick)
    settle(tick)
    for channel = 0, 15 do
      if pedals[channel] then append(tick, string.char(0xB0 | channel, PEDAL, 0)) end
    end
  end

  -- Notes and bytes of all tracks so far.
  function track.size()
    return tally.notes, tally.bytes
  end

  return track
end

return M
