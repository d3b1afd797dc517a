-- @noindex
-- WAV files: written as 32-bit float, and read back in the few forms that REAPER renders.

local files = require("lib.files")

local M = {}

local PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
local RUN = 4096 -- samples packed or unpacked by one call
local BYTES_A_LOOK = 1 << 20
local FORMS = { -- how one sample is unpacked, and what full scale is then
  [PCM] = { [16] = { "i2", 32768 }, [24] = { "i3", 8388608 }, [32] = { "i4", 2147483648 } },
  [FLOAT] = { [32] = { "f", 1 } },
}

local header, in_runs, read_header, read_chunks, read_format, read_samples, scaled, short_name

-- A writer of exactly `shape.frames` frames: `write(samples, count)` takes interleaved samples, then
-- `finish(pause)` or `drop()`. Nothing stands under `path` before it is complete.
function M.create(path, shape)
  local part, problem = files.open_part(path)
  if not part then return nil, problem end
  local writer = { drop = function() part:drop() end, finish = function(pause) return part:finish(pause) end }

  function writer.write(samples, count)
    local bytes = {}
    in_runs(count, "f", function(format, first, last)
      bytes[#bytes + 1] = string.pack(format, table.unpack(samples, first, last))
    end)
    return part:write(table.concat(bytes))
  end

  function writer.write_silence(frames)
    return part:write(("\0"):rep(frames * shape.channels * 4))
  end

  local written
  written, problem = part:write(header(shape))
  if not written then return nil, problem end
  return writer
end

-- A reader: `rate`, `channels`, `frames`, `read(frames)` gives the next ones interleaved (full scale is 1),
-- `close()`.
function M.open(path)
  local file = io.open(path, "rb")
  if not file then return nil, ("%s cannot be opened."):format(short_name(path)) end
  local reader, problem = read_header(file, path)
  if not reader then
    file:close()
    return nil, problem
  end
  local bytes_a_frame = reader.channels * reader.bits // 8
  local left = reader.frames

  function reader.read(frames)
    local bytes = file:read(math.min(frames, left) * bytes_a_frame) or ""
    left = left - #bytes // bytes_a_frame
    return read_samples(bytes, #bytes // bytes_a_frame * reader.channels, reader.form)
  end

  function reader.close() file:close() end

  return reader
end

-- Whether a float WAV holds nothing but zeros, of either sign.
function M.is_silent(path)
  local file = io.open(path, "rb")
  if not file then return false end
  local facts = read_header(file, path)
  local left = facts and facts.frames * facts.channels * facts.bits // 8
  local is_silent = facts ~= nil
  while is_silent and left > 0 do
    local bytes = file:read(math.min(left, BYTES_A_LOOK))
    is_silent = bytes ~= nil and not bytes:find("[^\0\x80]")
    left = left - BYTES_A_LOOK
  end
  file:close()
  return is_silent
end

header = function(shape)
  local bytes_a_frame = shape.channels * 4
  local data_bytes = shape.frames * bytes_a_frame
  local format = string.pack("<I2I2I4I4I2I2I2", FLOAT, shape.channels, shape.rate,
    shape.rate * bytes_a_frame, bytes_a_frame, 32, 0)
  local fact = string.pack("<I4", shape.frames)
  return string.pack("<c4I4c4", "RIFF", 4 + 8 + #format + 8 + #fact + 8 + data_bytes, "WAVE")
    .. string.pack("<c4s4c4s4c4I4", "fmt ", format, "fact", fact, "data", data_bytes)
end

-- Calls `work(format, first, last)` for runs that are short enough for the stack.
in_runs = function(count, kind, work)
  local full = "<" .. kind:rep(math.min(count, RUN))
  for first = 1, count, RUN do
    local last = math.min(first + RUN - 1, count)
    work(last - first + 1 == RUN and full or "<" .. kind:rep(last - first + 1), first, last)
  end
end

read_header = function(file, path)
  local name = short_name(path)
  local head = file:read(12) or ""
  if head:sub(1, 4) == "RF64" then
    return nil, ("%s is a WAV of the long kind (RF64); select a shorter part."):format(name)
  end
  if head:sub(1, 4) ~= "RIFF" or head:sub(9, 12) ~= "WAVE" then
    return nil, ("%s is no WAV file."):format(name)
  end
  local chunks = read_chunks(file)
  local format = chunks.format and read_format(chunks.format)
  local form = format and FORMS[format.tag] and FORMS[format.tag][format.bits]
  if not form or not chunks.data_at then
    return nil, ("%s is no WAV file that can be read: 16, 24 or 32 bit is needed."):format(name)
  end
  file:seek("set", chunks.data_at)
  return {
    rate = format.rate,
    channels = format.channels,
    frames = chunks.data_bytes // (format.channels * format.bits // 8),
    bits = format.bits,
    form = form,
  }
end

-- Where the samples lie and what they are like; a size that was never filled in reaches to the file's end.
read_chunks = function(file)
  local found = {}
  local file_bytes = file:seek("end")
  local at = 12
  while at + 8 <= file_bytes and not found.data_at do
    file:seek("set", at)
    local id, bytes = string.unpack("<c4I4", file:read(8))
    at = at + 8
    if id == "fmt " then
      found.format = file:read(math.min(bytes, 40))
    elseif id == "data" then
      found.data_at = at
      found.data_bytes = math.min(bytes, file_bytes - at)
      if bytes == 0 then found.data_bytes = file_bytes - at end
    end
    at = at + bytes + bytes % 2
  end
  return found
end

read_format = function(bytes)
  if #bytes < 16 then return nil end
  local tag, channels, rate, _, _, bits = string.unpack("<I2I2I4I4I2I2", bytes)
  if tag == EXTENSIBLE and #bytes >= 26 then tag = string.unpack("<I2", bytes, 25) end
  if channels < 1 or rate < 1 then return nil end
  return { tag = tag, channels = channels, rate = rate, bits = bits }
end

read_samples = function(bytes, count, form)
  local kind, full_scale = form[1], form[2]
  local size = string.packsize("<" .. kind)
  local samples = {}
  in_runs(count, kind, function(format, first, last)
    local run = { string.unpack(format, bytes, (first - 1) * size + 1) }
    table.move(run, 1, last - first + 1, first, samples)
  end)
  return full_scale == 1 and samples or scaled(samples, count, 1 / full_scale)
end

scaled = function(samples, count, factor)
  for index = 1, count do samples[index] = samples[index] * factor end
  return samples
end

short_name = function(path) return path:match("[^/\\]+$") or path end

return M
