-- How luacheck reads the REAPER scripts and their tests: with --std lua53 and again with --std lua54.

max_line_length = 110
-- A method need not look at what it belongs to.
self = false

read_globals = {
  "reaper",
  gfx = {
    other_fields = true,
    fields = {
      x = { read_only = false },
      y = { read_only = false },
      ext_retina = { read_only = false },
    },
  },
}

files["reaper_scripts/daw-bridge/lib/protocol.lua"].max_line_length = false -- it is generated
files["tests/reaper_scripts"].max_line_length = 120
for _, tests in ipairs({ "tests/journeys", "bench" }) do
  files[tests].max_line_length = 120
end
for _, tests in ipairs({ "tests/reaper_scripts/*.test.lua", "tests/journeys/*.lua", "bench/*.lua" }) do
  files[tests].read_globals = { "test" }
end
