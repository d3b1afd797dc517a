-- Files as scripts of the fake REAPER see them: real ones, listed from a cache, with Windows' ways where that is asked.

local function add(fake)
  local api = fake.api
  local listings = {}
  local refused = {}
  local is_windows = fake.option.os:find("^Win") ~= nil
  fake.slash = is_windows and "\\" or "/"

  -- A path of the disk as scripts see it.
  function fake.shown(path)
    return is_windows and "C:" .. path:gsub("/", "\\") or path
  end

  function fake.real(path)
    return is_windows and (path:gsub("^%a:", ""):gsub("\\", "/")) or path
  end

  function fake.full_path(path)
    path = fake.real(path)
    return path:sub(1, 1) == "/" and path or fake.folder .. "/" .. path
  end

  local on_disk = fake.host
  fake.host = setmetatable({}, { __index = on_disk })
  for _, name in ipairs({
    "names", "make_folder", "is_file", "is_folder", "write_sound", "read_sound", "sound_facts",
  }) do
    fake.host[name] = function(path, ...)
      return on_disk[name](fake.real(path), ...)
    end
  end

  -- From now on nothing can be written below this folder; false takes it back.
  function fake:refuse_writes(folder, is_refused)
    refused[fake.full_path(folder)] = is_refused ~= false or nil
  end

  -- For so long what lies below this folder cannot be renamed, as while a virus scanner looks at it; and how often
  -- that was tried.
  local held_until, held_folder
  fake.held_renames = 0
  function fake:hold_renames(folder, seconds)
    held_folder, held_until = fake.full_path(folder) .. "/", fake.elapsed + seconds
  end

  local function is_held(path)
    return held_folder ~= nil and fake.elapsed < held_until and path:sub(1, #held_folder) == held_folder
  end

  local function is_refused(path)
    for folder in pairs(refused) do
      if path == folder or path:sub(1, #folder + 1) == folder .. "/" then
        return true
      end
    end
    return false
  end

  local function problem_with(path, writes)
    if is_windows and not fake.option.opens_any_letter and path:find("[\128-\255]") then
      return path .. ": No such file or directory", 2
    elseif is_windows and path:find('[<>"|?*]') then
      return path .. ": Invalid argument", 22
    elseif writes and is_refused(fake.real(path)) then
      return path .. ": Permission denied", 13
    end
    return nil
  end

  local function open(path, mode)
    mode = mode or "r"
    assert(type(path) == "string", "bad argument #1 to 'open' (string expected)")
    local problem, code = problem_with(path, mode:find("[wa+]"))
    if problem then
      return nil, problem, code
    end
    local file, why, number = io.open(fake.real(path), mode)
    if not file then
      return nil, why, number
    end
    return file
  end

  local function rename(from, to)
    local problem, code = problem_with(from, true)
    if not problem then
      problem, code = problem_with(to, true)
    end
    if problem then
      return nil, problem, code
    elseif is_windows and (fake.host.is_file(to) or fake.host.is_folder(to)) then
      return nil, to .. ": File exists", 17
    elseif is_held(fake.real(from)) then
      fake.held_renames = fake.held_renames + 1
      return nil, from .. ": Permission denied", 13
    end
    return os.rename(fake.real(from), fake.real(to))
  end

  local function remove(path)
    local problem, code = problem_with(path, true)
    if problem then
      return nil, problem, code
    end
    return os.remove(fake.real(path))
  end

  local function refuse(name)
    return function()
      fake.fail("a script calls " .. name)
      error("a script calls " .. name, 2)
    end
  end

  function fake.io_of_scripts()
    return {
      open = open,
      type = io.type,
      lines = function(path, ...)
        local problem = problem_with(path)
        if problem then
          error(problem, 2)
        end
        return io.lines(fake.real(path), ...)
      end,
      popen = refuse("io.popen"), write = refuse("io.write"), read = refuse("io.read"), output = refuse("io.output"),
      input = refuse("io.input"), tmpfile = refuse("io.tmpfile"),
    }
  end

  function fake.os_of_scripts()
    return {
      rename = rename,
      remove = remove,
      time = function(fields)
        return fields and os.time(fields) or math.floor(fake.now)
      end,
      date = function(format, time)
        return os.date(format, time or math.floor(fake.now))
      end,
      clock = function()
        return fake.elapsed
      end,
      difftime = os.difftime,
      getenv = function(name)
        return fake.option.env[name]
      end,
      setlocale = refuse("os.setlocale"), execute = refuse("os.execute"), exit = refuse("os.exit"),
      tmpname = refuse("os.tmpname"),
    }
  end

  -- REAPER's own functions: UTF-8 everywhere.

  local function listing(path, is_folders)
    local folder = fake.real(path):gsub("/+$", "")
    local files, folders = on_disk.names(folder)
    local names = {}
    for _, name in pairs(is_folders and folders or files) do
      names[#names + 1] = name
    end
    -- The order is nobody's promise.
    table.sort(names, function(a, b)
      return a:reverse() > b:reverse()
    end)
    return names
  end

  local function enumerate(kind)
    return function(path, index)
      local key = kind .. fake.real(path):gsub("/+$", "")
      if index < 0 then
        listings[key] = nil
        return nil
      end
      listings[key] = listings[key] or listing(path, kind == "folders ")
      return listings[key][index + 1]
    end
  end
  function fake.forget_listings()
    listings = {}
  end

  api.EnumerateFiles = enumerate("files ")
  api.EnumerateSubdirectories = enumerate("folders ")

  function api.file_exists(path)
    return on_disk.is_file(fake.real(path))
  end

  function api.RecursiveCreateDirectory(path)
    if is_refused(fake.real(path)) then
      return 0
    end
    return on_disk.make_folder(fake.real(path)) and 1 or 0
  end

  function api.ExecProcess(command)
    fake.fail("a script starts a program: " .. command)
    error("a script starts a program", 3)
  end

  -- What tests make and read: paths relative to the test's folder.

  function fake:wav(path, options)
    on_disk.write_sound(fake.full_path(path), options or {})
    return path
  end

  function fake:write(path, bytes)
    path = fake.full_path(path)
    on_disk.make_folder(path:match("^(.*)/"))
    local file = assert(io.open(path, "wb"))
    assert(file:write(bytes))
    file:close()
  end

  -- The bytes of a file, nil when there is none.
  function fake:read(path)
    local file = io.open(fake.full_path(path), "rb")
    if not file then
      return nil
    end
    local bytes = file:read("a")
    file:close()
    return bytes
  end

  -- The names of a folder's files and folders, sorted.
  function fake:names(path)
    local files, folders = on_disk.names(fake.full_path(path))
    local names = {}
    for _, list in ipairs({ files, folders }) do
      for _, name in pairs(list) do
        names[#names + 1] = name
      end
    end
    table.sort(names)
    return names
  end

  -- Frames, rate, channels of a sound file; its samples from 1, channels taking turns.
  function fake:sound(path)
    return on_disk.sound_facts(fake.full_path(path))
  end

  function fake:samples(path, start, count)
    return on_disk.read_sound(fake.full_path(path), start or 0, count or -1)
  end

  function fake:json(path)
    local text = assert(fake:read(path), "no such file: " .. path)
    return on_disk.decode(text)
  end
end

return add
