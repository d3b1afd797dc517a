// Which of Live's warp modes suits a take: by what its prompt and its name say.

import { wordsOf } from "./wording.js";

const BEATS_MODE = 0;
const TONES_MODE = 1;
const TEXTURE_MODE = 2;

// The first row with a word decides: where drums play, their attacks matter most.
const MODE_WORDS = [
  {
    mode: BEATS_MODE,
    words: [
      "drum", "drums", "drumming", "beat", "beats", "beatbox", "breakbeat", "break", "groove",
      "percussion", "percussive", "kick", "snare", "hat", "hats", "hihat", "cymbal", "tom", "toms",
      "clap", "claps", "shaker", "tambourine", "tabla", "conga", "congas", "bongo", "bongos",
      "cajon", "djembe", "darbuka", "timpani", "taiko", "808", "909", "house", "techno", "trance",
      "dubstep", "dnb", "jungle", "garage", "trap", "drill", "disco", "funk", "rock", "metal",
      "punk", "hip", "hiphop", "rap", "edm", "reggaeton", "dancehall", "samba", "afrobeat",
      "amapiano", "pop", "boombap",
    ],
  },
  {
    mode: TEXTURE_MODE,
    words: [
      "pad", "pads", "ambient", "drone", "drones", "texture", "textures", "atmosphere",
      "atmospheric", "soundscape", "swell", "swells", "wash", "noise", "riser", "sweep", "choir",
      "strings",
    ],
  },
  {
    mode: TONES_MODE,
    words: [
      "bass", "bassline", "lead", "solo", "melody", "monophonic", "vocal", "vocals", "voice",
      "singer", "flute", "sax", "saxophone", "trumpet", "trombone", "tuba", "clarinet", "oboe",
      "bassoon", "horn", "violin", "viola", "cello", "fiddle", "sitar", "whistle", "ocarina",
      "shakuhachi", "theremin",
    ],
  },
];

/** The warp mode for a take `{ drums, prompt, name }` of those that the clip offers; null where none fits. */
export function warpModeFor({ drums, prompt, name }, offered) {
  const wanted = drums ? BEATS_MODE : modeInWords(prompt) ?? modeInWords(name) ?? BEATS_MODE;
  return [wanted, BEATS_MODE].find((mode) => offered.includes(mode)) ?? null;
}

function modeInWords(text) {
  const spoken = wordsOf(text).flatMap((word) => word.toLowerCase().split(/[#'\u2019-]/));
  const row = MODE_WORDS.find(({ words }) => words.some((word) => spoken.includes(word)));
  return row ? row.mode : null;
}
