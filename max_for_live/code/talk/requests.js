// The conversation about each job: asked until answered, heard once, asked about when silent.

import { MOST_TAKES } from "../protocol.js";
import { createQuestion } from "./asking.js";
import { createThanks } from "./thanks.js";

const SILENCE_SECONDS = 5;
const REST_SECONDS = 1;
const MOST_ENDS = 12;
const RETRY_DOUBT_SECONDS = 0.5;
const RETRY_COPIES = 5;
const TRAVEL_SECONDS = 2;
const MOST_KEPT = 32;
const MOST_RETRYABLE = 3;

/**
 * `say(address, ...values)` and `send(message)` send; nothing is asked while `isUp()` is false.
 *
 * A conversation is told of as `{ wish, billable, fraction, stage, failure, ended, settled, isClosed }`:
 * `wish` is what was asked for (state.js), `failure` a sentence or "", `ended` null or `{ state, delivered,
 * asked }`, `settled` the takes that were imported or refused. `on` hears of it: `accepted`, `revived` (it
 * was given up before), `progressed`, `came(talk, done)`, `closed`, `refused(talk, sentence, isTaken)`
 * (`isTaken`: its request id may be that of another job), `lost` (the daemon never had it), `cancelled` (the
 * same, and that was wanted) and `unanswered` (nobody answered the wish).
 */
