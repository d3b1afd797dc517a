-- @noindex
-- The bridge's own words: made by docs/generate.py from bridge/protocol.py; change that, then run `make docs`.

return {
  VERSION = "0.1.0",
  PROTOCOL_VERSION = 1,
  MODES = { "variation", "accompany", "continue" },
  MOST_TAKES = 10,
  MOST_BARS = 512,
  SLOWEST_BPM = 20,
  FASTEST_BPM = 999,
  FINAL_STATES = {
    ["cancelled"] = true,
    ["delivered"] = true,
    ["failed"] = true,
    ["partial"] = true,
  },
  AUDIO_SUFFIXES = {
    [".aif"] = true,
    [".aiff"] = true,
    [".flac"] = true,
    [".mp3"] = true,
    [".ogg"] = true,
    [".wav"] = true,
  },
  MAX_TRIGGER_BYTES = 33554432,
  MAX_SOURCE_BYTES = 16384,
  ALIVE_INTERVAL_SECONDS = 5.0,
  CLIP_RATE = 32000,
}
