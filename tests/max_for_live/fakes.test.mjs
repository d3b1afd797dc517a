// The fake Max and its patch refuse and complain as they should: each rule once.

import assert from "node:assert/strict";
import test from "node:test";

import { openLive } from "./fakes/index.mjs";

test("a LiveAPI before live.thisdevice has spoken fails the test", (t) => {
  const script = (body) =>
    tiny(`${body} function bang() { globalThis.api = new LiveAPI(null, "live_set"); }`);
  const expects = [/before live.thisdevice/];
  const early = openLive(t, { device: script('const api = new LiveAPI(null, "live_set");'), expects });
  assert.throws(() => early.addDevice(), /before live.thisdevice/);
  const right = openLive(t, { device: script("") });
  right.addDevice();
  right.run(0.01);
  assert.deepEqual(right.violations(), []);
});

test("a LiveAPI outside the main thread fails the test", (t) => {
  const device = tiny(
    `function bang() { outlet(0, "/bridge/ping", "x"); }
     function anything() { new LiveAPI(null, "live_set"); }`,
  );
  device.patcher.boxes.find(({ box }) => box.id === "listen").box.text = "udpreceive 9131";
  const live = openLive(t, { device, expects: [/main thread/] });
  live.addDevice();
  assert.throws(() => live.run(0.1), /main thread/);
});

test("nothing that only Node has is there, and time and chance are the test's", (t) => {
  const names = [
    "setTimeout",
    "setInterval",
    "require",
    "process",
    "console",
    "fetch",
    "Buffer",
    "TextEncoder",
    "performance",
  ];
  const generate = `
    const there = ${JSON.stringify(names)}.filter((name) => typeof globalThis[name] !== "undefined");
    const words = [there.join(","), Date.now(), new Date().getTime(), Math.random()];
    outlet(2, "status", "set", words.join("|"));`;
  const say = (seed) => {
    const { live, device } = tinyLive(t, { generate, seed });
    const now = live.clock.now();
    device.pedal("Generate");
    assert.equal(device.shown("status").split("|")[1], String(now));
    return device.shown("status");
  };
  assert.match(say(1), /^\|(\d+)\|\1\|0\.\d+$/);
  assert.equal(say(1), say(1));
  assert.notEqual(say(1), say(2));
});

for (const [what, generate, complaint] of [
  ["printing", 'post("hm")', /printed/],
  ["outlet.apply", 'outlet.apply(this, [2, "status"])', /outlet.apply/],
  ["an outlet that is not there", 'outlet(4, "status")', /outlet 4/],
  ["an object as an atom", "outlet(2, { a: 1 })", /no atom/],
  ["NaN as an atom", "outlet(2, [1, NaN])", /no number/],
  ["a symbol that is too long", 'outlet(2, "x".repeat(40000))', /too long/],
  [
    "a write of too much text",
    'const f = new File("/tmp/x.txt", "write"); f.writestring("x".repeat(8193))',
    /8193 characters/,
  ],
  [
    "a write of too many bytes",
    'const f = new File("/tmp/x.txt", "write"); f.writebytes(new Array(4097))',
    /4097 bytes/,
  ],
  [
    "a read of too many bytes",
    'const f = new File("/tmp/x.txt", "read"); f.readbytes(4097)',
    /4097 bytes/,
  ],
  [
    "a write of text that is not ASCII",
    'const f = new File("/tmp/x.txt", "write"); f.writestring("é")',
    /ASCII/,
  ],
  ["a packet over 4,000 bytes", 'outlet(0, "/bridge/ping", "x".repeat(4000))', /packet of 40\d\d bytes/],
  ["an object in Global", 'new Global("g").x = {}', /Global.x/],
]) {
  test(`${what} fails the test, even where the script catches it`, (t) => {
    const { live, device } = tinyLive(t, {
      generate: `try { ${generate} } catch (problem) {}`,
      expects: [complaint],
    });
    live.disk.addFolder("/tmp");
    device.press("Generate");
    assert.equal(live.violations().length, 1);
    assert.match(live.violations()[0], complaint);
  });
}

test("lists are unrolled by one level at an outlet", (t) => {
  const { device } = tinyLive(t, { generate: 'outlet(2, ["status", "set", "a", 2, "b"])' });
  device.press("Generate");
  assert.equal(device.shown("status"), "a 2 b");
  assert.deepEqual(device.said("status"), [["set", "a", 2, "b"]]);
});

test("files are written where their folder is, over what is there, and may fail in silence", (t) => {
  const generate = `
    for (const path of ["/media/a.txt", "/nowhere/a.txt"]) {
      const file = new File(path, "write", "TEXT");
      if (!file.isopen) continue;
      file.writestring("new");
      file.close();
    }`;
  const { live, device } = tinyLive(t, { generate });
  live.disk.addFile("/media/a.txt", "older");
  device.press("Generate");
  assert.equal(live.disk.read("/media/a.txt").toString(), "newer");
  assert.equal(live.disk.hasFile("/nowhere/a.txt"), false);
  live.disk.addFile("/media/a.txt", "");
  live.files.writing = "silent";
  device.press("Generate");
  assert.equal(live.disk.read("/media/a.txt").toString(), "");
  live.files.writing = "refused";
  device.press("Generate");
  assert.equal(live.disk.read("/media/a.txt").toString(), "");
});

