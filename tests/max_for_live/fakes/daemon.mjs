// A daemon in memory that behaves as docs/protocol.md says; a test says what becomes of jobs.

import { createHash } from "node:crypto";

import { encode } from "./osc.mjs";

const PARTS_SECONDS = 5;
const STARTED_LATE = 0.001;
const FINAL = ["delivered", "partial", "failed", "cancelled"];

/**
 * A daemon on a wire in memory.
 *
 * By itself it accepts every trigger and delivers its takes: progress at once, a take each `takeSeconds`,
 * then the end.
 * `daemon.manual = true` leaves that to the test: `progress`, `deliver`, `fail`, `end`.
 * What a test reads: `heard` (all messages, as atoms), `jobs` (each with id, requestId, trigger, state,
 * takes, imported),
 * `job(requestId)`, `newest()`. What a test says: `reject(code, text, times)` for the next triggers, `mute`
 * for what is
 * not answered (a list of addresses), `kill()`, `start({ protocol, version })`.
 */
export function createFakeDaemon({ clock, wire, disk, port = 9130, home = "/Users/ada/Library/daw-bridge" }) {
  const clients = new Map();
  const jobs = new Map();
  const parts = new Map();
  const refusals = [];
  let running = false;
  let close = () => undefined;
  let lastPort = 9131;
  let jobCount = 0;

  const answers = {
    "/bridge/hello": hello,
    "/bridge/ping": (token) => tell(portFor(token), "/bridge/pong", token),
    "/bridge/trigger": triggerFile,
    "/bridge/trigger/part": part,
    "/bridge/again": again,
    "/bridge/cancel": cancel,
    "/bridge/retry": retry,
    "/bridge/status": status,
    "/bridge/imported": imported,
  };

  const daemon = {
    port,
    home,
    version: "0.1.0",
    protocol: 1,
    provider: "local",
    manual: false,
    takeSeconds: 0.5,
    billable: 0,
    mute: [],
    heard: [],
    told: [],
    mediaFolder: `${home}/media`,
    clients,
    get jobs() {
      return [...jobs.values()];
    },
    job: (requestId) => jobs.get(requestId.toLowerCase()) ?? null,
    newest: () => [...jobs.values()].at(-1) ?? null,
    all: (address) => daemon.heard.filter((atoms) => atoms[0] === address),
    reject(code, text, times = 1) {
      for (let count = 0; count < times; count += 1) refusals.push({ code, text });
    },
    start({ version = daemon.version, protocol = daemon.protocol } = {}) {
      Object.assign(daemon, { version, protocol });
      running = true;
      close = wire.listen(port, hear);
      for (const reply of new Set(clients.values())) tell(reply, "/bridge/startup", version, protocol);
      for (const job of jobs.values()) if (!FINAL.includes(job.state) && !daemon.manual) work(job);
    },
    /** End it as a power cut does: nothing more is heard or told; jobs are kept. */
    kill() {
      running = false;
      close();
      parts.clear();
      for (const job of jobs.values()) job.life += 1;
    },
    progress(job, fraction, stage = "generating") {
      job.fraction = Math.max(job.fraction, fraction);
      job.state = stage;
      tellAll(job, "/bridge/progress", job.id, job.fraction, job.state);
    },
    /** Deliver the next take, or take number `take`; the file is written, and `done` is told. */
    deliver(job, { take = job.takes.length + 1, ...facts } = {}) {
      const made = takeOf(job, take, facts);
      job.takes.push(made);
      tellAll(job, ...doneOf(job, made));
      return made;
    },
    /** Say of a job, or one take of it, that it failed. */
    fail(job, code, text) {
      job.error = { code, text };
      tellAll(job, "/bridge/failed", job.id, code, text);
    },
    /** The last word; without a state it follows from the takes. */
    end(job, state = "") {
      const all = job.takes.length === job.asked;
      job.state = state || (all ? "delivered" : job.takes.length > 0 ? "partial" : "failed");
      tellAll(job, ...endedOf(job));
    },
    tell: (client, ...atoms) => tell(clients.get(client.toLowerCase()) ?? lastPort, ...atoms),
  };
  disk.addFolder(daemon.mediaFolder);
  daemon.start();
  return daemon;

  function hear(atoms) {
    if (!running) return;
    daemon.heard.push(atoms);
    const [address, ...words] = atoms;
    if (daemon.mute.includes(address)) return;
    const answer = answers[address];
    if (answer) answer(...words);
    else if (typeof words[0] === "string") {
      reject(words[0], "bad_message", `${address} is no address of the bridge.`);
    }
  }

  function tell(reply, ...atoms) {
    daemon.told.push(atoms);
    wire.send("127.0.0.1", reply, encode(atoms), port);
  }

  function portFor(requestId) {
    for (let name = requestId.toLowerCase(); name.includes(".");) {
      name = name.slice(0, name.lastIndexOf("."));
      if (clients.has(name)) return clients.get(name);
    }
    return lastPort;
  }

  function tellAll(job, address, ...words) {
    if (!running) return;
    for (const reply of new Set([portFor(job.requestId), ...job.listeners.map(portFor)])) {
      tell(reply, address, job.requestId, ...words);
    }
  }

  function reject(requestId, code, text) {
    tell(portFor(requestId), "/bridge/rejected", requestId, code, text);
  }

  function offer(requestId, text) {
    const refusal = refusals.shift();
    if (refusal) return reject(requestId, refusal.code, refusal.text);
    let trigger;
    try {
      trigger = JSON.parse(text);
    } catch (problem) {
      return reject(requestId, "bad_trigger", `The trigger is no JSON: ${problem.message}.`);
    }
    return accept(requestId, trigger, []);
  }

  function accept(requestId, trigger, listeners) {
    const content = { ...trigger, request_id: "" };
    const digest = createHash("sha256").update(JSON.stringify(content)).digest("hex");
    const known = jobs.get(requestId.toLowerCase());
    if (known && known.digest !== digest) {
      return reject(
        requestId,
        "bad_message",
        `The request id ${requestId} belongs to another job; choose a new one.`,
      );
    }
    if (known) return replay(known, requestId);
    jobCount += 1;
    const job = {
      id: `job${String(jobCount).padStart(5, "0")}`,
      requestId,
      trigger,
      digest,
      listeners,
      asked: trigger.ask?.takes ?? 1,
      state: "accepted",
      fraction: 0,
      takes: [],
      imported: [],
      error: null,
      life: 0,
    };
    jobs.set(requestId.toLowerCase(), job);
    tellAll(job, "/bridge/accepted", job.id, daemon.billable);
    if (!daemon.manual) work(job);
    return undefined;
  }

  function work(job) {
    job.life += 1;
    const life = job.life;
    const alive = (next) => () => running && job.life === life && next();
    clock.later(
      0.05,
      alive(() => daemon.progress(job, 0.1, "rendered")),
    );
    let when = 0;
    for (let take = job.takes.length + 1; take <= job.asked; take += 1) {
      when += daemon.takeSeconds;
      clock.later(
        when,
        alive(() => daemon.deliver(job)),
      );
    }
    clock.later(
      when + STARTED_LATE,
      alive(() => daemon.end(job)),
    );
  }

  function replay(job, requestId) {
    const to = portFor(requestId);
    tell(to, "/bridge/accepted", requestId, job.id, daemon.billable);
    for (const take of job.takes) {
      const [address, ...words] = doneOf(job, take);
      tell(to, address, requestId, ...words);
    }
    if (!FINAL.includes(job.state)) tell(to, "/bridge/progress", requestId, job.id, job.fraction, job.state);
    else {
      if (job.error && job.state !== "cancelled") {
        tell(to, "/bridge/failed", requestId, job.id, job.error.code, job.error.text);
      }
      const [address, ...words] = endedOf(job);
      tell(to, address, requestId, ...words);
    }
  }

  function meant(requestId, jobId) {
    const found = jobId
      ? [...jobs.values()].find((job) => job.id === jobId)
      : jobs.get(requestId.toLowerCase());
    if (!found) reject(requestId, "unknown_job", `No job goes by ${jobId || requestId}; send its job id.`);
    return found;
  }

  function takeOf(job, take, { seconds, beats, bpm, key, name, folder, write = true }) {
    const music = job.trigger.music ?? {};
    const tempo = bpm ?? music.bpm ?? 0;
    const long = beats ?? beatsOf(job.trigger);
    const place =
      folder ??
      (job.trigger.project?.path ? `${job.trigger.project.path}/Samples/Generated` : `${home}/results`);
    const stem = name ?? `${job.trigger.clip?.name ?? "take"} ${job.id}-${take}`;
    const rate = job.trigger.project?.sample_rate || 48_000;
    const wav = `${place}/${stem}.wav`;
    const json = `${place}/${stem}.json`;
    const length = seconds ?? (tempo > 0 ? (long * 60) / tempo : 8);
    const told = key ?? keyText(music.key);
    const facts = {
      schema: 1,
      job_id: job.id,
      request_id: job.requestId,
      take,
      takes: job.asked,
      file: wav,
      sha256: "0",
      bpm: tempo || null,
    };
    const result = {
      ...facts,
      beats: long,
      key: told || null,
      seconds: length,
      sample_rate: rate,
      source: job.trigger.source ?? {},
    };
    if (write) {
      disk.addSound(wav, { seconds: length, rate });
      disk.addFile(
        json,
        JSON.stringify({
          ...result,
          prompt: job.trigger.ask?.prompt ?? "",
          mode: job.trigger.ask?.mode ?? "variation",
        }),
      );
    }
    return { take, wav, json, bpm: tempo, beats: long, key: told };
  }

  function doneOf(job, made) {
    return [
      "/bridge/done",
      job.id,
      made.take,
      job.asked,
      made.wav,
      made.bpm,
      made.beats,
      made.key,
      made.json,
    ];
  }

  function endedOf(job) {
    return ["/bridge/ended", job.id, job.state, job.takes.length, job.asked];
  }

  function expire(requestId, waiting) {
    if (parts.get(requestId.toLowerCase()) !== waiting) return;
    parts.delete(requestId.toLowerCase());
    if (jobs.has(requestId.toLowerCase())) return;
    const missing = [...Array(waiting.total).keys()].filter((place) => !waiting.pieces.has(place));
    reject(
      requestId,
      "bad_message",
      `Of ${waiting.total} parts, these did not come: ${missing.join(", ")}; send the trigger again.`,
    );
  }

  function hello(client, version, reply) {
    if (reply < 1024 || reply > 65_535 || reply === port) return;
    clients.set(client.toLowerCase(), reply);
    lastPort = reply;
    tell(reply, "/bridge/welcome", daemon.version, daemon.protocol, daemon.mediaFolder, daemon.provider);
  }

  function part(requestId, index, total, piece) {
    const key = requestId.toLowerCase();
    const waiting = parts.get(key) ?? { total, pieces: new Map() };
    if (!parts.has(key)) {
      parts.set(key, waiting);
      clock.later(PARTS_SECONDS, () => running && expire(requestId, waiting));
    }
    waiting.pieces.set(index, piece);
    if (waiting.pieces.size < waiting.total) return;
    parts.delete(key);
    offer(requestId, [...Array(waiting.total).keys()].map((place) => waiting.pieces.get(place)).join(""));
  }

  function triggerFile(requestId, path, bytes = 0) {
    const data = disk.read(path);
    if (!data) return reject(requestId, "missing_file", `${path} is not there; write it first.`);
    if (bytes && data.length !== bytes) {
      return reject(
        requestId,
        "bad_message",
        `${path} has ${data.length} bytes, but ${bytes} were promised.`,
      );
    }
    return offer(requestId, data.toString("utf8"));
  }

  function again(requestId, jobId = "", prompt = "") {
    const copied = jobId
      ? meant(requestId, jobId)
      : [...jobs.values()].reverse().find((job) => job.takes.length > 0);
    if (!copied) {
      return jobId ? undefined : reject(requestId, "unknown_job", "Nothing was delivered yet; name a job.");
    }
    const ask = { ...copied.trigger.ask, prompt: prompt || copied.trigger.ask?.prompt };
    const listeners = [copied.requestId, ...copied.listeners];
    return accept(requestId, { ...copied.trigger, request_id: requestId, ask }, listeners);
  }

  function cancel(requestId, jobId = "") {
    const job = meant(requestId, jobId);
    if (!job) return;
    if (!FINAL.includes(job.state)) {
      job.life += 1;
      daemon.end(job, "cancelled");
    }
    replay(job, requestId);
  }

  function retry(requestId, jobId = "") {
    const job = meant(requestId, jobId);
    if (!job) return;
    if (["failed", "cancelled", "partial"].includes(job.state)) {
      Object.assign(job, { state: "accepted", error: null });
      if (!daemon.manual) work(job);
    }
    replay(job, requestId);
  }

  function status(requestId, jobId = "") {
    const job = meant(requestId, jobId);
    if (job) replay(job, requestId);
  }

  function imported(requestId, jobId, take, where = "") {
    const job = meant(requestId, jobId);
    if (job) job.imported.push({ take, where });
  }
}

/**
 * How many beats a take of this trigger lasts: the asked bars, else the clip's length rounded up to whole
 * bars.
 */
function beatsOf(trigger) {
  const [count, unit] = trigger.music?.time_signature ?? [4, 4];
  const bar = (count * 4) / unit;
  if (trigger.ask?.bars) return trigger.ask.bars * bar;
  const clip = trigger.clip ?? {};
  const beats = clip.loop
    ? clip.loop.end_beats - clip.loop.start_beats
    : (clip.end_beats ?? 16) - (clip.start_beats ?? 0);
  const bars = Math.max(1, Math.ceil(beats / bar - 1e-6));
  return bar * (bars < 4 ? Math.ceil(4 / bars) * bars : bars);
}

function keyText(key) {
  if (!key) return "";
  const names = ["C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"];
  return typeof key === "string" ? key : `${names[key.root]} ${String(key.scale).toLowerCase()}`;
}
