-- @noindex
-- Which open project is meant, and what a project remembers of daw-bridge.

local M = {}

local SECTION = "daw_bridge"
local BETWEEN = " "

local each_open, own_id, comparable, all_that, first_that

-- The project in front.
function M.active()
  return (reaper.EnumProjects(-1))
end

-- Whether this project is still open: nothing else may be done with the handle of one that was closed.
function M.is_open(project)
  return project ~= nil and reaper.ValidatePtr2(0, project, "ReaProject*")
end

-- The project's own id, a GUID that is made when it is first asked for.
function M.id(project)
  local id = own_id(project)
  if id ~= "" then return id end
  id = reaper.genGuid("")
  M.remember(project, "id", id)
  return id
end

-- The path of its file, "" where it was never saved.
function M.path(project)
  for _, open in ipairs(each_open()) do
    if open.project == project then return open.path end
  end
  return ""
end

-- The open project that `{ id, path }` means, or nil: of several copies the one at that path, else the first;
-- by its path alone only a project that has no other id.
function M.find(ref)
  local id = type(ref.id) == "string" and ref.id or ""
  local path = type(ref.path) == "string" and comparable(ref.path) or ""
  local open = each_open()
  local is_at_path = function(one)
    return path ~= "" and comparable(one.path) == path
  end
  local copies = id == "" and {} or all_that(open, function(one)
    return own_id(one.project) == id
  end)
  local found = first_that(copies, is_at_path)
    or copies[1]
    or first_that(open, function(one)
      return is_at_path(one) and (id == "" or own_id(one.project) == "")
    end)
  return found and found.project or nil
end

-- What the project remembers under a key, "" for nothing.
function M.recall(project, key)
  local _, text = reaper.GetProjExtState(project, SECTION, key)
  return text or ""
end

function M.remember(project, key, text)
  reaper.SetProjExtState(project, SECTION, key, text)
end

-- A remembered list of words, such as job ids, the newest last.
function M.recall_list(project, key)
  local words = {}
  for word in M.recall(project, key):gmatch("%S+") do words[#words + 1] = word end
  return words
end

-- Puts a word last in a remembered list, of which the newest `most` are kept.
function M.remember_last(project, key, word, most)
  local words = {}
  for _, known in ipairs(M.recall_list(project, key)) do
    if known ~= word then words[#words + 1] = known end
  end
  words[#words + 1] = word
  local kept = table.concat(words, BETWEEN, math.max(1, #words - most + 1))
  if kept ~= M.recall(project, key) then M.remember(project, key, kept) end
end

each_open = function()
  local open = {}
  while true do
    local project, path = reaper.EnumProjects(#open)
    if not project then return open end
    open[#open + 1] = { project = project, path = path or "" }
  end
end

own_id = function(project)
  return M.recall(project, "id")
end

-- Windows asks no one for case, and writes both slashes.
comparable = function(path)
  if not reaper.GetOS():find("^Win") then return path end
  return (path:gsub("\\", "/"):lower())
end

all_that = function(list, is_meant)
  local found = {}
  for _, one in ipairs(list) do
    if is_meant(one) then found[#found + 1] = one end
  end
  return found
end

first_that = function(list, is_meant)
  return all_that(list, is_meant)[1]
end

return M
