// Says that a take was imported: nothing answers that, so it is said several times.

import { shortened } from "../values.js";

const PAUSES_SECONDS = [1, 2, 4, 4, 8, 8, 8, 8, 8];
const MOST_WHERE_CHARACTERS = 200;

/** What was imported is said now and on later ticks, whenever `isUp()`. */
export function createThanks({ say, now, isUp }) {
  let open = [];

  function tick() {
    if (open.length === 0 || !isUp()) return;
    for (const thank of open) {
      if (now() < thank.due) continue;
      say("/bridge/imported", ...thank.words);
      thank.due = now() + (PAUSES_SECONDS[thank.times] || Infinity);
      thank.times += 1;
    }
    open = open.filter(({ due }) => due < Infinity);
  }

  return {
    add(requestId, jobId, take, where) {
      const words = [requestId, jobId, take, shortened(where, MOST_WHERE_CHARACTERS)];
      open.push({ words, due: now(), times: 0 });
      tick();
    },
    tick,
  };
}
