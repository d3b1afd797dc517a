// A take into the Arrangement: at its source's beat, over nothing, further takes in lanes or on muted tracks.

import { liveObject } from "./api.js";
import { keepingSelection } from "./selection.js";
import { NO_SLOT, NO_TRACK, slotWords, spareSlot } from "./session_place.js";
import { clipIn, dressClip, fileOf, fillLane, fillSlot } from "./take_clip.js";
import { isTakeOf, sameFileName } from "./take_file.js";
import { takeName } from "./take_name.js";
import { settleWarp } from "./warp.js";

const TIMELINE_TOLERANCE = 1e-3;

/**
 * Returns `(take, where, { into, wait }, finish)`, which is `placeInSession` for the timeline. It remembers when
 * take lanes cannot take a file or hold its length, and then leaves them alone.
 */
export function createArrangementPlace({ places }) {
  let lanesHold = true;

  return function placeInArrangement(take, where, { into, wait }, finish) {
    const source = places.sourceOf(where);
    const beat = Math.max(0, Number(take.mode === "continue" ? where.endBeat : where.beat) || 0);
    // Without a tempo nobody knows where the take ends, so nothing may follow.
    const span = take.beats > 0 ? take.beats : Infinity;
    const chosen = into ? places.chosen(into, source) : null;
    const made = places.madeFor(source);
    const homes = [...(chosen ? [chosen] : []), ...made];

    const isThis = (clip) => sameFileName(fileOf(clip), take.wav);
    const isKin = (clip) => isTakeOf(fileOf(clip), take.job);
    const there = take.again ? null : homes.find(({ id }) => clipsOf(id).some(isThis));
    if (there) return finish({ where: beatWords(there.id, beat), note: "" });
    const kin = homes.find(({ id }) => overlapping(id, beat, span).some(isKin));
    if (kin && lanesHold && liveObject(kin.id).can("create_take_lane")) return onLane(kin.id);
    if (kin) return onMutedTrack();

    const heard = made.filter(({ id }, at) => at === 0 || !liveObject(id).flag("mute"));
    const open = [...(chosen ? [chosen] : []), ...heard];
    const free = open.find(({ id }) => overlapping(id, beat, span).length === 0);
    return onTrack(free ? free.id : newTrack(false), into && free !== chosen ? intoNote(into, chosen) : "");

    function onLane(trackId) {
      const clip = keepingSelection(() => clipOnNewLane(trackId, take, beat));
      if (!clip) {
        lanesHold = false;
        return onMutedTrack();
      }
      settleWarp(clip.id, take, { onTimeline: true, wait }, (note) => {
        if (note === null) return finish({ problem: "gone" });
        if (!keepsBeats(clip, take) && removedFromLane(trackId, clip)) {
          lanesHold = false;
          return onMutedTrack();
        }
        return finish({ where: laneWords(trackId), note: note || lengthNote(clip, take) });
      });
      return undefined;
    }

    function onMutedTrack() {
      const silent = made.slice(1).filter(({ id }) => liveObject(id) && liveObject(id).flag("mute"));
      const quiet = silent.find(({ id }) => overlapping(id, beat, span).length === 0);
      return onTrack(quiet ? quiet.id : newTrack(true), "");
    }

    function newTrack(muted) {
      const track = keepingSelection(() => places.addTrack(source, take.color));
      if (track && muted) track.set("mute", 1);
      return track ? track.id : 0;
    }

    /** By way of a slot: only there can a clip's length be made right before it lies beside others. */
    function onTrack(trackId, placeNote) {
      if (!trackId) return finish({ problem: NO_TRACK });
      const spare = keepingSelection(() => spareSlot(trackId));
      if (!spare) return finish({ problem: NO_SLOT });
      const clip = keepingSelection(() => fillSlot(spare.slot, take.wav));
      if (!clip) return finish({ problem: "refused" });
      dressClip(clip, take);
      settleWarp(clip.id, take, { onTimeline: false, wait }, (note) => {
        if (note === null || !liveObject(trackId)) return finish({ problem: "gone" });
        const stays = (why) => {
          return finish({ where: slotWords(trackId, spare.index), note: sentences(placeNote, note, why) });
        };
        const length = take.beats > 0 ? Math.max(take.beats, clip.number("length")) : Infinity;
        if (overlapping(trackId, beat, length).length > 0) {
          return stays("It waits in that slot, for on the timeline it would cover another clip.");
        }
        const copy = keepingSelection(() => copyToTimeline(trackId, clip, take, beat));
        if (!copy) return stays("It waits in that slot, for Live did not copy it to the timeline.");
        emptyAgain(spare.slot.id, clip.id, take);
        const held = note || lengthNote(copy, take);
        return finish({ where: beatWords(trackId, beat), note: sentences(placeNote, held) });
      });
      return undefined;
    }
  };
}

