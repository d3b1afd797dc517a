// How takes come back into the Set: one at a time, each ending once, in its place or with what to do by hand.

import { fileSize, folderOf, nameOf } from "../media.js";
import { liveObject } from "./api.js";
import { createArrangementPlace } from "./arrangement_place.js";
import { createPlaces } from "./places.js";
import { placeInSession } from "./session_place.js";
import { folderToShow } from "./take_file.js";

const LOOK_SECONDS = 0.1;
const MOST_FOLDER_CHARACTERS = 80;
const TRY_AGAIN = "click the result to try again.";

/**
 * later(seconds, work): runs work after that time on Live's main thread. show(folder): opens a folder.
 * session: a word made anew each time the device is loaded; ids in a `where` that carries it are believed.
 */
export function createImporter({ later, show = null, session = "" }) {
  const places = createPlaces({ session });
  const placeInArrangement = createArrangementPlace({ places });
  const waiting = [];
  const shownJobs = new Set();
  let busy = false;

  /**
   * Put a take into the Set, after those asked for before it.
   * take: `{ job, take, wav, bpm, beats, seconds, mode, prompt, name, color, drums, again }`, 0 where
   *   unknown; again: a new clip on purpose. where: of the source. into: the chosen
   *   track `{ id, index, name }` or null.
   *   launch: whether a job's first take is fired, in the Session view.
   * done: called once with `{ ok: true, where, note }` or `{ ok: false, text, shown: its folder was shown }`.
   */
  function bring(take, where, { into, launch }, done) {
    waiting.push({ take, where, into, launch, done });
    if (!busy) bringNext();
  }

  function bringNext() {
    const next = waiting.shift();
    if (!next) return;
    busy = true;
    let open = true;
    const finish = (result) => {
      if (!open) return;
      open = false;
      try {
        next.done(outcomeOf(next.take, result));
      } finally {
        busy = false;
        bringNext();
      }
    };
    // Anything of the Set may vanish between two looks; what that breaks must not silence the queue.
    const guarded = (work) => () => {
      try {
        if (open) work();
      } catch (problem) {
        if (!open) throw problem;
        const why = `the Set changed meanwhile (${problem.message})`;
        finish({ problem: `${takeWords(next.take)} for ${why}: ${TRY_AGAIN}` });
      }
    };
    const wait = (work) => later(LOOK_SECONDS, guarded(work));
    guarded(() => begin(next, wait, finish))();
  }

  function begin({ take, where, into, launch }, wait, finish) {
    const slot = anySlot();
    if (!slot || !slot.can("create_audio_clip")) return finish({ problem: "missing" });
    return where.kind === "arrangement"
      ? placeInArrangement(take, where, { into, wait }, finish)
      : placeInSession(take, where, { into, launch, places, wait }, finish);
  }

  function outcomeOf(take, { where, note, problem }) {
    if (!problem) return { ok: true, where, note };
    const file = nameOf(take.wav);
    const from = folderWords(take.wav);
    const texts = {
      missing: `This Live cannot import by itself: drag ${file}${from} into a slot.`,
      refused: `Live refused ${file}: drag it${from} into a slot by hand.`,
      gone: `${takeWords(take)} for its place was removed meanwhile: ${TRY_AGAIN}`,
    };
    if (problem === "refused" && fileSize(take.wav) < 0) {
      const text = `${file} is not in ${folderOf(take.wav)} any more: ask for the take again.`;
      return { ok: false, text, shown: false };
    }
    const byHand = problem === "missing" || problem === "refused";
    return { ok: false, text: texts[problem] || problem, shown: byHand && showOnce(take) };
  }

  function showOnce(take) {
    if (!shownJobs.has(take.job)) reveal(take.wav);
    shownJobs.add(take.job);
    return show !== null;
  }

  /** Open the folder of a file. */
  function reveal(path) {
    if (show) show(folderToShow(path));
  }

  return { bring, reveal };
}

/** Where to drag a file from, if the status line has room for it. */
function folderWords(wav) {
  const folder = folderOf(wav);
  return folder.length <= MOST_FOLDER_CHARACTERS ? ` from ${folder}` : "";
}

function anySlot() {
  const track = liveObject("live_set").child("tracks");
  return track && track.child("clip_slots");
}

function takeWords({ take }) {
  return `Take ${take} was not imported,`;
}
