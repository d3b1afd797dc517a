// The protocol's messages as udpsend takes and udpreceive gives them: checked, and small enough.

import { FROM_DAEMON, MAX_PARTS, TO_DAEMON } from "../protocol.js";

const MOST_PACKET_BYTES = 4000;
const FLOAT_DIGITS = 9;
const MAY_BE_EMPTY = { "/bridge/rejected": 0, "/bridge/done": 7 };

/**
 * A message to the daemon, `[address, ...arguments]`, without empty arguments at its end; null where an
 * argument is missing or of the wrong kind, or the packet would be too large.
 */
export function messageTo(address, values) {
  const given = withoutEmptyEnd(values);
  const row = TO_DAEMON[address].map(readArgument);
  const needed = row.filter((argument) => !argument.optional).length;
  const fits = given.length >= needed && given.length <= row.length
    && given.every((value, place) => value !== "" && isOfKind(value, row[place].kind));
  const message = [address, ...given];
  return fits && oscBytes(message) <= MOST_PACKET_BYTES ? message : null;
}

/** A message that ends with a text; as much of it as a packet holds. */
export function messageWithText(address, values, text) {
  const room = MOST_PACKET_BYTES - oscBytes([address, ...values, ""]);
  let bytes = 0;
  let length = 0;
  for (const character of text) {
    bytes += utf8Bytes(character);
    if (bytes > room) break;
    length += character.length;
  }
  return messageTo(address, [...values, text.slice(0, length)]);
}

/**
 * A trigger's JSON (ASCII) as messages that each fit a packet; null where it needs more parts than are
 * allowed.
 */
export function partsOf(requestId, text) {
  const address = "/bridge/trigger/part";
  const room = MOST_PACKET_BYTES - oscBytes([address, requestId, 0, 0, ""]) + 3;
  const total = Math.ceil(text.length / room);
  if (total > MAX_PARTS) return null;
  return Array.from({ length: total }, (_, index) =>
    messageTo(address, [requestId, index, total, text.slice(index * room, (index + 1) * room)]));
}

/**
 * What a message from the daemon says, by the names of the table; null for one that is not as the table says.
 * Max may leave an empty word out: the one that may be empty in this message is then put back.
 */
export function readMessage(address, words) {
  const row = FROM_DAEMON[address].map(readArgument);
  const place = MAY_BE_EMPTY[address];
  const given = words.length === row.length - 1 && place !== undefined
    ? [...words.slice(0, place), "", ...words.slice(place)]
    : words;
  if (given.length < row.length) return null;
  const values = row.map((argument, index) => asKind(given[index], argument.kind));
  if (values.includes(null)) return null;
  return Object.fromEntries(row.map((argument, index) => [argument.name, values[index]]));
}

/** The bytes of a message as OSC writes it. */
function oscBytes(message) {
  const [address, ...values] = message;
  return values.reduce(
    (sum, value) => sum + (typeof value === "string" ? padded(utf8Bytes(value)) : 4),
    padded(utf8Bytes(address)) + padded(values.length + 1),
  );
}

function withoutEmptyEnd(values) {
  let length = values.length;
  while (length > 0 && (values[length - 1] === "" || values[length - 1] === undefined)) length -= 1;
  return values.slice(0, length);
}

function readArgument(word) {
  const [kind, name] = word.split(":");
  return { kind, name: name.replace("?", ""), optional: name.endsWith("?") };
}

function isOfKind(value, kind) {
  if (kind === "s") return typeof value === "string";
  return kind === "i" ? Number.isInteger(value) && Math.abs(value) < 2 ** 31 : Number.isFinite(value);
}

/**
 * A word of Max as an argument of this kind; null where it is none. Text made of digits may come as a number.
 */
function asKind(word, kind) {
  if (kind === "s") return typeof word === "string" || typeof word === "number" ? String(word) : null;
  if (typeof word !== "number" || !Number.isFinite(word)) return null;
  return kind === "i" ? Math.round(word) : shortest(word);
}

function padded(bytes) {
  return bytes + 4 - (bytes % 4);
}

/** The number meant by one of 32 bits: the shortest decimal that becomes it (96.3, not 96.30000305). */
function shortest(number) {
  if (Math.fround(number) !== number) return number;
  for (let digits = 1; digits <= FLOAT_DIGITS; digits += 1) {
    const decimal = Number(number.toPrecision(digits));
    if (Math.fround(decimal) === number) return decimal;
  }
  return number;
}

function utf8Bytes(text) {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0);
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