/** The clips of a track's timeline and of its take lanes. */
function clipsOf(trackId) {
  const track = liveObject(trackId);
  if (!track) return [];
  const lanes = track.can("create_take_lane") ? track.children("take_lanes") : [];
  return [track, ...lanes].flatMap((list) => list.children("arrangement_clips"));
}

function overlapping(trackId, beat, span) {
  const track = liveObject(trackId);
  return (track ? track.children("arrangement_clips") : []).filter(
    (clip) =>
      clip.number("end_time") > beat + TIMELINE_TOLERANCE &&
      clip.number("start_time") < beat + span - TIMELINE_TOLERANCE,
  );
}

function clipOnNewLane(trackId, take, beat) {
  const lane = liveObject(trackId).make("create_take_lane");
  if (!lane || !lane.can("create_audio_clip") || lane.ids("arrangement_clips").length > 0) return null;
  lane.set("name", takeName(take));
  const clip = fillLane(lane, take.wav, beat);
  if (clip) dressClip(clip, take);
  return clip;
}

function keepsBeats(clip, take) {
  return take.beats === 0 || Math.abs(beatsOnTimelineOf(clip) - take.beats) <= TIMELINE_TOLERANCE;
}

function beatsOnTimelineOf(clip) {
  return clip.number("end_time") - clip.number("start_time");
}

function lengthNote(clip, take) {
  if (keepsBeats(clip, take)) return "";
  const shown = Math.round(beatsOnTimelineOf(clip) * 1000) / 1000;
  return `Live shows ${shown} instead of ${take.beats} beats on the timeline: drag the clip's right edge.`;
}

function removedFromLane(trackId, clip) {
  liveObject(trackId).call("delete_clip", `id ${clip.id}`);
  return liveObject(clip.id) === null;
}

function copyToTimeline(trackId, clip, take, beat) {
  const track = liveObject(trackId);
  if (!track.can("duplicate_clip_to_arrangement")) return null;
  const copy = track.make("duplicate_clip_to_arrangement", `id ${clip.id}`, beat);
  const begins = (one) => Math.abs(one.number("start_time") - beat) <= TIMELINE_TOLERANCE;
  const isIt = (one) => begins(one) && sameFileName(fileOf(one), take.wav);
  return [...(copy ? [copy] : []), ...track.children("arrangement_clips")].find(isIt) || null;
}

/** Take our own clip out of the slot that was only its way; whatever else lies there by now stays. */
function emptyAgain(slotId, clipId, take) {
  const slot = liveObject(slotId);
  const clip = slot ? clipIn(slot) : null;
  if (clip && clip.id === clipId && sameFileName(fileOf(clip), take.wav)) slot.call("delete_clip");
}

function intoNote(into, chosen) {
  const why = chosen ? "is taken at this place" : "takes no audio now";
  return `The track ${into} ${why}, so the take went beside its source.`;
}

function laneWords(trackId) {
  return `${trackName(trackId)}, take lane ${liveObject(trackId).ids("take_lanes").length}`;
}

function beatWords(trackId, beat) {
  return `${trackName(trackId)}, beat ${Math.round(beat * 1000) / 1000} of the arrangement`;
}

function trackName(trackId) {
  const track = liveObject(trackId);
  return track ? track.text("name") : "a track";
}

function sentences(...notes) {
  return notes.filter(Boolean).join(" ");
}
