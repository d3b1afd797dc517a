-- @noindex
-- Files of the daemon's home, and the user's startup script: read whole, written under a `.part` name and
-- renamed when they are complete.

local M = {}

-- So long a virus scanner or an indexer may hold a file that was just written.
M.PATIENCE_SECONDS = 2

local NO_SPACE = 28 -- ENOSPC, the same number on all systems
local ASIDE = ".aside"

-- A name in a folder, with the separator that the folder itself uses.
function M.join(folder, name)
  if folder:find("[/\\]$") then return folder .. name end
  local is_windows = folder:find("\\", 1, true) and not folder:find("/", 1, true)
  return folder .. (is_windows and "\\" or "/") .. name
end

-- The bytes of a file, or nil and a sentence.
function M.read(path, most_bytes)
  local file = io.open(path, "rb")
  if not file then return nil, ("%s cannot be opened."):format(path) end
  local text, problem = file:read(most_bytes + 1)
  file:close()
  if not text and problem then return nil, ("%s cannot be read."):format(path) end
  text = text or ""
  if #text > most_bytes then return nil, ("%s has more than %d bytes."):format(path, most_bytes) end
  return text
end

-- Writes a file that appears only when it is complete; one that was there is lost in no case. A symbolic link
-- becomes a file of its own: Lua cannot tell that it is one. `pause`, where it is long work: as for `finish`.
function M.write_whole(path, bytes, pause)
  local part, problem = M.open_part(path)
  if not part then return nil, problem end
  local written
  written, problem = part:write(bytes)
  if not written then return nil, problem end
  return part:finish(pause)
end

-- The names of the files in a folder, in no order.
function M.names(folder)
  reaper.EnumerateFiles(folder, -1) -- REAPER shows an old listing until it is asked for a fresh one
  local names = {}
  while true do
    local name = reaper.EnumerateFiles(folder, #names)
    if not name or name == "" then return names end
    names[#names + 1] = name
  end
end

-- Whether the file was there and is gone now.
function M.remove(path)
  return os.remove(path) ~= nil
end

local unwritable, rename, is_file

-- A file that is written piece by piece: `write`, `seek`, then `finish` or `drop`. A failure drops it; but
-- `try_to_finish` may be called again where another program holds it for a moment.
function M.open_part(path)
  local part_path = path .. ".part"
  local file, _, code = io.open(part_path, "wb")
  if not file then return nil, unwritable(path, code) end
  local part = {}

  local function failed(number)
    part:drop()
    return nil, unwritable(path, number)
  end

  function part:write(bytes)
    local written, _, number = file:write(bytes)
    if not written then return failed(number) end
    return true
  end

  function part:seek(whence, offset)
    local position, _, number = file:seek(whence, offset)
    if not position then return failed(number) end
    return true
  end

  function part:try_to_finish()
    if file then
      local closed, _, number = file:close()
      file = nil
      if not closed then return failed(number) end
    end
    local renamed, number = rename(part_path, path)
    if not renamed then return nil, unwritable(path, number) end
    return true
  end

  -- With `pause` it waits for who holds the file, for a moment; `pause` may raise.
  function part:finish(pause)
    local is_there, problem = part:try_to_finish()
    local until_seconds = pause and not is_there and reaper.time_precise() + M.PATIENCE_SECONDS
    local goes_on, raised = true, nil
    while until_seconds and not is_there and goes_on and reaper.time_precise() < until_seconds do
      goes_on, raised = pcall(pause)
      if goes_on then is_there, problem = part:try_to_finish() end
    end
    if not is_there then part:drop() end
    if not goes_on then error(raised, 0) end
    return is_there, problem
  end

  function part:drop()
    if file then file:close() end
    file = nil
    os.remove(part_path)
  end

  return part
end

unwritable = function(path, code)
  local folder, name = path:match("^(.*)[/\\]([^/\\]+)$")
  if code == NO_SPACE then return ("The disk is full: make room for %s in %s."):format(name, folder) end
  return ("%s cannot be written into %s: check that the folder is there and that you may write into it.")
    :format(name, folder)
end

rename = function(old_path, new_path)
  local renamed, _, number = os.rename(old_path, new_path)
  if renamed then return true end
  -- Windows renames onto no file that is there: that one steps aside until the new one has its place.
  local aside = new_path .. ASIDE
  if not is_file(new_path) then return nil, number end
  os.remove(aside)
  if not os.rename(new_path, aside) then return nil, number end
  renamed, _, number = os.rename(old_path, new_path)
  if not renamed then
    os.rename(aside, new_path)
    return nil, number
  end
  os.remove(aside)
  return true
end

is_file = function(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

return M
