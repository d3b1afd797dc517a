-- Envelopes of the fake REAPER: their names, points and values, kept on the scale of a fader as REAPER keeps volume.

local FADER_TOP = 1000.0
local UNITY = 716.2178503126 -- what REAPER's fader scale says for 0 dB
local LOUDEST = 10 ^ (12 / 20)
local BEND = math.log(UNITY / FADER_TOP) / math.log(1 / LOUDEST)
local REST = { Volume = 1.0, Mute = 1.0 }

local find_piece

local function add_envelopes(fake)
  local api = fake.api

  function api.ScaleToEnvelopeMode(mode, value)
    if mode ~= 1 then return value end
    return FADER_TOP * (math.max(0.0, value) / LOUDEST) ^ BEND
  end

  function api.ScaleFromEnvelopeMode(mode, value)
    if mode ~= 1 then return value end
    return LOUDEST * (math.max(0.0, value) / FADER_TOP) ^ (1 / BEND)
  end

  -- REAPER's preference decides for each new envelope: a script has to ask. Volume is on the fader's scale here
  -- unless the envelope says scaling = 0.
  function api.GetEnvelopeScalingMode(envelope)
    return envelope.scaling or (envelope.name == "Volume" and 1 or 0)
  end

  local function raw(envelope, value)
    return api.ScaleToEnvelopeMode(api.GetEnvelopeScalingMode(envelope), value)
  end

  function api.GetEnvelopeName(envelope)
    return true, envelope.name
  end

  function api.CountEnvelopePoints(envelope)
    return #envelope.points
  end

  -- Points of a take stand in its own time: seconds after the item's start, times the take's rate.
  function api.GetEnvelopePoint(envelope, index)
    local point = envelope.points[index + 1]
    if not point then return false, 0.0, 0.0, 0, 0.0, false end
    return true, point.at, raw(envelope, point.value), 0, 0.0, false
  end

  -- The value as raw as the points, and for how many samples it may be taken to go on by the derivative.
  function api.Envelope_Evaluate(envelope, time, rate, samples)
    if rate <= 0 then error("Envelope_Evaluate: the sample rate is not above 0", 0) end
    local before, after = find_piece(envelope.points, time)
    if not before and not after then return samples, raw(envelope, REST[envelope.name] or 0.0), 0.0, 0.0, 0.0 end
    if not before or not after then
      local valid = after and math.min(samples, math.floor((after.at - time) * rate + 1e-6)) or samples
      return math.max(1, valid), raw(envelope, (before or after).value), 0.0, 0.0, 0.0
    end
    local slope = (after.value - before.value) / (after.at - before.at)
    local value = raw(envelope, before.value + slope * (time - before.at))
    local next_value = raw(envelope, before.value + slope * (time + 1 / rate - before.at))
    local valid = math.max(1, math.min(samples, math.floor((after.at - time) * rate + 1e-6)))
    return valid, value, next_value - value, 0.0, 0.0
  end

  -- An envelope that the user has switched off is still there and still counted.
  function api.GetEnvelopeStateChunk(envelope)
    local lines = { "<VOLENV2", ("ACT %d -1"):format(envelope.active and 1 or 0) }
    for _, point in ipairs(envelope.points) do
      lines[#lines + 1] = ("PT %.9f %.9f 0"):format(point.at, raw(envelope, point.value))
    end
    lines[#lines + 1] = ">\n"
    return true, table.concat(lines, "\n")
  end

  function api.GetSetEnvelopeInfo_String(envelope, key, value, is_set)
    if is_set then error("the fake's envelopes do not change", 0) end
    if key == "ACTIVE" or key == "VISIBLE" then return true, envelope.active and "1" or "0" end
    return false, value
  end

  function api.GetEnvelopeInfo_Value(envelope, key)
    if key == "P_TAKE" or key == "P_TRACK" then
      local pointer = key == "P_TAKE" and "MediaItem_Take" or "MediaTrack"
      return envelope.parent.pointer == pointer and envelope.parent or 0.0
    end
    error("the fake's GetEnvelopeInfo_Value knows no " .. key, 0)
  end
end

-- The points on both sides of a time; nil on the side where there is none.
function find_piece(points, time)
  local before
  for _, point in ipairs(points) do
    if point.at > time then return before, point end
    before = point
  end
  return before, nil
end

return add_envelopes
