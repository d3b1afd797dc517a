// A Set in memory: plain objects with ids, built from a short description.

import { addClip, nameOfFile } from "./clips.mjs";
import { addNode } from "./nodes.mjs";

/**
 * Build a Set.
 *
 * description: { tempo, timeSignature: [7, 8], scale: { root, name, intervals, on }, scenes (at least),
 *   filePath ("": never saved), version: [12, 3, 2], returns: ["A-Reverb"…], tracks: [track…] }
 * a track: { name, kind: "midi"|"audio"|"group", color, frozen, recording, mute, slots: [clip|null…],
 *   arrangement: [{ …clip, at }…], takeLanes: [{ name, clips }…], devices: [device…] }
 * a device: { name, className, type, drums, chains: [{ name, devices }…] }
 * a MIDI clip: { name, notes: [{ pitch, start, duration, velocity, mute, probability }…], length or
 *   loop: [a, b], start, end, looping, timeSignature, muted, recording, color }
 * an audio clip: { name, file, warping, warpMode, markers: [[beat, seconds]…], tailBpm, loop, start, end,
 *   looping, gain, gainText, pitch, cents, color }; times in beats, in seconds where warping is false
 * quirks: see QUIRKS. without: ["ClipSlot.create_audio_clip", …] are the functions that this Live has not.
 */
export function createLiveSet(description = {}, { clock, disk, quirks = {}, without = [] }) {
  const set = {
    clock,
    disk,
    quirks: { ...QUIRKS, ...quirks },
    without: new Set(without),
    version: description.version ?? [12, 3, 2],
    nodes: new Map(),
    lastId: 0,
    highPriority: false,
    notifying: 0,
    observers: new Set(),
    held: new Set(),
    violations: [],
    refusals: [],
    changes: [],
    fired: [],
  };
  const song = addNode(set, "Song", null, {
    name: nameOfFile(description.filePath ?? DEFAULT_SET_PATH),
    file_path: description.filePath ?? DEFAULT_SET_PATH,
    tempo: description.tempo ?? 120,
    timeSignature: description.timeSignature ?? [4, 4],
    scale: { root: 0, name: "Major", intervals: [0, 2, 4, 5, 7, 9, 11], on: false, ...description.scale },
  });
  set.song = song;
  song.view = addNode(set, "Song.View", song, {
    detail_clip: null,
    highlighted_clip_slot: null,
    selected_track: null,
  });
  set.app = addNode(set, "Application", null, {});
  song.tracks = [];
  song.return_tracks = [];
  song.scenes = [];
  const tracks = description.tracks ?? NEW_SET_TRACKS;
  const rows = Math.max(description.scenes ?? 8, ...tracks.map((track) => (track.slots ?? []).length));
  for (let row = 0; row < rows; row += 1) {
    song.scenes.push(addNode(set, "Scene", song, { name: "", color: 0 }));
  }
  song.master_track = addTrack(set, { name: "Main", kind: "main" }, 0);
  song.return_tracks = (description.returns ?? []).map((name) => addTrack(set, { name, kind: "return" }, 0));
  for (const track of tracks) song.tracks.push(addTrack(set, track, rows));
  song.view.selected_track = song.tracks[0] ?? song.master_track;
  song.view.highlighted_clip_slot = song.tracks[0]?.clip_slots[0] ?? null;
  for (const node of set.nodes.values()) node.made = false;
  return set;
}

/** How this Live behaves where versions, systems and preferences differ. */
export const QUIRKS = {
  ids: "number", // or "text", "words" ("id 7"): how api.id comes, and as text the n of ["id", n]
  nothing: "as ids", // or 0, "0", "id 0": what api.id says where there is no object
  made: "list", // or "text": what a function that makes an object returns: ["id", 7] or "id 7"
  notes: "text", // or "list" (an array that holds the text), "object" (with stringify)
  notesCut: Infinity, // characters after which a text of notes ends in the middle
  markers: "object", // {"warp_markers": […]}, or "list"
  paths: "any", // or "native", "slashes", "none": the form of path that create_audio_clip takes
  windows: false, // native paths have backslashes
  autoWarp: 1, // Live's guess is the song's tempo times this; 0: the sample is not warped
  autoWarpStart: 0, // seconds at which Auto-Warp believes beat 0 to be
  autoWarpMarkers: 0, // markers that Auto-Warp adds on its way, each a little off
  lazyWarping: 0, // seconds until a new `warping` is in force; marker calls before that are lost
  freezesShape: false, // Live ignores loop and markers that are set on a made clip
};

const NEW_SET_TRACKS = [
  { name: "1-MIDI", kind: "midi" },
  { name: "2-Audio", kind: "audio" },
];
const DEFAULT_SET_PATH = "/Users/ada/Music/Night Walk Project/Night Walk.als";

/** Make a track with as many slots as there are scenes; the caller puts it into its list. */
export function addTrack(set, description, rows) {
  const kind = description.kind ?? "audio";
  const track = addNode(set, "Track", set.song, {
    kind,
    name: description.name ?? "",
    color: description.color ?? 0x3c5a96,
    is_frozen: description.frozen ? 1 : 0,
    recording: description.recording ?? false,
    mute: description.mute ? 1 : 0,
    solo: 0,
    arm: 0,
    playing_slot_index: -1,
  });
  track.clip_slots = [];
  const plainTrack = kind === "midi" || kind === "audio" || kind === "group";
  for (let row = 0; plainTrack && row < rows; row += 1) track.clip_slots.push(addSlot(set, track));
  (description.slots ?? []).forEach((clip, row) => {
    if (clip) track.clip_slots[row].clip = addClip(set, track.clip_slots[row], clip, kind);
  });
  track.arrangement_clips = (description.arrangement ?? []).map((clip) => addClip(set, track, clip, kind));
  track.take_lanes = (description.takeLanes ?? []).map((lane) =>
    addTakeLane(set, track, lane.name, lane.clips, kind),
  );
  track.devices = (description.devices ?? []).map((device) => addDevice(set, track, device));
  track.mixer_device = addNode(set, "MixerDevice", track, {});
  return track;
}

/** An empty slot of a track. */
export function addSlot(set, track) {
  return addNode(set, "ClipSlot", track, { clip: null });
}

/** A take lane of a track; the caller puts it into its list where `lane` is new. */
export function addTakeLane(set, track, name = "Lane", clips = [], kind = "audio") {
  const lane = addNode(set, "TakeLane", track, { name });
  lane.arrangement_clips = clips.map((clip) => addClip(set, lane, clip, kind));
  return lane;
}

/** A device of a track or chain, with its chains and pads where it is a rack. */
export function addDevice(set, parent, description) {
  const device = addNode(
    set,
    description.chains || description.drums ? "RackDevice" : (description.kind ?? "Device"),
    parent,
    {
      name: description.name ?? "",
      class_name: description.className ?? (description.drums ? "DrumGroupDevice" : "OriginalSimpler"),
      class_display_name: description.className ?? description.name ?? "",
      deviceType: description.type ?? 1,
      drums: description.drums ?? false,
    },
  );
  device.chains = (description.chains ?? []).map((chain) => {
    const node = addNode(set, "Chain", device, { name: chain.name ?? "" });
    node.devices = (chain.devices ?? []).map((inner) => addDevice(set, node, inner));
    return node;
  });
  return device;
}
