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
    local view = outbox.look(wanted)
    if view then requests[#requests + 1] = view.request_id end
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

test("a folder in other than plain letters on Windows is tried, and told with what to do where that fails", function(t)
  local folder = "C:" .. t.folder:gsub("/", "\\") .. "\\Größe"
  for _, is_opened in ipairs({ true, false }) do
    for _, file in ipairs({ "daemon.json", "jobs.sqlite" }) do
      local r = open_reaper(t, { os = "Win64", env = { LOCALAPPDATA = folder }, opens_any_letter = is_opened })
      r:write("Größe/daw-bridge/" .. file, "{}")
      local home, problem = r:load("lib.talk.home").find("C:\\nowhere\\")
      t.equal(home and home.folder, is_opened and folder .. "\\daw-bridge" or nil)
      if is_opened then
        t.falsy(r:read("Größe/daw-bridge/reaper-probe"))
      else
        t.contains(problem, folder .. "\\daw-bridge is not in plain letters")
        t.contains(problem, "`daw-bridge install reaper`")
      end
    end
  end
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

-- Drops what `inbox.trigger` or `inbox.command` gave, which nothing is in the way of.
local function drop(r, path, text)
  local is_there
  r:load("lib.talk.post").create().drop(path, text, function(...) is_there = ... end)
  return is_there
end

test("a trigger and commands appear whole under names of their own", function(t)
  local r, home = open(t, home_options(t))
  local inbox = r:load("lib.talk.inbox")
  local id = inbox.new_id()
  t.matches(id, "^reaper%-%x%x%x%x%x%x%x%x%x%x%x%x%x%x%x%x$")
  t.truthy(id ~= inbox.new_id())
  local trigger = { schema = 1, request_id = id, clip = { midi = { path = "/a.mid" } } }
  t.equal(drop(r, inbox.trigger(home, trigger)), true)
  t.equal(r:names("home/inbox"), { id .. ".json" })
  t.equal(r:trigger().request_id, id)
  t.equal(drop(r, inbox.command(home, { command = "cancel", request_id = id })), true)
  t.equal(drop(r, inbox.command(home, { command = "imported", job_id = "j", take = 1, where = "track é" })), true)
  t.equal(#r:commands(), 2)
  t.equal(drop(r, inbox.command(home, { command = "again", request_id = "reaper-1", job_id = "j" })), true)
  t.truthy(r:read("home/inbox/reaper-1.json"))
end)

test("what lies in the inbox still can be taken back with its media, what the daemon has cannot", function(t)
  local r, home = open(t, home_options(t))
  local inbox = r:load("lib.talk.inbox")
  drop(r, inbox.trigger(home, { schema = 1, request_id = "reaper-1", clip = {} }))
  r:write("home/media/reaper-1.wav", "")
  r:write("home/media/reaper-2.wav", "")
  t.equal(inbox.holds(home, "reaper-1"), true)
  t.equal(inbox.take_back(home, "reaper-1"), true)
  t.equal(inbox.take_back(home, "reaper-1"), false)
  t.equal(inbox.holds(home, "reaper-1"), false)
  t.equal(r:names("home/inbox"), {})
  t.equal(r:names("home/media"), { "reaper-2.wav" })
  t.equal(inbox.take_back(home, "reaper-2"), false)
  t.equal(r:names("home/media"), { "reaper-2.wav" })
end)

test("no id leads out of the inbox", function(t)
  local r, home = open(t, home_options(t))
  local inbox = r:load("lib.talk.inbox")
  r:write("home/precious.json", "{}")
  r:write("home/precious.wav", "")
  for _, id in ipairs({ "../precious", "..\\precious", "/precious", "", ("x"):rep(65), "a\0", "a b", "é", 7 }) do
    t.equal(inbox.is_id(id), false)
    t.equal(inbox.holds(home, id), false)
    t.equal(inbox.take_back(home, id), false)
    inbox.forget_media(home, id)
    t.raises(function() inbox.trigger(home, { request_id = id, clip = {} }) end)
    t.raises(function() inbox.command(home, { command = "again", request_id = id }) end)
  end
  t.equal(r:read("home/precious.json"), "{}")
  t.truthy(r:read("home/precious.wav"))
  for _, id in ipairs({ "a", ("x"):rep(64), "reaper-0123.a_B" }) do t.equal(inbox.is_id(id), true) end
end)

test("a clip that is too large is refused, a folder that cannot be written to is named", function(t)
  local r, home = open(t, home_options(t))
  local inbox = r:load("lib.talk.inbox")
  r:load("lib.protocol").MAX_TRIGGER_BYTES = 1000
  local notes = ("x"):rep(1000)
  local path, problem = inbox.trigger(home, { request_id = "a", clip = { name = "Riff", notes = notes } })
  t.equal(path, nil)
  t.equal(problem, "Riff is too large to be sent: select less of it.")
  r:refuse_writes("home")
  local text
  path, text = inbox.trigger(home, { request_id = "a", clip = {} })
  r:load("lib.talk.post").create().drop(path, text, function(_, why_not) problem = why_not end)
  t.contains(problem, r.home .. "/inbox: check that")
end)

test("a file that another program holds is renamed as soon as that lets go, within two seconds", function(t)
  local r, home = open(t, home_options(t))
  local post = r:load("lib.talk.post").create()
  for seconds, is_there in pairs({ [1] = true, [3] = false }) do
    local told = {}
    r:hold_renames("home/inbox", seconds)
    post.drop(home.inbox .. "/a.json", '{"schema":1,"clip":{}}', function(...) told[#told + 1] = table.pack(...) end)
    t.equal(#told, 0)
    t.equal(r:names("home/inbox"), { "a.json.part" })
    for _ = 1, 90 do
      r:wait(1 / 30)
      post.tick()
    end
    t.equal(#told, 1)
    t.equal(told[1][1], is_there or nil)
    if not is_there then t.contains(told[1][2], "a.json cannot be written into") end
    t.equal(r:names("home/inbox"), is_there and { "a.json" } or {})
    r:empty_inbox()
  end
end)

test("a view is told when it is new and when it has changed, each time once", function(t)
  local r, home = open(t, home_options(t))
  local outbox = r:load("lib.talk.outbox").create(home)
  t.equal(outbox.look({}), nil)
  write_view(r, "reaper-1", "reaper", "accepted")
  t.equal(look_around(outbox, 3), { "reaper-1" })
  write_view(r, "reaper-1", "reaper", "failed")
  t.equal(outbox.look({}).state, "failed")
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
  write_view(r, "reaper-8", "reaper-2", "failed")
  write_view(r, "reaper-9", "reaper", "failed")
  r:write("home/outbox/.late.json", '{"client":"reaper"}')
  r:write("home/outbox/half.json.part", '{"client":"reaper"')
  r:write("home/outbox/broken.json", '{"client":"reaper"')
  r:write("home/outbox/strange.json", '[{"client":"reaper"}]')
  r:write("home/outbox/huge.json", '{"client":"reaper","x":"' .. ("x"):rep(256 * 1024) .. '"}')
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
  t.equal(outbox.look({ "reaper-me" }).error.text, "No.")
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

test("a file is decoded no more than once a look, and one that bears another's name is none", function(t)
  local r, home = open(t, home_options(t))
  local outbox = r:load("lib.talk.outbox").create(home)
  for index = 1, 6 do r:write(("home/outbox/%d.json"):format(index), '{"client":"reaper"}') end
  outbox.look({})
  t.equal(#r.console, 1)
  write_view(r, "reaper-1", "reaper", "failed")
  assert(os.rename(r.folder .. "/home/outbox/reaper-1.json", r.folder .. "/home/outbox/reaper-2.json"))
  write_view(r, "CON", "reaper", "failed")
  assert(os.rename(r.folder .. "/home/outbox/CON.json", r.folder .. "/home/outbox/=con.json"))
  t.equal(look_around(outbox, 10, { "reaper-2" }), { "CON" })
end)

-- A view that is as it should be, with one take.
local function good_view()
  return {
    schema = 1, request_id = "reaper-1", job_id = "0123abcd", state = "delivered", progress = 1, stage = "generated",
    error = { code = "timed_out", text = "Too\nslow." }, asked = 2,
    takes = { {
      take = 1, file = "/a/b.wav", mode = "variation", prompt = "marimba", provider = "local", undone = false,
      created = "2026-11-22T12:00:00Z", bpm = 96.5, beats = 8, seconds = 5.0, seed = 7, key = "G# minor", fit = {},
    } },
    source = { client = "reaper", project = { id = "{1}", path = "/a/b.rpp" }, where = { name = "Riff" } },
  }
end

test("of a view comes what is known of it, and nothing else", function(t)
  local views = open_reaper(t):load("lib.talk.view")
  t.equal(views.read(good_view()), {
    request_id = "reaper-1", job_id = "0123abcd", state = "delivered", progress = 1, stage = "generated",
    error = { code = "timed_out", text = "Too slow." }, asked = 2, left_out = 0,
    takes = { {
      take = 1, file = "/a/b.wav", mode = "variation", prompt = "marimba", provider = "local", undone = false,
      created = "2026-11-22T12:00:00Z", bpm = 96.5, beats = 8, seconds = 5.0, seed = 7, key = "G# minor",
    } },
    source = { client = "reaper", project = { id = "{1}", path = "/a/b.rpp" }, where = { name = "Riff" } },
  })
  local long = good_view()
  long.error.text = ("é"):rep(2000)
  t.equal(views.read(long).error.text, ("é"):rep(500))
end)

test("whatever is wrong with a view, it is no view", function(t)
  local views = open_reaper(t):load("lib.talk.view")
  local wrong = {
    request_id = { "../precious", "..\\precious", "a/b", "", ("x"):rep(65), "a b", 7, {} },
    job_id = { "../1", "", "a b", ("x"):rep(65), 7 }, state = { "done", "", 1, {} },
    progress = { -0.1, 1.1, 0 / 0, math.huge, "1", {} }, asked = { -1, 11, 1.5, "2", {} }, takes = { "", 1, true },
    source = { "reaper", 1, {}, { client = "reaper-2" }, { client = { "reaper" } } },
  }
  for field, values in pairs(wrong) do
    local view = good_view()
    view[field] = nil
    t.equal(views.read(view), nil, field)
    for _, value in ipairs(values) do
      view[field] = value
      t.equal(views.read(view), nil, ("%s = %s"):format(field, value))
    end
  end
  for _, value in ipairs({ "x", 7, false }) do t.equal(views.read(value), nil) end
  t.equal(views.read(nil), nil)
  local rejected = good_view()
  rejected.state, rejected.job_id, rejected.source, rejected.takes = "rejected", "", {}, {}
  t.equal(views.read(rejected), nil)
  t.equal(views.read(rejected, true).error.text, "Too slow.")
  local strange = good_view()
  strange.source.project, strange.source.where, strange.error = "x", 7, "x"
  t.equal(views.read(strange).source, { client = "reaper", where = {} })
  strange.source.project = { id = {}, path = ("x"):rep(5000) }
  t.equal(views.read(strange).source.project, { id = "", path = "" })
end)

test("takes that have another shape are left out", function(t)
  local views = open_reaper(t):load("lib.talk.view")
  local wrong = {
    take = { 0, 11, 1.5, "1", {} }, file = { "", 7, {}, ("x"):rep(5000) }, mode = { 7, {} }, prompt = { 7 },
    provider = { {} }, created = { 7 }, bpm = { "96", 0 / 0, math.huge, {} }, beats = { "8" }, seconds = { {} },
    seed = { "7" }, imported = { 7, {} }, undone = { "no", 1 }, key = { 7 },
  }
  for field, values in pairs(wrong) do
    for _, value in ipairs(values) do
      local view = good_view()
      view.takes[1][field] = value
      view.takes[2] = good_view().takes[1]
      local read = views.read(view)
      t.equal({ #read.takes, read.left_out }, { 1, 1 }, field)
    end
  end
  local view = good_view()
  for take = 1, 12 do
    view.takes[take] = good_view().takes[1]
    view.takes[take].take = take
  end
  view.takes[5].take = 4
  local read = views.read(view)
  t.equal({ #read.takes, read.left_out }, { 9, 3 })
end)
