// Max's File and Folder, with the limits that they keep in silence, which here fail the test.

const MOST_CHARACTERS_A_WRITE = 8192;
const MOST_BYTES_A_WRITE = 4096;
const MOST_BYTES_A_READ = 4096;
const KEPT_OF_A_TRUNCATED_FILE = 4000;

/** Max's File on the world's disk. */
export function fileClass(world, complain) {
  return class File {
    #data = Buffer.alloc(0);
    #dirty = false;

    constructor(path, access = "read") {
      this.filename = String(path);
      this.access = access;
      this.isopen = 0;
      this.position = 0;
      this.open();
    }

    open() {
      const path = this.filename;
      const folder = path.slice(0, path.lastIndexOf("/"));
      this.foldername = folder;
      if (path.includes("\\")) return;
      const writes = this.access !== "read";
      if (writes && (world.files.writing === "refused" || !world.disk.hasFolder(folder))) return;
      if (!writes && !world.disk.hasFile(path)) return;
      this.#data = Buffer.from(world.disk.read(path) ?? "");
      this.#dirty = writes;
      this.position = 0;
      this.isopen = 1;
    }

    close() {
      if (this.isopen && this.#dirty && world.files.writing !== "silent") {
        const kept =
          world.files.writing === "truncated" ? this.#data.subarray(0, KEPT_OF_A_TRUNCATED_FILE) : this.#data;
        world.disk.write(this.filename, kept);
      }
      this.isopen = 0;
    }

    get eof() {
      return this.isopen ? this.#data.length : 0;
    }

    set eof(size) {
      this.#mustWrite();
      const data = Buffer.alloc(size);
      this.#data.copy(data, 0, 0, size);
      this.#data = data;
    }

    writestring(text) {
      this.#mustWrite();
      if (text.length > MOST_CHARACTERS_A_WRITE) {
        complain(`writestring was given ${text.length} characters at once`);
      }
      if (/[^\x00-\x7f]/.test(text)) complain("writestring was given text that is not ASCII");
      this.#write(Buffer.from(text, "latin1"));
    }

    writebytes(bytes) {
      this.#mustWrite();
      if (bytes.length > MOST_BYTES_A_WRITE) complain(`writebytes was given ${bytes.length} bytes at once`);
      this.#write(Buffer.from([...bytes]));
    }

    readstring(count) {
      if (!this.isopen) return "";
      const text = this.#data.toString("utf8", this.position, this.position + count);
      this.position = Math.min(this.#data.length, this.position + count);
      return text;
    }

    readbytes(count) {
      if (count > MOST_BYTES_A_READ) complain(`readbytes was asked for ${count} bytes at once`);
      if (!this.isopen) return [];
      const bytes = [...this.#data.subarray(this.position, this.position + count)];
      this.position += bytes.length;
      return bytes;
    }

    #mustWrite() {
      if (!this.isopen) complain(`${this.filename} is not open`);
      if (!this.#dirty) complain(`${this.filename} was opened for reading`);
    }

    #write(bytes) {
      const end = this.position + bytes.length;
      if (end > this.#data.length) this.#data = Buffer.concat([this.#data], Math.max(end, this.#data.length));
      bytes.copy(this.#data, this.position);
      this.position = end;
    }
  };
}

/** Max's Folder on the world's disk. */
export function folderClass(world, complain) {
  return class Folder {
    #entries;
    #place = 0;

    constructor(path) {
      this.pathname = String(path);
      const isFolder = this.pathname.endsWith("/") && !this.pathname.includes("\\");
      this.#entries = isFolder ? world.disk.list(this.pathname) : [];
    }

    get count() {
      return this.#entries.length;
    }

    get end() {
      return this.#place >= this.#entries.length ? 1 : 0;
    }

    get filename() {
      return this.#entries[this.#place] ?? "";
    }

    next() {
      if (this.#place > this.#entries.length) complain(`${this.pathname} was read beyond its end`);
      this.#place += 1;
    }

    close() {
      this.#entries = [];
    }
  };
}