test("a long file is truncated where the disk does so", (t) => {
  const generate = 'const f = new File("/media/a.txt", "write"); f.writestring("x".repeat(5000)); f.close();';
  const { live, device } = tinyLive(t, { generate });
  live.disk.addFolder("/media");
  live.files.writing = "truncated";
  device.press("Generate");
  assert.equal(live.disk.read("/media/a.txt").length, 4000);
});

test("files are read in slices, folders entry by entry", (t) => {
  const generate = `
    const file = new File("/media/a.txt", "read");
    const words = [file.eof, file.readstring(3), file.position];
    file.close();
    const folder = new Folder("/media/");
    while (!folder.end) { words.push(folder.filename); folder.next(); }
    folder.close();
    words.push(new Folder("/media").count);
    outlet(2, "status", "set", words, new File("/media/none.txt", "read").isopen);`;
  const { live, device } = tinyLive(t, { generate });
  live.disk.addFile("/media/a.txt", "hello");
  live.disk.addFile("/media/b.txt", "");
  device.press("Generate");
  assert.equal(device.shown("status"), "5 hel 3 a.txt b.txt 0 0");
});

test("tasks run on the test's clock, once or again and again, until cancelled", (t) => {
  const rest = `
    let count = 0;
    const task = new Task(() => { count += 1; outlet(2, "status", "set", count); });
    task.interval = 100;`;
  const { live, device } = tinyLive(t, { rest, bang: "task.repeat()", generate: "task.cancel()" });
  live.run(0.25);
  assert.equal(device.shown("status"), "2");
  device.pedal("Generate");
  live.run(1);
  assert.equal(device.shown("status"), "2");
  const stands = tinyLive(t, { rest, bang: "task.repeat()", schedulerStands: true });
  stands.live.run(1);
  assert.equal(stands.device.shown("status"), "");
  const once = tinyLive(t, { rest, bang: "task.schedule(50)" });
  once.live.run(1);
  assert.equal(once.device.shown("status"), "1");
});

test("Global is shared by all devices of a Live, messnamed is noted", (t) => {
  const bang =
    'const g = new Global("bridge"); g.count = (g.count || 0) + 1; outlet(2, "status", "set", g.count);';
  const { live } = tinyLive(t, { bang, generate: 'messnamed("max", "launchbrowser", "file:///x")' });
  const second = live.addDevice();
  live.run(0.01);
  assert.equal(second.shown("status"), "2");
  second.press("Generate");
  assert.deepEqual(live.named, [["max", "launchbrowser", "file:///x"]]);
});

test("a box or message that the patch cannot have fails the test", (t) => {
  const unknown = tiny("function bang() {}", [["odd", "newobj", "print", 1, 0]]);
  assert.throws(() => openLive(t, { device: unknown, expects: [/\[print\]/] }).addDevice(), /\[print\]/);
  const port = tiny("function bang() {}", [], [["script", 4, "status"]]);
  assert.throws(() => openLive(t, { device: port, expects: [/no port/] }).addDevice(), /no port/);
  const fork = tiny("function bang() {}", [], [["later", 0, "say"]]);
  assert.throws(() => openLive(t, { device: fork, expects: [/two wires/] }).addDevice(), /two wires/);
  for (const [words, complaint] of [
    ['"status", "text", "x"', /does not understand "text x"/],
    ['"statos", "set", "x"', /route "route status" does not understand "statos set x"/],
  ]) {
    const { device } = tinyLive(t, { generate: `outlet(2, ${words})`, expects: [complaint] });
    assert.throws(() => device.press("Generate"), complaint);
  }
});

test("a pedal reaches only what Live's MIDI map reaches", (t) => {
  const { device } = tinyLive(t, { generate: 'outlet(2, "status", "set", "pressed")' });
  device.pedal("Generate");
  assert.equal(device.shown("status"), "pressed");
  assert.throws(() => device.pedal("Secret"), /cannot be mapped/);
});

test("before a press time passes as a person needs it, and a pedal does not wait", (t) => {
  const { live, device } = tinyLive(t, { generate: 'outlet(2, "status", "set", Date.now())' });
  const times = [];
  for (const press of ["press", "press", "pedal", "pedal"]) {
    device[press]("Generate");
    times.push(Number(device.shown("status")));
  }
  const born = live.clock.now() - live.clock.seconds() * 1000;
  assert.deepEqual(times.map((time) => Math.round((time - born) / 100) / 10), [1.1, 1.6, 1.6, 1.6]);
});

test("a pedal presses outside the main thread", (t) => {
  const { device } = tinyLive(t, { generate: 'new LiveAPI(null, "live_set")', expects: [/main thread/] });
  assert.throws(() => device.pedal("Generate"), /main thread/);
});

