-- Files that appear only when they are complete, on the disks of all three systems.

local open_reaper = require("fakes.reaper")

-- A standard library as a module sees it.
local function library_of(work, library)
  for index = 1, 20 do
    local name, value = debug.getupvalue(work, index)
    if name == "_ENV" then return value[library] end
  end
end

test("a name is joined with the separator of its folder", function(t)
  local files = open_reaper(t):load("lib.files")
  t.equal(files.join("/a/b", "c"), "/a/b/c")
  t.equal(files.join("/a/b/", "c"), "/a/b/c")
  t.equal(files.join("C:\\a\\b", "c"), "C:\\a\\b\\c")
  t.equal(files.join("C:/a/b", "c"), "C:/a/b/c")
  t.equal(files.join("C:\\", "c"), "C:\\c")
end)

test("a file is written whole and read whole", function(t)
  local r = open_reaper(t)
  local files = r:load("lib.files")
  local path = r.home .. "/inbox/a.json"
  t.equal(files.write_whole(path, "one\0two"), true)
  t.equal(r:names("home/inbox"), { "a.json" })
  t.equal(files.read(path, 100), "one\0two")
  t.equal(files.write_whole(path, ""), true)
  t.equal(files.read(path, 100), "")
end)

test("a file replaces the one of its name, on Windows too", function(t)
  local r = open_reaper(t, { os = "Win64" })
  local files = r:load("lib.files")
  local path = files.join(r.home, "a.txt")
  t.equal(files.write_whole(path, "old"), true)
  t.equal(files.write_whole(path, "new"), true)
  t.equal(files.read(path, 100), "new")
end)

test("a file that cannot be replaced stays as it was, wherever that fails", function(t)
  for renames_left = 0, 2 do
    local r = open_reaper(t, { os = "Win64" })
    local files = r:load("lib.files")
    local path = files.join(r.home, "user.txt")
    r:write("home/user.txt", "precious")
    -- So many renames go well, then one does not, as when another program has one of the files open.
    local os_of_module = library_of(files.open_part, "os")
    local rename, count = os_of_module.rename, 0
    os_of_module.rename = function(...)
      count = count + 1
      if count == renames_left + 1 then return nil, "Permission denied", 13 end
      return rename(...)
    end
    local written, problem = files.write_whole(path, "new")
    local is_first = renames_left == 0
    t.equal(written, is_first or nil)
    if not is_first then t.contains(problem, "user.txt cannot be written into") end
    t.equal(r:read("home/user.txt"), is_first and "new" or "precious")
    t.equal(r:names("home"), { "inbox", "media", "outbox", "results", "undone", "user.txt" })
    os_of_module.rename = rename
    t.equal(files.write_whole(path, "newer"), true)
    t.equal(r:read("home/user.txt"), "newer")
    r:write("home/user.txt.aside", "left over")
    t.equal(files.write_whole(path, "newest"), true)
    t.equal(r:names("home"), { "inbox", "media", "outbox", "results", "undone", "user.txt" })
  end
end)

test("what is too large or not there is not read", function(t)
  local r = open_reaper(t)
  local files = r:load("lib.files")
  r:write("home/a", "12345")
  t.equal(files.read(r.home .. "/a", 5), "12345")
  local text, problem = files.read(r.home .. "/a", 4)
  t.equal(text, nil)
  t.contains(problem, "more than 4 bytes")
  text, problem = files.read(r.home .. "/b", 4)
  t.equal(text, nil)
  t.contains(problem, "/b cannot be opened")
  t.equal(files.read(r.home, 4), nil)
end)

test("a folder that cannot be written to is named", function(t)
  local r = open_reaper(t)
  local files = r:load("lib.files")
  r:refuse_writes("home/inbox")
  local written, problem = files.write_whole(r.home .. "/inbox/a.json", "x")
  t.equal(written, nil)
  t.equal(problem, ("a.json cannot be written into %s/inbox: check that the folder is there and that you may "
    .. "write into it."):format(r.home))
end)

test("a disk that fills up while writing is told and leaves no half", function(t)
  local r = open_reaper(t)
  local files = r:load("lib.files")
  local io_of_module = library_of(files.open_part, "io")
  local open = io_of_module.open
  io_of_module.open = function(path, mode)
    local file = open(path, mode)
    return { close = function() return file:close() end, write = function() return nil, "No space left", 28 end }
  end
  local part = files.open_part(r.home .. "/inbox/a.wav")
  local written, problem = part:write("abc")
  t.equal(written, nil)
  t.equal(problem, ("The disk is full: make room for a.wav in %s/inbox."):format(r.home))
  t.equal(r:names("home/inbox"), {})
end)

test("a file that is written piece by piece can be gone back into", function(t)
  local r = open_reaper(t)
  local files = r:load("lib.files")
  local part = files.open_part(r.home .. "/a.wav")
  t.equal(part:write("0000data"), true)
  t.equal(r:names("home/"), { "a.wav.part", "inbox", "media", "outbox", "results", "undone" })
  t.equal(part:seek("set", 0), true)
  t.equal(part:write("head"), true)
  t.equal(part:finish(), true)
  t.equal(r:read("home/a.wav"), "headdata")
end)

test("a listing is fresh each time", function(t)
  local r = open_reaper(t)
  local files = r:load("lib.files")
  t.equal(files.names(r.home .. "/inbox"), {})
  r:write("home/inbox/a", "")
  r:write("home/inbox/b", "")
  local names = files.names(r.home .. "/inbox")
  table.sort(names)
  t.equal(names, { "a", "b" })
  t.equal(files.remove(r.home .. "/inbox/a"), true)
  t.equal(files.remove(r.home .. "/inbox/a"), false)
  t.equal(files.names(r.home .. "/inbox"), { "b" })
end)
