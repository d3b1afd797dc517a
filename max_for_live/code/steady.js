// Time that only goes forward: a computer's clock may be set while a device waits for something.

const MOST_STEP_SECONDS = 60;
const SMALL_STEP_SECONDS = 0.1;

/**
 * Seconds that go on as `now()` does. Where it goes back, or goes on by more than a minute at once (it was set,
 * or the computer has slept), only a moment is counted.
 */
export function createSteadyClock(now) {
  let told = now();
  let before = told;

  return () => {
    const at = now();
    const step = at - before;
    before = at;
    told += step >= 0 && step <= MOST_STEP_SECONDS ? step : SMALL_STEP_SECONDS;
    return told;
  };
}
