-- JSON from Lua: what is written, what is read, and what is refused.

local open_reaper = require("fakes.reaper")

local function json_of(t)
  return open_reaper(t):load("lib.json")
end

test("values are written in plain ASCII with sorted names", function(t)
  local json = json_of(t)
  t.equal(json.encode({ b = 1, a = "é😀\n", c = { 1, 2.5, true } }),
    '{"a":"\\u00e9\\ud83d\\ude00\\n","b":1,"c":[1,2.5,true]}')
  t.equal(json.encode({}), "{}")
  t.equal(json.encode(json.array()), "[]")
  t.equal(json.encode({ list = json.array({}) }), '{"list":[]}')
end)

test("whole numbers are written without a point, all others so that they read back the same", function(t)
  local json = json_of(t)
  t.equal(json.encode({ 3.0, -0.0, 1e15, 2 ^ 53 }), "[3,0,1000000000000000,9007199254740992]")
  for _, value in ipairs({ 0.1, 1 / 3, 1e300, 5e-324, 20.000000000000004, -96.3 }) do
    t.equal(tonumber(json.encode(value)), value)
  end
end)

test("a system that writes decimal commas changes nothing", function(t)
  local r = open_reaper(t)
  local json = r:load("lib.json")
  local environment_string = getmetatable("").__index
  local format = environment_string.format
  environment_string.format = function(pattern, ...)
    local text = format(pattern, ...)
    return pattern:find("g$") and text:gsub("%.", ",") or text
  end
  local text = json.encode({ 96.5 })
  environment_string.format = format
  t.equal(text, "[96.5]")
end)

test("what JSON cannot say is a defect", function(t)
  local json = json_of(t)
  t.raises(function() json.encode(0 / 0) end, "not finite")
  t.raises(function() json.encode({ 1 / 0 }) end, "not finite")
  t.raises(function() json.encode(print) end, "function")
  t.raises(function() json.encode({ 1, 2, name = 3 }) end, "list")
  t.raises(function() json.encode({ [2.5] = 3 }) end, "no name")
  local ring = {}
  ring.ring = ring
  t.raises(function() json.encode(ring) end, "deeper")
end)

test("bytes that are no UTF-8 are replaced, halves of letters too", function(t)
  local json = json_of(t)
  t.equal(json.encode("a\xFFb\xC3"), '"a\\ufffdb\\ufffd"')
  t.matches(json.encode("\xED\xA0\x80"), '^"[\\ufd]+"$')
end)

test("texts are read with all their escapes", function(t)
  local json = json_of(t)
  t.equal(json.decode('"\\u00e9\\ud83d\\ude00\\/\\b\\f\\"\\\\"'), "é😀/\b\f\"\\")
  t.equal(json.decode('"raw é"'), "raw é")
  t.equal(json.decode('"\\ud83d x \\ude00"'), "\u{FFFD} x \u{FFFD}")
  t.equal(json.decode('"\127"'), "\127")
end)

test("null is absent in an object and keeps its place in a list", function(t)
  local json = json_of(t)
  t.equal(json.decode('{"a":null,"b":1}'), { b = 1 })
  local list = json.decode("[null,1]")
  t.truthy(list[1] == json.null)
  t.equal(json.encode(list), "[null,1]")
  t.equal(json.encode(json.decode("[[],{}]")), "[[],{}]")
end)

test("a text that is no JSON is refused with a word and its place", function(t)
  local json = json_of(t)
  for text, word in pairs({
    ["["] = "no JSON", ["[1,]"] = "no JSON", ['{"a" 1}'] = "colon", ["{a:1}"] = "name", ['{"a":1'] = "end",
    ['"abc'] = "end", ['"\\x"'] = "escape", ["01"] = "no JSON", ["1.e5"] = "more text", ["nul"] = "no JSON",
    ["[1] 2"] = "more text", [""] = "no JSON", ['"a\nb"'] = "control", ["0x10"] = "more text",
  }) do
    local value, problem = json.decode(text)
    t.equal(value, nil, text)
    t.contains(problem, word, text)
    t.matches(problem, "byte %d+$", text)
  end
end)

