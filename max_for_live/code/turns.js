// Each time that Max calls, its work is done, then what has become due, then Live gets its objects back.

// Max's own clock may round, and stands still while Live's audio engine is off.
const ROUNDING_SECONDS = 1e-3;
const LATE_TICK_SECONDS = 0.3;

/**
 * `tick()`: what is done several times a second. `ended()` is called at the end of each turn. A turn that
 * begins within another one (an outlet leads through the patch back to the script) is part of it.
 */
export function createTurns({ now, tick, ended }) {
  const waiting = [];
  let isInside = false;
  let tickedAt = -Infinity;

  function take(work) {
    if (isInside) {
      work();
      return;
    }
    isInside = true;
    try {
      work();
      doWhatIsDue();
      if (now() - tickedAt > LATE_TICK_SECONDS) tickNow();
    } finally {
      isInside = false;
      ended();
    }
  }

  function tickNow() {
    tickedAt = now();
    tick();
  }

  function doWhatIsDue() {
    const isDue = ({ at }) => at <= now() + ROUNDING_SECONDS;
    for (const item of waiting.filter(isDue).sort((one, other) => one.at - other.at)) {
      waiting.splice(waiting.indexOf(item), 1);
      item.work();
    }
  }

  return {
    /** Do something that Max has called for. */
    take,

    /** Max's clock has struck. */
    strike() {
      take(tickNow);
    },

    /** Do something in a turn after so many seconds. */
    later(seconds, work) {
      waiting.push({ at: now() + seconds, work });
    },
  };
}
