-- Starting with REAPER: one line of ours in the user's own file.

local open_reaper = require("fakes.reaper")

local FILE = "resource/Scripts/__startup.lua"

-- The module as the watcher has it, in an installed folder.
local function open(t, options)
  local r = open_reaper(t, options)
  r:install((options and options.resource or "resource") .. "/Scripts/daw-bridge")
  return r, r:load("lib.startup")
end

test("switching it on makes the file, and off takes it away again", function(t)
  local r, startup = open(t)
  t.equal(startup.is_on(), false)
  t.equal(startup.set(false), true)
  t.equal(startup.set(true), true)
  t.equal(startup.is_on(), true)
  local line = r:read(FILE)
  t.matches(line, '^reaper%.Main_OnCommand%(reaper%.NamedCommandLookup%("_RS%x+"%), 0%) %-%- daw%-bridge\n$')
  t.equal(startup.set(true), true)
  t.equal(r:read(FILE), line)
  t.equal(startup.set(false), true)
  t.equal(startup.is_on(), false)
  t.equal(r:read(FILE), nil)
end)

test("all else of the file stays byte for byte", function(t)
  for _, text in ipairs({
    "reaper.Main_OnCommand(40044, 0)\n", "-- no line break at the end", "a = 1\r\nb = 2\r\n", "\xEF\xBB\xBFa = 1\n",
    "#!/usr/bin/lua\nreturn 1\n", "return 1", "-- daw-bridge is fine\n-- daw-bridge\n\n", "\n",
  }) do
    local r, startup = open(t)
    r:write(FILE, text)
    t.equal(startup.is_on(), false, text)
    t.equal(startup.set(true), true)
    t.equal(startup.is_on(), true, text)
    local with = r:read(FILE)
    local at = with:find("reaper.Main_OnCommand(reaper.Named", 1, true)
    local last = with:find("\n", at, true)
    t.equal(with:sub(1, at - 1) .. with:sub(last + 1), text)
    t.truthy(load(with:gsub("^\xEF\xBB\xBF", ""):gsub("^#[^\n]*", "")), "still is Lua: " .. with)
    t.equal(startup.set(false), true)
    t.equal(r:read(FILE), text)
  end
end)

test("the line starts the watcher when REAPER starts", function(t)
  local r, startup = open(t)
  t.equal(startup.set(true), true)
  r:restart()
  r:run(0.2)
  t.truthy(r:is_running("Watcher"))
end)

test("on Windows the user's own lines outlive a file that cannot be replaced", function(t)
  local r, startup = open(t, { os = "Win64" })
  r:write(FILE, "a = 1\n")
  r:hold_renames("resource/Scripts", 10)
  local is_set, problem = startup.set(true)
  t.equal(is_set, nil)
  t.contains(problem, "__startup.lua cannot be written into")
  t.equal(r:read(FILE), "a = 1\n")
  r:wait(11)
  t.equal(startup.set(true), true)
  t.contains(r:read(FILE), "a = 1\n")
end)

test("where the file cannot be written, the sentence names the folder", function(t)
  local r, startup = open(t)
  r:refuse_writes("resource/Scripts")
  local is_set, problem = startup.set(true)
  t.equal(is_set, nil)
  t.contains(problem, "__startup.lua cannot be written into " .. r.folder .. "/resource/Scripts")
end)

test("on Windows a resource path that is not in plain letters is tried, else told with the line", function(t)
  local r, startup = open(t, { os = "Win64", resource = "Größe", opens_any_letter = true })
  t.equal(startup.set(true), true)
  t.matches(r:read("Größe/Scripts/__startup.lua"), "^reaper%.Main_OnCommand")
  startup = select(2, open(t, { os = "Win64", resource = "Große" }))
  local is_set, problem = startup.set(true)
  t.equal(is_set, nil)
  t.contains(problem, "not in plain letters")
  t.contains(problem, "reaper.Main_OnCommand(reaper.NamedCommandLookup(")
end)