export function createRequests({ say, send, now, isUp, speakFor, on }) {
  const talks = new Map();
  const thanks = createThanks({ say, now, isUp });

  function begin(wish, ended = null) {
    const settled = new Set(wish.imported);
    const talk = {
      wish, settled, seen: new Set(settled), question: null, billable: 0, fraction: 0, stage: "", failure: "",
      ended, endedBefore: null, sentAt: -Infinity, retriedAt: -Infinity, statusDue: now(), ends: 0,
      isClosed: ended !== null, isGivenUp: false,
    };
    talks.set(wish.id, talk);
    for (const [id, old] of talks) if (talks.size > MOST_KEPT && old.isClosed) talks.delete(id);
    return talk;
  }

  function ask(talk, question) {
    talk.question = createQuestion({ ...question, now });
    if (isUp() && talk.question.isDue()) talk.question.send();
  }

  function askFor(talk, messages, inParts) {
    const sendIt = () => {
      talk.sentAt = now();
      messages.forEach(send);
    };
    ask(talk, { what: "start", sendIt, inParts });
  }

  function askToCancel(talk) {
    ask(talk, { what: "cancel", sendIt: () => sayOfJob(talk, "/bridge/cancel") });
  }

  function sayOfJob({ wish }, address) {
    speakFor(clientOf(wish.id));
    say(address, wish.id, wish.job);
  }

  function askStatus(talk) {
    talk.statusDue = now() + (talk.ended ? REST_SECONDS : SILENCE_SECONDS);
    sayOfJob(talk, "/bridge/status");
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
    Object.assign(talk, { question: null, isClosed: true, isGivenUp: true });
    on.unanswered(talk);
  }

  function closeWhenComplete(talk) {
    if (talk.isClosed || lacksNews(talk) || talk.settled.size < talk.seen.size) return;
    talk.isClosed = true;
    on.closed(talk);
  }

  /** Any word of a job answers the wish for it; the job's id is learnt from whichever comes first. */
  function hearOfJob(talk, jobId) {
    const wasGivenUp = talk.isGivenUp;
    if (wasGivenUp) Object.assign(talk, { isClosed: false, isGivenUp: false });
    answer(talk, "start");
    talk.statusDue = now() + SILENCE_SECONDS;
    if (talk.wish.job) return;
    talk.wish = { ...talk.wish, job: jobId };
    if (wasGivenUp) on.revived(talk);
    else on.accepted(talk);
    if (talk.wish.isCancelled && !talk.question) askToCancel(talk);
  }

  function answer(talk, what) {
    if (talk.question && talk.question.what === what) talk.question = null;
  }

  const hearings = {
    "/bridge/accepted": (talk, { billable_requests: billable }) => {
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
      answer(talk, "retry");
      if (talk.seen.has(done.take) || !isTakeNumber(done.take, talk.wish.takes)) return;
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
    const isAboutWish = !question || question.what === "cancel";
    if (code === "unknown_job" && isAboutWish && !talk.wish.job) {
      hearNeverArrived(talk);
      return;
    }
    talk.question = null;
    if (!question || question.what !== "cancel") talk.isClosed = true;
    if (question && question.what === "retry") talk.ended = talk.endedBefore;
    const isTaken = question !== null && isTakenId(question, code);
    on.refused(talk, text, isTaken);
  }

  /** The wish itself may still be on its way: then the daemon knows it the next time, or tells of it later. */
  function hearNeverArrived(talk) {
    talk.statusDue = now() + REST_SECONDS;
    if (now() < talk.sentAt + TRAVEL_SECONDS) return;
    Object.assign(talk, { question: null, isClosed: true, isGivenUp: true });
    if (talk.wish.isCancelled) on.cancelled(talk);
    else on.lost(talk);
  }

  /** Who asked elsewhere hears of the job under an id of its own; only its job tells that it is this one. */
  function talkOf({ request_id: id, job_id: job }) {
    const all = [...talks.values()];
    return talks.get(id) || all.find(({ wish }) => wish.toldAs === id && wish.job === job) || null;
  }

  return {
    /** Ask for a new job with these messages; `inParts` when they are the parts of one trigger. */
    add(wish, messages, inParts) {
      askFor(begin(wish), messages, inParts);
    },

    /** Go on with what was asked for before the Set was closed, or by somebody else. */
    resume(wish) {
      const talk = begin(wish);
      talk.sentAt = now();
      if (wish.isCancelled) askToCancel(talk);
    },

    /** Remember a job that had `ended` before the Set was closed, so that it can be retried. */
    remember(wish, ended) {
      begin(wish, ended);
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
      const talk = talkOf(values);
      if (!talk) return;
      if (address === "/bridge/rejected") hearRejected(talk, values.code, values.text);
      else if (!talk.wish.job || talk.wish.job === values.job_id) {
        hearOfJob(talk, values.job_id);
        hearings[address](talk, values);
      }
    },

    /**
     * Have a job cancelled, until it is: also one that the daemon has not answered, or while it is away. From
     * now on the wish itself is not sent any more.
     */
    cancel(talk) {
      talk.wish = { ...talk.wish, isCancelled: true };
      askToCancel(talk);
    },

    /**
     * Let a job that ended without all its takes go on. A retry that comes after the job has failed once more
     * is paid once more, so it is never sent later again: some copies go at once, of which the daemon takes the
     * first, and then the job's status tells whether one has arrived.
     */
    retry(talk) {
      Object.assign(talk, {
        wish: { ...talk.wish, isCancelled: false }, isClosed: false, ended: null, endedBefore: talk.ended,
        failure: "", fraction: 0, stage: "", ends: 0, retriedAt: now(),
      });
      for (let copy = 0; copy < RETRY_COPIES; copy += 1) sayOfJob(talk, "/bridge/retry");
      ask(talk, { what: "retry", sendIt: () => askStatus(talk), wait: RETRY_DOUBT_SECONDS });
    },

    /** A take was imported (`where` says to which place) or refused (`where` is ""). */
    settle(talk, take, where) {
      talk.settled.add(take);
      talk.wish = { ...talk.wish, imported: [...talk.settled] };
      if (where) thanks.add(talk.wish.toldAs || talk.wish.id, talk.wish.job, take, where);
      if (talk.ended) closeWhenComplete(talk);
    },

    /** Whether a message of the daemon is about a wish or a job that was ever talked of. */
    knows({ request_id: id, job_id: job }) {
      return talks.has(id) || [...talks.values()].some(({ wish }) => wish.job === job);
    },

    /** All wishes that are remembered, newest first. */
    wishes() {
      return [...talks.values()].map(({ wish }) => wish).reverse();
    },

    /** Conversations that go on, newest first. */
    open() {
      return [...talks.values()].filter((talk) => !talk.isClosed).reverse();
    },

    /**
     * The last that ended without all their takes, newest first: what was asked for before the last job that
     * brought all of its takes is not offered any more.
     */
    retryable() {
      const ended = [...talks.values()].filter((talk) => talk.isClosed && talk.ended).reverse();
      const good = ended.findIndex((talk) => talk.ended.state === "delivered");
      return (good < 0 ? ended : ended.slice(0, good)).slice(0, MOST_RETRYABLE);
    },
  };
}

/** Whether a refusal may mean that a request id was used before; with parts it means that some were lost. */
function isTakenId({ what, inParts }, code) {
  return what === "start" && !inParts && code === "bad_message";
}

/** The client that a request id belongs to. */
export function clientOf(requestId) {
  return requestId.slice(0, Math.max(0, requestId.lastIndexOf(".")));
}

/** Whether a take may have this number, of so many that were asked for. */
export function isTakeNumber(take, takes) {
  return take >= 1 && take <= Math.min(takes, MOST_TAKES);
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
