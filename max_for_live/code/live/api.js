// Live's objects as the device sees them: found by path or id, null where there is none.

/**
 * The Live object at a path (`live_set tracks 0`) or with an id; null where there is none.
 * Ids hold for as long as Live keeps the Set open, paths until something is moved.
 */
export function liveObject(pathOrId) {
  if (!pathOrId) return null;
  const api = new LiveAPI(null, typeof pathOrId === "number" ? `id ${pathOrId}` : pathOrId);
  return Number(api.id) === 0 ? null : new LiveObject(api);
}

/**
 * Call back when a property changes, and once at once. Made once and kept: each observer costs Max a little
 * memory.
 */
export function watchProperty(path, property, callback) {
  const api = new LiveAPI(callback, path);
  if (Number(api.id) !== 0) api.property = property;
  return api;
}

/** One object of the Live Object Model. Live never throws: a refused call or property changes nothing. */
export class LiveObject {
  constructor(api) {
    this.api = api;
    this.id = Number(api.id);
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

function idsIn(answer) {
  const words = Array.isArray(answer) ? answer : String(answer).split(" ");
  return words.filter((word) => word !== "id").map(Number).filter((id) => id > 0);
}
