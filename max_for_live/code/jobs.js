// The jobs of this device from wish to clip: what was asked for, what came, and the last results.

import { readCopy } from "./copy.js";
import { sameFileName } from "./live/take_file.js";
import { maxPath } from "./media.js";
import { MOST_RESULTS, readState, writeState } from "./state.js";
import { isUnder, missingWords, readTake } from "./takes.js";
import { clientOf, createRequests } from "./talk/requests.js";
import {
  cancelledWords, cancellingWords, doneWords, endWords, importedWords, lostWords, progressWords, retryingWords,
  TOO_MANY_WORDS, unansweredWords,
} from "./words.js";

const UNREADABLE_SECONDS = 6;

/**
 * `client`: this device's name; `nextId()`: a request id of its own. `say`, `send`, `line`: the talk
 * (talk/*.js). `importer`: live/importing.js. `isFree(name)`: whether no other device of this Live has that
 * client name, `claim(name)`: the same, and takes it. `place()`: `{ into, launch }` as set now. `set`: of
 * live/same_set.js. `keep(text)` stores the state; `changed()` is called when `results()`, `progress()` or what
 * can be pressed may have changed; `heard(take)` when a take came. `random()`: 0 to 1.
 */
export function createJobs({
  client, nextId, say, send, line, now, importer, status, isFree, claim, place, set, keep, changed,
  heard, random,
}) {
  const requests = createRequests({
    say, send, now, isUp: line.isUp, speakFor: line.speakFor,
    on: { accepted: changed, revived: save, progressed, came, closed, refused, lost, cancelled, unanswered },
  });
  const notes = new Map();
  const arrivals = new Map();
  const renewals = new Map();
  const unreadable = [];
  let results = [];
  let kept = "";
  let isRestored = false;
  let left = 0;

  /** A write may be an undo step of Live, and stays in Max's memory: so only presses and ends are written. */
  function save() {
    const open = requests.open().map(({ wish }) => wish);
    const ended = requests.retryable();
    const state = writeState({ set: set.path(), into: place().into, open, ended, results });
    isRestored = true;
    if (state.text !== kept) keep(state.text);
    kept = state.text;
    left = state.left;
    changed();
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
    if (!take) {
      status.failed(problem);
      settle(talk, done.take, "");
    } else if (problem) unreadable.push({ talk, done, until: now() + UNREADABLE_SECONDS });
    else bring(talk, take);
  }

  /** A file may be there a moment later, on a network or while something scans it. */
  function lookAgain() {
    for (const waiting of unreadable.splice(0)) {
      const { talk, done, until } = waiting;
      const { take, problem } = readTake(done, talk.wish, foldersFor(talk.wish));
      if (!problem) bring(talk, take);
      else if (now() < until) unreadable.push(waiting);
      else {
        addResult(talk, take);
        status.failed(problem);
        settle(talk, take.take, "");
      }
    }
  }

  function bring(talk, take) {
    heard(take);
    importer.bring(take, talk.wish.where, place(), (outcome) => {
      addResult(talk, take);
      tell(take, outcome);
      if (outcome.ok) arrivals.set(talk.wish.id, importedWords(take, outcome));
      settle(talk, take.take, outcome.ok ? outcome.where : "");
    });
  }

  function addResult({ wish: { where, folder } }, take) {
    results = [{ ...take, where, folder }, ...results].slice(0, MOST_RESULTS);
  }

  /** All that this device has made and asked for, as far as it remembers. */
  function works() {
    return [...requests.wishes(), ...results];
  }

  /** The names under which this device has asked, this time and before: those that its jobs' copies tell. */
  function names() {
    const before = works().map(({ where }) => where.session).filter(Boolean);
    return [...new Set([client, ...before])];
  }

  /** What becomes of copies of our jobs is told to the names that asked for them. */
  function met() {
    for (const name of names().filter(isFree)) line.speakFor(name);
    requests.met();
  }

  function hear(address, values) {
    if (address === "/bridge/done" && isStrange(values)) adopt(values);
    requests.hear(address, values);
  }

  function isStrange(done) {
    return !requests.knows(done) && !results.some(({ job }) => job === done.job_id);
  }

  /** A copy of a job of ours that was asked for elsewhere is imported like our own; by one device only. */
  function adopt(done) {
    const projects = works().map(({ folder }) => folder).filter(Boolean);
    const isOurs = (name) => names().includes(name) && claim(name);
    const wish = readCopy(done, { projects, resultsFolder: resultsFolder(), isOurs, nextId, now });
    if (!wish) return;
    requests.resume(wish);
    save();
  }

  /** Where a take of this wish may lie: in the project, or where the daemon put or puts what has none. */
  function foldersFor({ folder, resultsFolder: told }) {
    return [folder, told, resultsFolder()].filter(Boolean);
  }

  function resultsFolder() {
    const welcomed = line.welcomed();
    return welcomed ? welcomed.resultsFolder : "";
  }

  function tell(take, outcome) {
    if (outcome.ok) status.came(importedWords(take, outcome));
    else status.failed(outcome.text);
  }

  function settle(talk, take, where) {
    requests.settle(talk, take, where);
    if (talk.isClosed) save();
    else changed();
  }

  function closed(talk) {
    const trouble = endWords(talk);
    const { wish, ended } = talk;
    if (trouble && ended.state === "cancelled") status.trouble(trouble);
    else if (trouble) status.failed(trouble);
    else status.progress(arrivals.get(wish.id) || doneWords(wish));
    forget(talk);
  }

  /** A request id that somebody else has used, which chance may bring, is given up for another one, once. */
  function refused(talk, sentence, isTaken) {
    const { id } = talk.wish;
    const renewed = isTaken ? renewals.get(id) : null;
    const note = notes.get(id) || "";
    if (!renewed) status.failed(sentence);
    forget(talk);
    if (renewed) begin({ ...renewed(`${nextId()}-${Math.floor(random() * 1e6)}`), note, renewed: null });
  }

  function begin({ wish, messages, inParts, note, renewed }) {
    if (note) notes.set(wish.id, note);
    if (renewed) renewals.set(wish.id, renewed);
    requests.add(wish, messages, inParts);
    save();
  }

  function cancelled(talk) {
    status.say(cancelledWords(talk.wish));
    forget(talk);
  }

  function lost(talk) {
    refused(talk, lostWords(talk.wish));
  }

  function forget({ wish }) {
    notes.delete(wish.id);
    arrivals.delete(wish.id);
    renewals.delete(wish.id);
    save();
  }

  function unanswered(talk) {
    status.failed(unansweredWords(talk.wish));
    changed();
  }

  function last() {
    return requests.wishes().find(({ job }) => job) || lastOf(results);
  }

  /** The newest job that goes on; one that is being cancelled comes last. */
  function cancellable() {
    const open = requests.open().filter((talk) => !talk.ended);
    return open.find(({ wish }) => !wish.isCancelled) || open[0] || null;
  }

  function retryable() {
    return requests.retryable()[0] || null;
  }

  return {
    hear,
    met,

    tick() {
      requests.tick();
      lookAgain();
    },

    /** Ask for a job, as wish.js makes it. */
    ask(made) {
      status.say("Sent to daw-bridge …");
      begin(made);
      if (left > 0) status.trouble(TOO_MANY_WORDS);
    },

    /** The wish of the newest job, among those that the daemon has accepted; null where there was none. */
    last,

    cancel() {
      const talk = cancellable();
      if (talk) {
        status.say(cancellingWords(talk.wish, line.isUp()));
        requests.cancel(talk);
        save();
      } else status.trouble("Nothing is running, so there is nothing to cancel.");
    },

    retry() {
      const talk = retryable();
      if (talk) {
        status.say(retryingWords(talk.wish));
        requests.retry(talk);
        save();
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
        || isUnder(path, resultsFolder())
        || results.some(({ wav }) => sameFileName(path, wav));
    },

    /** How far the newest job is, 0 to 1; 0 where none is open. */
    progress() {
      const talk = cancellable();
      return talk ? talk.fraction : 0;
    },

    can() {
      return { cancel: cancellable() !== null, retry: retryable() !== null, again: last() !== null };
    },

    save,

    /** Take the state that came back with the Set, once; the chosen track, null the next time. */
    restore(json) {
      if (isRestored) return null;
      isRestored = true;
      kept = json;
      const state = readState(json);
      const isOurs = (wish) => set.has(wish, state.set) && claim(clientOf(wish.id));
      const ended = state.ended.filter(({ wish }) => isOurs(wish));
      for (const one of ended.reverse()) requests.remember(one.wish, one.ended);
      for (const wish of state.open.filter(isOurs).reverse()) requests.resume(wish);
      results = state.results;
      if (line.isUp()) met();
      changed();
      return state.into;
    },
  };
}

/** The wish that the newest result came from, to be asked for again. */
function lastOf([result]) {
  return result ? { ...result, kind: "again" } : null;
}
