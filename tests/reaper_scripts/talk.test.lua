-- The talk with the daemon: its folder, its life, what is dropped for it, and what it says.

local open_reaper = require("fakes.reaper")

local function open(t, options)
  local r = open_reaper(t, options)
  r:daemon("alive")
  local home = r:load("lib.talk.home").find(r.folder .. "/nowhere/")
  return r, home
end

local function home_options(t)
  return { env = { DAW_BRIDGE_HOME = t.folder .. "/home" } }
end

-- A view as the daemon writes it, without takes.
local function write_view(r, request, client, state)
  r:write(("home/outbox/%s.json"):format(request), ('{"schema":1,"request_id":"%s","job_id":"j%s","state":"%s",'
    .. '"progress":0.0,"stage":"%s","error":null,"takes":[],"asked":1,"position":null,"source":{"client":"%s"}}')
    :format(request, request, state, state, client))
end

-- Looks until nothing is news; the request ids in their order.
local function look_around(outbox, looks, wanted)
  local requests = {}
  for _ = 1, looks do
    for _, view in ipairs(outbox.look(wanted)) do requests[#requests + 1] = view.request_id end
  end
  return requests
end

test("the folder is the one that the installer wrote down", function(t)
  local r = open_reaper(t, { env = { DAW_BRIDGE_HOME = "/elsewhere" } })
  r:daemon("alive")
  local folder = r:install("scripts") .. "/"
  local home = r:load("lib.talk.home").find(folder)
  t.equal(home.folder, r.home)
  t.equal(home.inbox, r.home .. "/inbox")
  t.equal(home.refused, r.home .. "/refused")
end)

test("else it is the one of the environment, else the usual one of the system", function(t)
  local folder = t.folder
  local data = folder .. "/data"
  for _, case in ipairs({
    { env = { DAW_BRIDGE_HOME = folder .. "/own" }, wanted = folder .. "/own" },
    { env = { DAW_BRIDGE_HOME = "~/own", HOME = folder }, wanted = folder .. "/own" },
    { env = { XDG_DATA_HOME = data, HOME = folder }, wanted = data .. "/daw-bridge" },
    { env = { HOME = folder }, wanted = folder .. "/.local/share/daw-bridge" },
    { env = { HOME = folder }, os = "macOS-arm64", wanted = folder .. "/Library/Application Support/daw-bridge" },
    { env = { HOME = folder }, os = "OSX64", wanted = folder .. "/Library/Application Support/daw-bridge" },
  }) do
    local r = open_reaper(t, { env = case.env, os = case.os })
    r:write(case.wanted .. "/jobs.sqlite", "")
    local home = r:load("lib.talk.home").find(folder .. "/nowhere/")
    t.equal(home.folder, case.wanted)
    t.truthy(r.host.is_folder(case.wanted .. "/inbox"))
    t.truthy(r.host.is_folder(case.wanted .. "/media"))
  end
end)

test("on Windows it is in the local application data", function(t)
  local r = open_reaper(t, { os = "Win64", env = { LOCALAPPDATA = "C:" .. t.folder:gsub("/", "\\") .. "\\Local" } })
  r:write("Local/daw-bridge/jobs.sqlite", "")
  local home = r:load("lib.talk.home").find("C:\\nowhere\\")
  t.equal(home.inbox, "C:" .. t.folder:gsub("/", "\\") .. "\\Local\\daw-bridge\\inbox")
end)

test("a folder in other than plain letters on Windows is told with what to do", function(t)
  local r = open_reaper(t, { os = "Win64", env = { LOCALAPPDATA = "C:\\Users\\Größe\\Local" } })
  local home, problem = r:load("lib.talk.home").find("C:\\nowhere\\")
  t.equal(home, nil)
  t.contains(problem, "C:\\Users\\Größe\\Local\\daw-bridge is not in plain letters")
  t.contains(problem, "`daw-bridge install reaper`")
end)

test("a computer on which no daemon ever ran is told so", function(t)
  local r = open_reaper(t, { env = { HOME = t.folder } })
  local home, problem = r:load("lib.talk.home").find(t.folder .. "/nowhere/")
  t.equal(home, nil)
  t.contains(problem, "daw-bridge has never run on this computer")
  t.contains(problem, "run `daw-bridge run`")
  t.falsy(r.host.is_folder(t.folder .. "/.local"))
end)

test("a daemon lives while its file is rewritten", function(t)
  local r, home = open(t, home_options(t))
  local homes = r:load("lib.talk.home")
  local life = homes.life(home)
  t.equal(life.alive, true)
  t.equal(life.can_talk, true)
  t.equal(life.hint, "")
  t.equal(life.text, ("daw-bridge %s runs"):format(life.version))
  r:daemon("dead")
  life = homes.life(home)
  t.equal(life.alive, false)
  t.equal(life.text, "daw-bridge is not running; open a terminal and run `daw-bridge run`.")
  r:daemon("gone")
  t.equal(homes.life(home).alive, false)
  r:write("home/daemon.json", "{")
  t.equal(homes.life(home).alive, false)
  r:write("home/daemon.json", '{"alive_at":"soon"}')
  t.equal(homes.life(home).alive, false)
end)

test("another version is a hint, another protocol stops the talk and names who is too old", function(t)
  local r, home = open(t, home_options(t))
  local homes = r:load("lib.talk.home")
  r.daemon_version = "9.9.9"
  r:daemon("alive")
  local life = homes.life(home)
  t.equal(life.can_talk, true)
  t.contains(life.hint, "daw-bridge is 9.9.9")
  t.contains(life.hint, "run `daw-bridge install reaper` again")
  r.daemon_protocol = 2
  r:daemon("alive")
  life = homes.life(home)
  t.equal(life.can_talk, false)
  t.contains(life.text, "too old for daw-bridge 9.9.9")
  r.daemon_protocol = 0
  r:daemon("alive")
  t.contains(homes.life(home).text, "daw-bridge 9.9.9 is too old for these scripts")
end)

test("a trigger and commands appear whole under names of their own", function(t)
  local r, home = open(t, home_options(t))
  local inbox = r:load("lib.talk.inbox")
  local id = inbox.new_id()
  t.matches(id, "^reaper%-%x%x%x%x%x%x%x%x%x%x%x%x%x%x%x%x$")
  t.truthy(id ~= inbox.new_id())
  local trigger = { schema = 1, request_id = id, clip = { midi = { path = "/a.mid" } } }
  t.equal(inbox.send_trigger(home, trigger), true)
  t.equal(r:names("home/inbox"), { id .. ".json" })
  t.equal(r:trigger().request_id, id)
  t.equal(inbox.send_command(home, { command = "cancel", request_id = id }), true)
  t.equal(inbox.send_command(home, { command = "imported", job_id = "j", take = 1, where = "track é" }), true)
  t.equal(#r:commands(), 2)
  t.equal(inbox.send_command(home, { command = "again", request_id = "reaper-1", job_id = "j" }), true)
  t.truthy(r:read("home/inbox/reaper-1.json"))
end)

test("what lies in the inbox still can be taken back, what the daemon has cannot", function(t)
  local r, home = open(t, home_options(t))
  local inbox = r:load("lib.talk.inbox")
  inbox.send_trigger(home, { schema = 1, request_id = "reaper-1", clip = {} })
  t.equal(inbox.take_back(home, "reaper-1"), true)
  t.equal(inbox.take_back(home, "reaper-1"), false)
  t.equal(r:names("home/inbox"), {})
end)

test("a clip that is too large is refused, a folder that cannot be written to is named", function(t)
  local r, home = open(t, home_options(t))
  local inbox = r:load("lib.talk.inbox")
  r:load("lib.protocol").MAX_TRIGGER_BYTES = 1000
  local notes = ("x"):rep(1000)
  local is_sent, problem = inbox.send_trigger(home, { request_id = "a", clip = { name = "Riff", notes = notes } })
  t.equal(is_sent, nil)
  t.equal(problem, "Riff is too large to be sent: select less of it.")
  r:refuse_writes("home")
  is_sent, problem = inbox.send_trigger(home, { request_id = "a", clip = {} })
  t.equal(is_sent, nil)
  t.contains(problem, r.home .. "/inbox: check that")
end)

test("a view is told when it is new and when it has changed, each time once", function(t)
  local r, home = open(t, home_options(t))
  local outbox = r:load("lib.talk.outbox").create(home)
  t.equal(outbox.look({}), {})
  write_view(r, "reaper-1", "reaper", "accepted")
  t.equal(look_around(outbox, 3), { "reaper-1" })
  write_view(r, "reaper-1", "reaper", "failed")
  t.equal(outbox.look({})[1].state, "failed")
  t.equal(look_around(outbox, 3), {})
  os.remove(r.folder .. "/home/outbox/reaper-1.json")
  t.equal(look_around(outbox, 2), {})
  write_view(r, "reaper-1", "reaper", "failed")
  t.equal(look_around(outbox, 3), { "reaper-1" })
end)

test("others' files are passed over, whatever is in them", function(t)
  local r, home = open(t, home_options(t))
  local outbox = r:load("lib.talk.outbox").create(home)
  write_view(r, "live-1", "live-3", "failed")
  write_view(r, "reaper-9", "reaper-2", "failed")
  r:write("home/outbox/.late.json", '{"client":"reaper"}')
  r:write("home/outbox/half.json.part", '{"client":"reaper"')
  r:write("home/outbox/broken.json", '{"client":"reaper"')
  r:write("home/outbox/strange.json", '[{"client":"reaper"}]')
  r:write("home/outbox/huge.json", '{"client":"reaper","x":"' .. ("x"):rep(1024 * 1024) .. '"}')
  t.equal(look_around(outbox, 10), { "reaper-9" })
  t.contains(table.concat(r.console), "broken.json in the outbox cannot be read")
  t.equal(#r.console, 2)
end)

test("an awaited request is read first, and also when its trigger could not be read", function(t)
  local r, home = open(t, home_options(t))
  local outbox = r:load("lib.talk.outbox").create(home)
  for index = 1, 50 do write_view(r, ("reaper-a%02d"):format(index), "reaper", "failed") end
  r:write("home/outbox/reaper-me.json", '{"schema":1,"request_id":"reaper-me","job_id":"","state":"rejected",'
    .. '"progress":0.0,"stage":"","error":{"code":"bad_trigger","text":"No."},"takes":[],"asked":0,'
    .. '"position":null,"source":{}}')
  t.equal(outbox.look({ "reaper-me" })[1].error.text, "No.")
  t.equal(#look_around(outbox, 60, { "reaper-me" }), 50)
end)

test("two hundred files all get their turn, eight in a look", function(t)
  local r, home = open(t, home_options(t))
  local outbox = r:load("lib.talk.outbox").create(home)
  for index = 1, 200 do write_view(r, ("live-%03d"):format(index), "live-3", "failed") end
  t.equal(look_around(outbox, 25), {})
  for index = 1, 200 do write_view(r, ("live-%03d"):format(index), "reaper", "failed") end
  local taken = r:count_instructions(function() t.equal(#look_around(outbox, 1), 1) end)
  t.truthy(taken < 100000, "instructions: " .. taken)
  local requests = look_around(outbox, 230)
  t.equal(#requests, 199)
end)
