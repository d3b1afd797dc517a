-- @noindex
-- Files under the daemon's home: read whole, written under a `.part` name and renamed when they are complete.

local M = {}

local NO_SPACE = 28 -- ENOSPC, the same number on all systems

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

-- Writes a file that appears only when it is complete.
function M.write_whole(path, bytes)
  local part, problem = M.open_part(path)
  if not part then return nil, problem end
  local written
  written, problem = part:write(bytes)
  if not written then return nil, problem end
  return part:finish()
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

local unwritable, rename

-- A file that is written piece by piece: `write`, `seek`, then `finish` or `drop`. A failure drops it.
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

  function part:finish()
    local closed, _, number = file:close()
    file = nil
    if closed then
      closed, number = rename(part_path, path)
    end
    if not closed then return failed(number) end
    return true
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
  -- Windows does not rename onto a file that is there.
  if not os.remove(new_path) then return nil, number end
  renamed, _, number = os.rename(old_path, new_path)
  return renamed, number
end

return M
