// Whether a control of this device is automated in the Set.

import { liveObject } from "./api.js";

const PLAYING = 1;

/** Whether automation of this device's parameter of that name is played (0: none, 2: overridden by hand). */
export function isAutomated(name) {
  const device = liveObject("this_device");
  const parameters = device ? device.children("parameters") : [];
  const found = parameters.find((parameter) => parameter.text("name") === name);
  return Boolean(found) && found.number("automation_state") === PLAYING;
}
