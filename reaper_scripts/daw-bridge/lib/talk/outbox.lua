-- @noindex
-- What the daemon says of jobs: the files of its outbox that concern REAPER, whenever they have changed.

local console = require("lib.console")
local files = require("lib.files")
local json = require("lib.json")
local views = require("lib.talk.view")

local M = {}

-- Ten takes, each with what was fitted and its source, are far from it.
local MOST_BYTES = 256 * 1024
local MOST_FILES = 8
-- A cheap first test: most files are others'.
local OURS = '"client"%s*:%s*"reaper"'

local bears_name_of

-- `look(requests)` gives the next view that is news, or nil. At most eight files are read for it, and one of
-- them decoded: those of these request ids first, then new ones, then the others in turn: listings have no
-- times.
function M.create(home)
  local texts = {}
  local looks = 0
  local seen_at = {}

  -- The text of a file where it may be news, else nil.
  local function read(name, is_wanted)
    seen_at[name] = looks
    local text = files.read(files.join(home.outbox, name), MOST_BYTES)
    if not text or text == texts[name] then return nil end
    texts[name] = (is_wanted or text:find(OURS)) and text or nil
    return texts[name]
  end

  local function decode(name, text, is_wanted)
    local told, problem = json.decode(text)
    local view = views.read(told, is_wanted)
    if view and bears_name_of(view, name) then
      if view.left_out > 0 then
        console.note(("%d takes in %s of the outbox cannot be read."):format(view.left_out, name))
      end
      return view
    end
    console.note(("%s in the outbox cannot be read: %s"):format(name, problem or "it is no view of our jobs"))
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
        local text = read(name, wanted[name])
        if text then return decode(name, text, wanted[name]) end
      end
    end
    return nil
  end

  return outbox
end

-- The daemon names the file after the request, with `=` before what Windows takes for a device.
bears_name_of = function(view, name)
  return name:lower():gsub("^=", "") == view.request_id:lower() .. ".json"
end

return M
