// What the status line says: one sentence a musician understands, which says what to do where it can.

import { nameOf } from "./media.js";
import { PROTOCOL_VERSION, VERSION } from "./protocol.js";
import { shortened } from "./values.js";

const INSTALL_WORDS = "run `daw-bridge install live` and drag the device in again";
const MOST_TITLE_CHARACTERS = 40;
const STAGES = {
  accepted: "waiting for its turn",
  rendered: "the clip is ready to be sent",
  composed: "waiting for the music service",
  submitting: "being sent to the music service",
  submitted: "the music is being made",
  generated: "being fitted to your bars",
};

/** Why nothing can be sent now, "" where it can; `line` as talk/line.js makes it. */
export function lineTrouble(line) {
  const welcomed = line.welcomed();
  if (line.isUp()) return "";
  if (line.isAnswered()) return protocolTrouble(welcomed);
  if (!line.isAlone()) return "Looking for daw-bridge …";
  return "daw-bridge is not running: open a terminal and run `daw-bridge run`.";
}

/** A hint where daemon and device are of different versions, else "". */
export function versionHint({ version }) {
  if (version === VERSION) return "";
  return `daw-bridge is ${version}, this device ${VERSION}: ${INSTALL_WORDS}.`;
}

/** What to know before a job of an unsaved Set is done. */
export const UNSAVED_WORDS =
  "The Set is not saved, so these takes lie outside your project: save it before the next Generate.";

/** What to know of a copy whose takes do not go into the project of now; "" where they do. */
export function otherFolderWords(folder) {
  const where = folder ? nameOf(folder) : "daw-bridge's own folder";
  return `The takes will lie in ${where}, like those of the first wish: press Generate to use this project.`;
}

/** What is said when the Set cannot keep all jobs that are open. */
export const TOO_MANY_WORDS =
  "So many jobs are open that the Set cannot keep them all: leave it open until the oldest have come.";

/** What is said of a press of Cancel or Retry. */
export function cancellingWords(wish, isUp) {
  const title = titleOf(wish);
  return isUp ? `Cancelling ${title} …` : `${title} will be cancelled when daw-bridge runs again.`;
}

export function retryingWords(wish) {
  return `Going on with ${titleOf(wish)} …`;
}

/** What is said of a wish that was cancelled before the daemon had it. */
export function cancelledWords(wish) {
  return `${titleOf(wish)} is cancelled.`;
}

/** What is said last of a job whose takes were in the Set already. */
export function doneWords(wish) {
  return `${titleOf(wish)} is done.`;
}

/** How a job stands while it is worked on. */
export function progressWords({ wish, stage, fraction, billable }) {
  const doing = stage ? STAGES[stage] || stage : "accepted";
  const percent = fraction > 0 ? `, ${Math.round(fraction * 100)} %` : "";
  return `${titleOf(wish)}: ${doing}${percent}${paidWords(billable)}.`;
}

/** How a job ended, "" where all of its takes came. */
export function endWords({ wish, ended, failure, seen }) {
  const title = titleOf(wish);
  const reason = failure.replace(/\.$/, "");
  const missing = ended.delivered - seen.size;
  if (missing > 0) {
    const advice = `see \`daw-bridge show ${wish.job}\``;
    return `${missing} of ${ended.delivered} takes of ${title} did not arrive: ${advice}.`;
  }
  if (ended.state === "cancelled") return `${title} is cancelled; Retry goes on with it.`;
  if (ended.state === "failed") return failure || `${title} failed; press Retry to go on.`;
  if (ended.state !== "partial") return "";
  const count = `${ended.delivered} of ${ended.asked} takes came`;
  return `${count}, the rest failed${reason ? `: ${reason}.` : "; press Retry to go on."}`;
}

/** What is said of a take that lies in the Set now. */
export function importedWords({ take, takes }, { where, note }) {
  const which = takes > 1 ? `Take ${take} of ${takes}` : "The take";
  return `${which} is in ${where}${note ? `; ${note}` : "."}`;
}

/** What is said of a wish that the daemon does not know, for Live was closed too soon after the press. */
export function lostWords(wish) {
  return `${titleOf(wish)} did not reach daw-bridge: press ${startButton(wish)} again.`;
}

/** What is said when the daemon did not answer a wish. */
export function unansweredWords(wish) {
  return `daw-bridge did not answer for a minute: see that it runs, then press ${startButton(wish)} again.`;
}

/** What the song and the last take say: key, tempo and metre. */
export function foundWords({ key, bpm, timeSignature }) {
  const tempo = bpm > 0 ? `${Math.round(bpm * 100) / 100} bpm` : "";
  return [key, tempo, timeSignature ? timeSignature.join("/") : ""].filter(Boolean).join(" \u00b7 ");
}

/** How a job is called: in one line, and short. */
function titleOf({ name, kind }) {
  const plain = name.replace(/\s+/g, " ").trim();
  const short = shortened(plain, MOST_TITLE_CHARACTERS);
  if (plain) return short === plain ? plain : `${short.trim()}…`;
  return kind === "again" ? "The new version" : "Your clip";
}

function startButton({ kind }) {
  return kind === "again" ? "Again" : "Generate";
}

function protocolTrouble({ protocol, version }) {
  return protocol > PROTOCOL_VERSION
    ? `This device is too old for daw-bridge ${version}: ${INSTALL_WORDS}.`
    : `daw-bridge ${version} is too old for this device: update it, then start it again.`;
}

function paidWords(billable) {
  return billable > 0 ? ` (${billable} paid request${billable === 1 ? "" : "s"})` : "";
}
