// Keeps the face up to date: connection, clip that is meant, tracks, what is known, jobs and results.

import { watchProperty } from "./live/api.js";
import { takeName } from "./live/take_name.js";
import { VERSION } from "./protocol.js";
import { MOST_RESULTS } from "./state.js";
import { lineTrouble, versionHint } from "./words.js";

const TRACKS_SECONDS = 3;

/**
 * Shows what the others know; what Live tells of is looked at on the next tick, for it may change many times
 * at once.
 */
export function createPanel({ face, status, found, menu, source, line, jobs, now }) {
  const observers = [];
  let isSourceStale = true;
  let areTracksStale = true;
  let tracksDue = 0;
  let clipId = 0;
  let trouble = "";
  let version = "";

  function showSource() {
    isSourceStale = false;
    face.source(source.label());
    const clip = source.clip();
    const id = clip ? clip.id : 0;
    if (id !== clipId) found.forgetTake();
    clipId = id;
  }

  function showLine() {
    const welcomed = line.welcomed();
    face.light(line.isAnswered());
    face.text("header", welcomed ? `${welcomed.provider} \u00b7 ${VERSION}` : `daw-bridge ${VERSION}`);
    const before = trouble;
    trouble = lineTrouble(line);
    if (trouble !== before) status.block(trouble);
    if (trouble || welcomed.version === version) return;
    version = welcomed.version;
    const hint = versionHint(welcomed);
    if (hint) status.trouble(hint);
  }

  function showJobs() {
    face.progress(jobs.progress());
    for (const [button, isActive] of Object.entries(jobs.can())) face.active(button, isActive);
    for (let place = 1; place <= MOST_RESULTS; place += 1) {
      const result = jobs.results()[place - 1];
      face.result(place, result ? takeName(result) : "");
    }
  }

  /** Names and freezing are not watched, so while a take is on its way they are looked at now and then. */
  function showTracks() {
    areTracksStale = false;
    tracksDue = now() + TRACKS_SECONDS;
    menu.refresh();
  }

  function refresh() {
    found.refresh();
    if (isSourceStale) {
      source.look();
      showSource();
    }
    if (areTracksStale || (now() >= tracksDue && jobs.can().cancel)) showTracks();
  }

  return {
    showSource,
    showLine,
    showJobs,
    refresh,

    /** Show everything anew: the patch may have forgotten it. */
    showAll() {
      face.forget();
      isSourceStale = true;
      areTracksStale = true;
      refresh();
      showLine();
      showJobs();
    },

    /** Look at the tracks on the next tick. */
    tracksChanged() {
      areTracksStale = true;
    },

    /** Have Live tell what changes; once, when Live is ready. */
    watch() {
      found.watch();
      source.watch(() => {
        isSourceStale = true;
      });
      observers.push(watchProperty("live_set", "tracks", () => {
        areTracksStale = true;
      }));
    },
  };
}
