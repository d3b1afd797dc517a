// The application, the song, its view and its scenes, as the Live Object Model has them.

import { addSlot, addTrack } from "./live_set.mjs";
import { addNode, removeNode } from "./nodes.mjs";
import { Refusal, keep, keepObject, noteLoss, plain } from "./lom_rules.mjs";

export const SONG_TYPES = {
  Application: {
    read: {},
    write: {},
    one: {},
    many: {},
    functions: { get_version_string: ({ set }) => set.version.join(".") },
  },
  Song: {
    read: {
      name: plain("name"),
      file_path: plain("file_path"),
      tempo: plain("tempo"),
      signature_numerator: (song) => song.timeSignature[0],
      signature_denominator: (song) => song.timeSignature[1],
      root_note: (song) => song.scale.root,
      scale_name: (song) => song.scale.name,
      scale_intervals: (song) => song.scale.intervals,
      scale_mode: (song) => (song.scale.on ? 1 : 0),
    },
    write: {
      tempo(set, song, value) {
        set.violations.push(`song.tempo was set to ${value}`);
        song.tempo = Number(value);
      },
      signature_numerator: (set, song, value) =>
        void (song.timeSignature = [Number(value), song.timeSignature[1]]),
      signature_denominator: (set, song, value) =>
        void (song.timeSignature = [song.timeSignature[0], Number(value)]),
      root_note: (set, song, value) => void (song.scale = { ...song.scale, root: Number(value) }),
      scale_name: (set, song, value) => void (song.scale = { ...song.scale, name: String(value) }),
      scale_mode: (set, song, value) => void (song.scale = { ...song.scale, on: Number(value) === 1 }),
    },
    one: { view: (song) => song.view, master_track: (song) => song.master_track },
    many: {
      tracks: (song) => song.tracks,
      return_tracks: (song) => song.return_tracks,
      scenes: (song) => song.scenes,
    },
    functions: {
      create_audio_track: ({ set }, index = -1) => createTrack(set, index),
      create_scene({ set, node: song }, index = -1) {
        const place = placeIn(song.scenes, index, "scene");
        const scene = addNode(set, "Scene", song, { name: "", color: 0 });
        song.scenes.splice(place, 0, scene);
        for (const track of song.tracks) track.clip_slots.splice(place, 0, addSlot(set, track));
        return scene;
      },
      delete_track: ({ set, node: song }, index) => removeFrom(set, song.tracks, Number(index), "track"),
      delete_scene({ set, node: song }, index) {
        removeFrom(set, song.scenes, Number(index), "scene");
        for (const track of song.tracks) removeFrom(set, track.clip_slots, Number(index), "slot");
      },
    },
  },
  "Song.View": {
    read: {},
    write: {
      detail_clip: keepObject("detail_clip"),
      highlighted_clip_slot: keepObject("highlighted_clip_slot"),
      selected_track: keepObject("selected_track"),
    },
    one: {
      detail_clip: (view) => view.detail_clip,
      highlighted_clip_slot: (view) => view.highlighted_clip_slot,
      selected_track: (view) => view.selected_track,
      selected_scene(view) {
        const slot = view.highlighted_clip_slot;
        return view.parent.scenes[slot ? slot.parent.clip_slots.indexOf(slot) : 0] ?? null;
      },
    },
    many: {},
    functions: {},
  },
  Scene: {
    read: { name: plain("name"), color: plain("color") },
    write: { name: keep("name"), color: keep("color") },
    one: {},
    many: {
      clip_slots: (scene) =>
        scene.parent.tracks.map((track) => track.clip_slots[scene.parent.scenes.indexOf(scene)]),
    },
    functions: { fire: ({ set, node }) => void set.fired.push(node) },
  },
};

function createTrack(set, index) {
  const place = placeIn(set.song.tracks, index, "track");
  const track = addTrack(set, { kind: "audio", name: "Audio" }, set.song.scenes.length);
  set.song.tracks.splice(place, 0, track);
  return track;
}

function placeIn(list, index, what) {
  const place = Number(index) === -1 ? list.length : Number(index);
  if (!Number.isInteger(place) || place < 0 || place > list.length) {
    throw new Refusal(`no place ${index} for a ${what}`);
  }
  return place;
}

function removeFrom(set, list, index, what) {
  if (!list[index]) throw new Refusal(`no ${what} ${index}`);
  const [node] = list.splice(index, 1);
  noteLoss(set, node);
  removeNode(set, node);
}
