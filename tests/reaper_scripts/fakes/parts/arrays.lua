-- reaper.array of the fake REAPER: a block of numbers of fixed room, with functions after a dot, as scripts fill it.

local LARGEST = 4194304
local FRESH = 0.0

local function complain(level, words, ...)
  error(("reaper.array: " .. words):format(...), level + 1)
end

local function whole(value, name, least, most, instead)
  if value == nil and instead then return instead end
  local number = math.type(value) and math.tointeger(value)
  if not number then complain(4, "%s is %s, a whole number was wanted", name, tostring(value)) end
  if number < least or number > most then
    complain(4, "%s is %d, it must lie in %d..%d", name, number, least, most)
  end
  return number
end

-- A table that holds `value` at 1..count at least; made by doubling, so that a large one costs few instructions.
local blanks = {}
local function blank(value, count)
  local held = blanks[value] or { value }
  blanks[value] = held
  local length = #held
  while length < count do
    table.move(held, 1, length, length + 1)
    length = length * 2
  end
  return held
end

local function add_arrays(fake)
  local insides = setmetatable({}, { __mode = "k" })
  local methods = {}

  -- The numbers of a script's array: { values = { … }, size = n, room = n }, or nil for anything else.
  function fake.inside_array(array)
    return insides[array]
  end

  function methods.clear(inside, value, offset, size)
    offset = whole(offset, "offset", 1, inside.size + 1, 1)
    size = whole(size, "size", 0, inside.size - offset + 1, inside.size - offset + 1)
    if value ~= nil and not math.type(value) then complain(3, "clear() fills with a number") end
    if size > 0 then
      table.move(blank((value or FRESH) + 0.0, size), 1, size, offset, inside.values)
    end
  end

  function methods.copy(inside, source, from, size, to)
    local other = insides[source]
    local given = other and other.values or source
    if type(given) ~= "table" then complain(3, "copy() wants an array or a table") end
    local length = other and other.size or #given
    from = whole(from, "srcoffs", 1, length + 1, 1)
    to = whole(to, "destoffs", 1, inside.size + 1, 1)
    local most = math.min(length - from + 1, inside.size - to + 1)
    size = math.min(whole(size, "size", 0, math.maxinteger, most), most)
    table.move(given, from, from + size - 1, to, inside.values)
    return size
  end

  function methods.table(inside, offset, size)
    offset = whole(offset, "offset", 1, inside.size + 1, 1)
    size = whole(size, "size", 0, inside.size - offset + 1, inside.size - offset + 1)
    return table.move(inside.values, offset, offset + size - 1, 1, {})
  end

  function methods.get_alloc(inside)
    return inside.room
  end

  function methods.resize(inside, size)
    size = whole(size, "size", 0, inside.room)
    inside.size = size
  end

  -- What is in the room before it is written is whatever lay in memory: never count on zeros.
  local function create(values, room, filled)
    local array = {}
    local inside = { values = values, size = room, room = room }
    local fresh = fake.option.fresh_array or FRESH
    if room > filled then table.move(blank(fresh, room - filled), 1, room - filled, filled + 1, values) end
    insides[array] = inside
    local bound = {}
    return setmetatable(array, {
      __index = function(_, key)
        if math.type(key) then return inside.values[whole(key, "index", 1, inside.size)] end
        local method = methods[key]
        if not method then complain(2, "there is no %s()", tostring(key)) end
        bound[key] = bound[key] or function(first, ...)
          if first == array then complain(2, "call %s with a dot: buffer.%s()", key, key) end
          return method(inside, first, ...)
        end
        return bound[key]
      end,
      __newindex = function(_, key, value)
        if not math.type(value) then complain(2, "[%s] = %s, a number was wanted", tostring(key), tostring(value)) end
        inside.values[whole(key, "index", 1, inside.size)] = value + 0.0
      end,
      __len = function() return inside.size end,
      __pairs = function() complain(2, "pairs() does not go through an array; ask for table()") end,
      __tostring = function() return "reaper.array" end,
      __metatable = "reaper.array",
    })
  end

  function fake.api.new_array(first, second)
    if first == nil then complain(2, "new_array wants a size or a table") end
    if math.type(first) then return create({}, whole(first, "size", 1, LARGEST), 0) end
    local other = insides[first]
    local given = other and other.values or first
    if type(given) ~= "table" then complain(2, "new_array wants a size or a table") end
    local length = other and other.size or #given
    local room = whole(second, "size", 1, LARGEST, math.max(1, length))
    local filled = math.min(length, room)
    return create(table.move(given, 1, filled, 1, {}), room, filled)
  end
end

return add_arrays
