-- The core of the fake REAPER: handles that scripts cannot look into, and functions that check what they are given.

local POINTERS = {
  ReaProject = true, MediaTrack = true, MediaItem = true, MediaItem_Take = true,
  PCM_source = true, AudioAccessor = true, TrackEnvelope = true,
}

local read_signatures, with_former, is_older

local function add(fake)
  fake.api = {}
  fake.failures = {}
  local objects, anchors = {}, {}
  local signatures = read_signatures(fake.folder_of_fakes .. "/reaper_api.json")
  local checked = {}

  -- A failure that ends the test as failed, whatever a script makes of it.
  function fake.fail(words)
    fake.failures[#fake.failures + 1] = words
  end

  -- Objects and their handles. A handle is light userdata, so that indexing, calling and joining raise by themselves.

  local function new_pointer(object)
    local anchor = {}
    local function keep()
      return anchor
    end
    anchors[#anchors + 1] = keep
    local pointer = debug.upvalueid(keep, 1)
    objects[pointer] = object
    return pointer
  end

  function fake.object(pointer, fields)
    assert(POINTERS[pointer], pointer)
    local object = fields or {}
    object.pointer = pointer
    object.address = new_pointer(object)
    return object
  end

  function fake.handle(object)
    return object and object.address
  end

  -- What REAPER does to its pointers on undo: the same thing, at another address.
  function fake.renew(object)
    object.address = new_pointer(object)
    object.dead = nil
  end

  function fake.delete(object)
    object.dead = true
  end

  -- The object of a handle, nil when it is none, stale or deleted.
  function fake.object_of(handle)
    local object = type(handle) == "userdata" and objects[handle] or nil
    return object and not object.dead and object.address == handle and object or nil
  end

  -- Functions.

  local function argument_error(name, index, words)
    error(("bad argument #%d to '%s' (%s)"):format(index, name, words), 4)
  end

  local function checked_argument(name, index, wanted, value)
    local kind, optional = wanted:match("^([^?]+)(%??)$")
    if kind == "ReaProject" then
      if value == nil or value == 0 then
        return fake.active()
      end
      local object = fake.object_of(value)
      if not object or object.pointer ~= kind then
        argument_error(name, index, "ReaProject expected")
      end
      return object
    elseif POINTERS[kind] then
      local object = fake.object_of(value)
      if not object or object.pointer ~= kind then
        argument_error(name, index, kind .. " expected")
      end
      return object
    elseif value == nil and (optional == "?" or kind == "identifier" or kind == "HWND") then
      return nil
    elseif kind == "integer" then
      if type(value) ~= "number" then
        argument_error(name, index, "number expected, got " .. (value == nil and "no value" or type(value)))
      end
      local whole = math.tointeger(value)
      if not whole then
        argument_error(name, index, "number has no integer representation")
      end
      return whole
    elseif kind == "number" then
      if type(value) ~= "number" then
        argument_error(name, index, "number expected, got " .. (value == nil and "no value" or type(value)))
      elseif value ~= value then
        fake.fail(name .. " was given NaN")
      end
      return value + 0.0
    elseif kind == "string" or kind == "boolean" then
      if type(value) ~= kind then
        argument_error(name, index, kind .. " expected, got " .. (value == nil and "no value" or type(value)))
      end
      return value
    elseif kind == "identifier" then
      if type(value) ~= "userdata" and value ~= 0 then
        argument_error(name, index, "identifier expected, got " .. type(value))
      end
      return value
    end
    return value
  end

  local function returned_value(name, index, wanted, value)
    if type(value) == "table" and value.pointer then
      return value.address
    elseif value == nil or not wanted then
      return value
    end
    local kind = wanted:match("^[^?]+")
    if kind == "number" and type(value) == "number" then
      return value + 0.0
    elseif kind == "integer" and type(value) == "number" then
      return assert(math.tointeger(value), "the fake's " .. name .. " returns a fraction")
    elseif (kind == "string" or kind == "boolean") and type(value) ~= kind then
      error(("the fake's %s returns %s as result %d"):format(name, type(value), index))
    end
    return value
  end

  -- The function as scripts may call it: every argument is checked by type before the fake's own function sees it.
  local function check_calls(name, signature, work)
    if signature.is_lua then
      return work
    end
    local wanted, gives = with_former(signature, fake.version), signature.results
    return function(...)
      local count = select("#", ...)
      if count > #wanted then
        error(("too many arguments to '%s' (%d, it takes %d)"):format(name, count, #wanted), 2)
      end
      local arguments = { ... }
      for index = 1, #wanted do
        arguments[index] = checked_argument(name, index, wanted[index], arguments[index])
      end
      local results = table.pack(work(table.unpack(arguments, 1, #wanted)))
      for index = 1, results.n do
        results[index] = returned_value(name, index, gives[index], results[index])
      end
      return table.unpack(results, 1, results.n)
    end
  end

  -- What `reaper.<name>` is: a function; nil where this REAPER lacks it; an error for a name that no REAPER has.
  local function find(name)
    local signature = signatures[name]
    if not signature then
      local extension = type(name) == "string" and name:match("^(ImGui)_")
      if extension then
        return fake.extensions[extension] and (fake.api[name] or error("the fake ReaImGui lacks " .. name, 3)) or nil
      end
      error("REAPER has no function reaper." .. tostring(name), 3)
    elseif signature.extension and not fake.extensions[signature.extension] then
      return nil
    elseif signature.since and is_older(fake.version, signature.since) then
      return nil
    end
    local work = fake.api[name]
    if not work then
      error("the fake REAPER lacks reaper." .. name .. " so far", 3)
    end
    checked[name] = checked[name] or check_calls(name, signature, work)
    return checked[name]
  end

  fake.reaper = setmetatable({}, {
    __index = function(_, name)
      local found = find(name)
      return found
    end,
    __newindex = function(_, name)
      fake.fail("a script sets reaper." .. tostring(name))
      error("a script sets reaper." .. tostring(name), 2)
    end,
    __pairs = function()
      error("a script walks over reaper", 2)
    end,
  })

  function fake.has_function(name)
    local signature = signatures[name]
    if not signature then
      return fake.api[name] ~= nil and fake.extensions[name:match("^%a+")] == true
    end
    return not (signature.extension and not fake.extensions[signature.extension])
      and not (signature.since and is_older(fake.version, signature.since))
  end
end

function read_signatures(path)
  local file = assert(io.open(path, "r"))
  local text = file:read("a")
  file:close()
  local signatures = {}
  local function types_of(list)
    local types = {}
    for kind in list:gmatch("[^,%s]+") do
      types[#types + 1] = kind
    end
    return types
  end
  local words_of = {}
  for name, words in text:gmatch('"([%w_]+)": "([^"]*)"') do
    words_of[name] = words
  end
  -- Read when a name is first asked for: most are never.
  return setmetatable(signatures, {
    __index = function(_, name)
      local words = words_of[name]
      if words then
        local takes, gives = words:match("^(.-)%->([^|]*)")
        signatures[name] = {
          is_lua = takes == nil,
          arguments = types_of(takes or ""),
          results = types_of(gives or ""),
          since = words:match("| since ([%d.]+)"),
          former = types_of(words:match("| took ([%w,]+) before") or ""),
          former_before = words:match("| took [%w,]+ before ([%d.]+)"),
          extension = words:match("| (%u%w*)"),
        }
      end
      return rawget(signatures, name)
    end,
  })
end

-- The arguments of a function, with those that only older REAPERs ask for: newer ones let them pass.
function with_former(signature, version)
  local arguments = { table.unpack(signature.arguments) }
  for _, kind in ipairs(signature.former) do
    arguments[#arguments + 1] = is_older(version, signature.former_before) and kind or kind .. "?"
  end
  return arguments
end

function is_older(version, since)
  local major, minor = version:match("^(%d+)%.(%d+)")
  local since_major, since_minor = since:match("^(%d+)%.(%d+)")
  major, minor = tonumber(major), tonumber(minor)
  since_major, since_minor = tonumber(since_major), tonumber(since_minor)
  return major < since_major or major == since_major and minor < since_minor
end

return add
