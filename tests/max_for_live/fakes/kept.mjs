// What the device keeps of itself in the Set, for a test to read.

/** The state as the device would read it: a word of Max, in which texts that come again are told once. */
export function keptOf(device) {
  const [word] = device.stored().State ?? ["s%7B%22open%22%3A%5B%5D%7D"];
  const { texts = [], ...state } = JSON.parse(decodeURIComponent(word.slice(1)));
  return told(state, texts);
}

function told(value, texts) {
  if (typeof value === "string") return value.startsWith("#") ? texts[Number(value.slice(1))] : value;
  if (Array.isArray(value)) return value.map((one) => told(one, texts));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, told(one, texts)]));
}
