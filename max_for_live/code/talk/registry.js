// Which client names and ports the devices of this Live hold, so that two never take the same one.

const FRESH_SECONDS = 12;
const NAME_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";
const NAME_LENGTH = 8;

/**
 * A register that all devices share through `read` and `write` (one text); what its holder has not refreshed
 * for some seconds is free again. Where nothing is shared, every claim succeeds.
 */
export function createRegistry({ read, write, now }) {
  const mine = new Set();

  /** What is held and since when it was last said, `{ name: seconds }`, without what was left behind. */
  function held() {
    const all = Object.entries(parseHeld(read()));
    return Object.fromEntries(all.filter(([, since]) => Math.abs(now() - since) < FRESH_SECONDS));
  }

  return {
    /** Take a name or port; false where another device has it. */
    claim(name) {
      const all = held();
      if (!mine.has(name) && name in all) return false;
      mine.add(name);
      write(JSON.stringify({ ...all, [name]: now() }));
      return true;
    },

    release(name) {
      if (!mine.delete(name)) return;
      const { [name]: _, ...others } = held();
      write(JSON.stringify(others));
    },

    /** Say that all that this device holds is still held; every few seconds. */
    refresh() {
      write(JSON.stringify({ ...held(), ...Object.fromEntries([...mine].map((name) => [name, now()])) }));
    },

    releaseAll() {
      const others = Object.entries(held()).filter(([name]) => !mine.has(name));
      mine.clear();
      write(JSON.stringify(Object.fromEntries(others)));
    },
  };
}

/** A client name that no other device of this Live has: `live-` and eight letters or digits. */
export function claimClient(registry, random) {
  const letter = () => NAME_LETTERS[Math.floor(random() * NAME_LETTERS.length)];
  let client = "";
  do client = `live-${Array.from({ length: NAME_LENGTH }, letter).join("")}`;
  while (!registry.claim(`name ${client}`));
  return client;
}

function parseHeld(text) {
  try {
    const held = JSON.parse(text);
    return held && typeof held === "object" && !Array.isArray(held) ? held : {};
  } catch (problem) {
    return {};
  }
}
