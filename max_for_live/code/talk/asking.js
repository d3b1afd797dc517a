// One question to the daemon, asked again until it is answered: UDP may lose either.

const RESEND_SECONDS = [0.4, 0.8, 1.6, 3];
const PARTS_RESEND_SECONDS = 0.7;
const PATIENCE_SECONDS = 60;
const PART_REFUSALS = 3;
const PART_REFUSAL_SECONDS = 2;

/**
 * A question of the kind `what`, which `sendIt()` sends, the first time after `wait` seconds. The parts of a
 * trigger are all sent again at an even pace, for the daemon waits only so long for the missing ones.
 */
export function createQuestion({ what, sendIt, inParts = false, wait = 0, now }) {
  const since = now();
  let sends = 0;
  let due = since + wait;
  let refusals = 0;
  let refusedAt = -Infinity;

  return {
    what,
    inParts,

    send() {
      const pause = RESEND_SECONDS[Math.min(sends, RESEND_SECONDS.length - 1)];
      sends += 1;
      due = now() + (inParts ? PARTS_RESEND_SECONDS : pause);
      sendIt();
    },

    isDue() {
      return now() >= due;
    },

    /**
     * Whether a wish was asked for so long that no answer will come. What is asked about a job is asked until
     * it is answered: a cancel that is forgotten costs money.
     */
    isHopeless() {
      return what === "start" && now() - since >= PATIENCE_SECONDS;
    },

    /**
     * Whether a refusal may only mean that parts were lost, so that it is worth sending them all once more.
     */
    outlivesRefusal(code) {
      if (!inParts || code !== "bad_message") return false;
      if (now() - refusedAt < PART_REFUSAL_SECONDS) return true;
      refusals += 1;
      refusedAt = now();
      due = now();
      return refusals <= PART_REFUSALS;
    },
  };
}
