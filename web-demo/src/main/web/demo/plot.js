/** Where the lines of the latency plot go. Pure geometry: what it looks like is the style sheet's business. */

import { WINDOW_MS } from './history.js';
import { pathWords } from './paths.js';
import { round, scale } from './scale.js';
import { counted, span as spanWords } from './words.js';

/**
 * @typedef {import('./history.js').History} History
 * @typedef {{ width: number, height: number, left: number, top: number, bottom: number }} Frame in pixels; what is
 *   left of the width and height is the plot itself, down to `bottom` pixels above the lower edge
 * @typedef {{ y: number, label: string }} Tick
 * @typedef {{ kind: string, d: string }} Trace
 * @typedef {{ x: number, width: number, kind: string, word: string }} Band
 * @typedef {{ x: number, stallWidth: number, label: string, width: number, to: string }} Mark `width` of the label
 * @typedef {{ spanMs: number, ticks: Tick[], traces: Trace[], dots: { x: number, y: number, kind: string }[], bands: Band[],
 *   marks: Mark[] }} Plot
 */

/** The scale ends at a full decade, here at the least. */
const LEAST_TOP_MS = 100;
/** Samples further apart than this are not joined: nothing is known of what lies between. */
const JOIN_MS = 3500;
/** The least that is shown: the plot of a fresh room grows from this to a minute. */
const LEAST_SPAN_MS = 15_000;
/** Beside the words of a mark: its arrow, and the distance to the next, in pixels. */
const MARK_PADDING = 22;
/** A letter of the words in the bands, and what is beside them, in pixels. */
const LETTER_WIDTH = 6.6;
const BAND_PADDING = 16;

/**
 * @param {History} history
 * @param {number} now
 * @param {Frame} frame
 * @returns {Plot}
 */
export function layOut(history, now, frame) {
  const plotWidth = frame.width - frame.left;
  const spanMs = span(history, now);
  const ground = frame.height - frame.bottom;
  const highest = history.samples.reduce((most, { ms }) => Math.max(most, ms), LEAST_TOP_MS);
  const topMs = 10 ** Math.ceil(Math.log10(highest) - 1e-9);
  /** @type {(at: number) => number} */
  const x = (at) =>
    round(frame.left + plotWidth * Math.min(1, Math.max(0, 1 - (now - at) / spanMs)));
  const { y, ticks } = scale(topMs, ground, frame.top);
  const start = now - spanMs;
  const samples = history.samples.filter(({ at }) => at >= start);
  return {
    spanMs,
    ticks,
    traces: traces(samples, x, y),
    dots: samples.map(({ at, ms, kind }) => ({ x: x(at), y: y(ms), kind })),
    bands: bands(history, now, x),
    marks: marks(history, start, x, plotWidth / spanMs),
  };
}

/**
 * The plot in words, for those who do not see it and those who do.
 *
 * @param {History} history
 * @param {number} now
 * @param {string} name whose
 * @returns {string}
 */
export function inWords(history, now, name) {
  const sorted = history.samples.map(({ ms }) => ms).sort((a, b) => a - b);
  if (sorted.length === 0) return `Nothing measured with ${name} yet.`;
  const median = /** @type {number} */ (sorted[sorted.length >> 1]);
  const slowest = /** @type {number} */ (sorted.at(-1));
  return (
    `A message to ${name} and one back: ${spanWords(median)} in the middle, ${spanWords(slowest)} at the slowest, ` +
    `measured ${counted(sorted.length, 'time', 'times')}. ${bandInWords(history, now)}`
  );
}

/**
 * @param {History} history
 * @param {number} now
 */
function bandInWords({ stretches, moves }, now) {
  const start = now - WINDOW_MS;
  /** @type {Map<string, number>} */
  const times = new Map();
  stretches.forEach(({ from, kind }, i) => {
    const ms = (stretches[i + 1]?.from ?? now) - Math.max(from, start);
    times.set(kind, (times.get(kind) ?? 0) + ms);
  });
  const parts = [...times].map(([kind, ms]) => `${pathWords(kind).word} for ${wholeSeconds(ms)}`);
  const recent = moves.filter(({ at }) => at >= start);
  const longest = Math.max(0, ...recent.map(({ stalledMs }) => stalledMs));
  const silent = longest >= 1 ? `, silent for ${spanWords(longest)} at most` : '';
  return `By path: ${parts.join(', ')}; ${counted(recent.length, 'change', 'changes')}${silent}.`;
}

/** @param {number} ms */
function wholeSeconds(ms) {
  return `${Math.max(1, Math.round(ms / 1000))} s`;
}

/**
 * @param {History} history
 * @param {number} now
 */
function span({ stretches, samples }, now) {
  const first = Math.min(stretches[0]?.from ?? now, samples[0]?.at ?? now);
  return Math.min(WINDOW_MS, Math.max(LEAST_SPAN_MS, now - first));
}

/**
 * @param {import('./history.js').Sample[]} samples
 * @param {(at: number) => number} x
 * @param {(ms: number) => number} y
 */
function traces(samples, x, y) {
  /** @type {Trace[]} */
  const result = [];
  /** @type {import('./history.js').Sample | undefined} */
  let before;
  for (const sample of samples) {
    const point = `${x(sample.at)} ${y(sample.ms)}`;
    const joined = before && sample.at - before.at <= JOIN_MS;
    const trace = result.at(-1);
    if (joined && trace && before?.kind === sample.kind) trace.d += `L${point}`;
    else if (joined && before)
      result.push({ kind: sample.kind, d: `M${x(before.at)} ${y(before.ms)}L${point}` });
    else result.push({ kind: sample.kind, d: `M${point}` });
    before = sample;
  }
  return result;
}

/**
 * @param {History} history
 * @param {number} now
 * @param {(at: number) => number} x
 */
function bands({ stretches }, now, x) {
  return stretches.map(({ from, kind }, i) => {
    const left = x(from);
    const width = round(x(stretches[i + 1]?.from ?? now) - left);
    const { word } = pathWords(kind);
    const fits = width >= word.length * LETTER_WIDTH + BAND_PADDING;
    return { x: left, width, kind, word: fits ? word : '' };
  });
}

/**
 * @param {History} history
 * @param {number} start
 * @param {(at: number) => number} x
 * @param {number} pixelsPerMs
 */
function marks({ moves }, start, x, pixelsPerMs) {
  let free = -Infinity;
  return moves
    .filter(({ at }) => at >= start)
    .map(({ at, to, stalledMs }) => {
      const left = x(at);
      const { word } = pathWords(to);
      const label = stalledMs < 1 ? word : `${word}, ${spanWords(stalledMs)} silent`;
      const width = round(label.length * LETTER_WIDTH + MARK_PADDING);
      const fits = left >= free;
      if (fits) free = left + width;
      const stallWidth = round(stalledMs * pixelsPerMs);
      return { x: left, stallWidth, label: fits ? label : '', width, to };
    });
}
