/** Where the marks of a lane's plot go. Pure geometry. */

import { round, scale } from '../demo/scale.js';

/** What the plots show, in ms. */
export const SPAN_MS = 30_000;
/** The end of the scale: the same for all lanes, and always, so that they compare. */
const TOP_MS = 10_000;

/**
 * @typedef {{ width: number, height: number, left: number, top: number, bottom: number }} Frame in pixels
 * @typedef {{ dots: string, cuts: { x: number, width: number }[], ticks: { y: number, label: string }[] }} Plot `dots`: a path of
 *   strokes without length
 *
 * @param {readonly import('./tally.js').Sample[]} samples
 * @param {readonly import('./lane.js').Cut[]} cuts
 * @param {number} now
 * @param {Frame} frame
 * @returns {Plot}
 */
export function layOut(samples, cuts, now, frame) {
  const plotWidth = frame.width - frame.left;
  const ground = frame.height - frame.bottom;
  /** @type {(at: number) => number} */
  const x = (at) => round(frame.left + plotWidth * clamp(1 - (now - at) / SPAN_MS));
  const { y, ticks } = scale(TOP_MS, ground, frame.top);
  const start = now - SPAN_MS;
  return {
    dots: samples
      .filter(({ at }) => at >= start)
      .map(({ at, ms }) => `M${x(at)} ${y(ms)}h0`)
      .join(''),
    cuts: cuts
      .filter(({ to }) => to >= start)
      .map(({ from, to }) => ({ x: x(from), width: round(x(Math.min(to, now)) - x(from)) })),
    ticks,
  };
}

/** @param {number} share */
function clamp(share) {
  return Math.min(1, Math.max(0, share));
}
