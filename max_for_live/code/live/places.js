// Where takes go: the tracks that can take audio, and the one beside the source that this device makes.

import { liveObject } from "./api.js";

const BRIDGE_MARK = " · bridge";
const MADE_NAME = / · bridge( \d+)?$/;

/** The tracks a take can go to `[{ id, index, name }]`: audio, not frozen, no group. */
export function audioTracks() {
  return allTracks()
    .filter(({ track }) => takesAudio(track))
    .map(tellTrack);
}

/**
 * The chosen one of these tracks, null where it is not among them. `chosen`: `{ id, index, name }`; with the
 * id 0, which a choice of an earlier session has, the track of that name nearest to that index is meant.
 */
export function chosenAmong(tracks, { id, index, name }) {
  if (id > 0) return tracks.find((track) => track.id === id) || null;
  return nearest(tracks.filter((track) => track.name === name), index);
}

/** Why a chosen track is not used: the beginning of a sentence. */
export function unusableWords(chosen) {
  const there = chosenAmong(allTracks().map(tellTrack), chosen);
  return there ? `The track ${there.name} takes no audio now` : `The track ${chosen.name} is gone`;
}

/**
 * Remembers which tracks it made for which source, for as long as Live keeps the Set open.
 * session: a word that this session's `where`s carry; the ids of others count only with the track's name.
 */
export function createPlaces({ session }) {
  const made = new Map();

  /** Whether the ids in a `where` are those of now. */
  function isOfNow(where) {
    return Boolean(session) && where.session === session;
  }

  /** The source's track as it stands now `{ id, index, name }`; index -1 and id 0 when it is gone. */
  function sourceOf(where) {
    const told = where.track;
    const tracks = allTracks().map(tellTrack);
    const byId = tracks.find(({ id, name }) => id === told.id && (isOfNow(where) || name === told.name));
    const byName = nearest(tracks.filter(({ name }) => name === told.name), told.index);
    return byId || byName || { id: 0, index: -1, name: told.name };
  }

  /** The row of the source's clip as it stands now: its own, else that of its slot, else the one of then. */
  function rowOf(where) {
    const rows = isOfNow(where) ? [where.clip, where.slot].map(rowOfId) : [];
    return rows.find((row) => row !== null) ?? where.scene;
  }

  /** The track the user chose as it stands now; null for none, or when it takes no audio now. */
  function chosen(into) {
    return into && chosenAmong(audioTracks(), into);
  }

  /** The tracks made for a source, the first one first; without those that take no audio now. */
  function madeFor(source) {
    const remembered = made.get(sourceKey(source)) || [];
    const number = ({ id, name }) => numberOf(name, source) || 1 + remembered.indexOf(id);
    const found = audioTracks().filter((track) => number(track) > 0 && !isForAnother(track, source));
    return found.sort((one, other) => number(one) - number(other) || one.index - other.index);
  }

  /** Whether a track was made for another source of the same name. */
  function isForAnother(track, source) {
    const owners = [...made.keys()].filter((key) => key !== sourceKey(source) && isTrack(key));
    return owners.some((key) => made.get(key).includes(track.id));
  }

  /** Whether a track is one of those that this device makes, whatever the source is called by now. */
  function isMade({ id, name }) {
    return MADE_NAME.test(name) || [...made.values()].some((ids) => ids.includes(id));
  }

  /** Where a take may lie already: on the tracks it could go to, in a Set that was opened anew on any. */
  function searched(where, into) {
    const chosenNow = chosen(into);
    const homes = [...(chosenNow ? [chosenNow] : []), ...madeFor(sourceOf(where))];
    const holders = isOfNow(where) ? [] : allTracks().filter(({ track }) => holdsAudio(track)).map(tellTrack);
    return [...homes, ...holders.filter(({ id }) => homes.every((home) => home.id !== id))];
  }

  /** A new track beside the source and what was made for it, else at the end; null if Live makes none. */
  function addTrack(source, color) {
    const song = liveObject("live_set");
    const last = Math.max(source.index, ...madeFor(source).map(({ index }) => index));
    const index = source.index < 0 ? -1 : last + 1;
    const track = song.make("create_audio_track", index);
    if (!track) return null;
    track.set("name", freeName(source));
    if (color > 0) track.set("color", color);
    made.set(sourceKey(source), [...(made.get(sourceKey(source)) || []), track.id]);
    return track;
  }

  return { sourceOf, rowOf, chosen, madeFor, isMade, searched, addTrack };
}

function allTracks() {
  const song = liveObject("live_set");
  return song ? song.children("tracks").map((track, index) => ({ track, index })) : [];
}

function tellTrack({ track, index }) {
  return { id: track.id, index, name: track.text("name") };
}

function takesAudio(track) {
  return holdsAudio(track) && !track.flag("is_frozen");
}

function holdsAudio(track) {
  return track.flag("has_audio_input") && !track.flag("has_midi_input") && !track.flag("is_foldable");
}

function isTrack(id) {
  const found = typeof id === "number" ? liveObject(id) : null;
  return found !== null && found.type === "Track";
}

/** The row of a slot or of the clip in one; null where there is none, as in the Arrangement. */
function rowOfId(id) {
  const found = liveObject(id);
  const slot = found && /\bclip_slots (\d+)/.exec(found.path);
  return slot ? Number(slot[1]) : null;
}

function nearest(tracks, index) {
  const distance = (track) => Math.abs(track.index - index);
  return [...tracks].sort((one, other) => distance(one) - distance(other))[0] || null;
}

function sourceKey(source) {
  return source.id > 0 ? source.id : source.name;
}

/** 1 for the first track made for a source, 2 for `… · bridge 2` and so on, 0 for every other track. */
function numberOf(name, source) {
  const base = source.name + BRIDGE_MARK;
  if (name === base) return 1;
  const number = name.startsWith(`${base} `) ? Number(name.slice(base.length + 1)) : 0;
  return Number.isInteger(number) && number > 1 ? number : 0;
}

function freeName(source) {
  const taken = allTracks().map(({ track }) => numberOf(track.text("name"), source));
  let number = 1;
  while (taken.includes(number)) number++;
  return number === 1 ? source.name + BRIDGE_MARK : `${source.name}${BRIDGE_MARK} ${number}`;
}
