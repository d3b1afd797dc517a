-- @noindex
-- The files of takes that were taken out of the song: they go when nothing can bring those takes back, which
-- is when their project, saved without them, has been closed.

local json = require("lib.json")
local marks = require("lib.marks")
local memory = require("lib.memory")
local paths = require("lib.paths")
local projects = require("lib.projects")
local take_words = require("lib.place.take_words")

local M = {}

-- Remembered beyond project and REAPER: jobs that wait, each with what is known of it, and jobs that two
-- project files have, whose own files stay.
local WAITING, SHARED = "undone", "shared"
local MOST_WAITING, MOST_SHARED = 50, 200
-- A command may take a moment to get into the inbox.
local AGAIN_SECONDS = 5
-- With one of these REAPER may keep the steps of its undo beside the project.
local KEEPS_UNDO = 1 | 2

local remember_list, key_of, recall, remember, forget, keeps_undo, files_in, root_file, place_of

-- Remembers that a job was taken out of a project, whose step is to be saved yet.
function M.wait(project, job)
  M.notice(project)
  forget(job)
  local path = projects.path(project)
  if path == "" or keeps_undo() then return end
  for _, shared in ipairs(memory.words(SHARED)) do
    if shared == job then return end
  end
  -- Where REAPER's preferences let no project ever be unsaved, nobody can tell when it is saved.
  if reaper.IsProjectDirty(project) == 0 then reaper.MarkProjectDirty(project) end
  if reaper.IsProjectDirty(project) == 0 then return end
  local waiting = memory.words(WAITING)
  waiting[#waiting + 1] = job
  while #waiting > MOST_WAITING do forget(table.remove(waiting, 1)) end
  remember_list(WAITING, waiting)
  remember({ job = job, id = projects.known_id(project), path = path, is_saved = false })
end

-- Notices a project that was saved under another name: the file of the old name may play its takes still.
function M.notice(project)
  if not projects.notice(project) then return end
  local shared, known = memory.words(SHARED), {}
  for _, job in ipairs(shared) do known[job] = true end
  for _, job in ipairs(projects.recall_list(project, "jobs")) do
    if not known[job] then shared[#shared + 1] = job end
    forget(job)
  end
  remember_list(SHARED, table.move(shared, math.max(1, #shared - MOST_SHARED + 1), #shared, 1, {}))
end

-- `settle()`, called each second, gives the jobs whose files may go; each is given again until `settled(job)`
-- says that the daemon has been told.
function M.create()
  -- By project: its state when its takes were looked at, and the job ids in the names of the files they play.
  local looked_at = {}
  local next_look = 0
  local given_at = {}
  local clearing = {}

  local function look(project)
    local state = reaper.GetProjectStateChangeCount(project)
    local known = looked_at[project]
    if known and known.state == state then return false end
    looked_at[project] = { state = state, files = files_in(project) }
    return true
  end

  -- Looks at no more than one song, for that may be a long one.
  local function look_at_one(open)
    for _ = 1, #open do
      next_look = next_look % #open + 1
      if look(open[next_look]) then return end
    end
  end

  local function is_played(job, open)
    for _, project in ipairs(open) do
      if looked_at[project] and looked_at[project].files[job] then return true end
    end
    return false
  end

  -- Whether the takes are absent from what was saved, and REAPER's redo cannot bring back older steps.
  local function is_saved_without(project)
    local state = reaper.GetProjectStateChangeCount(project)
    return looked_at[project] ~= nil and looked_at[project].state == state
      and reaper.IsProjectDirty(project) == 0 and (reaper.Undo_CanRedo2(project) or "") == ""
  end

  local function forget_closed(open)
    local is_open = {}
    for _, project in ipairs(open) do is_open[project] = true end
    for project in pairs(looked_at) do
      if not is_open[project] then looked_at[project] = nil end
    end
  end

  function clearing.settle()
    local open = projects.all()
    for _, project in ipairs(open) do M.notice(project) end
    local waiting = memory.words(WAITING)
    forget_closed(open)
    if #waiting == 0 then return {} end
    look_at_one(open)
    local closed = {}
    for _, job in ipairs(waiting) do
      local one = recall(job)
      local project, is_elsewhere = place_of(one, open)
      if one.job ~= job or is_elsewhere or is_played(job, open) or not (project or one.is_saved) then
        forget(job)
      elseif not project then
        closed[#closed + 1] = job
      elseif not one.is_saved and is_saved_without(project) then
        one.is_saved = true
        remember(one)
      end
    end
    if #closed == 0 then return {} end
    for _, project in ipairs(open) do look(project) end
    local free, now = {}, reaper.time_precise()
    for _, job in ipairs(closed) do
      if is_played(job, open) then
        forget(job)
      elseif now >= (given_at[job] or now - AGAIN_SECONDS) + AGAIN_SECONDS then
        given_at[job] = now
        free[#free + 1] = job
      end
    end
    return free
  end

  clearing.settled = forget

  return clearing
end

remember_list = function(key, list)
  local text = table.concat(list, " ")
  if text ~= memory.read(key) then memory.keep(key, text) end
end

key_of = function(job)
  return "undone_" .. job
end

-- `{ job, id, path, is_saved }` of a job that waits, as far as it can be read.
recall = function(job)
  local one = json.decode(memory.read(key_of(job)))
  return type(one) == "table" and type(one.path) == "string" and one or {}
end

remember = function(one)
  memory.keep(key_of(one.job), json.encode(one))
end

-- From here on the files of a job stay where they are.
forget = function(job)
  local left = {}
  for _, waiting in ipairs(memory.words(WAITING)) do
    if waiting ~= job then left[#left + 1] = waiting end
  end
  remember_list(WAITING, left)
  memory.forget(key_of(job))
end

keeps_undo = function()
  if not reaper.get_config_var_string then return false end
  local is_known, flags = reaper.get_config_var_string("saveundostatesproj")
  flags = is_known and math.tointeger(tonumber(flags)) or 0
  return flags & KEEPS_UNDO ~= 0
end

-- The open project that a job was taken out of; and whether that, or a copy of it, has another path.
place_of = function(one, open)
  local found, is_elsewhere = nil, false
  for _, project in ipairs(open) do
    local is_there = one.path and paths.comparable(projects.path(project)) == paths.comparable(one.path)
    if is_there then
      found = found or project
    elseif one.id ~= "" and projects.known_id(project) == one.id then
      is_elsewhere = true
    end
  end
  return found, is_elsewhere
end

-- The ids in the names of all files that a song plays: they end in `<job>-<take>`.
files_in = function(project)
  local ids, seen = {}, { [""] = true }
  for _, take in marks.every_take(project) do
    local file = root_file(reaper.GetMediaItemTake_Source(take))
    if not seen[file] then
      seen[file] = true
      for word in take_words.file_name(file):gmatch("(%w+)%-%d+") do ids[word] = true end
    end
  end
  return ids
end

-- The file that a take plays, also from within a section; "" for none.
root_file = function(source)
  while source do
    local file = reaper.GetMediaSourceFileName(source, "")
    if file ~= "" then return file end
    source = reaper.GetMediaSourceParent(source)
  end
  return ""
end

return M
