-- @noindex
-- JSON as the daemon writes and reads it: encoded in plain ASCII, decoded with a word on what is wrong.

local M = {}

local MOST_DEPTH = 64
local MOST_VALUES = 20000
local REPLACEMENT = 0xFFFD

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

-- The value of a JSON text, or nil and what is wrong with it.
function M.decode(text)
  local state = { text = text, values = 0 }
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

-- The value that begins at `at`, and where the text goes on behind it.
decode_value = function(state, at, depth)
  if depth > MOST_DEPTH then refuse("deeper than " .. MOST_DEPTH, at) end
  state.values = state.values + 1
  if state.values > MOST_VALUES then refuse("more than " .. MOST_VALUES .. " values", at) end
  local sign = state.text:sub(at, at)
  if sign == '"' then return decode_string(state.text, at) end
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

decode_string = function(text, at)
  local from = at + 1
  local has_escapes = false
  while true do
    local found = text:find('["\\%c]', from)
    if not found then refuse("a text without an end", at) end
    local sign = text:sub(found, found)
    if sign == '"' then
      local raw = text:sub(at + 1, found - 1)
      return has_escapes and unescape(raw, at) or raw, found + 1
    elseif sign == "\\" then
      has_escapes = true
      from = found + 2
    elseif sign == "\127" then
      from = found + 1
    else
      refuse("a control character", found)
    end
  end
end

local SIGNS = {
  ['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t",
}

unescape = function(raw, at)
  local pieces = {}
  local from = 1
  while true do
    local found = raw:find("\\", from, true)
    if not found then break end
    pieces[#pieces + 1] = raw:sub(from, found - 1)
    local sign = raw:sub(found + 1, found + 1)
    if SIGNS[sign] then
      pieces[#pieces + 1] = SIGNS[sign]
      from = found + 2
    else
      local code = tonumber(raw:match("^\\u(%x%x%x%x)", found) or refuse("an unknown escape", at + found), 16)
      from = found + 6
      local low = code >= 0xD800 and code <= 0xDBFF and raw:match("^\\u([Dd][C-Fc-f]%x%x)", from)
      if low then
        code = 0x10000 + (code - 0xD800) * 0x400 + tonumber(low, 16) - 0xDC00
        from = from + 6
      elseif code >= 0xD800 and code <= 0xDFFF then
        code = REPLACEMENT
      end
      pieces[#pieces + 1] = utf8.char(code)
    end
  end
  return table.concat(pieces) .. raw:sub(from)
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
    local name, value
    name, here = decode_string(text, here)
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
