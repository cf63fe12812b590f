import { Tally } from './tally.js';

/**
 * @typedef {{ id: string, data: string }} Message a topic's, of which the page needs no more
 * @typedef {'idle' | 'connecting' | 'open' | 'cut' | 'retrying' | 'off'} LaneState
 * @typedef {(lane: Lane, signal: AbortSignal) => Promise<void>} Carry reads the topic from `lane.cursor` on, until it breaks or
 *   the signal says so
 * @typedef {{ from: number, to: number }} Cut on the page's clock, in ms; `to` is when the lane was told to come back
 */

const RETRY_MS = 500;
const MAX_RETRY_MS = 8_000;
/** As many as the plot can show. */
const MAX_CUTS = 20;

/** One way of getting the topic's messages. It is cut and comes back; the cursor is what it goes on from. */
export class Lane extends EventTarget {
  /** @type {LaneState} */
  state = 'idle';
  /** What there is to say beside the state. */
  note = '';
  tally = new Tally();
  /** The newest last. @type {Cut[]} */
  cuts = [];
  /** The last message that came. */
  cursor = 'now';
  /** What came at once after the last cut, and when that was; null before one. @type {{ at: number, caughtUp: number } | null} */
  back = null;
  /** By which path it goes at present, where there are several. */
  path = '';
  #carry;
  #block;
  #publishedAt;
  #now;
  #run = new AbortController();
  #carrying = new AbortController();
  #cutUntil = 0;
  /** A cut is over, and the connection does not stand yet. */
  #returning = false;

  /**
   * @param {string} kind what the page knows it by
   * @param {Carry} carry
   * @param {{ now: () => number, publishedAt: (n: number) => number | undefined }} page its clock, and when a message was sent,
   *   by that clock; undefined for one that is not of this run
   * @param {(gone: boolean) => void} [block] takes the network away under a lane that lives through it; without, a cut ends
   *   the connection
   */
  constructor(kind, carry, { now, publishedAt }, block) {
    super();
    this.kind = kind;
    this.#block = block;
    this.#carry = carry;
    this.#now = now;
    this.#publishedAt = publishedAt;
  }

  /** @param {string} cursor where the stream begins */
  async start(cursor) {
    if (this.cursor === 'now') this.cursor = cursor;
    this.#run = new AbortController();
    const { signal } = this.#run;
    let failures = 0;
    while (!signal.aborted && !this.isOff) {
      const before = this.tally.received;
      await this.#carryOnce(signal);
      if (this.tally.received > before) failures = 0;
      if (signal.aborted || this.isOff) break;
      if (this.#cutUntil > this.#now()) {
        this.#become('cut');
        await pause(this.#cutUntil - this.#now(), signal);
        this.#returning = true;
        failures = 0;
      } else {
        this.#become('retrying');
        await pause(Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** failures++), signal);
      }
    }
  }

  /** @param {AbortSignal} signal */
  async #carryOnce(signal) {
    this.#become('connecting');
    this.#carrying = new AbortController();
    try {
      await this.#carry(this, AbortSignal.any([signal, this.#carrying.signal]));
    } catch (problem) {
      if (signal.aborted || this.#carrying.signal.aborted) return;
      if (problem instanceof Refused) this.off(problem.message);
      else this.note = /** @type {Error} */ (problem).message;
    }
  }

  /** Leaves the topic; {@link start} goes on where it was. */
  stop() {
    this.#run.abort();
    this.#cutUntil = 0;
    if (this.state !== 'off') this.#become('idle');
  }

  /** Takes the connection away. @param {number} ms */
  cut(ms) {
    const now = this.#now();
    if (this.state === 'off' || this.state === 'idle' || now < this.#cutUntil) return;
    this.#cutUntil = now + ms;
    this.cuts.push({ from: now, to: now + ms });
    if (this.cuts.length > MAX_CUTS) this.cuts.shift();
    this.#become('cut');
    if (!this.#block) {
      this.#carrying.abort();
      return;
    }
    this.#block(true);
    setTimeout(() => {
      this.#block?.(false);
      this.#returning = true;
      if (this.state === 'cut') this.opened();
    }, ms);
  }

  /** This lane is not to be had. @param {string} why */
  off(why) {
    this.note = why;
    this.#become('off');
  }

  get isOff() {
    return this.state === 'off';
  }

  /** The connection stands. */
  opened() {
    this.note = '';
    this.#become('open');
    if (!this.#returning) return;
    this.#returning = false;
    this.back = { at: this.#now(), caughtUp: 0 };
    this.dispatchEvent(new CustomEvent('back'));
  }

  /** A request went out. @param {number} bytes of its head; NaN where that is not seen */
  asked(bytes) {
    this.tally.requests++;
    this.tally.up += bytes;
  }

  /** @param {number} bytes that came in @param {number} [up] that went out besides requests */
  counted(bytes, up = 0) {
    this.tally.bytes += bytes;
    this.tally.up += up;
  }

  /** @param {Message} message */
  message({ id, data }) {
    this.cursor = id;
    this.numbered(JSON.parse(data).n);
  }

  /** @param {number} n the message's number */
  numbered(n) {
    const sentAt = this.#publishedAt(n);
    const now = this.#now();
    if (sentAt === undefined) return;
    if (this.tally.message(n, now - sentAt, now) && this.back && sentAt < this.back.at)
      this.back.caughtUp++;
  }

  /** The server has forgotten what comes after the cursor. @param {{ oldest: string, reason: string }} gap */
  gap({ reason }) {
    this.tally.gaps++;
    this.note = `The server had forgotten what came next (${reason}): a gap.`;
  }

  /** @param {LaneState} state */
  #become(state) {
    if (this.state === state || this.state === 'off') return;
    this.state = state;
    this.dispatchEvent(new CustomEvent('state'));
  }
}

/** The server said no: trying again would not help. */
export class Refused extends Error {}

/**
 * @param {number} ms
 * @param {AbortSignal} signal ends it early
 * @returns {Promise<void>}
 */
export function pause(ms, signal) {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    function done() {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
