-- The world a script of the fake REAPER sees: a library of its own, no globals, and a count of its instructions.

local tables = require("fakes.tables")

local HOOK_STEP = 1000
local MOST_INSTRUCTIONS = 2000000
local ENDLESS_INSTRUCTIONS = 20000000

local function add(fake)
  local instructions, has_reported, is_stopped
  -- The most instructions that one tick took so far.
  fake.most_instructions = 0

  -- Instructions of scripts are counted by samples; what runs inside the fake itself is not theirs.

  local of_fake = {}
  local function hook()
    local source = debug.getinfo(2, "S").source
    if of_fake[source] == nil then
      of_fake[source] = source:find("/fakes/", 1, true) ~= nil
    end
    if of_fake[source] then
      return
    end
    instructions = instructions + HOOK_STEP
    fake.most_instructions = math.max(fake.most_instructions, instructions)
    if instructions > MOST_INSTRUCTIONS and not has_reported then
      has_reported = true
      fake.fail(debug.traceback(("a tick takes more than %d instructions"):format(MOST_INSTRUCTIONS), 2))
    elseif instructions > ENDLESS_INSTRUCTIONS then
      is_stopped = true
      error("this runs without end", 2)
    end
  end

  function fake.start_count()
    instructions, has_reported, is_stopped = 0, false, false
  end
  fake.start_count()

  function fake.counted(work, ...)
    local old_hook, old_mask, old_count = debug.gethook()
    debug.sethook(hook, "", HOOK_STEP)
    local results = table.pack(pcall(work, ...))
    debug.sethook(old_hook, old_mask, old_count)
    if not results[1] then
      error(results[2], 0)
    end
    return table.unpack(results, 2, results.n)
  end

  -- How many instructions a piece of work takes, and what it returns.
  function fake:count_instructions(work, ...)
    fake.start_count()
    local results = table.pack(fake.counted(work, ...))
    local taken = instructions
    fake.start_count()
    return taken, table.unpack(results, 1, results.n)
  end

  -- Environments.

  local function coroutines()
    local library = tables.shallow(coroutine)
    function library.create(work)
      local routine = coroutine.create(work)
      debug.sethook(routine, hook, "", HOOK_STEP)
      return routine
    end
    function library.wrap(work)
      local routine = library.create(work)
      local function results(ok, ...)
        if not ok then
          error((...), 0)
        end
        return ...
      end
      return function(...)
        return results(coroutine.resume(routine, ...))
      end
    end
    return library
  end

  -- The name a chunk bears in messages: the shipped file's, not its installed copy's.
  local function chunk_name(path)
    for folder, origin in pairs(fake.origins) do
      if path:sub(1, #folder) == folder then
        return "@" .. origin .. path:sub(#folder + 1)
      end
    end
    return "@" .. path
  end

  function fake.load_script(path, environment)
    local file, problem = io.open(fake.real(path), "rb")
    if not file then
      return nil, problem
    end
    local code = file:read("a"):gsub("^#[^\n]*", "")
    file:close()
    return load(code, chunk_name(fake.real(path)), "t", environment)
  end

  function fake.new_environment()
    local globals = {}
    for _, name in ipairs({
      "assert", "collectgarbage", "error", "getmetatable", "ipairs", "next", "pairs", "pcall", "rawequal", "rawget",
      "rawlen", "rawset", "select", "setmetatable", "tonumber", "tostring", "type", "xpcall", "_VERSION",
    }) do
      globals[name] = _G[name]
    end
    for _, name in ipairs({ "math", "string", "table", "utf8", "debug" }) do
      globals[name] = tables.shallow(_G[name])
    end
    -- What runs without end is stopped, whatever it catches.
    local function stopping(...)
      if is_stopped then
        error("this runs without end", 0)
      end
      return ...
    end
    globals.pcall = function(...)
      return stopping(pcall(...))
    end
    globals.xpcall = function(...)
      return stopping(xpcall(...))
    end
    globals.coroutine, globals.io, globals.os = coroutines(), fake.io_of_scripts(), fake.os_of_scripts()
    globals.reaper, globals.gfx = fake.reaper, fake.gfx
    globals.print = function()
      fake.fail("a script prints: nobody sees it in REAPER")
    end
    local environment = setmetatable({}, {
      __index = function(_, name)
        local value = globals[name]
        if value == nil and name ~= "gfx" then
          fake.fail("a script reads the unknown global " .. tostring(name))
          error("a script reads the unknown global " .. tostring(name), 2)
        end
        return value
      end,
      __newindex = function(_, name)
        fake.fail("a script sets the global " .. tostring(name))
        error("a script sets the global " .. tostring(name), 2)
      end,
    })
    globals._G = environment
    local package = { path = "", cpath = "", loaded = {}, preload = {}, config = fake.slash .. "\n;\n?\n!\n-\n" }
    globals.package = package
    for _, name in ipairs({ "math", "string", "table", "utf8", "debug", "coroutine", "io", "os", "package" }) do
      package.loaded[name] = globals[name]
    end
    package.loaded._G = environment
    globals.load = function(code, name, mode, chunk_environment)
      return load(code, name, mode, chunk_environment or environment)
    end
    globals.loadfile = function(path, _, chunk_environment)
      return fake.load_script(path, chunk_environment or environment)
    end
    globals.dofile = function(path)
      return assert(fake.load_script(path, environment))()
    end
    globals.require = function(name)
      if package.loaded[name] ~= nil then
        return package.loaded[name]
      end
      local tried = { "module '" .. name .. "' not found:" }
      local loader, where = package.preload[name], ":preload:"
      for template in package.path:gmatch("[^;]+") do
        if loader then
          break
        end
        where = template:gsub("%?", (name:gsub("%.", fake.slash):gsub("%%", "%%%%")))
        if fake.host.is_file(where) then
          loader = assert(fake.load_script(where, environment))
        else
          tried[#tried + 1] = "no file '" .. where .. "'"
        end
      end
      if not loader then
        error(table.concat(tried, "\n\t"), 2)
      end
      local value = loader(name, where)
      if value ~= nil then
        package.loaded[name] = value
      end
      if package.loaded[name] == nil then
        package.loaded[name] = true
      end
      return package.loaded[name]
    end
    return environment, package
  end
end

return add
