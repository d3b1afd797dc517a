-- @noindex
-- What the user is told of jobs: one sentence a musician understands, which says what to do where it can.

local M = {}

local MOST_TITLE_LETTERS = 40

local named, inside, joined

M.NOT_RUNNING = "daw-bridge is not running; open a terminal and run `daw-bridge run`."
M.DEFECT = "A defect of daw-bridge stopped this: please report what REAPER's ReaScript console says."
M.UNSAVED = "The project is not saved, so the takes lie in daw-bridge's results folder; save it first to "
  .. "have them in the project."
M.ITEM_GONE = "An item was deleted before it was read; select what is there now, and generate again."
M.PROJECT_CLOSED = "The project was closed before its items were read; open it and generate again."
M.NOTHING_TO_CANCEL = "Nothing is running in this project, so there is nothing to cancel."
M.NOTHING_TO_RETRY = "Nothing has failed or was cancelled in this project, so there is nothing to retry."
M.NOTHING_TO_REPEAT = "Nothing was asked for in this project yet: select something and generate first."
M.STOPPED_RUNNING = "daw-bridge has stopped; open a terminal and run `daw-bridge run`: your jobs go on."

-- How a job is called where a sentence begins with it: in one line, and short.
function M.title(name)
  return named(name, "The clip")
end

function M.reading(name)
  return ("%s is being read …"):format(M.title(name))
end

function M.sent(name, takes)
  return ("%s was sent: daw-bridge makes %d take%s."):format(M.title(name), takes, takes == 1 and "" or "s")
end

function M.sent_again(name)
  return ("%s was sent again: daw-bridge makes new takes of it."):format(M.title(name))
end

function M.waits(name)
  return ("%s waits: %s"):format(M.title(name), M.NOT_RUNNING)
end

-- The same for the window, while nothing has been heard.
function M.waiting_for_answer(name, is_alive)
  return is_alive and ("%s was sent."):format(M.title(name)) or M.waits(name)
end

function M.cancelled(name)
  return ("%s is cancelled."):format(M.title(name))
end

function M.cancelling(name, is_alive)
  if is_alive then return ("Cancelling %s …"):format(inside(name)) end
  return ("%s will be cancelled when daw-bridge runs again."):format(M.title(name))
end

function M.retrying(name, is_alive)
  if is_alive then return ("Going on with %s …"):format(inside(name)) end
  return ("%s goes on when daw-bridge runs again."):format(M.title(name))
end

function M.not_accepted_yet(name)
  return ("daw-bridge has not taken %s yet, so it cannot be done again: wait a moment."):format(inside(name))
end

function M.gone_while_reading(name)
  return ("%s was deleted, or its project closed, before it was read: generate again."):format(M.title(name))
end

function M.unanswered(name, refused_folder)
  return ("daw-bridge has not answered for %s; look into its refused folder (%s), or ask again.")
    :format(inside(name), refused_folder)
end

-- What is said of takes that lie in the song now: `numbers` of those with the same `where` and `note`.
function M.placed(name, numbers, where, note)
  local which = #numbers == 1 and "Take %s of %s is %s." or "Takes %s of %s are %s."
  local text = which:format(joined(numbers), inside(name), M.place(where))
  return note ~= "" and text .. " " .. note or text
end

-- "on track Marimba · bridge", without the time and bar that the daemon is told.
function M.place(where)
  local place = where:gsub(", %-?%d+:%d%d%.%d+, bar %-?%d+$", "")
  local item = place:match("^take of (the item on .*)$")
  return item and "in " .. item or "on " .. place
end

function M.not_placed(name, number, problem)
  return ("Take %d of %s could not be put into the song: %s"):format(number, inside(name), problem)
end

-- How a job ended, "" where its takes say it all.
function M.ended(name, view)
  local title = M.title(name)
  local reason = view.error and view.error.text or ""
  if view.state == "cancelled" then return ("%s is cancelled; Retry goes on with it."):format(title) end
  if view.state == "rejected" then
    return reason ~= "" and reason or ("%s was refused by daw-bridge: see `daw-bridge jobs`."):format(title)
  end
  if view.state == "failed" then
    return reason ~= "" and reason or ("%s failed; Retry goes on with it."):format(title)
  end
  if view.state ~= "partial" then return "" end
  local count = ("%d of %d takes of %s came, the rest failed"):format(#view.takes, view.asked, inside(name))
  return reason ~= "" and ("%s: %s"):format(count, reason) or count .. "; Retry goes on with them."
end

-- Takes of a job that goes on were taken out of the song.
function M.undone_and_cancelled(text)
  return (text:gsub("%.$", "")) .. ", and the rest is cancelled."
end

function M.done(name)
  return ("%s is done."):format(M.title(name))
end

named = function(name, nameless)
  local plain = (name or ""):gsub("%c+", " "):gsub("^ +", ""):gsub(" +$", "")
  if plain == "" then return nameless end
  local letters = utf8.len(plain)
  if not letters or letters <= MOST_TITLE_LETTERS then return plain end
  return plain:sub(1, utf8.offset(plain, MOST_TITLE_LETTERS + 1) - 1):gsub(" +$", "") .. "…"
end

-- How a job is called within a sentence.
inside = function(name)
  return named(name, "the clip")
end

joined = function(numbers)
  local last = #numbers
  if last == 1 then return tostring(numbers[1]) end
  return table.concat(numbers, ", ", 1, last - 1) .. " and " .. numbers[last]
end

return M
