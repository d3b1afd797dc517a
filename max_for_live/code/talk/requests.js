// The conversation about each job: asked until answered, heard once, asked about when silent.

import { createQuestion } from "./asking.js";
import { createThanks } from "./thanks.js";

const SILENCE_SECONDS = 5;
const REST_SECONDS = 1;
const MOST_ENDS = 12;
const RETRY_DOUBT_SECONDS = 3;
const MOST_KEPT = 32;

/**
 * `say(address, ...values)` and `send(message)` send; nothing is asked while `isUp()` is false.
 *
 * A conversation is told of as `{ wish, billable, fraction, stage, failure, ended, settled, isClosed }`:
 * `wish` is what was asked for (state.js), `failure` a sentence or "", `ended` null or `{ state, delivered,
 * asked }`, `settled` the takes that were imported or refused. `on` hears of it: `accepted`, `progressed`,
 * `came(talk, done)`, `closed`, `refused(talk, sentence)` and `unanswered(talk, what)`.
 */
export function createRequests({ say, send, now, isUp, speakFor, on }) {
  const talks = new Map();
  const thanks = createThanks({ say, now, isUp });

  function begin(wish) {
    const settled = new Set(wish.imported);
    const talk = {
      wish, settled, seen: new Set(settled), question: null, billable: 0, fraction: 0, stage: "", failure: "",
      ended: null, endedBefore: null, retriedAt: -Infinity, statusDue: now(), ends: 0,
      isClosed: false, isGivenUp: false, isCancelWanted: false,
    };
    talks.set(wish.id, talk);
    for (const [id, old] of talks) if (talks.size > MOST_KEPT && old.isClosed) talks.delete(id);
    return talk;
  }

  function ask(talk, what, sendIt, inParts) {
    talk.question = createQuestion({ what, sendIt, inParts, now });
    if (isUp()) talk.question.send();
  }

  function askAboutJob(talk, what) {
    ask(talk, what, () => say(`/bridge/${what}`, talk.wish.id, talk.wish.job), false);
  }

  function askStatus(talk) {
    talk.statusDue = now() + (talk.ended ? REST_SECONDS : SILENCE_SECONDS);
    speakFor(clientOf(talk.wish.id));
    say("/bridge/status", talk.wish.id, talk.wish.job);
  }

  function tickOne(talk) {
    if (talk.question) {
      if (talk.question.isHopeless()) giveUp(talk);
      else if (isUp() && talk.question.isDue()) talk.question.send();
    } else if (isUp() && lacksNews(talk) && now() >= talk.statusDue) {
      askStatus(talk);
    }
  }

  function giveUp(talk) {
    const { what } = talk.question;
    talk.question = null;
    if (what === "start") Object.assign(talk, { isClosed: true, isGivenUp: true });
    on.unanswered(talk, what);
  }

  function closeWhenComplete(talk) {
    if (talk.isClosed || lacksNews(talk) || talk.settled.size < talk.seen.size) return;
    talk.isClosed = true;
    on.closed(talk);
  }

  /** Any word of a job answers the wish for it; the job's id is learnt from whichever comes first. */
  function hearOfJob(talk, jobId) {
    if (talk.isGivenUp) Object.assign(talk, { isClosed: false, isGivenUp: false });
    answer(talk, "start");
    talk.statusDue = now() + SILENCE_SECONDS;
    if (talk.wish.job) return;
    talk.wish = { ...talk.wish, job: jobId };
    on.accepted(talk);
    if (talk.isCancelWanted) askAboutJob(talk, "cancel");
  }

  function answer(talk, what) {
    if (talk.question && talk.question.what === what) talk.question = null;
  }

  const hearings = {
    "/bridge/accepted": (talk, { billable_requests: billable }) => {
      answer(talk, "retry");
      const isNews = talk.seen.size === 0 && !talk.ended && !talk.isClosed;
      talk.billable = billable;
      if (isNews) on.progressed(talk);
    },
    "/bridge/progress": (talk, { fraction, stage }) => {
      if (talk.isClosed || talk.ended) return;
      answer(talk, "retry");
      if (fraction < talk.fraction) return;
      Object.assign(talk, { fraction: Math.min(1, fraction), stage });
      on.progressed(talk);
    },
    "/bridge/done": (talk, done) => {
      if (talk.seen.has(done.take)) return;
      talk.seen.add(done.take);
      on.came(talk, done);
    },
    "/bridge/failed": (talk, { text }) => {
      if (talk.isClosed || isEndDoubtful(talk)) return;
      talk.failure = talk.failure || text;
      if (talk.ended) closeWhenComplete(talk);
    },
    "/bridge/ended": (talk, { state, delivered, asked }) => {
      if (talk.isClosed) return;
      if (isEndDoubtful(talk)) {
        talk.statusDue = talk.retriedAt + RETRY_DOUBT_SECONDS;
        return;
      }
      Object.assign(talk, { question: null, ended: { state, delivered, asked }, ends: talk.ends + 1 });
      talk.statusDue = now() + REST_SECONDS;
      closeWhenComplete(talk);
    },
  };

  /** An end that is heard right after a retry may still be that of the job's last life. */
  function isEndDoubtful(talk) {
    return now() < talk.retriedAt + RETRY_DOUBT_SECONDS;
  }

  function hearRejected(talk, code, text) {
    const { question } = talk;
    if (talk.isClosed || (!question && code !== "unknown_job")) return;
    if (question && question.outlivesRefusal(code)) return;
    talk.question = null;
    if (!question || question.what !== "cancel") talk.isClosed = true;
    if (question && question.what === "retry") talk.ended = talk.endedBefore;
    on.refused(talk, text);
  }

  return {
    /** Ask for a new job with these messages; `inParts` when they are the parts of one trigger. */
    add(wish, messages, inParts) {
      const talk = begin(wish);
      ask(talk, "start", () => messages.forEach(send), inParts);
    },

    /** Go on with a job that was accepted before the Set was closed. */
    restore(wish) {
      begin(wish);
    },

    /** The daemon is there again: whatever waits for an answer is asked at once. */
    met() {
      for (const talk of talks.values()) {
        if (talk.isClosed) continue;
        if (talk.question) talk.question.send();
        else if (lacksNews(talk)) askStatus(talk);
      }
    },

    tick() {
      thanks.tick();
      for (const talk of talks.values()) if (!talk.isClosed) tickOne(talk);
    },

    /** Take in a message of the daemon (readMessage's values); one of another device or job does nothing. */
    hear(address, values) {
      const talk = talks.get(values.request_id);
      if (!talk) return;
      if (address === "/bridge/rejected") hearRejected(talk, values.code, values.text);
      else if (!talk.wish.job || talk.wish.job === values.job_id) {
        hearOfJob(talk, values.job_id);
        hearings[address](talk, values);
      }
    },

    cancel(talk) {
      if (talk.wish.job) askAboutJob(talk, "cancel");
      else talk.isCancelWanted = true;
    },

    /** Let a job that ended without all its takes go on. */
    retry(talk) {
      Object.assign(talk, {
        isClosed: false, ended: null, endedBefore: talk.ended, failure: "", fraction: 0, stage: "",
        ends: 0, retriedAt: now(),
      });
      askAboutJob(talk, "retry");
    },

    /** A take was imported (`where` says to which place) or refused (`where` is ""). */
    settle(talk, take, where) {
      talk.settled.add(take);
      talk.wish = { ...talk.wish, imported: [...talk.settled] };
      if (where) thanks.add(talk.wish.id, talk.wish.job, take, where);
      if (talk.ended) closeWhenComplete(talk);
    },

    /** Conversations that go on, newest first. */
    open() {
      return [...talks.values()].filter((talk) => !talk.isClosed).reverse();
    },

    /** The newest that ended without all its takes, and can be retried; null where there is none. */
    retryable() {
      const ended = [...talks.values()].filter((talk) => talk.isClosed && talk.ended);
      return ended.filter((talk) => talk.ended.state !== "delivered").pop() || null;
    },
  };
}

/** The client that a request id belongs to. */
export function clientOf(requestId) {
  return requestId.slice(0, Math.max(0, requestId.lastIndexOf(".")));
}

/**
 * Whether the daemon has still something to tell of a job: its end, takes that it counts, or why it failed.
 */
function lacksNews(talk) {
  if (!talk.ended) return true;
  if (talk.ends > MOST_ENDS) return false;
  const lacksReason = !talk.failure && (talk.ended.state === "failed" || talk.ended.state === "partial");
  return lacksReason || talk.seen.size < talk.ended.delivered;
}
