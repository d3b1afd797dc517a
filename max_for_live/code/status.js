// The status line: the newest word is shown, but trouble is not at once covered by how far a job is.

const TROUBLE_SECONDS = 6;

/** `show(sentence)` writes the line; `first` is what it says before anything has happened. */
export function createStatus({ show, now, first }) {
  let said = first;
  let blocked = "";
  let troubleUntil = -Infinity;

  function put(sentence) {
    said = sentence;
    blocked = "";
    show(sentence);
  }

  return {
    /** What has just happened. */
    say(sentence) {
      troubleUntil = -Infinity;
      put(sentence);
    },

    /** What went wrong, and what to do. */
    trouble(sentence) {
      troubleUntil = now() + TROUBLE_SECONDS;
      put(sentence);
    },

    /** What goes on, which comes again by itself. */
    progress(sentence) {
      if (now() >= troubleUntil) put(sentence);
    },

    /**
     * What stands in the way of everything; "" when it is over: then the line says again what it said before.
     */
    block(sentence) {
      if (sentence) show(sentence);
      else if (blocked) show(said);
      blocked = sentence;
    },
  };
}
