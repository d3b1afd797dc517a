// A take's file: the forms its path may need, whose take it is by its name, and where its folder is shown.

import { folderOf, maxPath, nameOf } from "../media.js";

const WINDOWS_PATH = /^([A-Za-z]:[\\/]|\\\\|\/\/)/;
const START_VOLUME = "/Volumes/Macintosh HD";

/** The forms of a path that Live may want: as told, with slashes, with backslashes, with the Mac's volume. */
export function pathForms(path) {
  const slashes = maxPath(path);
  const forms = WINDOWS_PATH.test(path)
    ? [path, slashes, slashes.replace(/\//g, "\\")]
    : [path, ...(path.startsWith("/Volumes/") ? [] : [START_VOLUME + path])];
  return forms.filter((form, index) => forms.indexOf(form) === index);
}

/** Whether two paths end in the same file name, which holds job and take, so that it is the same take. */
export function sameFileName(path, other) {
  return path !== "" && nameOf(path).normalize("NFC") === nameOf(other).normalize("NFC");
}

/** Whether a file is a take of this job, which its name says: `… <job>-<take>.wav`. */
export function isTakeOf(path, job) {
  const [last] = nameOf(path).replace(/\.[^.]*$/, "").split(" ").slice(-1);
  return job !== "" && last.startsWith(`${job}-`) && /^\d+(-\d+)?$/.test(last.slice(job.length + 1));
}

/**
 * The folder of a file as Max's `launchbrowser` opens it: on Windows its own path, where an address with %20
 * opens nothing; elsewhere its address.
 */
export function folderToShow(path) {
  const folder = folderOf(path);
  if (WINDOWS_PATH.test(path)) return folder.replace(/\//g, "\\");
  return `file://${maxPath(folder).split("/").map(encodeURIComponent).join("/")}`;
}
