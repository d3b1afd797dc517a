// OSC 1.0 as Max's udpsend writes it and its udpreceive reads it.

const INT_LOW = -2147483648;
const INT_HIGH = 2147483647;

/** A message from atoms: whole numbers are `i`, others `f`, text is `s`. */
export function encode([address, ...values]) {
  if (typeof address !== "string" || !address.startsWith("/")) {
    throw new Error(`${String(address)} is no OSC address`);
  }
  const tags = values.map((value) => (typeof value === "string" ? "s" : Number.isInteger(value) ? "i" : "f"));
  return Buffer.concat([padded(address), padded(`,${tags.join("")}`), ...values.map(packed)]);
}

/** The atoms of a message: `i f s`, and `h d T F` when they come. */
export function decode(data) {
  const [address, afterAddress] = text(data, 0);
  const [tags, afterTags] = text(data, afterAddress);
  if (!tags.startsWith(",")) throw new Error(`${address} has no type tags`);
  const atoms = [address];
  let at = afterTags;
  for (const tag of tags.slice(1)) {
    const [value, next] = unpacked(data, at, tag);
    atoms.push(value);
    at = next;
  }
  return atoms;
}

function packed(value) {
  if (typeof value === "string") return padded(value);
  const bytes = Buffer.alloc(4);
  if (!Number.isInteger(value)) bytes.writeFloatBE(value);
  else if (value < INT_LOW || value > INT_HIGH) throw new Error(`${value} does not fit into an OSC integer`);
  else bytes.writeInt32BE(value);
  return bytes;
}

function unpacked(data, at, tag) {
  if (tag === "i") return [data.readInt32BE(at), at + 4];
  if (tag === "f") return [data.readFloatBE(at), at + 4];
  if (tag === "s") return text(data, at);
  if (tag === "h") return [Number(data.readBigInt64BE(at)), at + 8];
  if (tag === "d") return [data.readDoubleBE(at), at + 8];
  if (tag === "T") return [1, at];
  if (tag === "F") return [0, at];
  throw new Error(`the OSC type ${tag} is not read here`);
}

function padded(word) {
  const bytes = Buffer.from(word, "utf8");
  return Buffer.concat([bytes], bytes.length + 4 - (bytes.length % 4));
}

function text(data, at) {
  const end = data.indexOf(0, at);
  if (end < 0) throw new Error("an OSC text does not end");
  return [data.toString("utf8", at, end), end + 4 - (end % 4)];
}
