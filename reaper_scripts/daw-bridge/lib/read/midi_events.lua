-- @noindex
-- The events of a MIDI take that belong into a file, each note's start joined with its end.

local smf = require("lib.read.smf")

local M = {}

local EVENTS_A_SLICE = 1000
local MUTED = 2
local DRUM_CHANNEL = 9
local LONGEST_TEXT = 1000
local LONGEST_SYSEX = 65536
local NOTE_OFF, NOTE_ON, AFTERTOUCH, CONTROLLER, PROGRAM, PRESSURE = 8, 9, 10, 11, 12, 13
local ALL_OFF = 123
-- Text, copyright, instrument, lyric, marker and cue.
local TEXTS = { [1] = true, [2] = true, [4] = true, [5] = true, [6] = true, [7] = true }

local kept_message, kept_channel_message, kept_rest, in_order, join_notes

-- `ppqs`, `messages` and `kinds` (the upper half of the status; 0: crossed out) of each event in the order of
-- time, `partners` (a note's other end), `note_ons` (their indices), and `length_ppq`, at which a looped
-- source begins again. Of `source` it reads buffer (as MIDI_GetAllEvts gives it), semitones, loops and
-- length_ppq.
function M.decode(source, pause)
  local buffer, semitones = source.buffer, source.semitones
  local ppqs, messages, kinds = {}, {}, {}
  local count, seen, is_sorted = 0, 0, true
  local ppq, message = 0, ""
  local position, size = 1, #buffer
  local unpack, byte = string.unpack, string.byte
  while position < size do
    local offset, flags
    offset, flags, message, position = unpack("<i4Bs4", buffer, position)
    ppq = ppq + offset
    if offset < 0 then is_sorted = false end
    if flags & MUTED == 0 and #message > 1 then
      local kept = kept_message(message, semitones)
      if kept then
        count = count + 1
        ppqs[count], messages[count], kinds[count] = ppq, kept, byte(kept) >> 4
      end
    end
    seen = seen + 1
    if seen % EVENTS_A_SLICE == 0 then pause() end
  end
  -- REAPER marks the source's end by an all-notes-off.
  local has_end = ppq > 0 and message:find("^[\xB0-\xBF]\x7B")
  local events = {
    ppqs = ppqs, messages = messages, kinds = kinds, length_ppq = has_end and ppq or source.length_ppq,
  }
  if not is_sorted then in_order(events) end
  join_notes(events, source.loops and events.length_ppq or math.huge, pause)
  return events
end

-- A message as it goes into a file, transposed, or nil when it has no business there.
kept_message = function(message, semitones)
  local status = message:byte(1)
  if status >= 0x80 and status < 0xF0 then return kept_channel_message(message, semitones) end
  return kept_rest(message)
end

kept_channel_message = function(message, semitones)
  local status, first, second = message:byte(1, 3)
  local kind = status >> 4
  if first > 127 then return nil end
  if kind == PROGRAM or kind == PRESSURE then return message:sub(1, 2) end
  if not second or second > 127 then return nil end
  if kind == CONTROLLER and first == ALL_OFF then return nil end
  if kind > AFTERTOUCH or semitones == 0 or status & 0x0F == DRUM_CHANNEL then return message:sub(1, 3) end
  local pitch = first + semitones
  return pitch >= 0 and pitch <= 127 and string.char(status, pitch, second) or nil
end

kept_rest = function(message)
  local status, kind = message:byte(1, 2)
  if status == 0xFF then
    return TEXTS[kind] and #message > 2 and smf.text(kind, message:sub(3, LONGEST_TEXT + 2)) or nil
  end
  local is_sysex = #message <= LONGEST_SYSEX and message:find("^\xF0[\0-\x7F]+\xF7$")
  return is_sysex and "\xF0" .. smf.number(#message - 1) .. message:sub(2) or nil
end

in_order = function(events)
  local order, ppqs = {}, events.ppqs
  for index = 1, #ppqs do order[index] = index end
  table.sort(order, function(one, other)
    return ppqs[one] < ppqs[other] or ppqs[one] == ppqs[other] and one < other
  end)
  for _, name in ipairs({ "ppqs", "messages", "kinds" }) do
    local sorted, before = {}, events[name]
    for index, from in ipairs(order) do sorted[index] = before[from] end
    events[name] = sorted
  end
end

-- The first end that follows for the same channel and pitch ends the oldest note. Ends without a start, and
-- what lies behind the end of a looped source, are crossed out.
join_notes = function(events, end_ppq, pause)
  local ppqs, messages, kinds = events.ppqs, events.messages, events.kinds
  local partners, note_ons, waiting = {}, {}, {}
  for index = 1, #ppqs do
    local kind, ppq = kinds[index], ppqs[index]
    if ppq > end_ppq or ppq == end_ppq and kind ~= NOTE_OFF then
      kinds[index] = 0
    elseif kind == NOTE_ON or kind == NOTE_OFF then
      local status, pitch, velocity = messages[index]:byte(1, 3)
      local key = (status & 0x0F) * 128 + pitch
      local queue = waiting[key] or { first = 1, last = 0 }
      waiting[key] = queue
      if kind == NOTE_ON and velocity > 0 then
        queue.last = queue.last + 1
        queue[queue.last] = index
        note_ons[#note_ons + 1] = index
      elseif queue.first <= queue.last then
        local on = queue[queue.first]
        queue.first = queue.first + 1
        partners[on], partners[index], kinds[index] = index, on, NOTE_OFF
      else
        kinds[index] = 0
      end
    end
    if index % EVENTS_A_SLICE == 0 then pause() end
  end
  events.partners, events.note_ons = partners, note_ons
end

return M
