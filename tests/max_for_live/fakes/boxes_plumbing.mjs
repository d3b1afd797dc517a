// The boxes behind the face: what each of Max's objects does with what it is sent.

import { atomOf, attribute, misunderstood } from "./box_words.mjs";
import { fail, loadScript } from "./max.mjs";
import { encode } from "./osc.mjs";

const MOST_BYTES_A_PACKET = 4000;
const DECORATION = () => ({});

/** By object: what makes its box: { receive(atoms, inlet), announce() while loading, load() }. */
export const PLUMBING_BOXES = {
  "plugin~": DECORATION,
  "plugout~": DECORATION,
  "live.thisdevice": (box) => ({
    load() {
      box.out(1, 1);
      box.out(0, "bang");
    },
    receive: () => undefined,
  }),

  deferlow: deferring,
  trigger: triggering,
  prepend: (box) => ({ receive: (atoms) => box.out(0, ...box.words.map(atomOf), ...atoms) }),
  route: (box, patch) => ({
    receive(atoms) {
      const place = box.words.map(atomOf).indexOf(atoms[0]);
      // Max lets it go in silence: what leads nowhere was meant for somebody.
      if (place < 0 && !patch.wires.has(`${box.id}:${box.words.length}`)) misunderstood(patch, box, atoms);
      else if (place < 0) box.out(box.words.length, ...atoms);
      else box.out(place, ...(atoms.length > 1 ? atoms.slice(1) : ["bang"]));
    },
  }),

  message: (box, patch) => ({
    receive() {
      const text = box.raw.text;
      if (/[,;$]/.test(text)) fail(patch.world, `the message "${text}" has signs that the fake does not model`);
      box.out(0, ...text.split(" ").map(atomOf));
    },
  }),

  v8: (box, patch, source) => {
    const name = box.words[0];
    const script = loadScript(source.script(name), name, {
      ...patch.world,
      outlet: (index, atoms) => {
        if (index === 2) {
          patch.shownOn.set(atoms[0], [...(patch.shownOn.get(atoms[0]) ?? []), atoms.slice(1)]);
        }
        box.out(index, ...atoms);
      },
    });
    if (script.outlets !== box.raw.numoutlets) {
      fail(patch.world, `the script has ${script.outlets} outlets, and its box ${box.raw.numoutlets}`);
    }
    patch.script = script;
    return {
      receive(atoms) {
        if (atoms[0] === "bang" && !patch.world.isHighPriority()) patch.world.deviceIsReady();
        script.receive(atoms);
      },
    };
  },

  udpsend: (box, patch) => ({
    receive(atoms) {
      const [host, port] = [box.words[0], Number(box.words[1])];
      if (!String(atoms[0]).startsWith("/")) misunderstood(patch, box, atoms);
      const data = encode(atoms);
      if (data.length > MOST_BYTES_A_PACKET) {
        fail(patch.world, `${atoms[0]} made a packet of ${data.length} bytes`);
      }
      patch.sent.push(atoms);
      patch.packets.push({ address: atoms[0], bytes: data.length });
      patch.world.wire.send(host, port, data);
    },
  }),

  udpreceive: (box, patch) => {
    const deferred = attribute(box.words, "defer") === "1";
    let close = () => undefined;
    const listen = (port) => {
      close();
      box.port = port;
      close = patch.world.wire.listen(port, (atoms) => {
        if (!patch.live) return;
        if (deferred) patch.world.later(() => box.out(0, ...atoms));
        else patch.world.atHighPriority(() => box.out(0, ...atoms));
      });
    };
    patch.closing.push(() => close());
    listen(Number(box.words[0]));
    return {
      receive(atoms) {
        if (atoms[0] !== "port" || !Number.isInteger(atoms[1])) misunderstood(patch, box, atoms);
        listen(atoms[1]);
      },
    };
  },

  pattr: (box) => {
    const through = attribute(box.words, "thru") !== "0";
    const say = () => {
      if (box.value !== null) box.out(0, ...box.value);
    };
    return {
      announce: say,
      receive(atoms) {
        if (atoms[0] === "bang" && atoms.length === 1) say();
        else {
          box.value = [...atoms];
          if (through) say();
        }
      },
    };
  },

  "dspstate~": (box, patch) => ({
    receive(atoms) {
      if (atoms[0] !== "bang") misunderstood(patch, box, atoms);
      const rate = patch.world.sampleRate;
      box.out(3, 512);
      box.out(2, 64);
      box.out(1, rate);
      box.out(0, rate > 0 ? 1 : 0);
    },
  }),
};

function deferring(box, patch) {
  return { receive: (atoms) => patch.world.later(() => box.out(0, ...atoms)) };
}

function triggering(box, patch) {
  return {
    receive() {
      for (let place = box.words.length - 1; place >= 0; place -= 1) {
        if (box.words[place] !== "b") fail(patch.world, `the fake's trigger has no output ${box.words[place]}`);
        box.out(place, "bang");
      }
    },
  };
}
