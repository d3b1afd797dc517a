// Which client names and ports the devices of this Live hold, so that two never take the same one.

const FRESH_SECONDS = 30;

/**
 * A register that all devices share through `read` and `write` (one text); what its holder has not refreshed for
 * half a minute is free again. Where nothing is shared, every claim succeeds.
 */
export function createRegistry({ read, write, now }) {
  const mine = new Set();

  /** What is held by whom, without what was left behind: `{ name: [seconds, holder's mark] }`. */
  function held() {
    const all = parseHeld(read());
    return Object.fromEntries(Object.entries(all).filter(([, since]) => Math.abs(now() - since) < FRESH_SECONDS));
  }

  return {
    /** Take a name or port; false where another device has it. */
    claim(name) {
      const all = held();
      if (!mine.has(String(name)) && String(name) in all) return false;
      mine.add(String(name));
      write(JSON.stringify({ ...all, [name]: now() }));
      return true;
    },

    release(name) {
      if (!mine.delete(String(name))) return;
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

function parseHeld(text) {
  try {
    const held = JSON.parse(text);
    return held && typeof held === "object" && !Array.isArray(held) ? held : {};
  } catch (problem) {
    return {};
  }
}
