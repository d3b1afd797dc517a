-- @noindex
-- What the daemon says of jobs: the files of its outbox that concern REAPER, whenever they have changed.

local files = require("lib.files")
local json = require("lib.json")

local M = {}

local MOST_BYTES = 1024 * 1024
local MOST_FILES = 8
local OURS = '"client"%s*:%s*"reaper'

local is_view

-- `look(requests)` gives the next view that is news, in a list of at most one. At most eight files are read
-- for it: those of these request ids first, then new ones, then the others in turn: listings have no times.
function M.create(home)
  local texts = {}
  local looks = 0
  local seen_at = {}

  -- The view of a file where it is news, else nil.
  local function read(name, is_wanted)
    seen_at[name] = looks
    local text = files.read(files.join(home.outbox, name), MOST_BYTES)
    if not text or text == texts[name] then return nil end
    if not is_wanted and not text:find(OURS) then
      texts[name] = nil
      return nil
    end
    texts[name] = text
    local view, problem = json.decode(text)
    if is_view(view) then return view end
    reaper.ShowConsoleMsg(("!SHOW:daw-bridge: %s in the outbox cannot be read: %s\n")
      :format(name, problem or "it is no view of a job"))
    return nil
  end

  -- The names to be read in this look, the most urgent first.
  local function chosen(wanted)
    local there, fresh, known = {}, {}, {}
    for _, name in ipairs(files.names(home.outbox)) do
      if name:find("%.json$") and name:sub(1, 1) ~= "." then
        there[name] = true
        if not wanted[name] then
          local list = seen_at[name] and known or fresh
          list[#list + 1] = name
        end
      end
    end
    for name in pairs(seen_at) do
      if not there[name] then seen_at[name], texts[name] = nil, nil end
    end
    local mine = {}
    for name in pairs(wanted) do
      if there[name] then mine[#mine + 1] = name end
    end
    return mine, fresh, known
  end

  -- The `count` names of a list that have waited longest.
  local function longest_waiting(names, count)
    local oldest = {}
    for _, name in ipairs(names) do
      local at = #oldest + 1
      while at > 1 and (seen_at[oldest[at - 1]] or 0) > (seen_at[name] or 0) do at = at - 1 end
      if at <= count then
        table.insert(oldest, at, name)
        oldest[count + 1] = nil
      end
    end
    return oldest
  end

  local outbox = {}

  function outbox.look(requests)
    looks = looks + 1
    local wanted = {}
    for _, request in ipairs(requests or {}) do wanted[request .. ".json"] = true end
    local left = MOST_FILES
    for _, list in ipairs({ chosen(wanted) }) do
      for _, name in ipairs(longest_waiting(list, left)) do
        left = left - 1
        local view = read(name, wanted[name])
        if view then return { view } end
      end
    end
    return {}
  end

  return outbox
end

is_view = function(view)
  return type(view) == "table" and type(view.request_id) == "string" and type(view.state) == "string"
    and type(view.job_id) == "string" and type(view.source) == "table" and type(view.takes) == "table"
end

return M
