// The menu of tracks for takes: kept up to date, its choice found again when tracks are moved or renamed.

import { audioTracks } from "./live/places.js";

/** The menu on the face; the choice is a track of Live, or "Auto". */
export function createIntoMenu(face) {
  let tracks = [];
  let chosen = { id: 0, name: "" };

  return {
    /** Look again which tracks there are. */
    refresh() {
      tracks = audioTracks();
      const byName = ({ name }) => name === chosen.name;
      const found = tracks.find(({ id }) => id === chosen.id) || tracks.find(byName);
      chosen = found || { id: 0, name: "" };
      const labels = tracks.map(({ index, name }) => `${index + 1} ${name}`);
      face.into(labels, tracks.indexOf(found) + 1);
    },

    /** Take the menu's choice, 0 for "Auto"; false where it says nothing new. */
    choose(place) {
      const choice = place === 0 ? { id: 0, name: "" } : tracks[place - 1];
      if (!choice || choice.id === chosen.id) return false;
      chosen = choice;
      return true;
    },

    /** Take the choice that came back with the Set. */
    restore(name) {
      chosen = { id: 0, name };
    },

    /** The chosen track's name; "" for "Auto". */
    name() {
      return chosen.name;
    },
  };
}
