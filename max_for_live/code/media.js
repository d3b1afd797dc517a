// Files by Max's File and Folder objects: written in slices and checked, since neither ever complains.

const SLICE_CHARACTERS = 4096;
const MOST_ENTRIES = 20000;

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

/** The text of a file of at most so many bytes; null where there is none, or it is longer. */
export function readText(path, mostBytes) {
  const file = new File(maxPath(path), "read");
  if (!file.isopen) return null;
  const size = file.eof;
  let text = "";
  while (size <= mostBytes && file.position < size) {
    const slice = file.readstring(Math.min(SLICE_CHARACTERS, size - file.position));
    if (!slice) break;
    text += slice;
  }
  file.close();
  return size <= mostBytes ? text : null;
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
  const entries = new Folder(maxPath(folder));
  let found = false;
  for (let seen = 0; !found && !entries.end && seen < MOST_ENTRIES; seen += 1) {
    found = entries.filename === name;
    entries.next();
  }
  entries.close();
  return found;
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
