// What is known of the music: what Live says of the song, and after a take what the daemon told of it.

import { watchProperty } from "./live/api.js";
import { readMusic } from "./live/song.js";
import { foundWords } from "./words.js";

const SONG_PROPERTIES = [
  "tempo", "signature_numerator", "signature_denominator", "scale_mode", "root_note", "scale_name",
];
const PAUSE_SECONDS = 2;

/**
 * `show(words)` writes the line. The song is looked at when it has changed, but seldom: tempo may be
 * automated.
 */
export function createFound({ show, now }) {
  const observers = [];
  let isStale = true;
  let due = 0;
  let song = null;
  let take = null;

  function tell() {
    if (!song) return;
    const key = (take && take.key) || song.keyText;
    const bpm = (take && take.bpm) || song.bpm;
    show(foundWords({ key, bpm, timeSignature: song.timeSignature }));
  }

  return {
    watch() {
      for (const property of SONG_PROPERTIES) {
        observers.push(watchProperty("live_set", property, () => {
          isStale = true;
        }));
      }
    },

    /** A take tells more than Live knows, until the song changes or another clip is meant. */
    hear(told) {
      take = told;
      tell();
    },

    forgetTake() {
      take = null;
      tell();
    },

    /** Look again where something has changed. */
    refresh() {
      if (!isStale || now() < due) return;
      isStale = false;
      due = now() + PAUSE_SECONDS;
      song = readMusic();
      take = null;
      tell();
    },
  };
}
