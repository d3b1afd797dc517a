// Undoing what Live's Auto-Warp guessed: a take's clip plays, loops and ends at exactly its promised beats.

import { liveObject } from "./api.js";
import { markersOf, nextWarpCalls, runsStraight } from "./warp_markers.js";
import { warpModeFor } from "./warp_mode.js";

const MOST_LOOKS = 40;
const MOST_SHAPINGS = 8;
const LOOKS_TO_HOLD = 3;
const LOOKS_UNTIL_WARPING_IS_ASKED_AGAIN = 15;
const MOST_MARKER_ROUNDS = 8;
const BEATS_TOLERANCE = 1e-3;

/**
 * Make a clip right and look again until it holds, for Live warps late. Calls `done(note)` once: empty when
 * Live agrees, a sentence when it does not, null when the clip is gone.
 * take: `beats` 0 where the tempo is unknown (then the clip plays unwarped). wait(work): runs work a moment
 * later. onTimeline: the clip lies in the arrangement, where its markers are also its edges.
 */
export function settleWarp(clipId, take, { onTimeline, wait }, done) {
  const warping = take.beats > 0;
  const look = (looks, shapings, held) => {
    const clip = liveObject(clipId);
    if (!clip) return done(null);
    const wrong = disagreement(clip, take);
    const isRight = wrong === "" && hasItsMarkers(clip, take);
    const holds = looks > 0 && isRight ? held + 1 : 0;
    if (holds >= LOOKS_TO_HOLD || looks >= MOST_LOOKS || shapings >= MOST_SHAPINGS) return done(wrong);
    const inForce = clip.flag("warping") === warping;
    if (!inForce && looks % LOOKS_UNTIL_WARPING_IS_ASKED_AGAIN === 0) clip.set("warping", warping ? 1 : 0);
    const shapes = inForce && warping && !isRight;
    if (shapes) shape(clip, take, onTimeline);
    wait(() => look(looks + 1, shapings + (shapes ? 1 : 0), holds));
    return undefined;
  };
  look(0, 0, 0);
}

/** The length of a take in seconds: as told, else as Live reads the file, else by its tempo; 0: unknown. */
function secondsOf(clip, take) {
  const rate = clip.number("sample_rate");
  const read = rate > 0 ? clip.number("sample_length") / rate : 0;
  return take.seconds || read || (take.bpm > 0 ? (take.beats * 60) / take.bpm : 0);
}

function shape(clip, take, onTimeline) {
  const seconds = secondsOf(clip, take);
  if (seconds > 0) layMarkers(clip, seconds, take.beats);
  const mode = warpModeFor(take, clip.numbers("available_warp_modes"));
  if (mode !== null && clip.number("warp_mode") !== mode) clip.set("warp_mode", mode);
  const loops = loopsForever(take);
  if (onTimeline || !loops) {
    setLooping(clip, 0);
    setSpan(clip, "start_marker", "end_marker", take.beats);
  }
  if (loops) setLooping(clip, 1);
  setSpan(clip, "loop_start", "loop_end", take.beats);
  setSpan(clip, "start_marker", "end_marker", take.beats);
}

/** Even where Live's guess is right by chance, both ends are to be pinned. */
function hasItsMarkers(clip, take) {
  const seconds = secondsOf(clip, take);
  if (take.beats === 0 || seconds === 0) return true;
  return nextWarpCalls(markersOf(clip), seconds, take.beats).length === 0;
}

function loopsForever(take) {
  return take.mode !== "continue";
}

function layMarkers(clip, seconds, beats) {
  let before = "";
  for (let round = 0; round < MOST_MARKER_ROUNDS; round++) {
    const markers = markersOf(clip);
    const calls = nextWarpCalls(markers, seconds, beats);
    const now = JSON.stringify(markers);
    if (calls.length === 0 || now === before) return;
    before = now;
    for (const call of calls) clip.call(...call);
  }
}

function setLooping(clip, looping) {
  if (clip.number("looping") !== looping) clip.set("looping", looping);
}

/** From 0 to `beats`, in the order in which the end is never at or before the start. */
function setSpan(clip, startName, endName, beats) {
  const edges = [[startName, 0], [endName, beats]];
  if (clip.number(startName) < beats) edges.reverse();
  for (const [name, beat] of edges) {
    if (clip.number(name) !== beat) clip.set(name, beat);
  }
}

/** In one sentence, where Live does not show what was promised; empty when it does. */
function disagreement(clip, take) {
  if (take.beats === 0) {
    return clip.flag("warping") ? "Live warps the take by a guess of its own, for its tempo is unknown." : "";
  }
  if (!clip.flag("warping")) return "Live left the take unwarped, so it does not follow the song's tempo.";
  const { beats } = take;
  const wanted = { length: beats, loop_start: 0, loop_end: beats, start_marker: 0, end_marker: beats };
  const differs = (name) => Math.abs(clip.number(name) - wanted[name]) > BEATS_TOLERANCE;
  const off = Object.keys(wanted).find(differs);
  if (off) {
    const shown = `Live shows ${roundBeats(clip.number(off))} instead of ${roundBeats(wanted[off])} beats`;
    return `${shown} for the clip's ${off.replace("_", " ")}: check it before you use it.`;
  }
  if (clip.flag("looping") !== loopsForever(take)) {
    return `Live ${clip.flag("looping") ? "loops" : "does not loop"} the clip: click its loop switch.`;
  }
  const seconds = secondsOf(clip, take);
  if (seconds > 0 && runsStraight(markersOf(clip), seconds, beats, BEATS_TOLERANCE)) return "";
  return `The clip's warp markers do not span its ${roundBeats(beats)} beats evenly: check its warping.`;
}

function roundBeats(beats) {
  return String(Math.round(beats * 1000) / 1000);
}
