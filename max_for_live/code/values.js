// Values as they go into JSON: numbers rounded and held in their range, texts cut, what is absent left out.

const BILLION = 1e9;

/** A number to a billionth, which no ear can tell, so that 0.30000000000000004 does not fill the file. */
export function rounded(number) {
  return Math.round(number * BILLION) / BILLION || 0;
}

/** A number when it is finite and between two others (both included), else null. */
export function within(number, low, high) {
  return Number.isFinite(number) && number >= low && number <= high ? number : null;
}

/** A text of at most so many UTF-16 units; a letter of two units is not cut in half. */
export function shortened(text, most) {
  if (text.length <= most) return text;
  const last = text.charCodeAt(most - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? most - 1 : most);
}

/** The fields that are there: without those that are null, undefined or an empty text. */
export function present(fields) {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== null && value !== undefined && value !== ""),
  );
}
