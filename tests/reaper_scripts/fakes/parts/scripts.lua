-- Scripts in the fake REAPER: each run in an environment of its own, deferred functions, the action list, restarts.

local tables = require("fakes.tables")

local FIRST_ID = 53000
local TICK_SECONDS = 1 / 30

local function add(fake)
  local api = fake.api
  local running = {}
  local ids, paths = {}, {}
  local current
  local allowed_errors = {}
  -- Every error that ended a script.
  fake.errors = {}

  -- Instances.

  local function new_instance(path, id)
    local environment, package = fake.new_environment()
    return {
      path = path, id = id, environment = environment, package = package, queue = {}, exits = {}, options = 0,
      name = path:match("[^/\\]*$"),
    }
  end
  -- Modules that a test loads alone live in this one.
  local alone

  local function instance_now()
    if current then
      return current
    end
    alone = alone or new_instance(fake.shown(fake.resource .. "/Scripts/daw-bridge/alone.lua"), -1)
    return alone
  end

  local function report(instance, problem)
    fake.errors[#fake.errors + 1] = problem
    for _, pattern in ipairs(allowed_errors) do
      if problem:find(pattern) then
        return
      end
    end
    fake.fail(instance.name .. " ends with REAPER's error box: " .. problem)
  end

  -- Errors of scripts that end them, and that this test means to happen.
  function fake:allow_errors(pattern)
    allowed_errors[#allowed_errors + 1] = pattern
  end

  local function run_protected(instance, work)
    local before = current
    current = instance
    local ok, problem = xpcall(fake.counted, function(problem)
      return type(problem) == "string" and debug.traceback(problem, 2) or tostring(problem)
    end, work)
    current = before
    fake.check_balance(instance.name)
    if not ok then
      report(instance, problem)
    end
    return ok
  end

  local function end_instance(instance)
    running[instance.path] = nil
    instance.queue = {}
    instance.has_ended = true
    for _, work in ipairs(instance.exits) do
      run_protected(instance, work)
    end
    instance.queue = {}
  end

  local function end_when_idle(instance, ok)
    if not ok or #instance.queue == 0 then
      end_instance(instance)
    end
  end

  local function start(path, id, context)
    local chunk, problem
    local instance = new_instance(path, id)
    instance.context = context
    chunk, problem = fake.load_script(path, instance.environment)
    if not chunk then
      report(instance, problem)
      return
    end
    running[path] = instance
    end_when_idle(instance, run_protected(instance, chunk))
  end

  local function launch(path, id, context)
    local instance = running[path]
    if not instance then
      start(path, id, context)
    elseif instance.options & 1 == 1 then
      end_instance(instance)
      if instance.options & 2 == 2 then
        start(path, id, context)
      end
    elseif instance.options & 2 == 0 then
      fake.fail("REAPER asks what to do: " .. instance.name .. " is already running")
    end
  end

  function api.defer(work)
    if type(work) ~= "function" then
      error("bad argument #1 to 'defer' (function expected)", 2)
    end
    local instance = instance_now()
    if not instance.has_ended then
      instance.queue[#instance.queue + 1] = work
    end
    return not instance.has_ended
  end
  api.runloop = api.defer

  function api.atexit(work)
    if type(work) ~= "function" then
      error("bad argument #1 to 'atexit' (function expected)", 2)
    end
    local instance = instance_now()
    instance.exits[#instance.exits + 1] = work
  end

  function api.get_action_context()
    local instance = instance_now()
    return false, instance.path, instance.id == -1 and -1 or 0, instance.id, -1, -1, -1, instance.context or ""
  end

  -- 1: end when started again; 2: ignore that (with 1: start anew); 4, 8: lit, dark in toolbars.
  function api.set_action_options(flags)
    local instance = instance_now()
    flags = assert(math.tointeger(flags), "bad argument #1 to 'set_action_options' (number expected)")
    if flags & 3 ~= 0 then
      instance.options = flags & 3
    end
    if flags & 12 ~= 0 then
      fake.toggles[instance.id] = flags & 4 == 4 and 1 or 0
    end
  end

  function api.SetToggleCommandState(_, id, state)
    fake.toggles[id] = state
    return id ~= -1
  end

  function api.GetToggleCommandState(id)
    return fake.toggles[id] or -1
  end

  function api.GetToggleCommandStateEx(_, id)
    return fake.toggles[id] or -1
  end

  function api.RefreshToolbar2() end

  function api.RefreshToolbar() end

  -- The action list.

  local next_id = FIRST_ID

  local function register(path)
    if not ids[path] then
      ids[path], paths[next_id] = next_id, path
      next_id = next_id + 1
    end
    return ids[path]
  end

  function api.AddRemoveReaScript(adds, _, path, commits)
    fake.uncommitted = not commits
    if not adds then
      local id = ids[path]
      if id then
        ids[path], paths[id] = nil, nil
      end
      return id and 1 or 0
    end
    if not fake.host.is_file(path) then
      return 0
    end
    return register(path)
  end

  local function command_name(path)
    local sum = 0
    for index = 1, #path do
      sum = (sum * 31 + path:byte(index)) % 0xFFFFFFFFFFFF
    end
    return ("RS%040x"):format(sum)
  end

  function api.ReverseNamedCommandLookup(id)
    return paths[id] and command_name(paths[id]) or nil
  end

  function api.NamedCommandLookup(name)
    for path, id in pairs(ids) do
      if "_" .. command_name(path) == name then
        return id
      end
    end
    return 0
  end

  function api.Main_OnCommandEx(id, _, project)
    if paths[id] then
      launch(paths[id], id, "")
    elseif fake.actions[id] then
      fake.actions[id](project)
    else
      error(("the fake REAPER has no action %d"):format(id), 3)
    end
  end

  function api.Main_OnCommand(id, flag)
    api.Main_OnCommandEx(id, flag, fake.active())
  end

  table.insert(fake.at_end, function()
    if fake.uncommitted then
      fake.fail("AddRemoveReaScript was never told to commit: the action list is not saved")
    end
  end)

  -- The scripts' names in the action list, sorted.
  function fake:registered()
    local names = {}
    for path in pairs(ids) do
      names[#names + 1] = path:match("[^/\\]*$")
    end
    table.sort(names)
    return names
  end

  -- What the user removes from the action list.
  function fake:unregister(name)
    for path, id in pairs(ids) do
      if path:match("[^/\\]*$") == "daw-bridge_" .. name .. ".lua" then
        ids[path], paths[id] = nil, nil
      end
    end
  end

  -- Files of the scripts.

  -- Puts the scripts into a folder (relative to the test's), and beside them the note on the daemon's home.
  function fake:install(folder)
    folder = fake.full_path(folder)
    fake.host.copy_folder(fake.shipped, folder)
    fake.origins[folder] = "reaper_scripts/daw-bridge"
    fake:write(folder .. "/installed.json", fake.host.encode({ home = fake.home, version = fake.host.version }))
    return folder
  end

  function fake.start_all()
    if fake.has_started then
      return
    end
    fake.has_started = true
    for _, project in ipairs(fake.projects) do
      if project.path then
        project:save()
      end
    end
  end

  -- Runs an action of ours as REAPER would: by its key, its menu line, a pedal.
  function fake:press(name, folder)
    if not fake.installed_at then
      fake.installed_at = fake:install(fake.resource .. "/Scripts/daw-bridge")
    end
    fake.start_all()
    folder = folder and fake.full_path(folder) or fake.installed_at
    local path = fake.shown(folder .. "/daw-bridge_" .. name .. ".lua")
    assert(fake.host.is_file(path), "there is no action daw-bridge_" .. name .. ".lua")
    fake.start_count()
    launch(path, register(path), "key:F1")
  end

  -- Runs a script of the test's own, given as text.
  function fake:run_script(name, code)
    local path = fake.resource .. "/Scripts/" .. name
    fake:write(path, code)
    fake.start_all()
    path = fake.shown(path)
    fake.start_count()
    launch(path, register(path), "")
  end

  -- A module alone, in the environment of a script.
  function fake:load(name)
    local instance = instance_now()
    instance.package.path = fake.shipped .. "/?.lua"
    fake.origins[fake.shipped] = "reaper_scripts/daw-bridge"
    return instance.environment.require(name)
  end

  -- Whether the script daw-bridge_<name>.lua is running.
  function fake:is_running(name)
    for path in pairs(running) do
      if path:match("[^/\\]*$") == "daw-bridge_" .. name .. ".lua" then
        return true
      end
    end
    return false
  end

  -- Time passes: ticks of 1/30 s, each running what was deferred before it.
  function fake:run(seconds)
    local ticks = math.max(1, math.floor((seconds or TICK_SECONDS) / TICK_SECONDS + 0.5))
    for _ = 1, ticks do
      fake.elapsed = fake.elapsed + TICK_SECONDS
      fake.now = fake.now + TICK_SECONDS
      for _, work in ipairs(fake.before_tick) do
        work()
      end
      fake.start_count()
      local instances = {}
      for _, instance in pairs(running) do
        instances[#instances + 1] = instance
      end
      table.sort(instances, function(a, b)
        return a.path < b.path
      end)
      if alone then
        instances[#instances + 1] = alone
      end
      for _, instance in ipairs(instances) do
        local queue = instance.queue
        instance.queue = {}
        local ok = true
        for _, work in ipairs(queue) do
          if ok and not instance.has_ended then
            ok = run_protected(instance, work)
          end
        end
        if instance ~= alone and not instance.has_ended then
          end_when_idle(instance, ok)
        end
      end
      for _, work in ipairs(fake.after_tick) do
        work()
      end
    end
  end

  -- Time passes in which no tick comes, as while a dialog is open.
  function fake:wait(seconds)
    fake.elapsed = fake.elapsed + seconds
    fake.now = fake.now + seconds
    for _, work in ipairs(fake.before_tick) do
      work()
    end
  end

  -- Runs until a condition holds, or the time is over; whether it held.
  function fake:run_until(condition, seconds)
    local last = fake.elapsed + (seconds or 10)
    while fake.elapsed < last do
      if condition() then
        return true
      end
      fake:run()
    end
    return condition() and true or false
  end

  -- The user ends a running script by hand.
  function fake:terminate(name)
    for path, instance in pairs(tables.shallow(running)) do
      if path:match("[^/\\]*$") == "daw-bridge_" .. name .. ".lua" then
        end_instance(instance)
      end
    end
  end

  -- REAPER quits and starts again: unsaved changes are lost, one empty project is open, __startup.lua runs.
  function fake:restart()
    for _, instance in pairs(tables.shallow(running)) do
      end_instance(instance)
    end
    fake.forget_states()
    fake.toggles = {}
    while #fake.projects > 0 do
      fake.close_project(fake.projects[#fake.projects])
    end
    fake.forget_listings()
    fake:project({})
    local startup = fake.shown(fake.resource .. "/Scripts/__startup.lua")
    if fake.host.is_file(startup) then
      fake.start_count()
      launch(startup, -1, "")
    end
  end
end

return add
