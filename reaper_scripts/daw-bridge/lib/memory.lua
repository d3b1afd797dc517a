-- @noindex
-- What REAPER remembers for these scripts: for all of them at once, until it quits or for good.

local M = {}

local SECTION = "daw_bridge"

-- The text under a key, "" for none.
function M.read(key)
  return reaper.GetExtState(SECTION, key)
end

-- Remembered until REAPER quits.
function M.write(key, text)
  reaper.SetExtState(SECTION, key, text, false)
end

-- Remembered for good: text in one line.
function M.keep(key, text)
  reaper.SetExtState(SECTION, key, text, true)
end

function M.forget(key)
  reaper.DeleteExtState(SECTION, key, true)
end

-- The words of a text that were remembered with spaces between them.
function M.words(key)
  local words = {}
  for word in M.read(key):gmatch("%S+") do words[#words + 1] = word end
  return words
end

return M
