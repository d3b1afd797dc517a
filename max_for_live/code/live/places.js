// Where takes go: the tracks that can take audio, and the one beside the source that this device makes.

import { liveObject } from "./api.js";

const BRIDGE_MARK = " · bridge";

/** The tracks a take can go to `[{ id, index, name }]`: audio, not frozen, no group. */
export function audioTracks() {
  return allTracks()
    .filter(({ track }) => takesAudio(track))
    .map(tellTrack);
}

/**
 * Remembers which tracks it made for which source, for as long as Live keeps the Set open.
 * session: a word that this session's `where`s carry; the ids of others count only with the track's name.
 */
export function createPlaces({ session }) {
  const made = new Map();

  /** The source's track as it stands now `{ id, index, name }`; index -1 and id 0 when it is gone. */
  function sourceOf(where) {
    const told = where.track;
    const tracks = allTracks().map(tellTrack);
    const thisSession = Boolean(session) && where.session === session;
    const byId = tracks.find(({ id, name }) => id === told.id && (thisSession || name === told.name));
    const byName = nearest(tracks.filter(({ name }) => name === told.name), told.index);
    return byId || byName || { id: 0, index: -1, name: told.name };
  }

  /** The track the user chose by name, nearest to the source of several; null when it takes no audio now. */
  function chosen(into, source) {
    return nearest(audioTracks().filter(({ name }) => name === into), source.index);
  }

  /** The tracks made for a source, the first one first; without those that take no audio now. */
  function madeFor(source) {
    const remembered = made.get(sourceKey(source)) || [];
    const number = ({ id, name }) => numberOf(name, source) || 1 + remembered.indexOf(id);
    const found = audioTracks().filter((track) => number(track) > 0);
    return found.sort((one, other) => number(one) - number(other) || one.index - other.index);
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

  return { sourceOf, chosen, madeFor, addTrack };
}

function allTracks() {
  const song = liveObject("live_set");
  return song ? song.children("tracks").map((track, index) => ({ track, index })) : [];
}

function tellTrack({ track, index }) {
  return { id: track.id, index, name: track.text("name") };
}

function takesAudio(track) {
  const isAudio = track.flag("has_audio_input") && !track.flag("has_midi_input");
  return isAudio && !track.flag("is_foldable") && !track.flag("is_frozen");
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
