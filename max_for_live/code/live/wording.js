// The words of a prompt or a name, in any script, told apart without Unicode tables, which a V8 may lack.

// All of ASCII's punctuation but # ' and -, which stand within words, and the usual marks of print.
const ASCII_MARKS = "!\"$%&()*+,./:;<=>?@[\\]^_`{|}~";
const PRINT_MARKS = "\u201c\u201d\u201e\u2018\u2013\u2014\u00b7\u2026\u3001\u3002\uff0c";
const BETWEEN_WORDS = new RegExp(`[\\s${ASCII_MARKS.replace(/[\]\\^]/g, "\\$&")}${PRINT_MARKS}]+`);
const AT_ENDS = /^['\u2019-]+|['\u2019-]+$/g;

/** The words of a text in their order, as they are written. */
export function wordsOf(text) {
  return String(text || "").split(BETWEEN_WORDS).map((word) => word.replace(AT_ENDS, "")).filter(Boolean);
}

/** Whether a word has a letter in it; whatever is not ASCII counts as one. */
export function hasLetter(word) {
  return [...word].some((sign) => sign > "\u007f" || sign.toLowerCase() !== sign.toUpperCase());
}
