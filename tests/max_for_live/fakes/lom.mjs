// The Live Object Model as far as a device can need it: per type what can be read, set, listed and called.

import { CLIP_TYPES } from "./lom_clip.mjs";
import { SONG_TYPES } from "./lom_song.mjs";
import { TRACK_TYPES } from "./lom_track.mjs";

/**
 * By type: `read` (property -> value or array of values), `write` (property -> what setting it does; a
 * sentence when
 * Live refuses), `one` (child), `many` (list of children), `functions` (they throw a Refusal when Live
 * refuses).
 */
export const LOM = { ...SONG_TYPES, ...TRACK_TYPES, ...CLIP_TYPES };
