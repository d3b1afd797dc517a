// A copy of one of this device's jobs that somebody else asked for, known by the JSON beside its take.

import { readWish } from "./state.js";
import { isUnder, mayHoldTake, readNote } from "./takes.js";
import { isDeviceId } from "./talk/registry.js";
import { isTakeNumber } from "./talk/requests.js";

/**
 * The wish of a `/bridge/done` (readMessage's values) under a request id that this device never used: what
 * has to be known of it is in its JSON, for a job's `source` is copied with it. Null where that does not
 * prove that the copied job was one of ours, `isOurs(client)`. What a device asks for it imports itself.
 *
 * A take may lie in `projects` or `resultsFolder`, folders; what lies elsewhere is not even looked at. The
 * wish has an id of our own, `nextId()`, for an answer to `toldAs` would go to who asked. `now()`: seconds.
 */
export function readCopy(done, { projects, resultsFolder, isOurs, nextId, now }) {
  if (isDeviceId(done.request_id) || !isTakeNumber(done.take, done.takes)) return null;
  if (!mayHoldTake(done.wav_path, [...projects, resultsFolder])) return null;
  const note = readNote(done);
  const isOfThis = note && note.job_id === done.job_id && note.request_id === done.request_id;
  const source = isOfThis ? note.source : null;
  if (!source || !isOurs(source.client)) return null;
  const { where, clip: name, color, drums } = source;
  return readWish({
    id: nextId(), job: done.job_id, toldAs: done.request_id,
    kind: "again", at: Math.round(now()), imported: [],
    where: { ...where, session: source.client },
    folder: projects.find((folder) => isUnder(done.wav_path, folder)) || "", resultsFolder,
    mode: note.mode, prompt: note.prompt, takes: done.takes, name, color, drums,
  });
}