test("nesting and the number of values have an end", function(t)
  local json = json_of(t)
  t.truthy(json.decode(("["):rep(64) .. ("]"):rep(64)))
  local _, problem = json.decode(("["):rep(65) .. ("]"):rep(65))
  t.contains(problem, "deeper than 64")
  _, problem = json.decode("[" .. ("0,"):rep(30000) .. "0]")
  t.contains(problem, "more than 10000 values")
end)

test("a byte order mark and spaces do not disturb", function(t)
  t.equal(json_of(t).decode('\xEF\xBB\xBF \t\r\n{ "a" : [ 1 , 2 ] }\n'), { a = { 1, 2 } })
end)

test("an escape may stand beside any other, and brings none about", function(t)
  local json = json_of(t)
  t.equal(json.decode([["\\u00e9 \\\u00e9 \u005cn \u005c\u005c \\\\n \" \\\" \u0001\u0002 \u0001\u0003"]]),
    "\\u00e9 \\é \\n \\\\ \\\\n \" \\\" \1\2 \1\3")
  t.equal(json.decode('["a\\\\","b\\""]'), { "a\\", 'b"' })
  for _, text in ipairs({ [["\u12"]], [["\u12\n34"]], [["\ "]], [["\u00g0"]], '"\\\1"', '"a\tb"', '"\1\2"', '"a' }) do
    local value, problem = json.decode(text)
    t.equal(value, nil, text)
    t.matches(problem, "byte %d+$", text)
  end
end)

test("the largest outbox file is read within a tick", function(t)
  local r = open_reaper(t)
  local json = r:load("lib.json")
  local take = '{"fit":{' .. ('"a":1.25,'):rep(150) .. '"z":"' .. ("x"):rep(20000) .. '"}}'
  local text = '{"takes":[' .. (take .. ","):rep(9) .. take .. "]}"
  local taken = r:count_instructions(function() t.equal(#json.decode(text).takes, 10) end)
  t.truthy(taken < 500000, "instructions: " .. taken)
end)

-- 256 KB of `unit` between `head` and `tail`.
local function filled(head, unit, tail)
  return head .. unit:rep((256 * 1024 - #head - #tail) // #unit) .. tail
end

-- Escapes of which no two are the same, as many as have room.
local function all_different(bytes)
  local escapes = {}
  for index = 1, bytes // 6 do escapes[index] = ("\\u%04X"):format(index * 7919 % 0x10000) end
  return table.concat(escapes)
end

test("no text of 256 KB takes as much as a tick may", function(t)
  local r = open_reaper(t)
  local json = r:load("lib.json")
  local names = {}
  for index = 1, 2400 do names[index] = ('"\\u%04x":"\\ud83d\\ude00\\u1234"'):format(index) end
  local many_names = table.concat(names, ",")
  local left = 256 * 1024 - #many_names - 20
  local nasty = {
    filled('["', "\\u00e9", '"]'), filled('["', "\\\\", '"]'), filled('["', '\\"', '"]'), filled('["', "\\n", '"]'),
    filled('["', "\\ud83d\\ude00", '"]'), filled('["', "\\ud83d", '"]'), '["' .. all_different(262000) .. '"]',
    filled("[", "0,", "0]"), filled("[", "-1.5e+10,", "0]"), filled("[", "{},", "{}]"), filled("[", "true,", "0]"),
    filled("{", '"a":"\\n",', '"a":1}'), filled("[", '"\\u1234",', "0]"), filled("[", " 0 ,", "0]"),
    filled("[", ("["):rep(60) .. ("]"):rep(60) .. ",", "0]"), filled("", '{"a":', ""), filled("", "[", ""),
    filled("", " ", ""), filled("", "\\", ""), filled('"', "a", ""), filled('"', '\\"', ""), filled("", "\1", ""),
    "{" .. many_names .. ',"z":"' .. all_different(left) .. '"}',
    "{" .. many_names .. ',"z":"' .. ("\\ud83d\\ude00"):rep(left // 12) .. '"}',
  }
  for index, text in ipairs(nasty) do
    local taken = r:count_instructions(function() json.decode(text) end)
    t.truthy(taken < 1600000, ("text %d, %s…: %d instructions"):format(index, text:sub(1, 20), taken))
  end
end)
