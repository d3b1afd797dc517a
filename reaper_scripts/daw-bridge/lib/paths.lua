-- @noindex
-- Paths of the user's projects and takes, compared as the system compares them.

local M = {}

local is_windows

-- The same text for two ways to write one path: Windows asks no one for case, and writes both slashes.
function M.comparable(path)
  if not is_windows() then return path end
  return (path:gsub("\\", "/"):lower())
end

-- The folder that a file lies in, "" for none.
function M.folder_of(path)
  return path:match(is_windows() and "^(.*)[/\\]" or "^(.*)/") or ""
end

-- Whether a file lies in a folder, however deep, as the two are written.
function M.is_below(path, folder)
  if folder == "" then return false end
  path, folder = M.comparable(path), M.comparable(folder)
  if folder:sub(-1) ~= "/" then folder = folder .. "/" end
  if path:sub(1, #folder) ~= folder then return false end
  -- Nothing in it leads out again; to Windows a part of dots and spaces may mean the folder above.
  local inside = path:sub(#folder + 1)
  return inside ~= "" and not ("/" .. inside .. "/"):find("/[. ]+/")
end

is_windows = function()
  return reaper.GetOS():find("^Win") ~= nil
end

return M
