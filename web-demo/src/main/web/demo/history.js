import { forget } from './samples.js';

/**
 * The last minute with one peer: its round trips, the path it was on, and its moves between paths. Pure, bounded.
 *
 * @typedef {{ at: number, ms: number, kind: string }} Sample `at` on the page's clock, in ms, when the answer came
 * @typedef {{ at: number, from: string, to: string, reason: string, stalledMs: number, moved: number }} Move
 * @typedef {{ from: number, kind: string }} Stretch from when on the peer was on that path
 */

/** What is kept and shown, in milliseconds. */
export const WINDOW_MS = 60_000;
const MAX_SAMPLES = 1200;
const MAX_MOVES = 100;

export class History {
  /** @type {Sample[]} */
  samples = [];
  /** The newest last; more than a minute of them, for the list. @type {Move[]} */
  moves = [];
  /** The newest last; the first began before the window. @type {Stretch[]} */
  stretches = [];

  /**
   * @param {number} now
   * @param {number} ms a round trip
   * @param {string} kind the path it was on
   */
  sample(now, ms, kind) {
    this.samples.push({ at: now, ms, kind });
    this.#forget(now);
  }

  /**
   * The peer is on this path from now on.
   *
   * @param {number} now
   * @param {string} kind
   */
  on(now, kind) {
    if (this.stretches.at(-1)?.kind !== kind) this.stretches.push({ from: now, kind });
    this.#forget(now);
  }

  /** @param {Move} move */
  moved(move) {
    this.moves.push(move);
    if (this.moves.length > MAX_MOVES) this.moves.shift();
    this.on(move.at, move.to);
  }

  /** @param {number} now */
  #forget(now) {
    const start = now - WINDOW_MS;
    forget(this.samples, start, MAX_SAMPLES);
    while (this.stretches.length > 1 && /** @type {Stretch} */ (this.stretches[1]).from < start)
      this.stretches.shift();
    if (this.stretches.length > MAX_MOVES) this.stretches.shift();
  }
}
