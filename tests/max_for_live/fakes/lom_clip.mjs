// Clips and their warp markers, as the Live Object Model has them.

import { beatAt, secondsAt, shownMarkers } from "./clips.mjs";
import { Refusal, keep, notModelled, plain } from "./lom_rules.mjs";

const FASTEST_BPM = 999;
const SLOWEST_WARP_BPM = 5;

export const CLIP_TYPES = {
  Clip: {
    read: {
      name: plain("name"),
      color: plain("color"),
      is_midi_clip: (clip) => (clip.midi ? 1 : 0),
      is_audio_clip: (clip) => (clip.midi ? 0 : 1),
      is_arrangement_clip: (clip) => (clip.parent.type === "ClipSlot" ? 0 : 1),
      is_session_clip: (clip) => (clip.parent.type === "ClipSlot" ? 1 : 0),
      is_take_lane_clip: (clip) => (clip.parent.type === "TakeLane" ? 1 : 0),
      is_playing: () => 0,
      is_recording: (clip) => (clip.recording ? 1 : 0),
      is_triggered: () => 0,
      signature_numerator: (clip) => clip.timeSignature[0],
      signature_denominator: (clip) => clip.timeSignature[1],
      start_time: (clip) => clip.at,
      end_time: (clip) => clip.until,
      length: (clip) => (clip.looping ? clip.loopEnd - clip.loopStart : clip.endMarker - clip.startMarker),
      looping: plain("looping"),
      loop_start: (clip) => (clip.looping ? clip.loopStart : clip.startMarker),
      loop_end: (clip) => (clip.looping ? clip.loopEnd : clip.endMarker),
      start_marker: plain("startMarker"),
      end_marker: plain("endMarker"),
      muted: plain("muted"),
      launch_quantization: () => 0,
      launch_mode: () => 0,
      ...audioOnly({
        file_path: plain("file"),
        warping: plain("warping"),
        warp_mode: plain("warp_mode"),
        available_warp_modes: () => [0, 1, 2, 3, 4, 6],
        gain: plain("gain"),
        gain_display_string: plain("gainText"),
        pitch_coarse: plain("pitch_coarse"),
        pitch_fine: plain("pitch_fine"),
        sample_length: (clip) => clip.sound.frames,
        sample_rate: (clip) => clip.sound.rate,
        warp_markers: warpMarkers,
      }),
    },
    write: {
      name: keep("name"),
      color: keep("color"),
      muted: keep("muted"),
      launch_quantization: () => undefined,
      launch_mode: () => undefined,
      looping(set, clip, value) {
        if (Number(value) === 1 && !clip.warping) return "audio that is not warped cannot loop";
        clip.looping = Number(value) === 1 ? 1 : 0;
        return undefined;
      },
      loop_start: edge((clip) => (clip.looping ? "loopStart" : "startMarker")),
      loop_end: edge((clip) => (clip.looping ? "loopEnd" : "endMarker")),
      start_marker: edge(() => "startMarker"),
      end_marker: edge(() => "endMarker"),
      ...audioOnlyWrite({
        warping: setWarping,
        warp_mode: (set, clip, value) =>
          [0, 1, 2, 3, 4, 6].includes(Number(value))
            ? void (clip.warp_mode = Number(value))
            : "no such warp mode",
        gain: keep("gain"),
        pitch_coarse: keep("pitch_coarse"),
        pitch_fine: keep("pitch_fine"),
      }),
    },
    one: { view: () => null },
    many: {},
    functions: {
      fire: ({ set, node }) => void set.fired.push(node),
      stop: () => undefined,
      get_notes_extended: ({ set, node }, ...words) => notes(set, node, words),
      get_all_notes_extended: ({ set, node }) => notes(set, node, []),
      get_selected_notes_extended: ({ set, node }) => notes(set, node, []),
      add_new_notes: notModelled("Clip.add_new_notes"),
      remove_notes_extended: notModelled("Clip.remove_notes_extended"),
      crop: notModelled("Clip.crop"),
      duplicate_loop: notModelled("Clip.duplicate_loop"),
      duplicate_region: notModelled("Clip.duplicate_region"),
      quantize: notModelled("Clip.quantize"),
      scrub: () => undefined,
      add_warp_marker({ set, node: clip }, word) {
        checkWarped(set, clip);
        const { beat_time: beat, sample_time: seconds } = markerWord(word);
        if (!Number.isFinite(beat)) throw new Refusal("add_warp_marker wants a beat_time");
        const at = Number.isFinite(seconds) ? seconds : secondsAt(clip, beat);
        setMarkers(
          clip,
          [...clip.markers, { beat, seconds: at }].sort((one, other) => one.beat - other.beat),
        );
      },
      move_warp_marker({ set, node: clip }, beat, distance) {
        checkWarped(set, clip);
        const found = markerAt(clip, Number(beat));
        const moved = clip.markers.map((marker) =>
          marker === found ? { ...marker, beat: marker.beat + Number(distance) } : marker,
        );
        setMarkers(clip, moved);
      },
      remove_warp_marker({ set, node: clip }, beat) {
        checkWarped(set, clip);
        const found = markerAt(clip, Number(beat));
        if (clip.markers.length === 1) throw new Refusal("the only warp marker stays");
        setMarkers(
          clip,
          clip.markers.filter((marker) => marker !== found),
        );
      },
    },
  },
};

