// Warp markers: from what Live guessed to one straight line between the file's first frame and its last beat.

const SAME_FRAME_SECONDS = 1e-5;
const SAME_BEAT = 1e-6;
const LEAST_SEGMENT_BPM = 5;
const MOST_SEGMENT_BPM = 999;
const MOST_MOVES = 16;

/** A clip's warp markers `[{ beat, seconds }]` in order, Live's hidden last one too; [] if unreadable. */
export function markersOf(clip) {
  const read = clip.json("warp_markers");
  const list = Array.isArray(read) ? read : read && read.warp_markers;
  if (!Array.isArray(list)) return [];
  return list
    .map((marker) => ({ beat: Number(marker.beat_time), seconds: Number(marker.sample_time) }))
    .filter((marker) => Number.isFinite(marker.beat) && Number.isFinite(marker.seconds))
    .sort((one, other) => one.seconds - other.seconds);
}

/** Whether markers lead from beat 0 at 0 s to `beats` at `seconds` without a bend (tolerance in beats). */
export function runsStraight(markers, seconds, beats, tolerance) {
  if (markers.length < 2) return false;
  const inside = markers.filter((marker) => marker.seconds > 0 && marker.seconds < seconds);
  const points = [0, ...inside.map((marker) => marker.seconds), seconds];
  return points.every((point) => Math.abs(beatAt(markers, point) - (point / seconds) * beats) <= tolerance);
}

/**
 * The next calls `[name, ...words]` on the way to one marker at beat 0 and 0 s, one at `beats` and `seconds`
 * and none between; empty when nothing is left to do. To be asked again after each round, for Live moves its
 * hidden last marker by itself. Each call keeps the markers in order and every segment within 5 to 999 bpm.
 */
export function nextWarpCalls(markers, seconds, beats) {
  if (markers.length < 2) return [addCall(0, 0), addCall(beats, seconds)];
  const shown = markers.slice(0, -1);
  const start = markerAt(shown, 0);
  const end = markerAt(shown, seconds) || markerAt(markers, seconds);
  if (!start || !end) {
    // A marker on the line as it is bends nothing, so it is valid whatever the guess.
    return [
      ...(start ? [] : [addCall(beatAt(markers, 0), 0)]),
      ...(end ? [] : [addCall(beatAt(markers, seconds), seconds)]),
    ];
  }
  const others = shown.filter((marker) => marker !== start && marker !== end);
  if (others.length > 0) return others.map((marker) => ["remove_warp_marker", marker.beat]);
  return moveCalls(start.beat, end.beat, seconds, beats);
}

function beatAt(markers, seconds) {
  const after = markers.findIndex((marker) => marker.seconds > seconds);
  const right = Math.min(Math.max(after < 0 ? markers.length - 1 : after, 1), markers.length - 1);
  const from = markers[right - 1];
  const to = markers[right];
  const slope = (to.beat - from.beat) / (to.seconds - from.seconds || 1);
  return from.beat + (seconds - from.seconds) * slope;
}

function addCall(beat, seconds) {
  return ["add_warp_marker", { beat_time: beat, sample_time: seconds }];
}

function markerAt(markers, seconds) {
  return markers.find((marker) => Math.abs(marker.seconds - seconds) < SAME_FRAME_SECONDS);
}

/** Both ends to their places, by turns where one move would leave the tempo that Live allows. */
function moveCalls(startBeat, endBeat, seconds, beats) {
  const least = (seconds * LEAST_SEGMENT_BPM) / 60;
  const most = (seconds * MOST_SEGMENT_BPM) / 60;
  const calls = [];
  let [start, end] = [startBeat, endBeat];
  const move = (from, to) => {
    if (Math.abs(to - from) > SAME_BEAT) calls.push(["move_warp_marker", from, to - from]);
    return Math.abs(to - from) > SAME_BEAT ? to : from;
  };
  for (let turn = 0; turn < MOST_MOVES; turn++) {
    end = move(end, Math.min(Math.max(beats, start + least), start + most));
    start = move(start, Math.min(Math.max(0, end - most), end - least));
  }
  return calls;
}
