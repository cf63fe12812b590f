/**
 * What a scenario is judged by: each message once, in order; and, to be told, how long nothing came.
 *
 * @typedef {import('./page.js').Diary} Diary
 *
 * @typedef {object} Judgement of what came from one sender
 * @property {number} expected
 * @property {number} received
 * @property {number} lost
 * @property {number} doubled
 * @property {number} disordered
 * @property {number} holes runs of lost ones between two that came
 * @property {number} silenceMs the longest between two messages
 */

/**
 * @param {Diary} receiver
 * @param {Diary} sender
 * @returns {Judgement}
 */
export function judge(receiver, sender) {
  const came = receiver.got.filter(({ from }) => from === sender.id);
  const distinct = new Set(came.map(({ n }) => n));
  let disordered = 0;
  let holes = 0;
  let silenceMs = 0;
  for (let i = 1; i < came.length; i++) {
    if (came[i].n < came[i - 1].n) disordered++;
    if (came[i].n > came[i - 1].n + 1) holes++;
    silenceMs = Math.max(silenceMs, came[i].at - came[i - 1].at);
  }
  return {
    expected: sender.sent,
    received: came.length,
    lost: sender.sent - distinct.size,
    doubled: came.length - distinct.size,
    disordered,
    holes,
    silenceMs: Math.round(silenceMs),
  };
}

/**
 * When messages came again after a moment, in ms; null if none did.
 *
 * @param {Diary} receiver
 * @param {number} moment Unix ms
 */
export function againAfter(receiver, moment) {
  const next = receiver.got.find(({ at }) => at >= moment);
  return next ? Math.round(next.at - moment) : null;
}

/**
 * What a page wrote down, on one line.
 *
 * @param {Diary} diary
 * @param {number} from Unix ms that times are told from
 */
export function story({ events }, from) {
  return events.map(({ at, what }) => `${((at - from) / 1000).toFixed(2)} ${what}`).join('; ');
}