test("what is automated is told of the device's own parameters", (t) => {
  const generate = `
    const device = new LiveAPI(null, "this_device");
    const ids = device.get("parameters").filter((word) => word !== "id");
    const told = ids.map((id) => new LiveAPI(null, "id " + id)).map((one) => one.get("name") + one.get("automation_state"));
    outlet(2, "status", "set", told);`;
  const { device } = tinyLive(t, { generate });
  device.automate("Generate");
  device.press("Generate");
  assert.equal(device.shown("status"), "Device On0 Generate1");
});

test("a comment shows a backslash before what ends a message", (t) => {
  const { device } = tinyLive(t, { generate: 'outlet(2, "status", "set", "one,", "two;")' });
  device.press("Generate");
  assert.equal(device.shown("status"), "one\\, two\\;");
});

test("what was typed is kept by Live, told when the device loads, and goes into a copy", (t) => {
  const rest = 'let said = "nothing"; function anything(...words) { said = messagename + words.join(); }';
  const { live, device } = tinyLive(t, { rest, bang: 'outlet(2, "status", "set", said)' });
  device.type("Prompt", "deep house");
  assert.deepEqual(device.stored(), { Prompt: "deep house" });
  device.reload();
  live.run(0.01);
  assert.equal(device.shown("Prompt"), "deep house");
  assert.equal(device.shown("status"), "deep house");
  assert.equal(device.duplicate().shown("Prompt"), "deep house");
});

test("what is typed may come as one symbol, as atoms, or after the word text", (t) => {
  const rest =
    'function anything(...words) { outlet(2, "status", "set", [messagename, ...words].join("/")); }';
  const typed = (textForm, text) => {
    const { device } = tinyLive(t, { rest, textForm });
    device.type("Prompt", text);
    return device.shown("status");
  };
  assert.equal(typed("symbol", "deep house"), "deep house");
  assert.equal(typed("atoms", "deep house"), "deep/house");
  assert.equal(typed("text atoms", "deep house"), "text/deep/house");
  assert.equal(typed("text atoms", "house"), "house");
  assert.equal(typed("text symbol", "deep house"), "text/deep house");
});

test("an opened Set has new ids", (t) => {
  const { live } = tinyLive(t, { set: { tracks: [{ name: "M", kind: "midi" }] } });
  const before = live.track(0).id;
  live.reopen();
  live.run(0.01);
  assert.notEqual(live.track(0).id, before);
});

/** Live with one tiny device; `bang` and `generate` are the bodies of the script's functions. */
function tinyLive(t, { bang = "", generate = "", rest = "", ...options }) {
  const text = `function bang() { ${bang} } function generate() { ${generate} } ${rest}
    if (typeof anything === "undefined") globalThis.anything = () => {};`;
  const live = openLive(t, { ...options, device: options.device ?? tiny(text) });
  const device = live.addDevice();
  live.run(0.01);
  return { live, device };
}

/** A device of one script, with live.thisdevice, a status line and a Generate button. */
function tiny(text, more = [], lines = []) {
  const box = (id, maxclass, words, ins, outs, rest = {}) => ({
    box: {
      id,
      maxclass,
      text: words,
      numinlets: ins,
      numoutlets: outs,
      patching_rect: [0, 0, 50, 20],
      ...rest,
    },
  });
  const wire = ([source, outlet, destination, inlet = 0]) => ({
    patchline: { source: [source, outlet], destination: [destination, inlet] },
  });
  const parameter = (longname, invisible, rest = {}) => ({
    parameter_enable: 1,
    varname: longname.toLowerCase(),
    saved_attribute_attributes: {
      valueof: { parameter_longname: longname, parameter_invisible: invisible, ...rest },
    },
  });
  const boxes = [
    box("device", "newobj", "live.thisdevice", 1, 3),
    box("later", "newobj", "deferlow", 1, 1),
    box("script", "newobj", "v8 tiny.js", 1, 4),
    box("face", "newobj", "route status", 1, 2),
    box("status", "live.comment", "", 1, 0, { varname: "status" }),
    box("generate", "live.text", "Generate", 1, 2, {
      mode: 0,
      ...parameter("Generate", 0, { parameter_type: 2 }),
    }),
    box("secret", "live.text", "Secret", 1, 2, { mode: 0, ...parameter("Secret", 2, { parameter_type: 2 }) }),
    box("say", "message", "generate", 2, 1),
    box("send", "newobj", "udpsend 127.0.0.1 9130", 1, 0),
    box("listen", "newobj", "udpreceive 9196 @defer 1", 1, 1),
    box("prompt", "textedit", "", 1, 4, { outputmode: 1, ...parameter("Prompt", 1, { parameter_type: 3 }) }),
    ...more.map((words) => box(...words)),
  ];
  const wires = [
    ["device", 0, "later"],
    ["later", 0, "script"],
    ["script", 2, "face"],
    ["face", 0, "status"],
    ["generate", 0, "say"],
    ["say", 0, "script"],
    ["script", 0, "send"],
    ["script", 1, "listen"],
    ["listen", 0, "script"],
    ["prompt", 0, "script"],
    ...lines,
  ];
  return { patcher: { boxes, lines: wires.map(wire) }, script: () => `inlets = 1; outlets = 4; ${text}` };
}
