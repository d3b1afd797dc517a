-- Rendering in the fake REAPER: the settings a project remembers, the files they would make, and the making of them.

local RENDER, RENDER_AND_CLOSE = 41824, 42230
local TONE_HZ = 220
local SHARES = { done = 1, partial = 0.5, long = 1.5 } -- of the length that was asked for
local SPEED = 20 -- seconds of sound rendered in a second
local ITEMS, ITEMS_BY_MASTER, TRACKS_BY_MASTER, STEMS, STEMS_AND_MASTER, ONE_FILE = 32, 64, 128, 2, 1, 4 << 16

-- As a new project has them: nothing here is what a script would like.
local NUMBERS = {
  RENDER_SETTINGS = 0, RENDER_BOUNDSFLAG = 1, RENDER_CHANNELS = 2, RENDER_SRATE = 44100, RENDER_STARTPOS = 0,
  RENDER_ENDPOS = 0, RENDER_TAILFLAG = 18, RENDER_TAILMS = 1000, RENDER_ADDTOPROJ = 0, RENDER_DITHER = 0,
  RENDER_NORMALIZE = 0, RENDER_NORMALIZE_TARGET = 0.0631, RENDER_BRICKWALL = 1, RENDER_FADEIN = 0,
  RENDER_FADEOUT = 0, RENDER_FADEINSHAPE = 0, RENDER_FADEOUTSHAPE = 0, RENDER_FADELPF = 0, RENDER_PADSTART = 0,
  RENDER_PADEND = 0, RENDER_TRIMSTART = 0, RENDER_TRIMEND = 0, RENDER_DELAY = 0, PROJECT_SRATE = 48000,
  PROJECT_SRATE_USE = 0, PROJECT_TIMEBASE = 1, PROJECT_TIMEBASE_FLAGS = 0, READONLY = 0,
}
local TEXTS = {
  RENDER_FILE = "", RENDER_PATTERN = "", RENDER_FORMAT = "ZXZhdxgAAQ==", RENDER_FORMAT2 = "",
  RENDER_EXTRAFILEDIR = "", RENDER_METADATA = "", PROJECT_TITLE = "", PROJECT_AUTHOR = "", RECORD_PATH = "Media",
  RECORD_PATH_SECONDARY = "", RECORD_FORMAT = "ZXZhdxgAAQ==", APPLYFX_FORMAT = "", RECTAG = "",
  OPENCOPY_CFGIDX = "0",
}
local BOUNDS = { RENDER_STARTPOS = true, RENDER_ENDPOS = true }
local READ_ONLY = { PROJECT_TIMEBASE = true, PROJECT_TIMEBASE_FLAGS = true, READONLY = true }
-- Which bit of RENDER_TAILFLAG belongs to which RENDER_BOUNDSFLAG.
local TAIL_BITS = { [0] = 1, 2, 4, 8, 16, 32 }

local pieces, is_unheard, silence, bounds_of, tail_of, paths_of, expanded, bits_of, from_base64, is_absolute

