-- Actions are signals: any of them may be pressed at any time, and REAPER never has to ask anything.

local open_reaper = require("fakes.reaper")

local ACTIONS = {
  "Again", "Cancel", "Generate from selected items", "Generate from time selection", "Retry", "Settings", "Status",
  "Undo last",
}

local function open(t, options)
  local r = open_reaper(t, options)
  r:daemon("alive")
  r:project({ path = "Song/Song.rpp" })
  return r
end

test("the first press of any action starts the watcher, and all actions are in REAPER's list then", function(t)
  local r = open(t)
  r:press("Cancel")
  r:run(0.2)
  t.truthy(r:is_running("Watcher"))
  t.falsy(r:is_running("Cancel"))
  local names = { "daw-bridge_Watcher.lua" }
  for _, name in ipairs(ACTIONS) do names[#names + 1] = "daw-bridge_" .. name .. ".lua" end
  table.sort(names)
  t.equal(r:registered(), names)
  t.falsy(r.uncommitted)
  t.truthy(r:has_said("there is nothing to cancel"))
end)

test("an action that the user took out of the list stays out", function(t)
  local r = open(t)
  r:press("Cancel")
  r:run(0.2)
  r:unregister("Undo last")
  r:restart()
  r:press("Cancel")
  r:run(0.2)
  for _, name in ipairs(r:registered()) do t.truthy(name ~= "daw-bridge_Undo last.lua") end
end)

test("every action may be pressed twice at once, with and without a running watcher", function(t)
  for _, version in ipairs({ "7.78/linux-x86_64", "6.0/win64" }) do
    local r = open(t, { version = version })
    r:answer_dialog(false)
    for _, name in ipairs(ACTIONS) do
      r:press(name)
      r:run(0.1)
    end
    r:run(1)
    r:press("Cancel")
    r:press("Again")
    r:run(0.1)
    r:press("Cancel")
    r:run(1)
    t.truthy(r:is_running("Watcher"))
  end
end)

test("the watcher ends when it is run again by hand, and the next action starts it anew", function(t)
  local r = open(t)
  r:press("Watcher")
  r:run(0.5)
  r:press("Watcher")
  r:run(0.5)
  t.falsy(r:is_running("Watcher"))
  t.equal(r:ext_state("daw_bridge", "alive"), "")
  r:press("Cancel")
  r:run(0.5)
  t.truthy(r:is_running("Watcher"))
  t.equal(r:count_said("nothing to cancel"), 1)
end)

test("a watcher that is ended while it reads leaves nothing half behind", function(t)
  local r = open(t)
  r:front():track("Long"):audio({
    file = r:wav("long.wav", { seconds = 60 }), at = 0, length = 55, selected = true, name = "Long", rate = 1.01,
  })
  r:press("Generate from selected items")
  r:run(0.1)
  t.equal(#r:names("home/media"), 1)
  r:press("Watcher")
  r:run(0.1)
  t.falsy(r:is_running("Watcher"))
  t.equal(r:names("home/media"), {})
  t.falsy(r:has_said("stopped"))
end)

test("whatever holds the watcher up in its work, a press waits for it", function(t)
  local r = open(t)
  local is_held, list = false, r.api.EnumerateFiles
  r.api.EnumerateFiles = function(...)
    if is_held then
      is_held = false
      r:wait(30)
      t.matches(r:ext_state("daw_bridge", "alive"), "^held ")
      r:press("Cancel")
    end
    return list(...)
  end
  r:press("Watcher")
  r:run(0.5)
  is_held = true
  r:run(2)
  t.truthy(r:is_running("Watcher"))
  t.equal(r:count_said("nothing to cancel"), 1)
end)

test("after an update the next action's version takes over, and its word is not lost", function(t)
  local r = open(t)
  r:press("Watcher")
  r:run(0.5)
  local version = t.host.version
  t.contains(r:ext_state("daw_bridge", "alive"), version)
  local path = r.resource .. "/Scripts/daw-bridge/lib/protocol.lua"
  r:write(path, (r:read(path):gsub('VERSION = "[^"]*"', 'VERSION = "9.9.9"', 1)))
  r:press("Cancel")
  r:run(1)
  t.truthy(r:is_running("Watcher"))
  t.matches(r:ext_state("daw_bridge", "alive"), " 9%.9%.9$")
  t.equal(r:count_said("nothing to cancel"), 1)
end)

test("scripts that cannot be opened are told by a word, by each of the actions", function(t)
  local r = open(t)
  local folder = r:install("resource/Scripts/half")
  for _, name in ipairs({ "signal", "bridge" }) do os.remove(("%s/lib/%s.lua"):format(folder, name)) end
  for _, name in ipairs({ "Watcher", table.unpack(ACTIONS) }) do
    r:answer_dialog(1)
    r:press(name, "resource/Scripts/half")
    t.contains(r.dialogs[#r.dialogs].text, "The scripts in " .. folder .. "/lib cannot be opened: run")
  end
  t.equal(#r.dialogs, 9)
end)

test("the same press within 0.4 seconds is a bounce, later it counts", function(t)
  local r = open(t)
  r:press("Watcher")
  r:run(0.5)
  r:press("Cancel")
  r:run(0.1)
  r:press("Cancel")
  r:run(2.5)
  t.equal(r:count_said("nothing to cancel"), 1)
  r:press("Cancel")
  r:run(2.5)
  t.equal(r:count_said("nothing to cancel"), 2)
end)

test("a watcher that a dialog has held up is not started anew", function(t)
  local r = open(t)
  r:press("Watcher")
  r:run(0.5)
  r:wait(60)
  r:press("Cancel")
  r:run(1)
  t.truthy(r:is_running("Watcher"))
  t.falsy(r:is_running("Cancel"))
  t.truthy(r:has_said("nothing to cancel"))
end)

test("while the watcher shows a dialog, a press waits for its end", function(t)
  local r = open(t, { version = "6.0/win64" })
  r:press("Watcher")
  r:run(0.5)
  r:answer_dialog(function()
    r:wait(30)
    r:press("Cancel")
    t.matches(r:ext_state("daw_bridge", "alive"), "^held ")
    return false
  end)
  r:press("Settings")
  r:run(1)
  t.truthy(r:has_said("nothing to cancel"))
  t.matches(r:ext_state("daw_bridge", "alive"), "^%d")
end)

test("a watcher that is gone without a word is started after a moment", function(t)
  local r = open(t)
  r:press("Watcher")
  r:run(0.5)
  r:terminate("Watcher")
  r:load("lib.signal").create().beat()
  r:wait(10)
  r:press("Cancel")
  r:run(1)
  t.truthy(r:is_running("Watcher"))
  t.truthy(r:has_said("nothing to cancel"))
end)

test("a second copy of the scripts leaves the work to the first one's watcher", function(t)
  local r = open(t)
  r:press("Watcher")
  r:run(0.5)
  r:install("resource/Scripts/other/daw-bridge")
  r:press("Watcher", "resource/Scripts/other/daw-bridge")
  r:run(0.5)
  r:press("Cancel", "resource/Scripts/other/daw-bridge")
  r:run(0.5)
  t.equal(r:count_said("nothing to cancel"), 1)
end)

test("a watcher that cannot be found is told by a word", function(t)
  local r = open(t)
  r:press("Watcher")
  r:run(0.1)
  r:terminate("Watcher")
  local folder = r:install("resource/Scripts/half")
  os.remove(folder .. "/daw-bridge_Watcher.lua")
  r:answer_dialog(1)
  r:press("Cancel", "resource/Scripts/half")
  r:run(0.1)
  t.contains(r.dialogs[1].text, "run `daw-bridge install reaper` again")
end)
