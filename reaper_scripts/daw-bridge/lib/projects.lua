-- @noindex
-- Which open project is meant, and what a project remembers of daw-bridge.

local json = require("lib.json")
local paths = require("lib.paths")

local M = {}

local SECTION = "daw_bridge"
local BETWEEN = " "
local MOST_FORMER = 10

local each_open, own_id, has_had_id, other_has_id, formerly, was_at, all_that, first_that

-- The project in front.
function M.active()
  return (reaper.EnumProjects(-1))
end

-- Whether this project is still open: nothing else may be done with the handle of one that was closed.
function M.is_open(project)
  return project ~= nil and reaper.ValidatePtr2(0, project, "ReaProject*")
end

-- All open projects, in the order of their tabs.
function M.all()
  local all = {}
  for index, open in ipairs(each_open()) do all[index] = open.project end
  return all
end

-- The project's own id, a GUID that is made when it is first asked for; or anew where another open project
-- has the same, as of two that were made from one template.
function M.id(project)
  local id = own_id(project)
  if id ~= "" and not other_has_id(project, id) then return id end
  if id ~= "" then M.remember_last(project, "former_ids", id, MOST_FORMER) end
  id = reaper.genGuid("")
  M.remember(project, "id", id)
  M.notice(project)
  return id
end

-- The id that it has, "" where nobody asked for one yet.
function M.known_id(project)
  return own_id(project)
end

-- Has a project without an id keep the one that a job tells: it was closed unsaved after that was sent.
function M.adopt(project, id)
  if own_id(project) == "" and type(id) == "string" and id ~= "" then M.remember(project, "id", id) end
  M.notice(project)
end

-- The path of its file, "" where it was never saved.
function M.path(project)
  for _, open in ipairs(each_open()) do
    if open.project == project then return open.path end
  end
  return ""
end

-- The folders that files of a project lie in: its own, and those that it was saved in before.
function M.folders(project)
  local folders = {}
  local function add(path)
    local folder = paths.folder_of(path)
    if folder ~= "" then folders[#folders + 1] = folder end
  end
  add(M.path(project))
  for _, path in ipairs(formerly(project)) do add(path) end
  return folders
end

-- Notes where a project that has an id is now, and where it was; called each second. Whether it has been
-- saved under another name since: then there are two files of it.
function M.notice(project)
  if own_id(project) == "" then return false end
  local path, before = M.path(project), M.recall(project, "path")
  if paths.comparable(path) == paths.comparable(before) then return false end
  if path ~= "" then M.remember(project, "path", path) end
  if path == "" or before == "" then return false end
  local former = formerly(project)
  former[#former + 1] = before
  local kept = table.move(former, math.max(1, #former - MOST_FORMER + 1), #former, 1, {})
  M.remember(project, "formerly", json.encode(json.array(kept)))
  return true
end

-- The open project that `{ id, path }` means, or nil. The one with this id at this path; else one with this
-- id, unless that is a copy, whose original is another file that is still there; by its path alone only a
-- project that has no other id.
function M.find(ref)
  local id = type(ref.id) == "string" and ref.id or ""
  local path = type(ref.path) == "string" and ref.path or ""
  local open = each_open()
  local is_at_path = function(one)
    return path ~= "" and paths.comparable(one.path) == paths.comparable(path)
  end
  local found = id ~= "" and first_that(open, function(one)
    return is_at_path(one) and (own_id(one.project) == id or has_had_id(one.project, id))
  end)
  if not found and id ~= "" then
    local copies = all_that(open, function(one) return own_id(one.project) == id end)
    local is_gone = path == "" or #copies > 0 and not reaper.file_exists(path)
    found = first_that(copies, function(one) return was_at(one.project, path) end) or is_gone and copies[1]
  end
  found = found or first_that(open, function(one)
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

has_had_id = function(project, id)
  for _, former in ipairs(M.recall_list(project, "former_ids")) do
    if former == id then return true end
  end
  return false
end

other_has_id = function(project, id)
  for _, one in ipairs(each_open()) do
    if one.project ~= project and own_id(one.project) == id then return true end
  end
  return false
end

-- The paths that it was saved under before, the last one last.
formerly = function(project)
  local list = json.decode(M.recall(project, "formerly"))
  local former = {}
  for _, path in ipairs(type(list) == "table" and list or {}) do
    if type(path) == "string" then former[#former + 1] = path end
  end
  return former
end

was_at = function(project, path)
  for _, former in ipairs(path ~= "" and formerly(project) or {}) do
    if paths.comparable(former) == paths.comparable(path) then return true end
  end
  return false
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
