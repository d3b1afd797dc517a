// What a take's clip is called: its number and two telling words.

import { hasLetter, wordsOf } from "./wording.js";

const TELLING_WORDS = 2;
const SILENT_WORDS = [
  "a", "an", "the", "and", "or", "of", "in", "on", "at", "to", "for", "from", "by", "with",
  "without", "no", "not", "as", "like", "some", "very", "more", "less", "make", "it", "its", "is",
  "this", "that", "me", "my", "please", "style", "bpm", "major", "minor", "sharp", "flat", "key",
  "loop", "clip", "track", "music", "bar", "bars", "beat", "beats", "audio",
];
const KEY_NAME = /^[a-g](#|b|♯|♭)?m?$/;

/** The clip's name: the take's number and two words of the prompt, or without one of the source's name. */
export function takeName({ take, prompt, name }) {
  const words = tellingWords(prompt);
  const chosen = words.length > 0 ? words : tellingWords(name);
  return [String(take), ...chosen].join(" ");
}

function tellingWords(text) {
  return wordsOf(text)
    .filter(hasLetter)
    .filter((word) => !SILENT_WORDS.includes(word.toLowerCase()) && !KEY_NAME.test(word.toLowerCase()))
    .slice(0, TELLING_WORDS);
}
