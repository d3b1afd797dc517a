// Tracks, take lanes, slots and devices, as the Live Object Model has them.

import { addClip, addClipOfFile, addCopy, nativePath, overwrite } from "./clips.mjs";
import { addTakeLane } from "./live_set.mjs";
import { Refusal, deleteClip, keep, notModelled, plain } from "./lom_rules.mjs";

const LAST_BEAT = 1_576_800;

export const TRACK_TYPES = {
  Track: {
    read: {
      name: plain("name"),
      color: plain("color"),
      has_audio_input: (track) => (track.kind === "midi" ? 0 : 1),
      has_midi_input: (track) => (track.kind === "midi" ? 1 : 0),
      has_audio_output: (track) => (track.kind === "midi" && track.devices.length === 0 ? 0 : 1),
      has_midi_output: (track) => (track.kind === "midi" && track.devices.length === 0 ? 1 : 0),
      is_frozen: plain("is_frozen"),
      is_foldable: (track) => (track.kind === "group" ? 1 : 0),
      is_grouped: () => 0,
      is_visible: () => 1,
      can_be_frozen: (track) => (["midi", "audio"].includes(track.kind) ? 1 : 0),
      can_be_armed: (track) => (["midi", "audio"].includes(track.kind) ? 1 : 0),
      mute: plain("mute"),
      solo: plain("solo"),
      arm: plain("arm"),
      playing_slot_index: plain("playing_slot_index"),
      fired_slot_index: () => -1,
    },
    write: {
      name: keep("name"),
      color: keep("color"),
      mute: keep("mute"),
      solo: keep("solo"),
      arm: keep("arm"),
    },
    one: { group_track: () => null, mixer_device: (track) => track.mixer_device },
    many: {
      clip_slots: (track) => track.clip_slots,
      arrangement_clips: (track) => track.arrangement_clips,
      take_lanes: (track) => track.take_lanes,
      devices: (track) => track.devices,
    },
    functions: {
      create_audio_clip({ set, node: track }, path, position) {
        return placeOnTimeline(set, track, track, path, position);
      },
      create_midi_clip: notModelled("Track.create_midi_clip"),
      create_take_lane({ set, node: track }) {
        if (!["midi", "audio"].includes(track.kind)) {
          throw new Refusal("take lanes are for MIDI and audio tracks");
        }
        if (track.is_frozen) throw new Refusal("the track is frozen");
        const lane = addTakeLane(set, track);
        track.take_lanes.push(lane);
        return lane;
      },
      delete_clip({ set, node: track }, word) {
        const clip = meant(set, word, "Clip");
        if (clip.parent !== track && clip.parent.parent !== track) {
          throw new Refusal("the clip is not on this track");
        }
        deleteClip(set, clip);
      },
      duplicate_clip_to_arrangement({ set, node: track }, word, at) {
        const clip = meant(set, word, "Clip");
        if (clip.midi !== (track.kind === "midi")) {
          throw new Refusal("the clip is of another kind than the track");
        }
        if (clip.parent.type !== "ClipSlot") {
          set.violations.push(
            "duplicate_clip_to_arrangement was given a clip of the Arrangement, which can crash Live",
          );
        }
        if (track.is_frozen || !["midi", "audio"].includes(track.kind)) {
          throw new Refusal("the track takes no clip");
        }
        const copy = addCopy(set, track, clip, placeInTime(at));
        overwrite(set, track.arrangement_clips, copy.at, copy.until, copy);
        track.arrangement_clips.push(copy);
        return copy;
      },
      duplicate_clip_slot: notModelled("Track.duplicate_clip_slot"),
      stop_all_clips: () => undefined,
    },
  },
  TakeLane: {
    read: { name: plain("name") },
    write: { name: keep("name") },
    one: {},
    many: { arrangement_clips: (lane) => lane.arrangement_clips },
    functions: {
      create_audio_clip({ set, node: lane }, path, position) {
        return placeOnTimeline(set, lane, lane.parent, path, position);
      },
      create_midi_clip: notModelled("TakeLane.create_midi_clip"),
    },
  },
  ClipSlot: {
    read: {
      has_clip: (slot) => (slot.clip ? 1 : 0),
      is_group_slot: (slot) => (slot.parent.kind === "group" ? 1 : 0),
      has_stop_button: () => 1,
      is_playing: () => 0,
      is_recording: () => 0,
      is_triggered: () => 0,
      color: (slot) => slot.clip?.color ?? 0,
    },
    write: {},
    one: { clip: (slot) => slot.clip },
    many: {},
    functions: {
      create_audio_clip({ set, node: slot }, path) {
        if (slot.clip) throw new Refusal("the slot is not empty");
        checkAudioTrack(slot.parent);
        slot.clip = addClipOfFile(set, slot, checkedPath(set, path), 0);
        return slot.clip;
      },
      create_clip({ set, node: slot }, length) {
        if (slot.clip || slot.parent.kind !== "midi") {
          throw new Refusal("create_clip needs an empty slot of a MIDI track");
        }
        slot.clip = addClip(set, slot, { length: Number(length) }, "midi");
        return slot.clip;
      },
      delete_clip({ set, node: slot }) {
        if (!slot.clip) throw new Refusal("the slot is empty");
        deleteClip(set, slot.clip);
      },
      duplicate_clip_to: notModelled("ClipSlot.duplicate_clip_to"),
      fire: ({ set, node }) => void set.fired.push(node),
      stop: () => undefined,
    },
  },
  MixerDevice: { read: {}, write: {}, one: {}, many: {}, functions: {} },
  Device: deviceType({}),
  MaxDevice: deviceType({ parameters: (device) => device.parameters }),
  RackDevice: deviceType({ chains: (device) => device.chains }),
  DeviceParameter: {
    read: { name: plain("name"), automation_state: plain("automation_state"), value: plain("value") },
    write: {},
    one: {},
    many: {},
    functions: {},
  },
  Chain: {
    read: { name: plain("name"), color: () => 0, mute: () => 0 },
    write: {},
    one: {},
    many: { devices: (chain) => chain.devices },
    functions: {},
  },
};

