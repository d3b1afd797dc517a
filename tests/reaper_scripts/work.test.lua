-- Long work in slices: one routine at a time, and whatever happens the next one gets its turn.

local open_reaper = require("fakes.reaper")

local function open(t)
  local r = open_reaper(t)
  return r, r:load("lib.work").create()
end

test("routines run one after the other, four slices a tick", function(t)
  local _, work = open(t)
  local log = {}
  local function routine(name, slices)
    return function(pause)
      for index = 1, slices do
        log[#log + 1] = name .. index
        if index < slices then pause() end
      end
      return name
    end
  end
  work.start("a", routine("a", 3), function(value) log[#log + 1] = value .. " done" end)
  work.start("b", routine("b", 3), function(value) log[#log + 1] = value .. " done" end)
  t.equal(work.names(), { "a", "b" })
  work.tick()
  t.equal(log, { "a1", "a2", "a3", "a done", "b1" })
  t.equal(work.names(), { "b" })
  work.tick()
  t.equal(log[#log], "b done")
  t.equal(work.names(), {})
  work.tick()
end)

test("a slow slice is the last one of its tick", function(t)
  local r, work = open(t)
  local slices = 0
  work.start("slow", function(pause)
    for _ = 1, 3 do
      slices = slices + 1
      r.elapsed = r.elapsed + 0.009
      pause()
    end
  end, function() end)
  work.tick()
  t.equal(slices, 1)
  work.tick()
  t.equal(slices, 2)
end)

test("a problem is handed on as it is", function(t)
  local _, work = open(t)
  local got
  work.start("a", function() return nil, "Riff is empty." end, function(...) got = table.pack(...) end)
  work.tick()
  t.equal(got, { n = 2, nil, "Riff is empty." })
end)

test("a routine that waits says once what for", function(t)
  local _, work = open(t)
  local told = {}
  work.start("a", function(pause)
    for _, words in ipairs({ "Click.", "Click.", "Come back.", "Come back." }) do pause(words) end
    pause()
  end, function() told[#told + 1] = "done" end, function(words) told[#told + 1] = words end)
  for _ = 1, 3 do work.tick() end
  t.equal(told, { "Click.", "Come back.", "done" })
end)

test("a stopped routine can tidy up, and is done as stopped", function(t)
  local _, work = open(t)
  local log = {}
  work.start("a", function(pause)
    local went, problem = pcall(function()
      while true do pause() end
    end)
    log[#log + 1] = tostring(went) .. " " .. tostring(problem)
    error(problem, 0)
  end, function(value, problem) log[#log + 1] = tostring(value) .. " " .. problem end)
  work.tick()
  t.equal(work.stop("a"), true)
  t.equal(work.stop("a"), false)
  t.equal(work.names(), {})
  work.tick()
  t.equal(log, { "false stopped", "nil stopped" })
end)

test("what has not begun is stopped without being run", function(t)
  local _, work = open(t)
  local log = {}
  work.start("a", function(pause) for _ = 1, 9 do pause() end end, function() log[#log + 1] = "a" end)
  work.start("b", function() log[#log + 1] = "b runs" end, function(_, problem) log[#log + 1] = "b " .. problem end)
  work.tick()
  work.stop("b")
  for _ = 1, 4 do work.tick() end
  t.equal(log, { "a", "b stopped" })
  t.equal(work.stop("b"), false)
end)

test("a defect becomes a sentence, its trace goes to the console, and the next one runs", function(t)
  local r, work = open(t)
  local problem, value
  local nothing = false
  work.start("a", function() return nothing.field end, function(_, why) problem = why end)
  work.start("b", function() return "fine" end, function(what) value = what end)
  work.tick()
  t.contains(problem, "A defect of daw-bridge stopped this")
  t.equal(value, "fine")
  t.contains(r.console[1], "attempt to index")
  t.contains(r.console[1], "work.test.lua")
end)

test("work that pauses is within a tick's measure", function(t)
  local r, work = open(t)
  work.start("busy", function(pause)
    for _ = 1, 10 do
      for _ = 1, 100000 do end -- luacheck: ignore
      pause()
    end
  end, function() end)
  local taken = r:count_instructions(function() work.tick() end)
  t.truthy(taken < 2000000, "instructions: " .. taken)
end)
