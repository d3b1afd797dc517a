-- @noindex
-- JSON as the daemon writes and reads it: encoded in plain ASCII, decoded with a word on what is wrong.

local M = {}

local MOST_DEPTH = 64
-- Values and names, a text with escapes twice: ten takes of ten minutes are told with some 7000.
local MOST_VALUES = 10000
local REPLACEMENT = 0xFFFD
-- What stands for an escaped sign while a text is read: control characters are no part of JSON.
local ESCAPED_BACKSLASH, ESCAPED_QUOTE = "\1\2", "\1\3"

local ARRAY = { __name = "json.array" }

-- What stands in an array for null; in objects null is simply absent.
M.null = setmetatable({}, { __name = "json.null", __tostring = function() return "null" end })

-- The list, marked so that it is written as [] when it is empty.
function M.array(list)
  return setmetatable(list or {}, ARRAY)
end

local encode_value, decode_value

-- The value as ASCII text with sorted keys; what JSON cannot say is a defect of the caller.
function M.encode(value)
  local pieces = {}
  encode_value(value, pieces, 1)
  return table.concat(pieces)
end

-- The value of a JSON text, or nil and what is wrong with it. Whatever the text, 256 KB of it take less than
-- 1.6 million instructions of Lua.
function M.decode(text)
  local bad = text:find("[\0-\8\11\12\14-\31]")
  if bad then return nil, ("a control character at byte %d"):format(bad) end
  -- From here on a quotation mark always begins or ends a text, and no place in it is shifted.
  local state = { text = text:gsub("\\\\", ESCAPED_BACKSLASH):gsub('\\"', ESCAPED_QUOTE), values = 0 }
  -- Whoever writes files by hand on Windows may begin them with a byte order mark.
  local start = text:sub(1, 3) == "\xEF\xBB\xBF" and 4 or 1
  local done, value, after = pcall(decode_value, state, text:find("[^ \t\r\n]", start) or #text + 1, 1)
  if not done then
    if type(value) == "table" and value.problem then return nil, value.problem end
    error(value, 0)
  end
  local rest = text:find("[^ \t\r\n]", after)
  if rest then return nil, ("there is more text after its end, at byte %d"):format(rest) end
  return value
end

local encode_number, encode_string, encode_array, encode_object

encode_value = function(value, pieces, depth)
  if depth > MOST_DEPTH then error("json: deeper than " .. MOST_DEPTH, 0) end
  local kind = type(value)
  if kind == "string" then
    pieces[#pieces + 1] = encode_string(value)
  elseif kind == "number" then
    pieces[#pieces + 1] = encode_number(value)
  elseif kind == "boolean" then
    pieces[#pieces + 1] = tostring(value)
  elseif value == M.null then
    pieces[#pieces + 1] = "null"
  elseif kind ~= "table" then
    error("json: a " .. kind .. " cannot be written", 0)
  elseif getmetatable(value) == ARRAY or #value > 0 then
    encode_array(value, pieces, depth)
  else
    encode_object(value, pieces, depth)
  end
end

encode_number = function(value)
  local whole = math.tointeger(value)
  if whole then return ("%d"):format(whole) end
  if value ~= value or value == math.huge or value == -math.huge then
    error("json: a number is not finite", 0)
  end
  local text
  for digits = 15, 17 do
    -- The decimal sign of the system's language must not get into the file.
    text = ("%." .. digits .. "g"):format(value):gsub(",", ".")
    if tonumber(text) == value then break end
  end
  return text
end

local SHORT_ESCAPES = {
  ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t",
}

local function escape(code)
  if code < 0x10000 then return ("\\u%04x"):format(code) end
  local rest = code - 0x10000
  return ("\\u%04x\\u%04x"):format(0xD800 + rest // 0x400, 0xDC00 + rest % 0x400)
end

local mended

encode_string = function(text)
  if not text:find('[%c"\\\x80-\xFF]') then return '"' .. text .. '"' end
  local escaped = text:gsub('[%c"\\]', function(sign)
    return SHORT_ESCAPES[sign] or escape(sign:byte())
  end)
  if escaped:find("[\x80-\xFF]") then
    escaped = mended(escaped):gsub("[\xC2-\xF4][\x80-\xBF]+", function(sign)
      local code = utf8.codepoint(sign)
      return escape((code < 0xD800 or code > 0xDFFF) and code or REPLACEMENT)
    end)
  end
  return '"' .. escaped .. '"'
end

-- The text with each byte that is no UTF-8 replaced: a file name may hold anything.
mended = function(text)
  local pieces = {}
  local from = 1
  while from <= #text do
    local length, bad = utf8.len(text, from)
    if length then break end
    pieces[#pieces + 1] = text:sub(from, bad - 1) .. utf8.char(REPLACEMENT)
    from = bad + 1
  end
  return table.concat(pieces) .. text:sub(from)
end

encode_array = function(list, pieces, depth)
  local count = 0
  for _ in pairs(list) do count = count + 1 end
  if count ~= #list then error("json: a list has holes or names", 0) end
  pieces[#pieces + 1] = "["
  for index, value in ipairs(list) do
    if index > 1 then pieces[#pieces + 1] = "," end
    encode_value(value, pieces, depth + 1)
  end
  pieces[#pieces + 1] = "]"
end

encode_object = function(object, pieces, depth)
  local names = {}
  for name in pairs(object) do
    if type(name) ~= "string" then error("json: a " .. type(name) .. " is no name", 0) end
    names[#names + 1] = name
  end
  table.sort(names)
  pieces[#pieces + 1] = "{"
  for index, name in ipairs(names) do
    if index > 1 then pieces[#pieces + 1] = "," end
    pieces[#pieces + 1] = encode_string(name) .. ":"
    encode_value(object[name], pieces, depth + 1)
  end
  pieces[#pieces + 1] = "}"
end

local function refuse(what, at)
  error({ problem = ("%s at byte %d"):format(what, at) }, 0)
end

local LITERALS = { t = { "true", true }, f = { "false", false }, n = { "null", M.null } }

local decode_number, decode_string, decode_array, decode_object

local function count(state, at)
  state.values = state.values + 1
  if state.values > MOST_VALUES then refuse("more than " .. MOST_VALUES .. " values", at) end
end

-- The value that begins at `at`, and where the text goes on behind it.
decode_value = function(state, at, depth)
  if depth > MOST_DEPTH then refuse("deeper than " .. MOST_DEPTH, at) end
  count(state, at)
  local sign = state.text:sub(at, at)
  if sign == '"' then return decode_string(state, at) end
  if sign == "{" then return decode_object(state, at, depth) end
  if sign == "[" then return decode_array(state, at, depth) end
  local literal = LITERALS[sign]
  if literal then
    local word, value = literal[1], literal[2]
    if state.text:sub(at, at + #word - 1) ~= word then refuse("no JSON", at) end
    return value, at + #word
  end
  return decode_number(state.text, at)
end

decode_number = function(text, at)
  local _, last = text:find("^-?%d+", at)
  if not last or text:find("^-?0%d", at) then refuse("no JSON", at) end
  local _, fraction = text:find("^%.%d+", last + 1)
  last = fraction or last
  local _, exponent = text:find("^[eE][+-]?%d+", last + 1)
  last = exponent or last
  return tonumber(text:sub(at, last)), last + 1
end

local unescape

decode_string = function(state, at)
  local text = state.text
  local last = text:find('"', at + 1, true)
  if not last then refuse("a text without an end", at) end
  local raw = text:sub(at + 1, last - 1)
  if raw:find("[\t\r\n]") then refuse("a control character", at + raw:find("[\t\r\n]")) end
  if not raw:find("[\\\1]") then return raw, last + 1 end
  count(state, at)
  return unescape(raw, at), last + 1
end

local SIGNS = { ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }

-- The letter of four hexadecimal digits, remembered while one text is read: no loop over its escapes is ours.
local LETTERS = {
  __index = function(letters, digits)
    local code = tonumber(digits, 16)
    if code >= 0xD800 and code <= 0xDFFF then code = REPLACEMENT end
    letters[digits] = utf8.char(code)
    return letters[digits]
  end,
}

local function joined_halves(high, low)
  return utf8.char(0x10000 + (tonumber(high, 16) - 0xD800) * 0x400 + tonumber(low, 16) - 0xDC00)
end

unescape = function(raw, at)
  if raw:gsub("\\u%x%x%x%x", ""):gsub("\\[/bfnrt]", ""):find("\\", 1, true) then
    refuse("an unknown escape in the text", at)
  end
  -- Only the last step may bring new backslashes.
  return (raw:gsub("\\([^u])", SIGNS)
    :gsub(ESCAPED_BACKSLASH, "\\u005c"):gsub(ESCAPED_QUOTE, "\\u0022")
    :gsub("\\u([Dd][89ABab]%x%x)\\u([Dd][C-Fc-f]%x%x)", joined_halves)
    :gsub("\\u(%x%x%x%x)", setmetatable({}, LETTERS)))
end

local function skip(text, at)
  return text:find("[^ \t\r\n]", at) or #text + 1
end

decode_array = function(state, at, depth)
  local list = {}
  local text = state.text
  local here = skip(text, at + 1)
  if text:sub(here, here) == "]" then return M.array(list), here + 1 end
  while true do
    list[#list + 1], here = decode_value(state, here, depth + 1)
    here = skip(text, here)
    local sign = text:sub(here, here)
    if sign == "]" then return M.array(list), here + 1 end
    if sign ~= "," then refuse("a list without an end", here) end
    here = skip(text, here + 1)
  end
end

decode_object = function(state, at, depth)
  local object = {}
  local text = state.text
  local here = skip(text, at + 1)
  if text:sub(here, here) == "}" then return object, here + 1 end
  while true do
    if text:sub(here, here) ~= '"' then refuse("a name is missing", here) end
    count(state, here)
    local name, value
    name, here = decode_string(state, here)
    here = skip(text, here)
    if text:sub(here, here) ~= ":" then refuse("a colon is missing", here) end
    value, here = decode_value(state, skip(text, here + 1), depth + 1)
    if value == M.null then value = nil end
    object[name] = value
    here = skip(text, here)
    local sign = text:sub(here, here)
    if sign == "}" then return object, here + 1 end
    if sign ~= "," then refuse("an object without an end", here) end
    here = skip(text, here + 1)
  end
end

return M
