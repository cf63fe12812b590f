/**
 * The round trip as an application sees it: a message there and a message back, over whatever path carries them,
 * queues and stalls included.
 *
 * @typedef {import('./companion.js').Companion} Companion
 */

/** How often it is measured, in ms: lively while something streams, else sparing. */
const BUSY_MS = 250;
const IDLE_MS = 1000;
/** Questions that may be unanswered. Beyond that the oldest is forgotten. */
const MAX_OPEN = 240;
/** Answers that one peer can make this page send, in a second. */
const MAX_ANSWERS = 20;

export class RoundTrips {
  /** @type {Map<number, { sentAt: number, kind: string, companion: Companion }>} */
  #open = new Map();
  #next = 1;
  #lastAt = -Infinity;
  /** @type {WeakMap<Companion, { second: number, count: number }>} */
  #answered = new WeakMap();

  /**
   * Asks, when it is time to.
   *
   * @param {Companion} companion
   * @param {boolean} busy
   * @param {number} now
   */
  advance(companion, busy, now) {
    if (now - this.#lastAt < (busy ? BUSY_MS : IDLE_MS)) return;
    this.#lastAt = now;
    const i = this.#next++;
    this.#open.set(i, { sentAt: now, kind: companion.kind, companion });
    const [oldest] = this.#open.keys();
    if (this.#open.size > MAX_OPEN && oldest !== undefined) this.#open.delete(oldest);
    companion.peer.send({ kind: 'ping', i }).catch(() => this.#open.delete(i));
  }

  /**
   * @param {Companion} companion who answered
   * @param {number} i
   * @param {number} now
   */
  answered(companion, i, now) {
    const question = this.#open.get(i);
    if (question?.companion !== companion) return;
    this.#open.delete(i);
    companion.history.sample(now, now - question.sentAt, companion.kind);
  }

  /**
   * @param {Companion} companion who asked
   * @param {number} i
   * @param {number} now
   */
  answer(companion, i, now) {
    const second = Math.floor(now / 1000);
    const before = this.#answered.get(companion);
    const count = before?.second === second ? before.count + 1 : 1;
    this.#answered.set(companion, { second, count });
    if (count <= MAX_ANSWERS) companion.peer.send({ kind: 'pong', i }).catch(() => {});
  }
}
