// The jobs of this device from wish to clip: what was asked for, what came, and the last results.

import { sameFileName } from "./live/take_file.js";
import { folderOf, maxPath } from "./media.js";
import { MOST_RESULTS, readState, writeState } from "./state.js";
import { isUnder, missingWords, readTake } from "./takes.js";
import { clientOf, createRequests } from "./talk/requests.js";
import { endWords, importedWords, progressWords, unansweredWords } from "./words.js";

/**
 * `say`, `send`, `line`: the talk (talk/*.js). `importer`: live/importing.js. `claim(name)`: whether another
 * device of this Live does not have that client name. `place()`: `{ into, launch }` as set now. `keep(json)`
 * stores the state; `changed()` is called when `results()`, `progress()` or what can be pressed may have
 * changed; `heard(take)` when a take came.
 */
export function createJobs({ say, send, line, now, importer, status, claim, place, keep, changed, heard }) {
  const requests = createRequests({
    say, send, now, isUp: line.isUp, speakFor: line.speakFor,
    on: { accepted, progressed, came, closed, refused, unanswered },
  });
  const notes = new Map();
  const arrivals = new Map();
  let results = [];
  let last = null;
  let kept = "";
  let isRestored = false;

  function save() {
    const open = requests.open().map(({ wish }) => wish).filter(({ job }) => job);
    const json = writeState({ into: place().into, open, results });
    isRestored = true;
    if (json && json !== kept) keep(json);
    kept = json;
    changed();
  }

  function accepted(talk) {
    last = talk.wish;
    save();
  }

  function progressed(talk) {
    changed();
    if (requests.open()[0] !== talk) return;
    const note = notes.get(talk.wish.id);
    notes.delete(talk.wish.id);
    if (note) status.trouble(note);
    else status.progress(progressWords(talk));
  }

  function came(talk, done) {
    const { take, problem } = readTake(done, talk.wish, foldersFor(talk.wish));
    if (problem) {
      status.trouble(problem);
      settle(talk, done.take, "");
      return;
    }
    heard(take);
    importer.bring(take, talk.wish.where, place(), (outcome) => {
      const { where, folder } = talk.wish;
      results = [{ ...take, where, folder }, ...results].slice(0, MOST_RESULTS);
      tell(take, outcome);
      if (outcome.ok) arrivals.set(talk.wish.id, importedWords(take, outcome));
      settle(talk, take.take, outcome.ok ? outcome.where : "");
    });
  }

  /** Where a take of this wish may lie: in the project, or where the daemon keeps its own things. */
  function foldersFor({ folder }) {
    const welcomed = line.welcomed();
    return [folder, welcomed ? folderOf(welcomed.mediaFolder) : ""].filter(Boolean);
  }

  function tell(take, outcome) {
    if (outcome.ok) status.say(importedWords(take, outcome));
    else status.trouble(outcome.text);
  }

  function settle(talk, take, where) {
    requests.settle(talk, take, where);
    save();
  }

  function closed(talk) {
    const trouble = endWords(talk);
    const arrival = arrivals.get(talk.wish.id);
    if (trouble) status.trouble(trouble);
    else if (arrival) status.progress(arrival);
    forget(talk);
  }

  function refused(talk, sentence) {
    status.trouble(sentence);
    forget(talk);
  }

  function forget({ wish }) {
    notes.delete(wish.id);
    arrivals.delete(wish.id);
    save();
  }

  function unanswered(talk, what) {
    status.trouble(unansweredWords(what, talk.wish));
    changed();
  }

  function cancellable() {
    return requests.open().find((talk) => !talk.ended) || null;
  }

  return {
    hear: requests.hear,
    met: requests.met,
    tick: requests.tick,

    /** Ask for a job; `note`: a sentence on what could not be told of its clip, or "". */
    ask({ wish, messages, inParts, note }) {
      if (note) notes.set(wish.id, note);
      status.say("Sent to daw-bridge …");
      requests.add(wish, messages, inParts);
      changed();
    },

    /** The wish of the newest job that was accepted; null where there was none. */
    last() {
      return last;
    },

    cancel() {
      const talk = cancellable();
      if (talk) {
        status.say("Cancelling …");
        requests.cancel(talk);
      } else status.trouble("Nothing is running, so there is nothing to cancel.");
    },

    retry() {
      const talk = requests.retryable();
      if (talk) {
        status.say("Going on with it …");
        requests.retry(talk);
        changed();
      } else status.trouble("Nothing has failed or was cancelled: press Generate or Again.");
    },

    /** Import a result once more, 1 the newest: as a new clip, in the place that its job would use. */
    bringAgain(number) {
      const result = results[number - 1];
      if (!result) return;
      const problem = missingWords(result.wav);
      if (problem) {
        status.trouble(problem);
        return;
      }
      const take = { ...result, again: true };
      importer.bring(take, result.where, place(), (outcome) => tell(take, outcome));
    },

    /** The last takes, newest first. */
    results() {
      return results;
    },

    /** Whether a clip's file is one that was made for us. */
    isResult(path) {
      return maxPath(path).includes("/Samples/Generated/")
        || foldersFor({ folder: "" }).some((home) => isUnder(path, home))
        || results.some(({ wav }) => sameFileName(path, wav));
    },

    /** How far the newest job is, 0 to 1; 0 where none is open. */
    progress() {
      const talk = cancellable();
      return talk ? talk.fraction : 0;
    },

    can() {
      return { cancel: cancellable() !== null, retry: requests.retryable() !== null, again: last !== null };
    },

    save,

    /** Take the state that came back with the Set, once; the chosen track's name, null the next time. */
    restore(json) {
      if (isRestored) return null;
      isRestored = true;
      kept = json;
      const state = readState(json);
      const lost = new Set(state.open.map(({ id }) => clientOf(id)).filter((name) => !claim(name)));
      const open = state.open.filter(({ id }) => !lost.has(clientOf(id)));
      for (const wish of [...open].reverse()) requests.restore(wish);
      results = state.results;
      last = open[0] || lastOf(results);
      if (line.isUp()) requests.met();
      changed();
      return state.into;
    },
  };
}

/** The wish that the newest result came from, to be asked for again. */
function lastOf([result]) {
  return result ? { ...result, kind: "again" } : null;
}
