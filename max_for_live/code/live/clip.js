// Reads the clip that is meant: what it holds, what of it plays, where it lies; or what is wrong with it.

import { liveObject } from "./api.js";
import { readUnwarped, readWarped } from "./audio.js";
import { readNotes, sentenceStart } from "./notes.js";
import { arrangedPart, barLength, sessionPart } from "./part.js";
import { metreOf } from "./song.js";
import { readTrack } from "./track.js";
import { fileSize, nameOf } from "../media.js";
import { present, rounded } from "../values.js";

/**
 * What the trigger says of a clip (LiveObject or null) in a song (of readSong), or `{ problem }`, a sentence.
 * `clip`, `track`, `position` (null in Session) are those of protocol.md; `where` is plain JSON: in the
 * Arrangement `beat` is the bar line at which a take begins and `endBeat` where the clip ends, in Session
 * `scene` is the row, `clip` and `slot` are ids. `timeSignature` is in Session the clip's own.
 * `bars` has to be asked for when the user asks for none (0: nothing to ask). `sampleRate` is 0 when unknown,
 * `color` Live's 0xRRGGBB. `note` is a sentence on what could not be told to the daemon, mostly empty.
 */
export function readSource(clip, song) {
  if (!clip) return { problem: nothingMeant() };
  const title = clipTitle(clip);
  const track = readTrack(clip);
  const refused = refusal(clip, track, title);
  if (refused) return { problem: refused };
  const marks = marksOf(clip);
  const sound = clip.flag("is_audio_clip");
  const timeSignature = (marks.startTime === null && metreOf(clip)) || song.timeSignature;
  const barBeats = barLength(timeSignature);
  const held = sound
    ? readSound(clip, marks, song.bpm, barBeats, title)
    : readScore(clip, marks, barBeats, title);
  if (held.problem) return { problem: held.problem };
  const name = clip.text("name");
  return {
    clip: present({ name, ...held.fields }),
    track: present({ name: track.name, instrument: track.instrument, drums: track.drums || null }),
    position: marks.startTime === null ? null : { beats: rounded(marks.startTime) },
    where: placeOf(clip, track, marks, held.downbeat),
    timeSignature,
    name,
    color: clip.number("color"),
    drums: track.drums,
    sampleRate: sound ? clip.number("sample_rate") : 0,
    bars: held.bars,
    note: sound ? silenced(clip, title) : "",
  };
}

/** `the clip Marimba riff`, for the middle of a sentence. */
function clipTitle(clip) {
  const name = clip.text("name");
  return name ? `the clip ${name}` : "the selected clip";
}

function nothingMeant() {
  const slot = liveObject("live_set view").child("highlighted_clip_slot");
  if (slot && slot.flag("is_group_slot")) {
    return "The selected slot belongs to a group track; select a clip on one of the tracks inside it.";
  }
  return "No clip is selected; click a clip in Session or Arrangement.";
}

function refusal(clip, track, title) {
  if (track.group) {
    return `The track ${track.name} is a group track; select a clip on one of the tracks inside it.`;
  }
  if (track.frozen) {
    return `The track ${track.name} is frozen; unfreeze it, or select a clip on another track.`;
  }
  if (clip.flag("is_recording")) return `${sentenceStart(title)} is being recorded; stop recording first.`;
  return clip.flag("is_audio_clip") ? fileProblem(clip, title) : "";
}

function fileProblem(clip, title) {
  const path = clip.text("file_path");
  if (!path) return `${sentenceStart(title)} has no audio file; record or import one first.`;
  if (fileSize(path) >= 0) return "";
  return `The file ${nameOf(path)} of ${title} is missing; find it again with File > Manage Files.`;
}

/**
 * The clip's markers and loop (beats; seconds where it is unwarped), and its place in the song, null in
 * Session.
 */
function marksOf(clip) {
  const arranged = clip.flag("is_arrangement_clip");
  return {
    looping: clip.flag("looping"),
    startMarker: clip.number("start_marker"),
    endMarker: clip.number("end_marker"),
    loopStart: clip.number("loop_start"),
    loopEnd: clip.number("loop_end"),
    startTime: arranged ? clip.number("start_time") : null,
    endTime: arranged ? clip.number("end_time") : null,
  };
}

function readSound(clip, marks, bpm, barBeats, title) {
  if (clip.flag("warping")) {
    const part = partOf(marks, barBeats);
    if (part.end <= part.start) return { problem: nothingInside(title) };
    const read = readWarped(clip, part.start + part.pickup, bpm, title);
    return read.problem ? read : { ...part, fields: { audio: read.audio, ...cutFields(part) } };
  }
  const { audio, cut, pickup, downbeat, empty } = readUnwarped(clip, marks, bpm, barBeats);
  if (empty) return { problem: nothingInside(title) };
  return { bars: 0, downbeat, fields: { audio, ...cut, pickup_beats: rounded(pickup) || null } };
}

function readScore(clip, marks, barBeats, title) {
  const part = partOf(marks, barBeats);
  if (part.end <= part.start) return { problem: nothingInside(title) };
  const read = readNotes(clip, part, title);
  return read.problem ? read : { ...part, fields: { notes: read.notes, ...cutFields(part) } };
}

function partOf(marks, barBeats) {
  return marks.startTime === null ? sessionPart(marks, barBeats) : arrangedPart(marks, barBeats);
}

function cutFields({ start, end, pickup, loop }) {
  return {
    start_beats: rounded(start),
    end_beats: rounded(end),
    pickup_beats: rounded(pickup) || null,
    loop: loop && { start_beats: rounded(loop.start), end_beats: rounded(loop.end) },
  };
}

function nothingInside(title) {
  return `${sentenceStart(title)} is empty: nothing lies between its start and its end; set them apart.`;
}

function placeOf(clip, { id, index, name }, marks, downbeat) {
  const track = { id, index, name };
  if (marks.startTime !== null) {
    return { kind: "arrangement", track, beat: rounded(downbeat), endBeat: rounded(marks.endTime) };
  }
  const row = /\bclip_slots (\d+)/.exec(clip.path);
  const slot = clip.child("canonical_parent");
  return { kind: "session", track, scene: row ? Number(row[1]) : 0, clip: clip.id, slot: slot ? slot.id : 0 };
}

/** A clip turned down to nothing is followed as it was recorded, for silence cannot be followed. */
function silenced(clip, title) {
  const silent = /inf/i.test(clip.text("gain_display_string"));
  return silent ? `${sentenceStart(title)} is turned down to silence; it is followed at full level.` : "";
}
