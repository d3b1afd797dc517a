-- @noindex
-- What an audio take is, and its samples as it plays them: before FX, fades and pan.

local media = require("lib.read.media")
local protocol = require("lib.protocol")
local words = require("lib.words")

local M = {}

local EDGE_SECONDS = 0.001 -- an item may end this much after its file does and still be played without a gap
local FIRST_STEREO_PAIR = 67 -- of I_CHANMODE; below it, from 2 on, modes that leave one channel
local UNREADABLE = "REAPER cannot read the media of a selected item; see whether it plays."

local offset_of, curve_of, accessor_of, item_value, take_value

-- How loud an item plays its take: negative turns the wave upside down. Fades and pan are left out, for a
-- clip is only listened to, and so is the track's fader.
function M.gain(item, take)
  return item_value(item, "D_VOL") * take_value(take, "D_VOL")
end

function M.decibels(gain)
  local decibels = 20 * math.log(math.abs(gain), 10)
  return math.max(protocol.LEAST_GAIN_DB, math.min(protocol.MOST_GAIN_DB, decibels))
end

-- The protocol's clip.audio when a part plays its file just as it is, nil when it has to be read through
-- REAPER. Take FX do not matter here: without With FX nobody hears them.
function M.plain(part)
  local take = part.take
  local source = reaper.GetMediaItemTake_Source(take)
  if reaper.GetMediaSourceParent(source) then return nil end -- a section, or played backwards
  local path = reaper.GetMediaSourceFileName(source, "")
  local suffix = path:match("%.[^./\\]+$") or ""
  if not protocol.AUDIO_SUFFIXES[suffix:lower()] then return nil end
  if take_value(take, "D_PLAYRATE") ~= 1 or take_value(take, "D_PITCH") ~= 0
    or take_value(take, "I_CHANMODE") ~= 0
    or reaper.GetTakeNumStretchMarkers(take) > 0 or reaper.CountTakeEnvelopes(take) > 0
  then
    return nil
  end
  local file_seconds = media.seconds(source)
  local start_seconds = offset_of(part)
  local end_seconds = start_seconds + part.end_seconds - part.start_seconds
  if start_seconds < 0 or end_seconds > file_seconds + EDGE_SECONDS then return nil end
  return {
    path = path,
    start_seconds = start_seconds,
    end_seconds = math.min(end_seconds, file_seconds),
    gain_db = M.decibels(M.gain(part.item, take)),
  }
end

-- A voice for mixing.lua: what a part sounds in a clip that begins at `start_seconds`. The accessor holds
-- rate, pitch, stretch markers, section and reverse; volume and its envelope are ours to apply. Media that
-- goes offline meanwhile is waited for with `pause`.
function M.voice(project, part, start_seconds, pause)
  local rate = protocol.CLIP_RATE
  local take = part.take
  local mode = take_value(take, "I_CHANMODE")
  -- All of the source's channels have to be asked for, even when the mode leaves only the first ones.
  local stride = math.max(1, reaper.GetMediaSourceNumChannels(media.root(take)))
  local has_one = stride == 1 or (mode > 1 and mode < FIRST_STEREO_PAIR)
  local item_seconds = item_value(part.item, "D_POSITION") - start_seconds
  return {
    first_frame = math.floor((part.start_seconds - start_seconds) * rate + 0.5),
    end_frame = math.floor((part.end_seconds - start_seconds) * rate + 0.5),
    channels = has_one and 1 or 2,
    stride = stride,
    gain = M.gain(part.item, take),
    gain_at = curve_of(take, item_seconds, rate),
    open = function() return accessor_of(project, take, item_seconds, stride, rate, pause) end,
  }
end

-- Where in its file a plain part begins.
offset_of = function(part)
  return take_value(part.take, "D_STARTOFFS") + part.start_seconds - item_value(part.item, "D_POSITION")
end

-- The gain of a take's volume envelope at a frame of the clip, nil where it has none that is on. Its time
-- counts from the item's start and runs with the take's rate.
curve_of = function(take, item_seconds, rate)
  local envelope = reaper.GetTakeEnvelopeByName(take, "Volume")
  if not envelope then return nil end
  local is_there, state = reaper.GetEnvelopeStateChunk(envelope, "", false)
  if is_there and state:find("\nACT 0") then return nil end
  local play_rate = take_value(take, "D_PLAYRATE")
  local scaling = reaper.GetEnvelopeScalingMode(envelope)
  return function(frame)
    local seconds = (frame / rate - item_seconds) * play_rate
    local _, value = reaper.Envelope_Evaluate(envelope, seconds, rate, 1)
    return reaper.ScaleFromEnvelopeMode(scaling, value)
  end
end

-- A reader for mixing.lua. What is read must still be there at every block: the user goes on working.
accessor_of = function(project, take, item_seconds, stride, rate, pause)
  local accessor = reaper.CreateTakeAudioAccessor(take)
  if not accessor then
    return nil, UNREADABLE
  end
  local zero_seconds = reaper.GetAudioAccessorStartTime(accessor) - item_seconds
  local room, buffer = 0, nil
  local reader = {}

  function reader.read(frame, frames)
    local has_waited = media.wait(project, { take }, pause)
    if not reaper.ValidatePtr2(0, project, "ReaProject*") then
      return nil, words.PROJECT_CLOSED
    end
    if not reaper.ValidatePtr2(project, take, "MediaItem_Take*") then
      return nil, words.ITEM_GONE
    end
    if has_waited then reaper.AudioAccessorValidateState(accessor) end
    if frames > room then
      room, buffer = frames, reaper.new_array(frames * stride)
    end
    buffer.clear() -- where there is silence REAPER leaves the buffer as it was
    local seconds = zero_seconds + frame / rate
    local found = reaper.GetAudioAccessorSamples(accessor, rate, stride, seconds, frames, buffer)
    if found < 0 then return nil, UNREADABLE end
    if found == 0 then return nil end
    return buffer.table(1, frames * stride)
  end

  function reader.close() reaper.DestroyAudioAccessor(accessor) end

  return reader
end

item_value = function(item, name) return reaper.GetMediaItemInfo_Value(item, name) end

take_value = function(take, name) return reaper.GetMediaItemTakeInfo_Value(take, name) end

return M
