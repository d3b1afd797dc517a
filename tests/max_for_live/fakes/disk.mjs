// Disks: one in memory, one that is real; both know what a WAV's header says.

import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/**
 * A disk in memory. Paths may be written with either slash; folders come into being by `addFolder` and
 * `addFile`.
 */
export function createMemoryDisk() {
  const files = new Map();
  const folders = new Set();

  function addFolder(path) {
    for (let one = plain(path); one && !folders.has(one); one = above(one)) folders.add(one);
  }

  return {
    addFolder,
    addFile(path, data) {
      addFolder(above(plain(path)));
      files.set(plain(path), Buffer.from(data));
    },
    addSound(path, { seconds = 8, rate = 48_000, channels = 2 } = {}) {
      addFolder(above(plain(path)));
      files.set(plain(path), wavHeader(Math.round(seconds * rate), rate, channels));
    },
    remove: (path) => files.delete(plain(path)),
    paths: () => [...files.keys()],
    hasFile: (path) => files.has(plain(path)),
    hasFolder: (path) => folders.has(plain(path)),
    read: (path) => files.get(plain(path)) ?? null,
    write(path, data) {
      if (!folders.has(above(plain(path)))) return false;
      files.set(plain(path), Buffer.from(data));
      return true;
    },
    list(path) {
      const folder = plain(path);
      const entries = [...files.keys(), ...folders].filter((one) => one !== folder && above(one) === folder);
      return entries.map((one) => one.slice(folder.length + 1)).sort();
    },
    sound: (path) => soundOf(files.get(plain(path)) ?? null),
  };
}

/** The machine's own disk. */
export function createRealDisk() {
  const isFile = (path) => existsSync(path) && statSync(path).isFile();
  const isFolder = (path) => existsSync(path) && statSync(path).isDirectory();
  return {
    addFolder: (path) => mkdirSync(path, { recursive: true }),
    addFile(path, data) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, data);
    },
    hasFile: isFile,
    hasFolder: isFolder,
    read: (path) => (isFile(path) ? readFileSync(path) : null),
    write(path, data) {
      if (!isFolder(dirname(path))) return false;
      writeFileSync(path, data);
      return true;
    },
    list: (path) => (isFolder(path) ? readdirSync(path).sort() : []),
    sound: (path) => soundOf(isFile(path) ? readFileSync(path) : null),
  };
}

/**
 * The header of a 16 bit WAV of so many frames; the frames themselves are left out, since no test here
 * listens.
 */
export function wavHeader(frames, rate, channels) {
  const bytes = frames * channels * 2;
  const header = Buffer.alloc(44);
  header.write("RIFF", 0, "latin1");
  header.writeUInt32LE(36 + bytes, 4);
  header.write("WAVEfmt ", 8, "latin1");
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * channels * 2, 28);
  header.writeUInt16LE(channels * 2, 32);
  header.writeUInt16LE(16, 34);
  header.write("data", 36, "latin1");
  header.writeUInt32LE(bytes, 40);
  return header;
}

function soundOf(data) {
  if (!data || data.length < 12 || data.toString("latin1", 0, 4) !== "RIFF") return null;
  let rate = 0;
  let block = 0;
  for (let at = 12; at + 8 <= data.length;) {
    const name = data.toString("latin1", at, at + 4);
    const size = data.readUInt32LE(at + 4);
    if (name === "fmt ") {
      rate = data.readUInt32LE(at + 12);
      block = data.readUInt16LE(at + 20);
    }
    if (name === "data" && block > 0) return { frames: size / block, rate, seconds: size / block / rate };
    at += 8 + size + (size % 2);
  }
  return null;
}

function plain(path) {
  const slashed = String(path).replace(/\\/g, "/");
  return slashed.length > 1 && slashed.endsWith("/") ? slashed.slice(0, -1) : slashed;
}

function above(path) {
  const end = path.lastIndexOf("/");
  return end > 0 ? path.slice(0, end) : "";
}