function audioOnly(readers) {
  const wrapped = Object.entries(readers).map(([name, reader]) => [
    name,
    (clip, set) => {
      if (clip.midi) throw new Refusal(`${name} is for audio clips`);
      return reader(clip, set);
    },
  ]);
  return Object.fromEntries(wrapped);
}

function audioOnlyWrite(writers) {
  const wrapped = Object.entries(writers).map(([name, writer]) => [
    name,
    (set, clip, value) => (clip.midi ? `${name} is for audio clips` : writer(set, clip, value)),
  ]);
  return Object.fromEntries(wrapped);
}

function edge(nameFor) {
  return (set, clip, value) => {
    if (set.quirks.freezesShape && clip.made) return "this Live keeps the clip as it is";
    const name = nameFor(clip);
    const at = Number(value);
    if (!Number.isFinite(at)) return `${value} is no time`;
    const shape = { ...clip, [name]: at };
    if (shape.loopEnd <= shape.loopStart && clip.looping) return "the loop must end after its start";
    if (shape.endMarker <= shape.startMarker) return "the clip must end after its start";
    const onTimeline = clip.parent.type !== "ClipSlot";
    clip[name] = at;
    if (!clip.looping && !onTimeline) {
      Object.assign(clip, { loopStart: clip.startMarker, loopEnd: clip.endMarker });
    }
    return undefined;
  };
}

function setWarping(set, clip, value) {
  const wanted = Number(value) === 1 ? 1 : 0;
  const apply = () => {
    if (!clip.alive || clip.warping === wanted) return;
    const convert = wanted ? (seconds) => beatAt(clip, seconds) : (beat) => secondsAt(clip, beat);
    for (const name of ["startMarker", "endMarker", "loopStart", "loopEnd"]) clip[name] = convert(clip[name]);
    clip.warping = wanted;
    if (!wanted) clip.looping = 0;
  };
  if (set.quirks.lazyWarping > 0 && clip.made) {
    clip.warpingSettlesAt = set.clock.seconds() + set.quirks.lazyWarping;
    set.clock.later(set.quirks.lazyWarping, apply);
  } else {
    apply();
  }
  return undefined;
}

function warpMarkers(clip, set) {
  const list = shownMarkers(clip).map((marker) => ({ beat_time: marker.beat, sample_time: marker.seconds }));
  return JSON.stringify(set.quirks.markers === "list" ? list : { warp_markers: list });
}

function checkWarped(set, clip) {
  if (clip.midi) throw new Refusal("a MIDI clip has no warp markers");
  if (!clip.warping) throw new Refusal("the clip is not warped");
  if (clip.warpingSettlesAt > set.clock.seconds()) {
    throw new Refusal("warping is not in force yet; the marker is lost");
  }
}

function markerWord(word) {
  const value = typeof word === "string" ? JSON.parse(word) : word;
  return { beat_time: Number(value.beat_time), sample_time: Number(value.sample_time ?? NaN) };
}

function markerAt(clip, beat) {
  const found = clip.markers.find((marker) => Math.abs(marker.beat - beat) < 1e-6);
  if (!found) throw new Refusal(`there is no warp marker at beat ${beat}`);
  return found;
}

function setMarkers(clip, markers) {
  for (let place = 1; place < markers.length; place += 1) {
    const beats = markers[place].beat - markers[place - 1].beat;
    const seconds = markers[place].seconds - markers[place - 1].seconds;
    if (!(beats > 1e-9) || !(seconds > 1e-9)) throw new Refusal("warp markers must be in order");
    const bpm = (beats * 60) / seconds;
    if (bpm < SLOWEST_WARP_BPM || bpm > FASTEST_BPM) throw new Refusal(`warp markers would make ${bpm} bpm`);
  }
  clip.markers = markers;
}

function notes(set, clip, words) {
  if (!clip.midi) throw new Refusal("an audio clip has no notes");
  const [firstPitch, pitches, from, span] =
    words.length === 4 ? words.map(Number) : [0, 128, -Infinity, Infinity];
  const within = clip.notes.filter(
    (note) =>
      note.pitch >= firstPitch &&
      note.pitch < firstPitch + pitches &&
      note.start_time >= from &&
      (span === Infinity || note.start_time < from + span),
  );
  const text = JSON.stringify({ notes: within }).slice(0, set.quirks.notesCut);
  return { text, list: [text], object: { stringify: () => text } }[set.quirks.notes];
}
