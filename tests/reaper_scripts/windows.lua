-- What the tests of both windows share: the facts that the watcher would tell, and its loop.

local M = {}

-- The facts of a project; `changes` over them.
function M.facts(r, changes)
  local facts = {
    daemon = { alive = true, text = "daw-bridge 0.1.0 runs" },
    project_name = "Song",
    saved = true,
    source = "Riff · Marimba",
    settings = r:load("lib.face.settings").read((r.reaper.EnumProjects(-1))),
    jobs = {},
    messages = {},
  }
  for key, value in pairs(changes or {}) do facts[key] = value end
  return facts
end

-- Opens a window and ticks it from now on.
function M.run(r, window)
  local function loop()
    window.tick()
    r.reaper.defer(loop)
  end
  loop()
  window.open()
  r:run(0.3)
end

return M
