// The menu of tracks for takes: kept up to date, its choice found again when tracks are moved or renamed.

import { audioTracks, chosenAmong, unusableWords } from "./live/places.js";

/**
 * The menu on the face; the choice is a track of Live, null for "Auto". `lost(sentence)` is told once when
 * the chosen track can be used no more: from then on it is "Auto".
 */
export function createIntoMenu(face, lost) {
  let tracks = [];
  let chosen = null;
  let isRefreshing = false;

  return {
    /** Look again which tracks there are. */
    refresh() {
      tracks = audioTracks();
      const found = chosen && chosenAmong(tracks, chosen);
      const trouble = chosen && !found ? unusableWords(chosen) : "";
      chosen = found;
      const labels = tracks.map(({ index, name }) => `${index + 1} ${name}`);
      // A menu that gets new items may say that its first one was chosen, which nobody did.
      isRefreshing = true;
      try {
        face.into(labels, tracks.indexOf(found) + 1);
      } finally {
        isRefreshing = false;
      }
      if (trouble) lost(`${trouble}, so takes go beside their source until you choose another.`);
    },

    /** Take the menu's choice, 0 for "Auto"; false where it says nothing new. */
    choose(place) {
      if (isRefreshing) return false;
      const choice = place === 0 ? null : tracks[place - 1];
      if (choice === undefined) return false;
      face.intoMoved(place);
      if (idOrNone(choice) === idOrNone(chosen)) return false;
      chosen = choice;
      return true;
    },

    /** Take the choice that came back with the Set: `{ index, name }`, without a name "Auto". */
    restore({ index, name }) {
      chosen = name ? { id: 0, index, name } : null;
    },

    /** The chosen track `{ id, index, name }`, id 0 until it was found again; null for "Auto". */
    choice() {
      return chosen;
    },
  };
}

/** Both none and a choice not found again yet are 0, for what the menu says while it loads is no choice. */
function idOrNone(track) {
  return track ? track.id : 0;
}
