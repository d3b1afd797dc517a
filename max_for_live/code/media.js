// Files by Max's File and Folder objects: written in slices and checked, since neither ever complains.

const SLICE_CHARACTERS = 4096;
const SLICE_BYTES = 4096;
const MOST_ENTRIES = 20000;
const REPLACEMENT = 0xfffd;
const LAST_POINT = 0x10ffff;
// By a letter's first byte: the bits that only say how many bytes it has, and the least letter of so many.
const UTF8_KINDS = [
  { from: 0xc2, to: 0xdf, length: 2, mark: 0xc0, least: 0x80 },
  { from: 0xe0, to: 0xef, length: 3, mark: 0xe0, least: 0x800 },
  { from: 0xf0, to: 0xf4, length: 4, mark: 0xf0, least: 0x10000 },
];

/** Write ASCII text over whatever a file holds; true when all of it is there afterwards. */
export function writeText(path, text) {
  const file = new File(maxPath(path), "write", "TEXT");
  if (!file.isopen) return false;
  file.eof = 0;
  for (let at = 0; at < text.length; at += SLICE_CHARACTERS) {
    file.writestring(text.slice(at, at + SLICE_CHARACTERS));
  }
  file.close();
  return fileSize(path) === text.length;
}

/**
 * The text of a UTF-8 file of at most so many bytes; null where there is none, or it is longer. It is read as
 * bytes, for a slice may end in the middle of a letter.
 */
export function readText(path, mostBytes) {
  const file = new File(maxPath(path), "read");
  if (!file.isopen) return null;
  const size = file.eof;
  const bytes = [];
  while (size <= mostBytes && bytes.length < size) {
    const slice = file.readbytes(Math.min(SLICE_BYTES, size - bytes.length));
    if (!slice || slice.length === 0) break;
    bytes.push(...slice);
  }
  file.close();
  return size <= mostBytes ? utf8Text(bytes) : null;
}

/** The size of a file in bytes, never negative however large it is; -1 where it cannot be opened. */
export function fileSize(path) {
  const file = new File(maxPath(path), "read");
  if (!file.isopen) return -1;
  const size = Math.max(file.eof, 0);
  file.close();
  return size;
}

/** Whether a folder holds an entry of this name. */
export function folderHas(folder, name) {
  const path = maxPath(folder);
  const entries = new Folder(path.endsWith("/") ? path : `${path}/`);
  let found = false;
  for (let seen = 0; !found && !entries.end && seen < MOST_ENTRIES; seen += 1) {
    found = entries.filename === name;
    entries.next();
  }
  entries.close();
  return found;
}

/** What bytes say in UTF-8; each that belongs to no letter becomes U+FFFD. */
function utf8Text(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const { point, length } = letterAt(bytes, at);
    text += String.fromCodePoint(point);
    at += length;
  }
  return text;
}

function letterAt(bytes, at) {
  const first = bytes[at] & 0xff;
  if (first < 0x80) return { point: first, length: 1 };
  const kind = UTF8_KINDS.find(({ from, to }) => first >= from && first <= to);
  const rest = kind ? bytes.slice(at + 1, at + kind.length) : [];
  const isWhole = kind && rest.length === kind.length - 1 && rest.every((byte) => (byte & 0xc0) === 0x80);
  const point = rest.reduce((sum, byte) => sum * 64 + (byte & 0x3f), isWhole ? first - kind.mark : 0);
  const isLetter = isWhole && point >= kind.least && point <= LAST_POINT && (point < 0xd800 || point > 0xdfff);
  return isLetter ? { point, length: kind.length } : { point: REPLACEMENT, length: 1 };
}

/** The folder of a path, written as it came; empty where there is none above. */
export function folderOf(path) {
  const end = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  return end > 0 ? path.slice(0, end) : "";
}

/** The last part of a path. */
export function nameOf(path) {
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}

/** Max reads slashes on every system. */
export function maxPath(path) {
  return path.replace(/\\/g, "/");
}
