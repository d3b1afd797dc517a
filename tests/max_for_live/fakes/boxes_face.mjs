// The boxes of the face: what a person sees, presses, types and chooses.

import { atomOf, misunderstood } from "./box_words.mjs";
import { fail } from "./max.mjs";

const WHOLE_NUMBER = 1;

/**
 * By object: what makes its box: { shown(), press(), type(text, returned), choose(value), receive(atoms),
 * announce() }.
 */
export const FACE_BOXES = {
  "live.comment": (box, patch) => ({
    // Max writes a backslash before what would end a message; the signs that stand for them are read as such.
    shown: () => box.label.replace(/ \u2013/g, ";").replace(/\u201a/g, ","),
    receive(atoms) {
      if (atoms[0] !== "set") misunderstood(patch, box, atoms);
      box.label = atoms.slice(1).join(" ").replace(/[,;]/g, "\\$&");
    },
  }),

  "live.text": (box, patch) => {
    const toggle = box.raw.mode === 1;
    const say = () => box.out(0, box.value ?? 0);
    return {
      announce: toggle ? say : undefined,
      shown() {
        if (toggle) return box.value ?? 0;
        return box.label === box.pressedLabel ? box.label : `${box.label}, pressed ${box.pressedLabel}`;
      },
      // A button that is not active is deaf to the mouse, but not to a pedal or automation.
      press(byMouse = true) {
        if (byMouse && !box.active) return;
        if (toggle) box.value = box.value ? 0 : 1;
        if (toggle) say();
        else box.out(0, "bang");
      },
      receive(atoms) {
        const [word, ...rest] = atoms;
        if (word === "text") box.label = oneSymbol(patch, box, rest);
        else if (word === "texton") box.pressedLabel = oneSymbol(patch, box, rest);
        else if (word === "active") box.active = flag(patch, box, rest) === 1;
        else if (word === "set" && toggle) box.value = flag(patch, box, rest);
        else if (word === "outputvalue" && toggle) say();
        else misunderstood(patch, box, atoms);
      },
    };
  },

  "live.menu": (box, patch) => {
    box.items = [...(box.parameter?.parameter_enum ?? [])];
    const say = () => {
      box.out(2, box.items.length > 1 ? box.value / (box.items.length - 1) : 0);
      box.out(1, box.items[box.value] ?? "");
      box.out(0, box.value ?? 0);
    };
    const put = (atoms) => {
      const index = Number(atoms[0]);
      if (atoms.length !== 1 || !box.items[index]) misunderstood(patch, box, ["set", ...atoms]);
      box.value = index;
    };
    return {
      announce: say,
      shown: () => box.items[box.value] ?? "",
      choose(index) {
        put([index]);
        say();
      },
      receive(atoms) {
        const [word, ...rest] = atoms;
        if (word === "bang") say();
        else if (word === "set") put(rest);
        else if (word === "_parameter_range") {
          if (rest.length === 0 || rest.some((item) => typeof item !== "string")) {
            misunderstood(patch, box, atoms);
          }
          box.items = rest;
          if ((box.value ?? 0) >= rest.length) box.value = 0;
          if (patch.world.menuSpeaks) {
            box.value = 0;
            say();
          }
        } else if (word === "active") box.active = flag(patch, box, rest) === 1;
        else if (typeof word === "number") {
          put(atoms);
          say();
        } else misunderstood(patch, box, atoms);
      },
    };
  },

  "live.numbox": numberBox,
  "live.toggle": (box, patch) => {
    const say = () => box.out(0, box.value ?? 0);
    return {
      announce: say,
      shown: () => box.value ?? 0,
      press() {
        box.value = box.value ? 0 : 1;
        say();
      },
      receive(atoms) {
        if (atoms[0] === "set") box.value = flag(patch, box, atoms.slice(1));
        else if (atoms[0] === "bang") say();
        else if (typeof atoms[0] === "number") {
          box.value = flag(patch, box, atoms);
          say();
        } else misunderstood(patch, box, atoms);
      },
    };
  },

  textedit: (box, patch) => {
    const oneWord = box.raw.outputmode === 1;
    const text = () => box.value ?? "";
    const say = () => box.out(0, ...spoken(text(), patch.world.textForm ?? (oneWord ? "symbol" : "atoms")));
    return {
      announce: say,
      shown: text,
      type(words, returned = true) {
        box.value = words;
        if (returned) say();
      },
      receive(atoms) {
        const [word, ...rest] = atoms;
        if (word === "bang" && rest.length === 0) say();
        else if (word === "set") box.value = rest.join(" ");
        else if (word === "clear") box.value = "";
        else misunderstood(patch, box, atoms);
      },
    };
  },
};

function numberBox(box, patch) {
  const whole = box.parameter?.parameter_type === WHOLE_NUMBER;
  const [low, high] = [box.parameter?.parameter_mmin ?? 0, box.parameter?.parameter_mmax ?? 127];
  const put = (value) => {
    if (typeof value !== "number") misunderstood(patch, box, [value]);
    box.value = Math.min(high, Math.max(low, whole ? Math.round(value) : value));
  };
  const say = () => {
    box.out(1, high > low ? ((box.value ?? low) - low) / (high - low) : 0);
    box.out(0, box.value ?? low);
  };
  return {
    announce: say,
    shown: () => box.value ?? low,
    choose(value) {
      put(value);
      say();
    },
    receive(atoms) {
      const [word, ...rest] = atoms;
      if (word === "bang") say();
      else if (word === "set") put(rest[0]);
      else if (word === "active") box.active = flag(patch, box, rest) === 1;
      else if (typeof word === "number") {
        put(word);
        say();
      } else misunderstood(patch, box, atoms);
    },
  };
}

function spoken(text, form) {
  const words = text.split(/\s+/).filter(Boolean);
  if (words.length === 0) return { "text symbol": ["text", ""], "text atoms": ["text"] }[form] ?? ["bang"];
  if (form === "symbol") return [text];
  if (form === "text symbol") return ["text", text];
  const atoms = words.map(atomOf);
  return form === "text atoms" && atoms.length > 1 ? ["text", ...atoms] : atoms;
}

function flag(patch, box, atoms) {
  if (atoms.length !== 1 || (atoms[0] !== 0 && atoms[0] !== 1)) misunderstood(patch, box, atoms);
  return atoms[0];
}

function oneSymbol(patch, box, atoms) {
  if (atoms.length !== 1) {
    fail(patch.world, `the text of "${box.varname}" must be one symbol, got ${atoms.join(" | ")}`);
  }
  return String(atoms[0]);
}
