// A take into the Arrangement: at its source's beat, over nothing, further takes in lanes or on muted tracks.

import { liveObject } from "./api.js";
import { unusableWords } from "./places.js";
import { keepingSelection } from "./selection.js";
import { NO_SLOT, NO_TRACK, dropScene, spareSlot } from "./session_place.js";
import { clipIn, dressClip, fileOf, fillLane, fillSlot } from "./take_clip.js";
import { isTakeOf, sameFileName } from "./take_file.js";
import { beatWords, clipsOfTake, settleFound, slotWords, trackWords } from "./take_found.js";
import { takeName } from "./take_name.js";
import { settleWarp } from "./warp.js";

const TIMELINE_TOLERANCE = 1e-3;

/**
 * Returns `(take, where, { into, wait }, finish)`, which is `placeInSession` for the timeline. It remembers
 * when take lanes cannot take a file or hold its length, and then leaves them alone.
 */
export function createArrangementPlace({ places }) {
  let lanesHold = true;

  return function placeInArrangement(take, where, { into, wait }, finish) {
    const source = places.sourceOf(where);
    const beat = Math.max(0, Number(take.mode === "continue" ? where.endBeat : where.beat) || 0);
    // Without a tempo nobody knows where the take ends, so nothing may follow.
    const span = take.beats > 0 ? take.beats : Infinity;
    const chosen = places.chosen(into);
    const made = places.madeFor(source);
    const homes = [...(chosen ? [chosen] : []), ...made];

    const isKin = (clip) => isTakeOf(fileOf(clip), take.job);

    const searched = take.again ? [] : places.searched(where, into);
    const found = clipsOfTake(take.wav, searched);
    const ours = [...homes, ...searched.filter(places.isMade)].map(({ id }) => id);
    const isOurs = ({ trackId }) => ours.includes(trackId);
    // A take that was on its way when the Set was closed starts anew, for who knows how far it was.
    const onItsWay = found.filter((one) => one.kind === "slot" && one.isLast && isOurs(one));
    for (const { slotId, clipId } of onItsWay) emptyAgain(slotId, clipId, take);
    const standing = found.filter((one) => !onItsWay.includes(one));
    const there = standing.find(({ kind }) => kind !== "slot") || standing[0];
    if (there && there.kind === "lane" && isOurs(there)) return settleOnLane(there.trackId, there.clipId);
    if (there) return settleFound(there, take, wait, finish);

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
      return settleOnLane(trackId, clip.id);
    }

    function settleOnLane(trackId, clipId) {
      settleWarp(clipId, take, { onTimeline: true, wait }, (note) => {
        if (note === null) return finish({ problem: "gone" });
        const clip = liveObject(clipId);
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
      const leave = () => keepingSelection(() => dropScene(spare.sceneId));
      if (!clip) {
        leave();
        return finish({ problem: "refused" });
      }
      dressClip(clip, take);
      settleWarp(clip.id, take, { onTimeline: false, wait }, (note) => {
        if (note === null || !liveObject(trackId)) {
          leave();
          return finish({ problem: "gone" });
        }
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
        leave();
        const held = note || lengthNote(copy, take);
        return finish({ where: beatWords(trackId, beat), note: sentences(placeNote, held) });
      });
      return undefined;
    }
  };
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
  const why = chosen ? `The track ${chosen.name} is taken at this place` : unusableWords(into);
  return `${why}, so the take went beside its source.`;
}

function laneWords(trackId) {
  return `${trackWords(trackId)}, take lane ${liveObject(trackId).ids("take_lanes").length}`;
}

function sentences(...notes) {
  return notes.filter(Boolean).join(" ");
}
