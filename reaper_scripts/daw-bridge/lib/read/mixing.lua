-- @noindex
-- Several sounds become one WAV: summed at their places, block by block, silence where nothing sounds.

local wav = require("lib.read.wav")

local M = {}

local BLOCK_FRAMES = 8192
local CURVE_FRAMES = 512 -- a changing gain is asked for this often,
local STEP_FRAMES = 64 -- and followed in steps of this size
local EFFORT_A_SLICE = 4
local EFFORT_OF_COPYING, EFFORT_OF_ADDING = 1, 4

local mix, sounding, is_straight, read_voice, add, add_curve

-- Writes `shape` = { rate, channels, frames } from voices, or nil and a sentence. Frames count from the
-- WAV's start. A voice: { first_frame, end_frame, channels (1 or 2, those that sound), stride (those that it
-- reads), gain, gain_at(frame) or nil, open() -> reader }. A reader: read(frame, frames) -> interleaved
-- samples, or nil for silence, or nil and a sentence; close(). A voice is open only while it sounds.
function M.write(path, shape, voices, pause)
  local writer, problem = wav.create(path, shape)
  if not writer then return nil, problem end
  local readers = {}
  -- `pause` raises when the work was stopped: nothing may stay open or lie about then.
  local went, is_mixed, reason = xpcall(mix, debug.traceback, writer, shape, voices, readers, pause)
  if not (went and is_mixed) then writer.drop() end
  for _, reader in pairs(readers) do reader.close() end
  if not went then error(is_mixed, 0) end
  if not is_mixed then return nil, reason end
  return writer.finish(pause)
end

mix = function(writer, shape, voices, readers, pause)
  local effort = 0
  local function rest(cost)
    effort = effort + cost
    if effort < EFFORT_A_SLICE then return end
    effort = 0
    pause()
  end

  local channels = shape.channels
  local zeros, sum = {}, {}
  for index = 1, BLOCK_FRAMES * channels do zeros[index] = 0.0 end

  -- One block: copied where a single voice can be, else added up.
  local function write_block(first, last)
    local indices = sounding(voices, readers, first, last)
    if #indices == 0 then return writer.write_silence(last - first) end
    local voice = voices[indices[1]]
    if #indices == 1 and is_straight(voice, channels, first, last) then
      local samples, problem = read_voice(voice, readers, indices[1], first, last)
      if problem then return nil, problem end
      if not samples then return writer.write_silence(last - first) end
      return writer.write(samples, (last - first) * channels)
    end
    table.move(zeros, 1, (last - first) * channels, 1, sum)
    for _, index in ipairs(indices) do
      voice = voices[index]
      local from, to = math.max(first, voice.first_frame), math.min(last, voice.end_frame)
      local samples, problem = read_voice(voice, readers, index, from, to)
      if problem then return nil, problem end
      if samples then
        add_curve(sum, first, samples, voice, channels, from, to)
        rest(EFFORT_OF_ADDING)
      end
    end
    return writer.write(sum, (last - first) * channels)
  end

  for first = 0, shape.frames - 1, BLOCK_FRAMES do
    local written, problem = write_block(first, math.min(first + BLOCK_FRAMES, shape.frames))
    if not written then return nil, problem end
    rest(EFFORT_OF_COPYING)
  end
  return true
end

-- The voices that sound between two frames; those that have ended are closed.
sounding = function(voices, readers, first, last)
  local indices = {}
  for index, voice in ipairs(voices) do
    if voice.end_frame <= first then
      if readers[index] then
        readers[index].close()
        readers[index] = nil
      end
    elseif voice.first_frame < last and voice.gain ~= 0 then
      indices[#indices + 1] = index
    end
  end
  return indices
end

is_straight = function(voice, channels, first, last)
  return voice.gain == 1 and not voice.gain_at and voice.channels == channels and voice.stride == channels
    and voice.first_frame <= first and voice.end_frame >= last
end

read_voice = function(voice, readers, index, first, last)
  if not readers[index] then
    local reader, problem = voice.open()
    if not reader then return nil, problem end
    readers[index] = reader
  end
  return readers[index].read(first, last - first)
end

-- Adds what a voice sounds from frame `from` to `to` into the block that begins at frame `first`.
add_curve = function(sum, first, samples, voice, channels, from, to)
  if not voice.gain_at then
    add(sum, from - first, samples, 0, to - from, voice, channels, voice.gain)
    return
  end
  local gain = voice.gain_at(from)
  for curve_start = from, to - 1, CURVE_FRAMES do
    local next_gain = voice.gain_at(curve_start + CURVE_FRAMES)
    for at = curve_start, math.min(curve_start + CURVE_FRAMES, to) - 1, STEP_FRAMES do
      local middle = (at - curve_start + STEP_FRAMES / 2) / CURVE_FRAMES
      local now = voice.gain * (gain + (next_gain - gain) * middle)
      local frames = math.min(STEP_FRAMES, to - at)
      add(sum, at - first, samples, at - from, frames, voice, channels, now)
    end
    gain = next_gain
  end
end

-- The inner loop: every instruction here is paid for each of the clip's samples.
add = function(sum, sum_frame, samples, frame, frames, voice, channels, gain)
  local stride = voice.stride
  if stride == channels and voice.channels == channels then
    local shift = (frame - sum_frame) * channels
    for index = sum_frame * channels + 1, (sum_frame + frames) * channels do
      sum[index] = sum[index] + samples[index + shift] * gain
    end
    return
  end
  local into, from = sum_frame * channels + 1, frame * stride + 1
  if channels == 1 then
    for index = into, into + frames - 1 do
      sum[index] = sum[index] + samples[from] * gain
      from = from + stride
    end
    return
  end
  local right = voice.channels == 2 and 1 or 0
  for _ = 1, frames do
    sum[into] = sum[into] + samples[from] * gain
    sum[into + 1] = sum[into + 1] + samples[from + right] * gain
    into, from = into + 2, from + stride
  end
end

return M
