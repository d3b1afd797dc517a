// Live's objects as the device sees them: found by path or id, null where there is none.

// These three are made once: they are asked for all the time, and stay what they are while a Set is open.
const LASTING_PATHS = ["live_set", "live_set view", "live_app"];
const lasting = new Map();
const borrowed = new Set();
const watching = new Set();

/**
 * The Live object at a path (`live_set tracks 0`) or with an id; null where there is none.
 * Ids hold for as long as Live keeps the Set open, paths until something is moved.
 */
export function liveObject(pathOrId) {
  if (!pathOrId) return null;
  if (lasting.has(pathOrId)) return lasting.get(pathOrId);
  const api = new LiveAPI(null, typeof pathOrId === "number" ? `id ${pathOrId}` : pathOrId);
  if (idOf(api) === 0) {
    giveBack(api);
    return null;
  }
  const isLasting = LASTING_PATHS.includes(pathOrId);
  const object = new LiveObject(api, isLasting);
  if (isLasting) lasting.set(pathOrId, object);
  return object;
}

/**
 * Call back when a property changes, and once at once. Made once and kept: each observer costs Max a little
 * memory.
 */
export function watchProperty(path, property, callback) {
  const api = new LiveAPI(callback, path);
  watching.add(api);
  if (idOf(api) !== 0) api.property = property;
  return api;
}

/**
 * Give back all objects that were found since the last time: Live would keep each for as long as the device
 * is there. One that is used once more finds itself again.
 */
export function releaseLiveObjects() {
  for (const object of borrowed) object.release();
  borrowed.clear();
}

/** Give everything back, and watch nothing any more. */
export function leaveLive() {
  releaseLiveObjects();
  for (const object of lasting.values()) object.release();
  lasting.clear();
  for (const api of watching) {
    api.property = "";
    giveBack(api);
  }
  watching.clear();
}

/** One object of the Live Object Model. Live never throws: a refused call or property changes nothing. */
class LiveObject {
  constructor(api, isLasting) {
    this.id = idOf(api);
    this.held = api;
    if (!isLasting) borrowed.add(this);
  }

  /** Max's object; found again by its id where it was given back, for work that outlives a wait. */
  get api() {
    if (!this.held) {
      this.held = new LiveAPI(null, `id ${this.id}`);
      borrowed.add(this);
    }
    return this.held;
  }

  release() {
    if (this.held) giveBack(this.held);
    this.held = null;
  }

  get path() {
    return String(this.api.unquotedpath);
  }

  get type() {
    return String(this.api.type);
  }

  /** What a property holds, as a list; empty where this version of Live has no such property. */
  words(property) {
    const answer = this.api.get(property);
    return (Array.isArray(answer) ? answer : [answer]).filter((word) => word !== null && word !== undefined);
  }

  number(property) {
    const value = Number(this.words(property)[0]);
    return Number.isFinite(value) ? value : 0;
  }

  flag(property) {
    return this.number(property) === 1;
  }

  text(property) {
    return this.words(property).join(" ");
  }

  numbers(property) {
    return this.words(property).map(Number).filter(Number.isFinite);
  }

  /** A property that Live writes as JSON, in whatever wrapping it comes; null where it cannot be read. */
  json(property) {
    return parseJson(this.api.get(property));
  }

  set(property, value) {
    this.api.set(property, value);
  }

  /** The ids of the children in a list (`tracks`, `clip_slots`). */
  ids(list) {
    return idsIn(this.api.get(list));
  }

  children(list) {
    return this.ids(list).map(liveObject).filter(Boolean);
  }

  /** The object that a property names (`clip`, `canonical_parent`); null where there is none. */
  child(property) {
    return liveObject(this.ids(property)[0]);
  }

  call(name, ...words) {
    return this.api.call(name, ...words);
  }

  /** Call what makes an object; null where Live says of none. */
  make(name, ...words) {
    return liveObject(idsIn(this.api.call(name, ...words))[0]);
  }

  /** Whether this version of Live has a function, which versions and editions say only roughly. */
  can(name) {
    return new RegExp(`\\b${name}\\b`).test(String(this.api.info));
  }
}

/**
 * JSON as Live hands it over: text, an array that holds text, an object that can tell itself, or already an
 * object.
 */
export function parseJson(answer) {
  const first = Array.isArray(answer) && typeof answer[0] === "string" ? answer[0] : answer;
  try {
    if (typeof first === "string") return JSON.parse(first);
    if (first && typeof first.stringify === "function") return JSON.parse(first.stringify());
  } catch (problem) {
    return null;
  }
  return first && typeof first === "object" ? first : null;
}

/** An id as `api.id` says it, which may be 5, "5" or "id 5"; 0 for none. */
function idOf(api) {
  return Number((/\d+/.exec(String(api.id)) || [0])[0]);
}

/** The ids of an answer such as ["id", 5, "id", 6] or "id 5"; those that mean nothing are left out. */
function idsIn(answer) {
  const words = Array.isArray(answer) ? answer.join(" ") : String(answer);
  return (words.match(/\d+/g) || []).map(Number).filter((id) => id > 0);
}

/** An emptied path is how Max lets go of an object and of what it listens to. */
function giveBack(api) {
  api.path = "";
}
