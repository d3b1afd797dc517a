// A Set in memory: plain objects with ids, built from a short description, and what happens to them when Live acts.

/**
 * Build a Set.
 *
 * description: { tempo, timeSignature: [7, 8], scale: { root, name, intervals, on }, filePath ("" = never saved),
 *   scenes (at least), version: [12, 3, 2], samplesPerSecond, tracks: [{ name, kind: "midi"|"audio"|"group", color,
 *   frozen, recording, slots: [clip|null…], arrangement: [{ …clip, at }], takeLanes: [{ name, clips }],
 *   devices: [{ name, className, type, drums, chains: [{ name, devices }] }] }…], returns: ["A-Reverb"…] }
 * a MIDI clip: { name, notes: [{ pitch, start, duration, velocity, mute, probability }…], length or loop: [a, b], start, end,
 *   looping, timeSignature, muted, recording, color }
 * an audio clip: { name, file, warping, warpMode, markers: [[beat, seconds]…], tailBpm, loop, start, end, looping,
 *   gain, gainText, pitch, cents, color } (start, end and loop in beats; in seconds where warping is false)
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
    clip_trigger_quantization: 4,
    is_playing: 0,
  });
  set.song = song;
  song.view = addNode(set, "Song.View", song, { detail_clip: null, highlighted_clip_slot: null, selected_track: null });
  set.app = addNode(set, "Application", null, {});
  set.app.view = addNode(set, "Application.View", set.app, { shown: [] });
  song.tracks = [];
  song.return_tracks = [];
  song.scenes = [];
  song.cue_points = [];
  const tracks = description.tracks ?? NEW_SET_TRACKS;
  const rows = Math.max(description.scenes ?? 8, ...tracks.map((track) => (track.slots ?? []).length));
  for (let row = 0; row < rows; row += 1) song.scenes.push(addNode(set, "Scene", song, { name: "", color: 0 }));
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
  ids: "number", // or "text": how api.id and the n of ["id", n] come
  made: "list", // or "text": what a function that makes an object returns: ["id", 7] or "id 7"
  notes: "text", // or "list" (an array that holds the text), "object" (with stringify)
  markers: "object", // {"warp_markers": […]}, or "list"
  paths: "any", // or "native", "slashes", "none": the form of path that create_audio_clip takes
  windows: false, // native paths have backslashes
  autoWarp: 1, // Live's guess is the song's tempo times this; 0: the sample is not warped
  autoWarpStart: 0, // seconds at which Auto-Warp believes beat 0 to be
  autoWarpMarkers: 0, // markers that Auto-Warp adds on its way, each a little off
  lazyWarping: 0, // seconds after which a new value of `warping` is in force; marker calls before that are lost
  freezesShape: false, // Live ignores loop and markers that are set on a made clip
};

const NEW_SET_TRACKS = [{ name: "1-MIDI", kind: "midi" }, { name: "2-Audio", kind: "audio" }];
const DEFAULT_SET_PATH = "/Users/ada/Music/Night Walk Project/Night Walk.als";
const LAST_MARKER_BEATS = 1 / 32;

/** Register a node: whatever is in the Set, with its type, its parent and its values. */
export function addNode(set, type, parent, values) {
  set.lastId += 1;
  const node = { id: set.lastId, type, parent, made: true, alive: true, ...values };
  set.nodes.set(node.id, node);
  return node;
}

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
  track.take_lanes = (description.takeLanes ?? []).map((lane) => addTakeLane(set, track, lane.name, lane.clips, kind));
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
  const device = addNode(set, description.chains || description.drums ? "RackDevice" : (description.kind ?? "Device"), parent, {
    name: description.name ?? "",
    class_name: description.className ?? (description.drums ? "DrumGroupDevice" : "OriginalSimpler"),
    class_display_name: description.className ?? description.name ?? "",
    deviceType: description.type ?? 1,
    drums: description.drums ?? false,
  });
  device.chains = (description.chains ?? []).map((chain) => {
    const node = addNode(set, "Chain", device, { name: chain.name ?? "" });
    node.devices = (chain.devices ?? []).map((inner) => addDevice(set, node, inner));
    return node;
  });
  return device;
}

/** A clip as described, in a slot, on a track's timeline (`at` in beats) or in a take lane. */
export function addClip(set, parent, description, kind) {
  const midi = kind === "midi";
  const sound = midi ? null : (set.disk.sound(description.file) ?? { frames: 8 * 48_000, rate: 48_000, seconds: 8 });
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
  const clip = addClip(set, parent, { name: nameOfFile(path), file: nativePath(set, path), warping: guess > 0, at }, "audio");
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
  Object.assign(copy, { type: "Clip", parent, made: true, alive: true, at, until: at + beatsOnTimeline(set, clip) });
  return copy;
}

/** Take a node and all that is in it out of the Set; LiveAPI objects that meant it mean nothing from then on. */
export function removeNode(set, node) {
  node.alive = false;
  set.nodes.delete(node.id);
  for (const inner of [...set.nodes.values()]) if (inner.parent === node) removeNode(set, inner);
  const view = set.song.view;
  if (view.detail_clip === node) view.detail_clip = null;
  if (view.highlighted_clip_slot === node) view.highlighted_clip_slot = null;
  if (view.selected_track === node) view.selected_track = set.song.tracks[0] ?? null;
}

/** Make room on a timeline as Live does: what lies there is cut or goes, whosever it is, and that is a violation. */
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
  const markers = shownMarkers(clip);
  let place = 1;
  while (place < markers.length - 1 && markers[place].seconds <= seconds) place += 1;
  const [from, to] = [markers[place - 1], markers[place]];
  return from.beat + ((seconds - from.seconds) * (to.beat - from.beat)) / (to.seconds - from.seconds);
}

/** A clip's warp markers with the hidden last one, which only says how fast the rest is. */
export function shownMarkers(clip) {
  const last = clip.markers[clip.markers.length - 1];
  const hidden = { beat: last.beat + LAST_MARKER_BEATS, seconds: last.seconds + (LAST_MARKER_BEATS * 60) / clip.tailBpm };
  return [...clip.markers, hidden];
}

/** A path as this Live's system writes it. */
export function nativePath(set, path) {
  return set.quirks.windows ? path.replace(/\//g, "\\") : path;
}

/** The canonical path of a node; empty for one that is gone. */
export function pathOf(set, node) {
  if (!node || !node.alive) return "";
  const song = set.song;
  const within = (list, name) => (list?.includes(node) ? `${pathOf(set, node.parent)} ${name} ${list.indexOf(node)}` : "");
  if (node === song) return "live_set";
  if (node === song.view) return "live_set view";
  if (node === set.app) return "live_app";
  if (node === set.app.view) return "live_app view";
  if (node === song.master_track) return "live_set master_track";
  if (node.parent.clip === node) return `${pathOf(set, node.parent)} clip`;
  if (node.parent.mixer_device === node) return `${pathOf(set, node.parent)} mixer_device`;
  return LISTS.map((name) => within(node.parent[name], name)).find(Boolean) ?? "";
}

const LISTS = ["tracks", "return_tracks", "scenes", "clip_slots", "arrangement_clips", "take_lanes", "devices", "chains"];

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

function nameOfFile(path) {
  const name = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
  return name.includes(".") ? name.slice(0, name.lastIndexOf(".")) : name;
}
