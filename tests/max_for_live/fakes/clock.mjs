// Time and chance that a test holds in its hand: timers run only when the test lets time pass.

const BIRTH_MILLISECONDS = Date.UTC(2026, 0, 5, 20, 0, 0);
const MOST_TIMERS_AT_ONE_MOMENT = 100_000;

/** A clock that stands still until `advance(seconds)`. */
export function createFakeClock() {
  const timers = new Map();
  let now = BIRTH_MILLISECONDS;
  let count = 0;

  function later(seconds, work) {
    count += 1;
    timers.set(count, { due: now + Math.max(0, seconds) * 1000, order: count, work });
    return count;
  }

  function nextDue(until) {
    let found = null;
    for (const [id, timer] of timers) {
      const earlier =
        !found || timer.due < found.due || (timer.due === found.due && timer.order < found.order);
      if (timer.due <= until && earlier) found = { id, ...timer };
    }
    return found;
  }

  function advance(seconds) {
    const until = now + seconds * 1000;
    let atOneMoment = 0;
    for (let timer = nextDue(until); timer; timer = nextDue(until)) {
      atOneMoment = timer.due > now ? 0 : atOneMoment + 1;
      if (atOneMoment > MOST_TIMERS_AT_ONE_MOMENT) {
        throw new Error("timers start each other without any time passing");
      }
      now = Math.max(now, timer.due);
      timers.delete(timer.id);
      timer.work();
    }
    now = until;
  }

  return {
    now: () => now,
    seconds: () => (now - BIRTH_MILLISECONDS) / 1000,
    later,
    cancel: (id) => timers.delete(id),
    advance,
  };
}

/**
 * The same on real time, for journeys. `stop()` ends every timer; what a timer throws goes to
 * `failed(error)`.
 */
export function createRealClock(failed) {
  const timers = new Map();
  const birth = Date.now();
  let count = 0;

  function later(seconds, work) {
    count += 1;
    const id = count;
    const run = () => {
      timers.delete(id);
      try {
        work();
      } catch (error) {
        failed(error);
      }
    };
    timers.set(id, seconds <= 0 ? immediate(run) : timeout(run, seconds * 1000));
    return id;
  }

  function cancel(id) {
    timers.get(id)?.();
    timers.delete(id);
  }

  return {
    now: () => Date.now(),
    seconds: () => (Date.now() - birth) / 1000,
    later,
    cancel,
    stop: () => [...timers.keys()].forEach(cancel),
  };
}

/** Numbers from 0 to below 1 that are the same at every run (mulberry32). */
export function createRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function immediate(run) {
  const handle = setImmediate(run);
  return () => clearImmediate(handle);
}

function timeout(run, milliseconds) {
  const handle = setTimeout(run, milliseconds);
  return () => clearTimeout(handle);
}
