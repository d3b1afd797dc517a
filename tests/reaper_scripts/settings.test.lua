-- The wish that is remembered in the project: defaults, the dialog, and every field's check.

local open_reaper = require("fakes.reaper")

local DEFAULTS = {
  prompt = "", mode = "variation", bars = 0, takes = 1, place = "new_track", key = "", with_fx = false,
}
local PROMPT, MODE, BARS, TAKES, PLACE, KEY, WITH_FX, STARTS = 1, 2, 3, 4, 5, 6, 7, 8

local function open(t)
  local r = open_reaper(t)
  local song = r:project({ path = "Song/Song.rpp" })
  return r, song, r:load("lib.face.settings")
end

-- An answer that changes some fields of what the dialog shows.
local function changed(fields)
  return function(asked)
    local answer = table.move(asked.values, 1, #asked.values, 1, {})
    for index, text in pairs(fields) do
      answer[index] = text
    end
    return answer
  end
end

local function ask(r, settings, ...)
  for _, answer in ipairs({ ... }) do
    r:answer_dialog(answer)
  end
  r.warned = {}
  return settings.ask(r.reaper.EnumProjects(-1), function(text) r.warned[#r.warned + 1] = text end)
end

test("a new project begins with the defaults", function(t)
  local r, _, settings = open(t)
  t.equal(settings.read(r.reaper.EnumProjects(-1)), DEFAULTS)
end)

test("nonsense in the project reads as the defaults", function(t)
  local r, _, settings = open(t)
  local project = r.reaper.EnumProjects(-1)
  for name, text in pairs({
    mode = "loud", bars = "4.5", takes = "11", place = "{no guid", key = "H moll 3", with_fx = "perhaps",
  }) do
    r.reaper.SetProjExtState(project, "daw_bridge", name, text)
  end
  t.equal(settings.read(project), DEFAULTS)
end)

test("what is asked for is kept in the project, which asks to be saved", function(t)
  local r, song, settings = open(t)
  local wish = ask(r, settings, { "warm pad, slow | 40 %", "acc", "8", "3", "takes", "g# minor", "yes", "no" })
  t.equal(wish, {
    prompt = "warm pad, slow | 40 %", mode = "accompany", bars = 8, takes = 3, place = "takes", key = "G# minor",
    with_fx = true,
  })
  local project = r.reaper.EnumProjects(-1)
  t.equal(settings.read(project), wish)
  t.equal(song:ext_state("bars"), "8")
  t.equal(r.reaper.IsProjectDirty(project), 1)
end)

test("the dialog shows what is kept, under eight captions", function(t)
  local r, _, settings = open(t)
  ask(r, settings, { "a, b", "cont", "clip", "2", "new track", "", "y", "n" })
  ask(r, settings, false)
  t.equal(r.dialogs[2].values, { "a, b", "continue", "", "2", "new track", "", "yes", "no" })
  local captions = table.concat(r.dialogs[2].captions, "\n")
  for _, word in ipairs({ "Prompt", "Mode", "Bars", "Takes", "Takes go to", "Key", "With FX", "Start with REAPER" }) do
    t.contains(captions, word)
  end
end)

test("Cancel leaves all as it was", function(t)
  local r, _, settings = open(t)
  t.equal(ask(r, settings, false), nil)
  local project = r.reaper.EnumProjects(-1)
  t.equal(settings.read(project), DEFAULTS)
  t.equal(r.reaper.IsProjectDirty(project), 0)
end)

test("OK without a change does not make the project ask to be saved", function(t)
  local r, _, settings = open(t)
  t.equal(ask(r, settings, changed({})), DEFAULTS)
  t.equal(r.reaper.IsProjectDirty((r.reaper.EnumProjects(-1))), 0)
end)

test("something wrong is asked again with its sentence, and nothing typed is lost", function(t)
  local r, _, settings = open(t)
  local first = { "warm, slow | pad", "loud", "600", "11", "nowhere", "H moll", "perhaps", "sometimes" }
  local wish = ask(r, settings, first, changed({ [MODE] = "V" }), changed({ [BARS] = "512" }),
    changed({ [TAKES] = "10" }), changed({ [PLACE] = "new" }), changed({ [KEY] = "8A" }),
    changed({ [WITH_FX] = "off" }), changed({ [STARTS] = "" }))
  t.equal(wish, {
    prompt = "warm, slow | pad", mode = "variation", bars = 512, takes = 10, place = "new_track", key = "8A",
    with_fx = false,
  })
  t.equal(r.dialogs[2].values, first)
  for index, words in ipairs({
    'The mode "loud" is not known: it is one of variation, accompany, continue.',
    'Bars is a whole number from 1 to 512, or empty for the clip\'s own length, not "600".',
    'Takes is a whole number from 1 to 10, not "11".',
    'There is no track "nowhere": write new track, takes, or a track\'s name or number.',
    'The key "H moll" cannot be read: write it like G# minor or D dorian, or leave it empty.',
    'With FX is yes or no, not "perhaps".',
    'Start with REAPER is yes or no, not "sometimes".',
  }) do
    t.equal({ r.dialogs[index + 1].title, r.warned[index] }, { "daw-bridge settings: not kept yet", words })
  end
end)

test("quotes and brackets come back as they were typed, though REAPER's lists would stumble over them", function(t)
  local r, song, settings = open(t)
  song:track("80's (wide")
  local prompt = '"warm, 80\'s `pad (slow'
  local wish = ask(r, settings, changed({ [PROMPT] = prompt, [PLACE] = "80's (wide", [TAKES] = "11" }),
    changed({ [TAKES] = "2" }))
  t.equal({ wish.prompt, wish.place }, { prompt, r.reaper.GetTrackGUID(r.reaper.GetTrack(0, 0)) })
  t.equal(r.dialogs[2].values[PROMPT], "”warm, 80’s ‘pad （slow")
  wish = ask(r, settings, function(asked)
    asked.values[PROMPT] = asked.values[PROMPT] .. "） :)"
    return asked.values
  end)
  t.equal(wish.prompt, prompt .. ") :)")
  t.equal(ask(r, settings, changed({ [PROMPT] = "pad (warm), slow" })).prompt, "pad (warm), slow")
  t.equal(ask(r, settings, changed({ [PROMPT] = "“Für Elise”, d’Arezzo（2）" })).prompt, "“Für Elise”, d’Arezzo（2）")
  t.equal(r.dialogs[#r.dialogs].values[PROMPT], "pad (warm), slow")
  ask(r, settings, changed({ [PROMPT] = "d’Arezzo's" }))
  t.equal(ask(r, settings, changed({ [BARS] = "4" })).prompt, "d’Arezzo's")
end)

test("captions tell what is possible as the protocol has it, and prompts are counted in letters", function(t)
  local r, _, settings = open(t)
  t.equal(ask(r, settings, changed({ [PROMPT] = ("ü"):rep(4000) })).prompt, ("ü"):rep(4000))
  ask(r, settings, changed({ [PROMPT] = ("ü"):rep(4001) }), false)
  t.equal(r.warned, { "The prompt is too long: 4000 letters are the most." })
  local captions = r.dialogs[1].captions
  t.equal({ captions[MODE], captions[TAKES] }, { "Mode (var / acc / con)", "Takes (1 to 10)" })
end)

test("a wrong answer and then Cancel leaves all as it was", function(t)
  local r, _, settings = open(t)
  t.equal(ask(r, settings, changed({ [PROMPT] = "loud", [BARS] = "many" }), false), nil)
  t.equal(settings.read(r.reaper.EnumProjects(-1)), DEFAULTS)
end)

test("a line break pasted into the prompt becomes a space", function(t)
  local r, _, settings = open(t)
  r.api.GetUserInputs = function()
    return true, "warm\npad\nacc\n\n1\ntakes\n\nno\nno"
  end
  t.equal(ask(r, settings).prompt, "warm pad")
end)

test("keys are taken in every usual spelling", function(t)
  local r, _, settings = open(t)
  for typed, kept in pairs({
    ["abm"] = "Abm", ["D dorian"] = "D dorian", ["f♯ minor"] = "F♯ minor", ["bb"] = "Bb", ["C"] = "C",
    ["e flat major"] = "E flat major", ["B"] = "B", [" a  "] = "A", ["12b"] = "12b",
  }) do
    t.equal(ask(r, settings, changed({ [KEY] = typed })).key, kept, typed)
  end
end)

test("a track is found by its name, its number, or what it is called without a name", function(t)
  local r, song, settings = open(t)
  local named, bare = song:track("Marimba"), song:track("")
  song:track("takes")
  local guids = {}
  for index = 0, 2 do
    guids[index + 1] = r.reaper.GetTrackGUID(r.reaper.GetTrack(0, index))
  end
  t.truthy(named and bare)
  for typed, wanted in pairs({
    ["Marimba"] = guids[1], ["marimba"] = guids[1], ["1"] = guids[1], ["Track 2"] = guids[2], ["2"] = guids[2],
    ["#3"] = guids[3], ["takes"] = "takes", ["New Track"] = "new_track",
  }) do
    t.equal(ask(r, settings, changed({ [PLACE] = typed })).place, wanted, typed)
  end
end)

test("of several tracks of one name the selected one is taken, else the first", function(t)
  local r, song, settings = open(t)
  song:track("Bass")
  local second = song:track("Bass", { selected = true })
  local guid = r.reaper.GetTrackGUID(r.reaper.GetTrack(0, 1))
  t.equal(ask(r, settings, changed({ [PLACE] = "Bass" })).place, guid)
  second:set("I_SELECTED", 0)
  t.equal(ask(r, settings, changed({})).place, guid, "shown by its number where the name would mean another")
  t.equal(ask(r, settings, changed({ [PLACE] = "Bass" })).place, r.reaper.GetTrackGUID(r.reaper.GetTrack(0, 0)))
end)

test("an unknown track is answered with what is possible", function(t)
  local r, song, settings = open(t)
  song:track("Marimba")
  song:track("Bass")
  ask(r, settings, changed({ [PLACE] = "3" }), false)
  t.equal(r.warned[1],
    'There is no track "3": write new track, takes, or a track\'s name or number (1 to 2).')
end)

test("each project has its own", function(t)
  local r, _, settings = open(t)
  ask(r, settings, changed({ [PROMPT] = "pad", [BARS] = "4 bars" }))
  local first = r.reaper.EnumProjects(-1)
  r:project({ path = "Other/Other.rpp" })
  t.equal(settings.read(r.reaper.EnumProjects(-1)), DEFAULTS)
  t.equal(settings.read(first).bars, 4)
end)

test("starting with REAPER is switched by the same dialog", function(t)
  local r, _, settings = open(t)
  local startup = r:load("lib.startup")
  local is_on = false
  startup.is_on = function() return is_on end
  startup.set = function(on)
    is_on = on
    return true
  end
  ask(r, settings, changed({ [STARTS] = "yes" }))
  t.equal(is_on, true)
  ask(r, settings, changed({ [STARTS] = "no" }))
  t.equal({ r.dialogs[2].values[STARTS], is_on }, { "yes", false })
end)

test("where starting with REAPER cannot be switched, that is said, and nothing is kept", function(t)
  local r, _, settings = open(t)
  local startup = r:load("lib.startup")
  startup.set = function() return nil, "__startup.lua cannot be written." end
  t.equal(ask(r, settings, changed({ [PROMPT] = "pad", [STARTS] = "yes" }), false), nil)
  t.equal(r.warned, { "__startup.lua cannot be written." })
  t.equal(settings.read(r.reaper.EnumProjects(-1)), DEFAULTS)
end)
