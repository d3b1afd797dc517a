-- Tests in Lua: `test("a sentence", function(t) … end)`, and what a test may say of values.

local M = {}

local new_checker, describe, same, at_end

-- What a test file is read with: its tests' names, and `run`.
function M.open(host)
  local tests = { names = {} }
  local bodies = {}
  local function test(sentence, body)
    assert(type(body) == "function", "a test is a sentence and a function")
    assert(not bodies[sentence], "two tests are called: " .. sentence)
    tests.names[#tests.names + 1] = sentence
    bodies[sentence] = body
  end
  function tests.run(sentence, folder)
    return M.failure_of(bodies[sentence], folder, host)
  end
  return {
    read = function(code, name)
      local environment = setmetatable({ test = test }, { __index = _G })
      local chunk, problem = load(code, name, "t", environment)
      if not chunk then
        error(problem, 0)
      end
      chunk()
      return tests
    end,
  }
end

-- Runs one test with all that is checked at its end; its failure as text, or nil.
function M.failure_of(body, folder, host)
  local t = new_checker(folder, host)
  local problems = {}
  local function run(work, ...)
    local ok, problem = xpcall(work, function(problem)
      local trace = debug.traceback("", 2):gsub("\n%s*%[C%]:[^\n]*", "")
      return tostring(problem) .. trace
    end, ...)
    if not ok then
      problems[#problems + 1] = problem
    end
  end
  run(body, t)
  for _, work in ipairs(at_end(t)) do
    run(work, #problems > 0)
  end
  return #problems > 0 and table.concat(problems, "\n\n") or nil
end

function at_end(t)
  local works = {}
  for index = #t.ends, 1, -1 do
    works[#works + 1] = t.ends[index]
  end
  return works
end

-- `t`: the folder of the test, and what can be said of values.
function new_checker(folder, host)
  local t = { folder = folder, host = host, ends = {} }

  -- work(has_failed) runs after the test; an error there fails it.
  function t.at_end(work)
    t.ends[#t.ends + 1] = work
  end

  function t.fail(why)
    error(why, 2)
  end

  function t.truthy(value, why)
    if not value then
      error((why or "expected something true") .. ", got " .. describe(value), 2)
    end
    return value
  end

  function t.falsy(value, why)
    if value then
      error((why or "expected nil or false") .. ", got " .. describe(value), 2)
    end
  end

  function t.equal(got, wanted, why)
    local where = same(got, wanted, "")
    if where then
      local head = why and why .. ": " or ""
      error(head .. "expected " .. describe(wanted) .. ", got " .. describe(got) .. where, 2)
    end
  end

  function t.near(got, wanted, tolerance, why)
    tolerance = tolerance or 1e-9
    local is_near = type(got) == "number" and math.abs(got - wanted) <= tolerance
    if not is_near then
      local head = why and why .. ": " or ""
      error(("%sexpected %.17g (give or take %g), got %s"):format(head, wanted, tolerance, describe(got)), 2)
    end
  end

  function t.matches(text, pattern, why)
    if type(text) ~= "string" or not text:find(pattern) then
      error((why and why .. ": " or "") .. "expected text like " .. pattern .. ", got " .. describe(text), 2)
    end
  end

  function t.contains(text, part, why)
    if type(text) ~= "string" or not text:find(part, 1, true) then
      error((why and why .. ": " or "") .. "expected text with " .. part .. ", got " .. describe(text), 2)
    end
  end

  function t.raises(work, pattern)
    local ok, problem = pcall(work)
    if ok then
      error("expected an error" .. (pattern and " like " .. pattern or ""), 2)
    end
    if pattern and not tostring(problem):find(pattern) then
      error("expected an error like " .. pattern .. ", got " .. tostring(problem), 2)
    end
    return tostring(problem)
  end

  -- The failure of a test inside this one, or nil: how the fake's own strictness is tested.
  function t.failure_of(body)
    return M.failure_of(body, folder, host)
  end

  t.expect = t
  return t
end

function same(got, wanted, path)
  if type(got) == "table" and type(wanted) == "table" and got ~= wanted then
    for key, value in pairs(wanted) do
      local where = same(got[key], value, path .. "." .. tostring(key))
      if where then
        return where
      end
    end
    for key in pairs(got) do
      if wanted[key] == nil then
        return "\n  at " .. path .. "." .. tostring(key) .. ": not expected"
      end
    end
    return nil
  end
  if got == wanted then
    return nil
  end
  return path == "" and "" or ("\n  at %s: expected %s, got %s"):format(path, describe(wanted), describe(got))
end

function describe(value, depth)
  depth = depth or 0
  if type(value) == "string" then
    return ("%q"):format(#value > 2000 and value:sub(1, 2000) .. "…" or value)
  end
  if type(value) ~= "table" or depth > 3 then
    return tostring(value)
  end
  local keys, parts = {}, {}
  for key in pairs(value) do
    keys[#keys + 1] = key
  end
  table.sort(keys, function(a, b)
    if type(a) == type(b) and (type(a) == "number" or type(a) == "string") then
      return a < b
    end
    return type(a) < type(b)
  end)
  for index, key in ipairs(keys) do
    if index > 40 then
      parts[#parts + 1] = "…"
      break
    end
    local name = type(key) == "string" and key or "[" .. tostring(key) .. "]"
    parts[#parts + 1] = name .. " = " .. describe(value[key], depth + 1)
  end
  return "{ " .. table.concat(parts, ", ") .. " }"
end

return M
