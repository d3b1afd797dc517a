-- What the user is told: beside the mouse, for a while, never in the way.

local open_reaper = require("fakes.reaper")

local function open(t)
  local r = open_reaper(t)
  local said = r:load("lib.face.messages").create()
  local function loop()
    said.tick()
    r.reaper.defer(loop)
  end
  loop()
  return r, said
end

test("a word stands beside the mouse for five seconds", function(t)
  local r, said = open(t)
  said.say("Riff was sent.")
  t.equal(r.tooltip.text, "Riff was sent.")
  t.equal({ r.tooltip.x, r.tooltip.is_topmost }, { 400, true })
  t.equal({ r.help, r.help_is_temporary }, { "Riff was sent.", true })
  r:run(4.9)
  t.truthy(r.tooltip, "still there")
  r:run(0.2)
  t.equal(r.tooltip, nil)
end)

test("a problem stands for ten seconds, and in the console, which stays closed", function(t)
  local r, said = open(t)
  local written = {}
  local write = r.api.ShowConsoleMsg
  r.api.ShowConsoleMsg = function(text)
    written[#written + 1] = text
    write(text)
  end
  said.say("All is well.")
  said.warn("Select an item.")
  t.equal(written, { "!SHOW:daw-bridge: Select an item.\n" })
  r:run(9.9)
  t.truthy(r.tooltip, "still there")
  r:run(0.2)
  t.equal(r.tooltip, nil)
end)

test("before REAPER 7 the console would open, so only a defect is written there", function(t)
  local r = open_reaper(t, { version = "6.83/win64" })
  r:load("lib.face.messages").create().warn("Select an item.")
  local work = r:load("lib.work").create()
  t.equal(r.console, {})
  work.start("a", function() error("a defect") end, function() end)
  work.tick()
  t.matches(r.console[1], "^daw%-bridge: .*a defect")
  t.equal({ #r.console, r.console_openings }, { 1, 1 })
end)

test("a newer word takes the place of the older one, and stands for its own time", function(t)
  local r, said = open(t)
  said.say("One.")
  r:run(4.0)
  said.say("Two.")
  r:run(4.0)
  t.equal(r.tooltip.text, "Two.")
end)

test("the same text twice within two seconds is said once", function(t)
  local r, said = open(t)
  said.say("Riff was sent.")
  r:run(1.5)
  said.say("Riff was sent.")
  t.equal(#r.tooltips, 1)
  r:run(1.0)
  said.say("Riff was sent.")
  t.equal(#r.tooltips, 2)
end)

test("a percent sign is no format, and a long text stands in several lines", function(t)
  local r, said = open(t)
  local text = "The music is being made, 40 %d %s %n, for Größe & Co, and that may well take a minute or two."
  said.say(text)
  t.falsy(r.tooltip.text:find("%", 1, true), "a percent sign in a format")
  t.contains(r.tooltip.text, "40 ％d")
  t.contains(r.tooltip.text, "\n")
  for line in r.tooltip.text:gmatch("[^\n]+") do
    t.truthy(utf8.len(line) <= 64, line)
  end
  t.equal(r.help, text)
end)

test("the last twenty are kept, newest first", function(t)
  local _, said = open(t)
  for number = 1, 25 do
    said.say("Take " .. number)
  end
  said.warn("Too\nmuch.")
  local list = said.list()
  t.equal(#list, 20)
  t.equal({ list[1].text, list[1].kind }, { "Too much.", "problem" })
  t.equal({ list[2].text, list[2].kind }, { "Take 25", "word" })
  t.equal(list[20].text, "Take 7")
end)

test("a clip without a name is none in the middle of a sentence either", function(t)
  local words = open_reaper(t):load("lib.words")
  t.equal(words.cancelled(""), "The clip is cancelled.")
  t.equal(words.cancelling("", true), "Cancelling the clip …")
  t.equal(words.cancelling("", false), "The clip will be cancelled when daw-bridge runs again.")
  t.equal(words.retrying("", true), "Going on with the clip …")
  t.equal(words.not_placed("", 2, "No."), "Take 2 of the clip could not be put into the song: No.")
  t.equal(words.placed("", { 1, 2 }, "track A", ""), "Takes 1 and 2 of the clip are on track A.")
  t.contains(words.unanswered("", "/refused"), "has not answered for the clip;")
  t.contains(words.ended("", { state = "rejected", takes = {} }), "see `daw-bridge jobs`")
end)

test("nothing is said of nothing, and closing leaves no word behind", function(t)
  local r, said = open(t)
  said.say("")
  t.equal(#r.tooltips, 0)
  said.say("Riff was sent.")
  said.close()
  t.equal(r.tooltip, nil)
end)