local function add_render(fake)
  local api = fake.api
  -- "done", "fails" (an error, no file), "cancelled" (by the user: no file), "partial" (by the user: half a file) or
  -- "long" (a longer one).
  fake.render_outcome = "done"
  -- What happens before each file is written.
  fake.while_rendering = function() end
  -- What was rendered: { paths, seconds, rate, channels, bits, settings }.
  fake.renders = {}

  local function unknown(name, key)
    error(("%s knows no %q: REAPER would answer nothing"):format(name, key), 0)
  end

  function api.GetSetProjectInfo(project, key, value, is_set)
    if key == "DIRTY" and not is_set then return project.is_dirty and 1.0 or 0.0 end
    if NUMBERS[key] == nil then unknown("GetSetProjectInfo", key) end
    if is_set and not READ_ONLY[key] then
      -- REAPER keeps its own bounds where no custom ones are asked for.
      local is_custom = (project.info.RENDER_BOUNDSFLAG or NUMBERS.RENDER_BOUNDSFLAG) == 0
      if BOUNDS[key] and (not is_custom or fake.option.keeps_bounds) then
        return project.info[key] or NUMBERS[key]
      end
      project.info[key] = value
      fake.touch(project)
    end
    return project.info[key] or NUMBERS[key]
  end

  function api.GetSetProjectInfo_String(project, key, value, is_set)
    if key == "PROJECT_NAME" then return true, api.GetProjectName(project) end
    if key == "RENDER_TARGETS" then
      return true, table.concat(paths_of(fake, project, pieces(project)), ";")
    elseif key == "RENDER_STATS" or key == "RENDER_STATS_SUMMARY" then
      fake.fail(key .. " may open a dialog that holds REAPER up")
      return false, ""
    elseif TEXTS[key] == nil then
      unknown("GetSetProjectInfo_String", key)
    end
    if is_set then
      project.texts[key] = value
      fake.touch(project)
    end
    return true, project.texts[key] or TEXTS[key]
  end

  local function text(project, key)
    return project.texts[key] or TEXTS[key]
  end

  -- What makes REAPER ask, and so stand still until somebody answers.
  local function reason_to_ask(project, list, paths)
    local folder = text(project, "RENDER_FILE")
    if folder == "" then return "no render file is set" end
    if not is_absolute(folder) and not project.path then return "the project is unsaved and the path is relative" end
    if #list == 0 then return "there is nothing to render" end
    for index, piece in ipairs(list) do
      if piece.seconds <= 0 then return "the bounds are empty" end
      if fake.host.is_file(paths[index]) then return paths[index] .. " exists already" end
    end
    if project.play_state & 4 ~= 0 then return "it is recording" end
    return nil
  end

  local function render(project)
    local list = pieces(project)
    local paths = paths_of(fake, project, list)
    local reason = reason_to_ask(project, list, paths)
    if reason then
      fake.fail("rendering opens a dialog: " .. reason)
      return
    end
    if project ~= fake.active() and not fake.option.renders_behind then
      fake.fail("a project that is not in front is rendered: REAPER may render the one in front")
      project = fake.active()
    end
    local function number(key) return project.info[key] or NUMBERS[key] end
    if math.tointeger(number("RENDER_ADDTOPROJ")) & 1 ~= 0 then
      fake.fail("the rendered files are added to the user's project (RENDER_ADDTOPROJ)")
    end
    if text(project, "RENDER_FORMAT2") ~= "" then error("the fake renders to one format only", 0) end
    local rate = number("RENDER_SRATE")
    if rate == 0 then rate = number("PROJECT_SRATE") end
    local channels = math.tointeger(number("RENDER_CHANNELS"))
    local bits = bits_of(text(project, "RENDER_FORMAT"))
    fake.rendering = project
    project.play_state = 0
    for index, piece in ipairs(list) do
      fake.now, fake.elapsed = fake.now + piece.seconds / SPEED, fake.elapsed + piece.seconds / SPEED
      local outcome = fake.render_outcome
      fake.while_rendering(index)
      local folder = paths[index]:match("^(.*)[/\\]")
      if api.RecursiveCreateDirectory(folder, 0) == 0 then outcome = "fails" end
      if outcome == "fails" then fake.said[#fake.said + 1] = "Error opening render file: " .. paths[index] end
      local share = SHARES[outcome]
      if share then
        local frames = math.floor(piece.seconds * rate * share + 0.5)
        fake.host.write_sound(paths[index], {
          frames = frames, rate = math.tointeger(rate), channels = channels, hz = TONE_HZ, bits = bits,
          samples = is_unheard(fake, piece) and silence(frames * channels) or nil,
        })
      end
      fake.renders[#fake.renders + 1] = {
        path = paths[index], seconds = piece.seconds, start = piece.start, rate = rate, channels = channels,
        bits = bits, settings = math.tointeger(number("RENDER_SETTINGS")), of = piece.of,
      }
    end
    fake.rendering = nil
  end
  fake.actions[RENDER] = render
  fake.actions[RENDER_AND_CLOSE] = render
end

-- The files to be made: { { of = item, track or nil, start = , seconds = }, … }.
function pieces(project)
  local settings = math.tointeger(project.info.RENDER_SETTINGS or NUMBERS.RENDER_SETTINGS)
  local list = {}
  if settings & (ITEMS | ITEMS_BY_MASTER) ~= 0 then
    for _, item in ipairs(project:items()) do
      if item.values.B_UISEL ~= 0 then
        local seconds = item.values.D_LENGTH + tail_of(project, 4)
        list[#list + 1] = { of = item, start = item.values.D_POSITION, seconds = seconds }
      end
    end
    if settings & ONE_FILE == 0 or #list < 2 then return list end
    local start, seconds = bounds_of(project, 4)
    return { { start = start, seconds = seconds } }
  end
  local start, seconds = bounds_of(project)
  if settings & (TRACKS_BY_MASTER | STEMS | STEMS_AND_MASTER) ~= 0 then
    for _, track in ipairs({ project.master, table.unpack(project.list) }) do
      if track.values.I_SELECTED ~= 0 then list[#list + 1] = { of = track, start = start, seconds = seconds } end
    end
  end
  if settings & (TRACKS_BY_MASTER | STEMS) == 0 then list[#list + 1] = { start = start, seconds = seconds } end
  return list
end

-- Whether a track has nothing but offline media.
function is_unheard(fake, piece)
  local has_items = false
  for _, item in ipairs(piece.of and piece.of.items or {}) do
    for _, take in ipairs(item.takes) do
      has_items = true
      if not take.source or not fake.is_offline(take.source) then return false end
    end
  end
  return has_items
end

function silence(count)
  local samples = {}
  for index = 1, count do samples[index] = 0.0 end
  return samples
end

function bounds_of(project, flag)
  local info = project.info
  flag = flag or math.tointeger(info.RENDER_BOUNDSFLAG or NUMBERS.RENDER_BOUNDSFLAG)
  local first, last
  if flag == 0 then
    first, last = info.RENDER_STARTPOS or 0, info.RENDER_ENDPOS or 0
  elseif flag == 2 then
    first, last = project.span[1], project.span[2]
  elseif flag == 1 or flag == 4 then
    for _, item in ipairs(project:items()) do
      if flag == 1 or item.values.B_UISEL ~= 0 then
        local position, length = item.values.D_POSITION, item.values.D_LENGTH
        first, last = math.min(first or position, position), math.max(last or 0, position + length)
      end
    end
    first, last = flag == 1 and 0 or first or 0, last or 0
  else
    error("the fake renders no regions and markers", 0)
  end
  local seconds = last - first
  return first, seconds > 0 and seconds + tail_of(project, flag) or seconds
end

function tail_of(project, bounds_flag)
  local tails = math.tointeger(project.info.RENDER_TAILFLAG or NUMBERS.RENDER_TAILFLAG)
  if tails & (TAIL_BITS[bounds_flag] or 0) == 0 then return 0 end
  return (project.info.RENDER_TAILMS or NUMBERS.RENDER_TAILMS) / 1000
end

-- With a pattern RENDER_FILE is a folder, without one the file itself. Names that would be the same are numbered.
function paths_of(fake, project, list)
  local folder = project.texts.RENDER_FILE or ""
  local pattern = project.texts.RENDER_PATTERN or ""
  bits_of(project.texts.RENDER_FORMAT or TEXTS.RENDER_FORMAT)
  if not is_absolute(folder) and project.path then
    local home = project.path:match("^(.*)[/\\]")
    folder = folder == "" and home or home .. fake.slash .. folder
  end
  local paths, uses = {}, {}
  for index, piece in ipairs(list) do
    local path = folder
    if pattern ~= "" then
      path = folder:gsub("[/\\]+$", "") .. fake.slash .. expanded(pattern, project, piece, index)
    end
    paths[index] = path:gsub("%.[Ww][Aa][Vv]$", "")
    uses[paths[index]] = (uses[paths[index]] or 0) + 1
  end
  local numbers = {}
  for index, path in ipairs(paths) do
    local number = ""
    if uses[path] > 1 then
      numbers[path] = (numbers[path] or 0) + 1
      number = ("-%03d"):format(numbers[path])
    end
    paths[index] = path .. number .. ".wav"
  end
  return paths
end

function expanded(pattern, project, piece, index)
  local of = piece.of
  local is_item = of and of.pointer == "MediaItem"
  local track = is_item and of.track or of
  local words = {
    ["$item"] = is_item and of.takes[of.current] and of.takes[of.current].name or "",
    ["$itemnumber"] = tostring(index), ["$track"] = track and track.name or "master",
    ["$project"] = (project.path or ""):match("([^/\\]*)%.[^.]*$") or "untitled",
  }
  return (pattern:gsub("%$%a+", function(word)
    return words[word] or error("the fake renders no " .. word, 0)
  end))
end

-- Of a WAV's settings: "evaw" by itself, or base64 of it with the depth behind it.
function bits_of(format)
  local bytes = format == "evaw" and "evaw\24" or from_base64(format)
  if bytes:sub(1, 4) ~= "evaw" then error("the fake renders WAV only, not " .. format, 0) end
  local bits = bytes:byte(5) or 24
  return bits == 32 and "float" or bits
end

function from_base64(text)
  local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
  local bytes, held, count = {}, 0, 0
  for char in text:gmatch("[%w+/]") do
    held, count = held << 6 | (alphabet:find(char, 1, true) - 1), count + 6
    if count >= 8 then
      count = count - 8
      bytes[#bytes + 1] = string.char(held >> count & 0xFF)
    end
  end
  return table.concat(bytes)
end

function is_absolute(path)
  return path:find("^[/\\]") ~= nil or path:find("^%a:[/\\]") ~= nil
end

return add_render
