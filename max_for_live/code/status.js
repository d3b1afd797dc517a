// The status line: the newest word is shown, but what failed is not covered for long by what goes on.

import { shortened } from "./values.js";

const TROUBLE_SECONDS = 6;
const MOST_LETTERS_SHOWN = 400;

/** `show(sentence)` writes the line; `first` is what it says before anything has happened. */
export function createStatus({ show: write, now, first }) {
  const show = (sentence) => write(shortened(sentence, MOST_LETTERS_SHOWN));
  let said = first;
  let calm = first;
  let failure = "";
  let blocked = "";
  let shownUntil = -Infinity;

  function put(sentence) {
    said = sentence;
    blocked = "";
    show(sentence);
  }

  return {
    /** What the user has just begun. */
    say(sentence) {
      failure = "";
      calm = sentence;
      shownUntil = -Infinity;
      put(sentence);
    },

    /** What has just come; what failed before is said again after it. */
    came(sentence) {
      calm = sentence;
      shownUntil = failure ? now() + TROUBLE_SECONDS : -Infinity;
      put(sentence);
    },

    /** What went wrong with a press or a setting, and what to do. */
    trouble(sentence) {
      failure = "";
      shownUntil = now() + TROUBLE_SECONDS;
      put(sentence);
    },

    /** What failed of a job: it stays, or comes again, until the user does something. */
    failed(sentence) {
      failure = sentence;
      shownUntil = now() + TROUBLE_SECONDS;
      put(sentence);
    },

    /** What goes on, which comes again by itself. */
    progress(sentence) {
      calm = sentence;
      if (!failure && now() >= shownUntil) put(sentence);
    },

    /** A trouble is over: where the line still tells it, it says what it said before. */
    over(sentence) {
      if (said !== sentence) return;
      shownUntil = -Infinity;
      put(calm);
    },

    /**
     * What stands in the way of everything; "" when it is over: then the line says again what it said before.
     */
    block(sentence) {
      if (sentence) show(sentence);
      else if (blocked) show(said);
      blocked = sentence;
    },

    tick() {
      if (failure && said !== failure && !blocked && now() >= shownUntil) put(failure);
    },
  };
}
