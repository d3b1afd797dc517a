-- @noindex
-- The facts that the window shows: the daemon, the project in front, what would be sent, the jobs.

local projects = require("lib.projects")
local selection = require("lib.read.selection")
local settings = require("lib.face.settings")
local words = require("lib.words")

local M = {}

local SOURCE_SECONDS = 0.5
local MOST_JOBS = 20
-- In a larger song it would take too long to look for the selected ones twice a second.
local MOST_ITEMS = 5000

local describe_source, describe_job, project_name

-- A function that tells the facts as lib/face/panel reads them.
function M.create(jobs, daemon, messages)
  local source, source_at, source_project = "", 0, nil
  return function()
    local project = projects.active()
    local now = reaper.time_precise()
    if now >= source_at or project ~= source_project then
      source, source_at, source_project = describe_source(project), now + SOURCE_SECONDS, project
    end
    local path = projects.path(project)
    local life = daemon.life()
    local told = {}
    for index, entry in ipairs(jobs.of_project(project)) do
      if index > MOST_JOBS then break end
      told[index] = describe_job(entry, life)
    end
    return {
      daemon = { alive = life.alive and life.can_talk, text = life.text },
      project_name = project_name(path),
      saved = path ~= "",
      source = source,
      settings = settings.read(project),
      jobs = told,
      messages = messages.list(),
    }
  end
end

-- "Riff · Marimba", "3 items · Marimba", or what to do.
describe_source = function(project)
  if reaper.CountMediaItems(project) > MOST_ITEMS then return "What is selected" end
  local items = selection.items(project)
  if #items == 0 then
    return selection.span(project) and "The time selection" or "Select an item"
  end
  local _, track_name = reaper.GetTrackName(reaper.GetMediaItem_Track(items[1]))
  local take = reaper.GetActiveTake(items[1])
  local name = take and reaper.GetTakeName(take) or ""
  if name == "" then name = "Item" end
  if #items > 1 then name = ("%d items"):format(#items) end
  return name .. " · " .. track_name
end

describe_job = function(entry, life)
  local text, state = entry.text, entry.state
  if entry.is_cancelling then
    text = words.cancelling(entry.name, life.alive)
  elseif entry.is_retried then
    state = "sent"
    text = words.retrying(entry.name, life.alive)
  elseif entry.state == "reading" then
    text = words.reading(entry.name)
  elseif entry.state == "rejected" then
    state = "failed"
  elseif entry.state == "sent" then
    text = words.waiting_for_answer(entry.name, life.alive)
  end
  return {
    request = entry.request, name = words.title(entry.name), text = text,
    state = state, stage = entry.stage, progress = entry.progress,
  }
end

project_name = function(path)
  if path == "" then return "not saved" end
  return (path:match("([^/\\]+)$"):gsub("%.[Rr][Pp][Pp]$", ""))
end

return M
