-- @noindex
-- The bridge's own words: made by docs/generate.py from bridge/protocol.py; change that, then run `make docs`.

return {
  VERSION = "0.1.0",
  PROTOCOL_VERSION = 1,
  MODES = { "variation", "accompany", "continue" },
  MOST_TAKES = 10,
  MOST_BARS = 512,
  MOST_BEATS = 4096,
  MOST_PROMPT_LETTERS = 4000,
  MOST_PATH_LETTERS = 4096,
  LEAST_GAIN_DB = -200,
  MOST_GAIN_DB = 60,
  LEAST_SAMPLE_RATE = 8000,
  MOST_SAMPLE_RATE = 384000,
  SLOWEST_BPM = 20,
  FASTEST_BPM = 999,
  MOST_NOTES = 200000,
  MOST_MIDI_BYTES = 8000000,
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
