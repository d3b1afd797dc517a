-- @noindex
-- What the window shows, as plain rows: the same whichever way they are drawn.

local fields = require("lib.face.fields")
local lines = require("lib.face.lines")
local protocol = require("lib.protocol")
local sentences = require("lib.words")

local MOST_JOBS = 6
local MOST_MESSAGES = 6
local LABELS = {
  prompt = "Prompt",
  mode = "Mode",
  bars = "Bars",
  takes = "Takes",
  place = "Takes go to",
  key = "Key",
  with_fx = "With FX",
}
local WHEN_EMPTY = { prompt = "in your words: what you want to hear", bars = "as the clip", key = "as found" }
local STAGES = {
  accepted = "waiting for its turn",
  rendered = "the clip is ready to be sent",
  composed = "waiting for the music service",
  submitting = "being sent to the music service",
  submitted = "the music is being made",
  generated = "being fitted to your bars",
}
local ENDS = {
  delivered = "done",
  partial = "some takes came; press Retry for the rest",
  failed = "failed; press Retry to go on",
  cancelled = "cancelled; Retry goes on with it",
}

local panel = {}
local setting_rows, button_rows, job_row

-- Rows from top to bottom, each with a `kind`:
--   light: lit, text          line: label, text            note: text
--   setting: name, label, text, hint, choices (mode only), flag (with_fx only)
--   buttons: buttons = { { label, word, enabled }, … }
--   job: text, progress (0 to 1; absent once it has ended)
--   message: text, problem
function panel.describe(facts)
  local rows = {}
  local function add(row) rows[#rows + 1] = row end

  local life = facts.daemon
  local words = life.text or ""
  local told = words ~= "" and words or sentences.NOT_RUNNING
  add({ kind = "light", lit = life.alive, text = lines.plain(told) })
  add({ kind = "line", label = "Project", text = lines.plain(facts.project_name or "") })
  if not facts.saved then
    add({ kind = "note", text = "Not saved yet: takes will lie in daw-bridge's results folder." })
  end
  add({ kind = "line", label = "Source", text = lines.plain(facts.source or "") })
  for _, row in ipairs(setting_rows(facts.settings)) do add(row) end
  for _, row in ipairs(button_rows(facts.jobs)) do add(row) end
  for index = 1, math.min(#facts.jobs, MOST_JOBS) do add(job_row(facts.jobs[index])) end
  for index = 1, math.min(#facts.messages, MOST_MESSAGES) do
    local message = facts.messages[index]
    add({ kind = "message", text = message.text, problem = message.kind == "problem" })
  end
  return rows
end

function setting_rows(settings)
  local texts = fields.texts(reaper.EnumProjects(-1), settings)
  local rows = {}
  for index, name in ipairs(fields.NAMES) do
    local row = { kind = "setting", name = name, label = LABELS[name] }
    row.text = texts[name]
    row.hint = WHEN_EMPTY[name] or ""
    if name == "mode" then row.choices = protocol.MODES end
    if name == "with_fx" then row.flag = settings.with_fx end
    rows[index] = row
  end
  return rows
end

-- What cannot be meant is off; what may be meant is left to the action, which says what to do.
function button_rows(jobs)
  local any_open, any_broken = false, false
  for _, job in ipairs(jobs) do
    if not protocol.FINAL_STATES[job.state] then any_open = true end
    if protocol.FINAL_STATES[job.state] and job.state ~= "delivered" then any_broken = true end
  end
  return {
    {
      kind = "buttons",
      buttons = {
        { label = "Generate from items", word = "generate_items", enabled = true },
        { label = "From time selection", word = "generate_time", enabled = true },
      },
    },
    {
      kind = "buttons",
      buttons = {
        { label = "Again", word = "again", enabled = true },
        { label = "Cancel", word = "cancel", enabled = any_open },
        { label = "Retry", word = "retry", enabled = any_broken },
        { label = "Undo last", word = "undo", enabled = true },
        { label = "Settings", word = "settings", enabled = true },
      },
    },
  }
end

function job_row(job)
  local has_ended = protocol.FINAL_STATES[job.state]
  local text = job.text or ""
  if text == "" then
    local doing = ENDS[job.state] or STAGES[job.stage] or job.stage or job.state or "waiting"
    text = ("%s: %s"):format(job.name, doing)
  end
  local progress = math.max(0, math.min(1, job.progress or 0))
  return { kind = "job", text = lines.plain(text), progress = not has_ended and progress or nil }
end

return panel
