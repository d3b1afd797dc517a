// The network between devices and daemon, in memory or real UDP; both may lose, double and swap.

import { createSocket } from "node:dgram";

import { decode, encode } from "./osc.mjs";

const TRAVEL_SECONDS = 0.001;
const SWAPPED_SECONDS = 0.03;

/**
 * A wire in memory. `listen(port, hear(atoms, fromPort)) -> close`, `send(host, port, data, fromPort)`.
 * `weather` is what happens to packets, each a share from 0 to 1, and may be changed while the test runs:
 * { toDaemon: { lost, doubled, swapped }, fromDaemon: { … } }. Every packet is written down in `packets`.
 */
export function createMemoryWire({ clock, random, daemonPort = 9130 }) {
  const ports = new Map();
  const packets = [];
  const weather = { toDaemon: {}, fromDaemon: {} };

  function listen(port, hear) {
    // As in Max: who comes second to a port hears nothing, and nobody says so.
    if (ports.has(port)) return () => undefined;
    ports.set(port, hear);
    return () => ports.delete(port);
  }

  function send(host, port, data, from = 0) {
    const toDaemon = port === daemonPort;
    const fates = fatesOf(toDaemon ? weather.toDaemon : weather.fromDaemon, random);
    packets.push({
      seconds: clock.seconds(),
      port,
      toDaemon,
      bytes: data.length,
      atoms: decode(data),
      arrived: fates.length,
    });
    for (const seconds of fates) {
      clock.later(TRAVEL_SECONDS + seconds, () => ports.get(port)?.(decode(data), from));
    }
  }

  return { listen, send, weather, packets, isTaken: (port) => ports.has(port) };
}

/**
 * A real UDP wire on this machine, for one device: what goes to `daemonPort` in the patch goes to `port`
 * in truth.
 */
export function createUdpWire({ port, clock }) {
  const mouth = createSocket("udp4");
  const open = new Set([mouth]);
  const packets = [];

  function listen(number, hear) {
    const ears = createSocket("udp4");
    open.add(ears);
    let closed = false;
    ears.on("error", () => undefined);
    ears.on("message", (data) => {
      const atoms = decode(data);
      packets.push({ seconds: clock.seconds(), toDaemon: false, bytes: data.length, atoms });
      clock.later(0, () => closed || hear(atoms, 0));
    });
    ears.bind(number, "127.0.0.1");
    return () => {
      closed = true;
      if (open.delete(ears)) ears.close();
    };
  }

  function send(host, _port, data) {
    packets.push({ seconds: clock.seconds(), toDaemon: true, bytes: data.length, atoms: decode(data) });
    mouth.send(data, port, host);
  }

  return {
    listen,
    send,
    packets,
    stop() {
      for (const socket of open) socket.close();
      open.clear();
    },
  };
}

/**
 * A UDP relay in front of a real daemon that loses, doubles and swaps in both directions.
 *
 * What a device sends to the relay goes on to the daemon; reply ports in hellos are replaced by ports of the
 * relay's own,
 * so that answers come through it too.
 */
export async function createBadRelay({ daemonPort, random, weather, clock }) {
  const front = createSocket("udp4");
  const backs = new Map();
  const counts = { packets: 0, disturbed: 0 };

  function pass(data, port) {
    const fates = fatesOf(weather, random);
    counts.packets += 1;
    if (fates.length !== 1 || fates[0] > 0) counts.disturbed += 1;
    for (const seconds of fates) clock.later(seconds, () => front.send(data, port, "127.0.0.1"));
  }

  async function backFor(replyPort) {
    if (!backs.has(replyPort)) {
      const back = createSocket("udp4");
      back.on("message", (data) => pass(data, replyPort));
      backs.set(
        replyPort,
        bound(back).then(() => back.address().port),
      );
      opened.push(back);
    }
    return backs.get(replyPort);
  }

  const opened = [front];
  front.on("message", async (data) => {
    const atoms = decode(data);
    if (atoms[0] === "/bridge/hello") atoms[3] = await backFor(atoms[3]);
    pass(encode(atoms), daemonPort);
  });
  await bound(front);
  return {
    port: front.address().port,
    counts,
    stop() {
      for (const socket of opened.splice(0)) socket.close();
    },
  };
}

/**
 * After how many extra seconds each copy of a packet arrives: none where it is lost, two where it is
 * doubled.
 */
function fatesOf({ lost = 0, doubled = 0, swapped = 0 }, random) {
  const chance = random();
  if (chance < lost) return [];
  if (chance < lost + doubled) return [0, SWAPPED_SECONDS * random()];
  return [chance < lost + doubled + swapped ? SWAPPED_SECONDS : 0];
}

function bound(socket) {
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(0, "127.0.0.1", resolve);
  });
}
