// Which client names and ports the devices of this Live hold, so that two never take the same one.

const FRESH_SECONDS = 12;
const NAME_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";
const NAME_LENGTH = 8;
const DEVICE_ID = new RegExp(`^live-[${NAME_LETTERS}]{${NAME_LENGTH}}\\.`, "i");

/**
 * A register that all devices share: `held` has a number for each name, the seconds when its holder last said
 * that it holds it, 0 where it is free. What has not been said for some seconds is free again. Where nothing
 * is shared, every claim succeeds. `now()` must be the same clock for all devices.
 */
export function createRegistry({ held, now }) {
  const mine = new Set();

  function isHeld(name) {
    return Math.abs(now() - (Number(held[propertyOf(name)]) || 0)) < FRESH_SECONDS;
  }

  function hold(name) {
    held[propertyOf(name)] = now();
  }

  function free(name) {
    held[propertyOf(name)] = 0;
  }

  return {
    /** Take a name or port; false where another device has it. */
    claim(name) {
      if (!mine.has(name) && isHeld(name)) return false;
      mine.add(name);
      hold(name);
      return true;
    },

    /** Whether no other device has a name or port. */
    isFree(name) {
      return mine.has(name) || !isHeld(name);
    },

    release(name) {
      if (mine.delete(name)) free(name);
    },

    /** Say that all that this device holds is still held; every few seconds. */
    refresh() {
      mine.forEach(hold);
    },

    releaseAll() {
      mine.forEach(free);
      mine.clear();
    },
  };
}

/**
 * A client name that no other device of this Live has: `live-` and eight letters or digits. The time is mixed
 * in, for chance may begin alike in every session.
 */
export function claimClient(registry, random, now) {
  const seconds = Math.floor(now());
  const letter = (_, place) => {
    const ofTime = Math.floor(seconds / NAME_LETTERS.length ** place);
    return NAME_LETTERS[(Math.floor(random() * NAME_LETTERS.length) + ofTime) % NAME_LETTERS.length];
  };
  let client = "";
  do client = `live-${Array.from({ length: NAME_LENGTH }, letter).join("")}`;
  while (!registry.claim(`name ${client}`));
  return client;
}

/** Whether a request id is one that some device of ours has made, this one or another. */
export function isDeviceId(requestId) {
  return DEVICE_ID.test(requestId);
}

/** A name as the property of Max's Global: one word. */
function propertyOf(name) {
  return name.replace(/[^A-Za-z0-9]/g, "_");
}
