// Which part of a clip plays, and where its first bar line is: in the clip's own beats, without asking Live.

const NEAR_BEATS = 1e-6;
const LATE_BEATS = 1 / 16;
const LEAST_BODY_BEATS = 1;
const MOST_BARS = 512;

/**
 * The part of a Session clip: its loop, or what lies between its markers. Times in the clip's beats, whose 0
 * is a bar line. The start marker says where Live enters a loop the first time; it makes the clip no longer.
 */
export function sessionPart({ looping, startMarker, endMarker, loopStart, loopEnd }, barBeats) {
  const [from, to] = looping ? [loopStart, loopEnd] : [startMarker, endMarker];
  const { lead, pickup } = upbeat(from, to - from, barBeats);
  const loop = looping ? { start: loopStart, end: loopEnd } : null;
  return { start: from - lead, end: to, pickup, loop, bars: 0, downbeat: null };
}

/**
 * The part of a clip in the Arrangement, which is as long as its place in the song, whatever repeats inside
 * of it. Its bar lines are the song's. `downbeat` is the song's beat of the first one, where a take begins;
 * `bars` is the length that has to be asked for, since by itself a short loop is answered with bars of its
 * own: 0 without a loop.
 */
export function arrangedPart({ looping, startMarker, loopStart, loopEnd, startTime, endTime }, barBeats) {
  const { lead, pickup } = upbeat(startTime, endTime - startTime, barBeats);
  const downbeat = startTime - lead + pickup;
  const start = startMarker - lead;
  const length = endTime - startTime + lead;
  const period = loopEnd - loopStart;
  const wraps = looping && period > NEAR_BEATS && start < loopEnd && start + length > loopEnd + NEAR_BEATS;
  if (!wraps) return { start, end: start + length, pickup, loop: null, bars: 0, downbeat };
  // A loop has to lie inside the cut. A clip that begins in the middle of its loop is therefore cut where the
  // loop starts, and what lies between is its upbeat: so the first downbeat is the right one, and the loop
  // stays whole.
  const first = start + pickup;
  const onward = first < loopEnd;
  const heard = onward ? first : loopStart + ((first - loopEnd) % period);
  const cut = onward ? Math.min(start, loopStart) : loopStart;
  const bars = Math.max(Math.ceil((length - pickup) / barBeats - NEAR_BEATS), 1);
  return {
    start: cut,
    end: heard + length - pickup,
    pickup: heard - cut,
    loop: { start: loopStart, end: loopEnd },
    bars: bars <= MOST_BARS ? bars : 0,
    downbeat,
  };
}

/**
 * How a start lies to the bar lines around it, in beats. `pickup`: so far behind it lies the next one, if
 * enough of the clip is left behind that. `lead`: by so little it comes late that the bar line before it is
 * meant.
 */
export function upbeat(start, length, barBeats) {
  const past = ((start % barBeats) + barBeats) % barBeats;
  const missing = barBeats - past;
  if (past < NEAR_BEATS || missing < NEAR_BEATS) return { lead: 0, pickup: 0 };
  if (past <= LATE_BEATS) return { lead: past, pickup: 0 };
  return { lead: 0, pickup: length - missing >= LEAST_BODY_BEATS ? missing : 0 };
}

/** Quarter beats in one bar. */
export function barLength([numerator, denominator]) {
  return (numerator * 4) / denominator;
}
