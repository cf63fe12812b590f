import { forget } from '../demo/samples.js';

/**
 * What one lane delivered of a stream of numbered messages: how late, how often, what is missing. Pure, bounded.
 *
 * @typedef {{ at: number, ms: number }} Sample `at`: when it came, on the page's clock, in ms
 */

/** What the figures look back on, in milliseconds. */
export const WINDOW_MS = 60_000;
/** More than the page publishes in the window, and a lane's worth of what came late. */
const MAX_SAMPLES = 2400;
/** A hole wider than this is counted, and no longer looked for. */
const MAX_MISSING = 10_000;

export class Tally {
  received = 0;
  doubled = 0;
  /** What came below the highest, but not in its turn. */
  outOfOrder = 0;
  /** What the server said it had forgotten. */
  gaps = 0;
  requests = 0;
  /** That came down. */
  bytes = 0;
  /** That went up; NaN where that is not seen. */
  up = 0;
  /** The newest last. @type {Sample[]} */
  samples = [];
  #next = 1;
  /** @type {Set<number>} */
  #missing = new Set();
  #given = 0;

  /** The highest number that came. */
  get highest() {
    return this.#next - 1;
  }

  /** Numbers below the highest that did not come. */
  get lost() {
    return this.#missing.size + this.#given;
  }

  /**
   * @param {number} n the message's number, from 1
   * @param {number} ms how long it took
   * @param {number} now the page's clock, in ms
   * @returns {boolean} whether it is new
   */
  message(n, ms, now) {
    if (!this.#take(n)) return false;
    this.received++;
    this.samples.push({ at: now, ms });
    this.#forget(now);
    return true;
  }

  /** This one was never sent to this lane. @param {number} n */
  skip(n) {
    this.#take(n);
  }

  /** @param {number} n */
  #take(n) {
    if (n >= this.#next) {
      for (let hole = this.#next; hole < n; hole++) {
        if (this.#missing.size < MAX_MISSING) this.#missing.add(hole);
        else this.#given++;
      }
      this.#next = n + 1;
    } else if (this.#missing.delete(n)) this.outOfOrder++;
    else {
      this.doubled++;
      return false;
    }
    return true;
  }

  /**
   * The latency that so many of the last minute's messages stayed below.
   *
   * @param {number} share 0.5 for the median
   * @param {number} now
   * @returns {number} in ms; NaN when nothing came
   */
  quantile(share, now) {
    this.#forget(now);
    const sorted = this.samples.map(({ ms }) => ms).sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
  }

  /** Of all messages so far. */
  get requestsPerMessage() {
    return this.received ? this.requests / this.received : Number.NaN;
  }

  /** Likewise. */
  get bytesPerMessage() {
    return this.received ? this.bytes / this.received : Number.NaN;
  }

  /** Likewise. */
  get upPerMessage() {
    return this.received ? this.up / this.received : Number.NaN;
  }

  /** @param {number} now */
  #forget(now) {
    forget(this.samples, now - WINDOW_MS, MAX_SAMPLES);
  }
}
