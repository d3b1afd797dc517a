// Clips: as a test describes them, as Live makes them of a file, copied, and in each other's way.

import { addNode, removeNode } from "./nodes.mjs";

const LAST_MARKER_BEATS = 1 / 32;

/** A clip as described, in a slot, on a track's timeline (`at` in beats) or in a take lane. */
export function addClip(set, parent, description, kind) {
  const midi = kind === "midi";
  const sound = midi
    ? null
    : (set.disk.sound(description.file) ?? { frames: 8 * 48_000, rate: 48_000, seconds: 8 });
  const markers = (description.markers ?? [[0, 0]]).map(([beat, seconds]) => ({ beat, seconds }));
  const clip = addNode(set, "Clip", parent, {
    midi,
    name: description.name ?? "",
    color: description.color ?? 0x3c5a96,
    timeSignature: description.timeSignature ?? set.song.timeSignature,
    muted: description.muted ? 1 : 0,
    recording: description.recording ?? false,
    notes: (description.notes ?? []).map(noteOf),
    file: description.file ?? "",
    sound,
    warping: midi || (description.warping ?? true) ? 1 : 0,
    warp_mode: description.warpMode ?? 0,
    markers,
    tailBpm: description.tailBpm ?? bpmOf(markers) ?? set.song.tempo,
    gain: description.gain ?? 0.4,
    gainText: description.gainText ?? "0.0 dB",
    pitch_coarse: description.pitch ?? 0,
    pitch_fine: description.cents ?? 0,
  });
  const whole = midi ? (description.length ?? 4) : clip.warping ? beatAt(clip, sound.seconds) : sound.seconds;
  const loop = description.loop ?? [0, description.length ?? whole];
  clip.looping = (description.looping ?? clip.warping === 1) ? 1 : 0;
  clip.loopStart = loop[0];
  clip.loopEnd = loop[1];
  clip.startMarker = description.start ?? loop[0];
  clip.endMarker = description.end ?? loop[1];
  clip.at = description.at ?? 0;
  clip.until = clip.at + (description.beatsOnTimeline ?? beatsOnTimeline(set, clip));
  clip.made = true;
  return clip;
}

/** The clip that Live makes of a sound file, guesses included. */
export function addClipOfFile(set, parent, path, at) {
  const sound = set.disk.sound(path);
  const guess = set.song.tempo * set.quirks.autoWarp;
  const clip = addClip(
    set,
    parent,
    { name: nameOfFile(path), file: nativePath(set, path), warping: guess > 0, at },
    "audio",
  );
  if (guess > 0) {
    const start = set.quirks.autoWarpStart;
    clip.tailBpm = guess;
    clip.markers = [{ beat: 0, seconds: start }];
    for (let place = 1; place <= set.quirks.autoWarpMarkers; place += 1) {
      const beat = place * 4;
      clip.markers.push({ beat, seconds: start + (beat * 60) / guess + 0.003 * (place % 2 === 0 ? 1 : -1) });
    }
    const end = beatAt(clip, sound.seconds);
    Object.assign(clip, { startMarker: 0, loopStart: 0, endMarker: end, loopEnd: end, looping: 0 });
  }
  clip.until = at + beatsOnTimeline(set, clip);
  return clip;
}

/** A copy of a clip at a place of a timeline; what it is made of is copied too. */
export function addCopy(set, parent, clip, at) {
  const copy = addNode(set, "Clip", parent, {
    ...clip,
    id: set.lastId + 1,
    notes: clip.notes.map((note) => ({ ...note })),
    markers: clip.markers.map((marker) => ({ ...marker })),
  });
  Object.assign(copy, {
    type: "Clip",
    parent,
    made: true,
    alive: true,
    at,
    until: at + beatsOnTimeline(set, clip),
  });
  return copy;
}

/**
 * Make room on a timeline as Live does: what lies there is cut or goes, whosever it is, and that is a
 * violation.
 */
export function overwrite(set, clips, from, to, by) {
  for (const other of [...clips]) {
    if (other === by || other.at >= to - 1e-9 || other.until <= from + 1e-9) continue;
    set.violations.push(`the clip "${other.name}" at beat ${other.at} was overwritten by "${by.name}"`);
    if (other.at >= from && other.until <= to) {
      clips.splice(clips.indexOf(other), 1);
      removeNode(set, other);
    } else if (other.at < from) {
      other.until = from;
    } else {
      other.at = to;
    }
  }
}

/** How many beats of the song a clip takes up when it is put on a timeline. */
export function beatsOnTimeline(set, clip) {
  const [start, end] = clip.looping ? [clip.loopStart, clip.loopEnd] : [clip.startMarker, clip.endMarker];
  return clip.warping ? end - start : ((end - start) * set.song.tempo) / 60;
}

/** The beat at which a warped clip's file has reached so many seconds. */
export function beatAt(clip, seconds) {
  return along(shownMarkers(clip), seconds, "seconds", "beat");
}

/** The seconds into a warped clip's file at a beat. */
export function secondsAt(clip, beat) {
  return along(shownMarkers(clip), beat, "beat", "seconds");
}

/** A clip's warp markers with the hidden last one, which only says how fast the rest is. */
export function shownMarkers(clip) {
  const last = clip.markers[clip.markers.length - 1];
  const hidden = {
    beat: last.beat + LAST_MARKER_BEATS,
    seconds: last.seconds + (LAST_MARKER_BEATS * 60) / clip.tailBpm,
  };
  return [...clip.markers, hidden];
}

/** A path as this Live's system writes it. */
export function nativePath(set, path) {
  return set.quirks.windows ? path.replace(/\//g, "\\") : path;
}

function bpmOf(markers) {
  if (markers.length < 2) return null;
  const [from, to] = markers.slice(-2);
  return ((to.beat - from.beat) * 60) / (to.seconds - from.seconds);
}

function noteOf(note, place) {
  return {
    note_id: place + 1,
    pitch: note.pitch,
    start_time: note.start,
    duration: note.duration ?? 0.25,
    velocity: note.velocity ?? 100,
    mute: note.mute ? 1 : 0,
    probability: note.probability ?? 1,
    velocity_deviation: 0,
    release_velocity: 64,
  };
}

function along(markers, value, from, to) {
  let place = 1;
  while (place < markers.length - 1 && markers[place][from] <= value) place += 1;
  const [low, high] = [markers[place - 1], markers[place]];
  return low[to] + ((value - low[from]) * (high[to] - low[to])) / (high[from] - low[from]);
}

export function nameOfFile(path) {
  const name = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
  return name.includes(".") ? name.slice(0, name.lastIndexOf(".")) : name;
}
