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

local function count_said(r, words)
  local count = 0
  for _, text in ipairs(r.tooltips) do
    if text:gsub("\n", " "):find(words, 1, true) then count = count + 1 end
  end
  return count
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

test("the watcher can be started again without being asked about where REAPER knows how", function(t)
  local r = open(t)
  r:press("Watcher")
  r:run(0.5)
  r:press("Watcher")
  r:run(0.5)
  t.truthy(r:is_running("Watcher"))
  r:terminate("Watcher")
  t.equal(r:ext_state("daw_bridge", "alive"), "")
end)

test("the same press within 0.4 seconds is a bounce, later it counts", function(t)
  local r = open(t)
  r:press("Watcher")
  r:run(0.5)
  r:press("Cancel")
  r:run(0.1)
  r:press("Cancel")
  r:run(2.5)
  t.equal(count_said(r, "nothing to cancel"), 1)
  r:press("Cancel")
  r:run(2.5)
  t.equal(count_said(r, "nothing to cancel"), 2)
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
    for _ = 1, 8 do t.equal(r:ext_state("daw_bridge", "alive"), "held") end
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
  t.equal(count_said(r, "nothing to cancel"), 1)
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
