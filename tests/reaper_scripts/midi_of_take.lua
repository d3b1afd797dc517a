-- What `midi.write` makes of the take that lies beside it as `take.json`, for tests written in Python.

-- luacheck: read_globals test (what test files are read with)
local open_reaper = require("fakes.reaper")

local function bytes_of(list)
  local bytes = {}
  for index, event in ipairs(list or {}) do
    bytes[index] = { at = event.at, message = event.message and string.char(table.unpack(event.message)),
      text = event.text, type = event.type }
  end
  return bytes
end

test("the take beside it becomes a MIDI file", function(t)
  local file = assert(io.open(t.folder .. "/take.json", "rb"))
  local wanted = t.host.decode(file:read("a"))
  file:close()
  local r = open_reaper(t)
  local song = r:project({ path = "Song/Song.rpp", tempo = wanted.tempo })
  local take = wanted.take
  take.events = bytes_of(take.events)
  local item = song:track(wanted.track):midi(take)
  local part = {
    item = r.handle(item), take = r.handle(item.takes[1]), start_seconds = take.at, end_seconds = take.at + take.length,
  }
  local path = t.folder .. "/clip.mid"
  local midi = r:load("lib.read.midi")
  local _, problem = midi.write({ part }, part.start_seconds, part.end_seconds, r.handle(song), path, function() end)
  if problem then
    file = assert(io.open(t.folder .. "/problem.txt", "wb"))
    file:write(problem)
    file:close()
  end
end)