function meant(set, word, type) {
  const text = Array.isArray(word) ? word.join(" ") : String(word);
  const node = text.startsWith("id ") ? set.nodes.get(Number(text.slice(3))) : undefined;
  if (!node || node.type !== type) throw new Refusal(`"${text}" is no ${type}; write "id N"`);
  return node;
}

function checkAudioTrack(track) {
  if (track.kind !== "audio") throw new Refusal("the track is not an audio track");
  if (track.is_frozen) throw new Refusal("the track is frozen");
}

function checkedPath(set, path) {
  const text = String(path);
  const absolute = set.quirks.windows ? /^[A-Za-z]:[\\/]/.test(text) : text.startsWith("/");
  if (!absolute) throw new Refusal(`"${text}" is not an absolute path`);
  const form = {
    any: true,
    native: text === nativePath(set, text),
    slashes: !text.includes("\\"),
    none: false,
  };
  if (!form[set.quirks.paths]) throw new Refusal(`this Live takes no path written like "${text}"`);
  if (!set.disk.sound(text)) throw new Refusal(`"${text}" is not a valid audio file`);
  return text;
}

function placeInTime(position) {
  const at = Number(position);
  if (!Number.isFinite(at) || at < 0 || at > LAST_BEAT) {
    throw new Refusal(`no clip can begin at beat ${position}`);
  }
  return at;
}

function placeOnTimeline(set, parent, track, path, position) {
  checkAudioTrack(track);
  if (track.recording) throw new Refusal("the track is being recorded into");
  const clip = addClipOfFile(set, parent, checkedPath(set, path), placeInTime(position));
  overwrite(set, parent.arrangement_clips, clip.at, clip.until, clip);
  parent.arrangement_clips.push(clip);
  return clip;
}

function deviceType(many) {
  return {
    read: {
      name: plain("name"),
      class_name: plain("class_name"),
      class_display_name: plain("class_display_name"),
      type: plain("deviceType"),
      can_have_chains: (device) => (device.type === "RackDevice" ? 1 : 0),
      can_have_drum_pads: (device) => (device.drums ? 1 : 0),
      is_active: () => 1,
    },
    write: {},
    one: { view: () => null },
    many: { parameters: () => [], ...many },
    functions: {},
  };
}
