-- A strict REAPER for tests: `open_reaper(t, options)` gives one that runs our scripts on real files and virtual time.

local PARTS = {
  "core", "files", "song", "objects", "hands", "projects", "tracks", "items", "infos", "undo", "tempo", "state",
  "environment", "scripts", "daemon", "sources", "accessors", "midi", "render", "gfx", "imgui",
}

-- What a test may say about this REAPER, with what holds when it says nothing.
local function options_of(given)
  local options = {
    version = "7.78/linux-x86_64",
    os = "Other",
    home = nil, -- the daemon's home, relative to the test's folder: "home"
    extensions = {}, -- names of extensions that are there: "SWS", "JS", "ReaPack", "ImGui"
    env = {}, -- what os.getenv answers
    opens_any_letter = false, -- whether Lua on Windows opens paths in other than plain letters
    strict_blocks = true, -- a change outside an undo block fails the test
    ext_state_dirties = false, -- whether SetProjExtState makes the project dirty
    unchanged_metre = -1, -- what a tempo marker without a metre of its own reports: -1 or 0
    config_vars = {}, -- REAPER's preferences by name, as text
    audio_device = { SRATE = "48000" }, -- what GetAudioDeviceInfo answers
    default_track_fx = {}, -- effects that the user's default track has
    mouse = { 400, 300 },
  }
  for key, value in pairs(given or {}) do
    options[key] = value
  end
  return options
end

local function open_reaper(t, given)
  local fake = {
    t = t, folder = t.folder, host = t.host, option = options_of(given), extensions = {}, actions = {}, origins = {},
    before_tick = {}, after_tick = {}, at_end = {}, now = 1795000000.0, elapsed = 0.0,
  }
  fake.options = fake.option
  fake.version = fake.option.version
  for _, name in ipairs(fake.option.extensions) do
    fake.extensions[name] = true
  end
  fake.folder_of_fakes = package.searchpath("fakes.reaper", package.path):match("^(.*)/")
  fake.shipped = fake.folder_of_fakes:gsub("/tests/reaper_scripts/fakes$", "/reaper_scripts/daw-bridge")
  fake.resource = fake.folder .. "/" .. (fake.option.resource or "resource")
  fake.host.make_folder(fake.resource .. "/Scripts")
  fake.home = fake.folder .. "/" .. (fake.option.home or "home")
  for _, name in ipairs(PARTS) do
    if package.searchpath("fakes.parts." .. name, package.path) then
      require("fakes.parts." .. name)(fake)
    end
    if name == "files" then
      fake.home = fake.shown(fake.home)
    end
  end

  t.at_end(function(has_failed)
    if not has_failed then
      fake.check_balance("the test")
      fake.check_dialogs()
      for _, source in ipairs(fake.loose_sources and fake.loose_sources() or {}) do
        fake.fail("a source was made, put on no take and not destroyed: " .. source.kind .. " " .. source.path)
      end
      for _, work in ipairs(fake.at_end) do
        work()
      end
    end
    if #fake.failures > 0 then
      error(table.concat(fake.failures, "\n"), 0)
    end
  end)
  return fake
end

return open_reaper
