// The line to the daemon: introduces this device, finds a free reply port, knows whether anyone answers.

import { folderOf, maxPath } from "../media.js";
import { FIRST_REPLY_PORT, PROTOCOL_VERSION, VERSION } from "../protocol.js";
import { shortened } from "../values.js";

const REPLY_PORTS = 64;
const HELLO_SECONDS = 1;
const SLOW_HELLO_SECONDS = 3;
const TRIES_BEFORE_ALARM = 3;
const PING_SECONDS = 3;
const UNANSWERED_PING_SECONDS = 1;
const SILENT_SECONDS = 10;
const REFRESH_SECONDS = 5;
const GREETING_SECONDS = 30;
const MOST_WELCOME_LETTERS = 40;
// Each word that Max has met stays in its memory.
const MOST_PINGS = 1000;

/**
 * `say(address, ...values)` sends, `listen(port)` tells udpreceive where; `met()` is called after each
 * welcome that ends a silence, `changed()` whenever what the face shows of the line may have changed.
 */
export function createLine({ client, say, listen, now, random, registry, met, changed }) {
  let welcomed = null;
  let port = 0;
  let tries = 0;
  let helloDue = Infinity;
  let isMeeting = true;
  let isGreeting = false;
  let heardAt = -Infinity;
  let pings = 0;
  let pingDue = Infinity;
  let refreshDue = 0;
  let wasUp = false;

  function nextPort() {
    const from = port ? port - FIRST_REPLY_PORT + 1 : Math.floor(random() * REPLY_PORTS);
    const portAt = (step) => FIRST_REPLY_PORT + ((from + step) % REPLY_PORTS);
    const ports = Array.from({ length: REPLY_PORTS }, (_, step) => portAt(step));
    if (port) registry.release(`port ${port}`);
    port = ports.find((one) => registry.claim(`port ${one}`)) || ports[0];
    listen(port);
  }

  function hello() {
    say("/bridge/hello", client, VERSION, port);
    isGreeting = true;
    tries += 1;
    if (!isMeeting) {
      helloDue = now() + GREETING_SECONDS;
      return;
    }
    const isPatient = tries > (welcomed ? TRIES_BEFORE_ALARM : REPLY_PORTS);
    helloDue = now() + (isPatient ? SLOW_HELLO_SECONDS : HELLO_SECONDS);
  }

  function ping() {
    pings = (pings + 1) % MOST_PINGS;
    say("/bridge/ping", `${client}.p${pings}`);
    pingDue = now() + UNANSWERED_PING_SECONDS;
  }

  function meetAnew() {
    isMeeting = true;
    tries = 0;
    hello();
  }

  function heard() {
    heardAt = now();
    pingDue = now() + PING_SECONDS;
  }

  function isAnswered() {
    return welcomed !== null && now() - heardAt < SILENT_SECONDS;
  }

  function lookWhetherUp() {
    const isUp = isAnswered();
    if (isUp === wasUp) return;
    wasUp = isUp;
    if (!isUp) meetAnew();
    changed();
  }

  return {
    start() {
      nextPort();
      hello();
    },

    tick() {
      if (!port) return;
      lookWhetherUp();
      if (now() >= helloDue) {
        if (!welcomed) nextPort();
        hello();
        if (tries === TRIES_BEFORE_ALARM + 1) changed();
      }
      if (wasUp && now() >= pingDue) ping();
      if (now() >= refreshDue) {
        registry.refresh();
        refreshDue = now() + REFRESH_SECONDS;
      }
    },

    /** Speak for a client name of an earlier time as well, so that its answers come here. */
    speakFor(name) {
      if (name !== client) say("/bridge/hello", name, VERSION, port);
    },

    /** Max hears the whole network, so a welcome counts only as the answer to a hello. */
    welcome(told) {
      if (!isGreeting) return;
      isGreeting = false;
      const mediaFolder = isLocal(told.media_folder) ? told.media_folder : "";
      const isElsewhere = welcomed !== null && welcomed.mediaFolder !== mediaFolder;
      const { protocol } = told;
      welcomed = {
        version: shortened(told.version, MOST_WELCOME_LETTERS),
        protocol,
        mediaFolder,
        resultsFolder: mediaFolder && `${folderOf(mediaFolder)}/results`,
        provider: shortened(told.provider, MOST_WELCOME_LETTERS),
      };
      tries = 0;
      // A daemon that began anew says so once, and that word may be lost: so it is greeted now and then.
      helloDue = now() + GREETING_SECONDS;
      heard();
      wasUp = true;
      changed();
      if ((isMeeting || isElsewhere) && protocol === PROTOCOL_VERSION) met();
      isMeeting = false;
    },

    pong({ token }) {
      if (!welcomed || !token.startsWith(`${client}.p`)) return;
      heard();
      lookWhetherUp();
    },

    /** The daemon has begun anew: it may be another version, with other folders. */
    startup() {
      if (port) meetAnew();
    },

    /** The daemon does not want this reply port. */
    helloRefused() {
      if (port && !welcomed) helloDue = now();
    },

    /** Whether the daemon answers in our own words. */
    isUp() {
      return isAnswered() && welcomed.protocol === PROTOCOL_VERSION;
    },

    isAnswered,

    /** Whether enough hellos went unanswered to say that nobody is there. */
    isAlone() {
      return !isAnswered() && (welcomed !== null || tries > TRIES_BEFORE_ALARM);
    },

    /**
     * What the last welcome said, `{ version, protocol, mediaFolder, resultsFolder, provider }`, null before the
     * first. The folders are "" where they are not on this computer; takes without a project lie in the second.
     */
    welcomed() {
      return welcomed;
    },
  };
}

/** Whether a folder is absolute and, as far as its name tells, not on another computer. */
function isLocal(folder) {
  return /^(\/(?!\/)|[A-Za-z]:\/)/.test(maxPath(folder));
}
