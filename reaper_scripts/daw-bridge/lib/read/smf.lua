-- @noindex
-- Standard MIDI Files: tracks of timed messages, tempo and metre, as the bytes of a file of type 1.

local M = {}

M.TICKS_PER_BEAT = 960

local EVENTS_A_SLICE = 2000
local LONGEST_TEMPO = 0xFFFFFF
local END_OF_TRACK = "\xFF\x2F\x00"

local chunk, map_track

-- The file's bytes. `song` is { tempo = { {tick, bpm}, … }, metre = { {tick, numerator, denominator}, … },
-- end_tick, tracks = { { name, ticks = {…}, messages = {…} }, … } }: a track's messages lie in the order of
-- their ticks, and none of them behind `end_tick`, where every track ends.
function M.encode(song, pause)
  local chunks = { string.pack(">c4I4I2I2I2", "MThd", 6, 1, #song.tracks + 1, M.TICKS_PER_BEAT) }
  chunks[2] = chunk(map_track(song), song.end_tick, pause)
  for _, track in ipairs(song.tracks) do
    chunks[#chunks + 1] = chunk(track, song.end_tick, pause)
  end
  return table.concat(chunks)
end

-- A text as a meta message.
function M.text(kind, text)
  return string.char(0xFF, kind) .. M.number(#text) .. text
end

-- A number as MIDI files write it: seven bits a byte, all but the last with the eighth bit set.
function M.number(value)
  local bytes = string.char(value & 0x7F)
  value = value >> 7
  while value > 0 do
    bytes = string.char(value & 0x7F | 0x80) .. bytes
    value = value >> 7
  end
  return bytes
end

-- Track 0: how fast the song goes and how its bars are counted.
map_track = function(song)
  local points = {}
  for _, point in ipairs(song.metre) do
    local power = 0
    while 1 << power < point[3] do power = power + 1 end
    points[#points + 1] = { point[1], string.pack("BBBBBBB", 0xFF, 0x58, 4, point[2], power, 24, 8), #points }
  end
  for _, point in ipairs(song.tempo) do
    local microseconds = math.min(math.floor(60000000 / point[2] + 0.5), LONGEST_TEMPO)
    points[#points + 1] = { point[1], string.pack(">BBBI3", 0xFF, 0x51, 3, microseconds), #points }
  end
  table.sort(points, function(one, other)
    return one[1] < other[1] or one[1] == other[1] and one[3] < other[3]
  end)
  local track = { name = "", ticks = {}, messages = {} }
  for index, point in ipairs(points) do
    track.ticks[index], track.messages[index] = point[1], point[2]
  end
  return track
end

chunk = function(track, end_tick, pause)
  local pieces, count = {}, 0
  local known = {}
  local last = 0
  if track.name ~= "" then
    pieces[1], pieces[2], count = "\0", M.text(3, track.name), 2
  end
  local ticks, messages = track.ticks, track.messages
  for index = 1, #ticks do
    local tick = ticks[index]
    local wait = tick - last
    local bytes = known[wait]
    if not bytes then
      bytes = M.number(wait)
      known[wait] = bytes
    end
    pieces[count + 1], pieces[count + 2] = bytes, messages[index]
    count = count + 2
    last = tick
    if index % EVENTS_A_SLICE == 0 then pause() end
  end
  pieces[count + 1], pieces[count + 2] = M.number(end_tick - last), END_OF_TRACK
  local body = table.concat(pieces)
  return string.pack(">c4I4", "MTrk", #body) .. body
end

return M
