import { Ladder } from '../../src/direct/ladder.js';

/** @param {number} seed @returns {() => number} a small seeded generator (mulberry32), 0 to 1 */
export function random(seed) {
  let a = seed | 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * One end of a pair in virtual time: messages go out, acknowledgements and echoes come back, unless the path is cut.
 * Lost messages are sent again by the channel after 400 ms, as SCTP does.
 */
export class Pair {
  now = 0;
  ladder = new Ladder();
  /** @type {number[]} */ probes = [];
  /** @type {string[]} */ reasons = [];
  /** @type {number[]} */ ascents = [];
  timers = 0;
  fallback = true;
  /** @type {boolean | 'out' | 'back'} */ cut;
  ackDelayMs = 50;
  /** @type {{at: number, run: () => void}[]} */ #events = [];
  #sent = 0;
  #acked = 0;
  /** When acknowledgements advanced last, or waiting began. */
  progressAt = 0;
  #activeAt = -Infinity;
  #next;

  /** @param {{rttMs: number, sendEveryMs?: number, cut?: boolean, loss?: number, timerMs?: number, seed?: number}} o */
  constructor({ rttMs, sendEveryMs = Infinity, cut = false, loss = 0, timerMs = 1, seed = 1 }) {
    this.rttMs = rttMs;
    this.cut = cut;
    this.loss = loss;
    this.timerMs = timerMs;
    this.#next = random(seed);
    if (sendEveryMs < Infinity) this.#every(sendEveryMs);
  }

  open() {
    this.ladder.opened(this.now);
    this.observe();
  }

  observe() {
    const waits = this.ladder.path === 'direct' && this.#sent > this.#acked;
    const action = this.ladder.observe(this.now, {
      silentMs: waits ? this.now - this.progressAt + 1 : 0,
      activeAt: this.#activeAt,
      fallback: this.fallback,
    });
    if (action.probe) this.#probe();
    if (!action.use) return;
    this.reasons.push(action.reason ?? '');
    if (action.use === 'direct') this.ascents.push(this.now);
    this.#acked = this.#sent; // what waits now waits on the other path
  }

  /** @param {number} ms */
  run(ms) {
    const end = this.now + ms;
    this.runUntil(() => false, ms);
    this.now = end;
  }

  /** @param {() => boolean} done @param {number} mostMs */
  runUntil(done, mostMs) {
    const end = this.now + mostMs;
    while (!done()) {
      this.#events.sort((a, b) => a.at - b.at);
      const timer = Math.ceil(this.ladder.deadline / this.timerMs) * this.timerMs;
      const at = Math.min(this.#events[0]?.at ?? Infinity, timer);
      if (at > end) break;
      this.now = Math.max(this.now, at);
      const event = this.#events[0];
      if (event && event.at <= this.now) {
        this.#events.shift();
        event.run();
      } else this.timers++;
      this.observe();
    }
  }

  /** The thread stops; then the timer runs first, and the rest after it. @param {number} ms */
  sleep(ms) {
    this.now += ms;
    this.observe();
  }

  /** @param {number} ms */
  #every(ms) {
    this.#at(ms, () => {
      this.#activeAt = this.now;
      if (this.ladder.path === 'direct') this.#send();
      this.#every(ms);
    });
  }

  #send() {
    if (this.#sent === this.#acked) this.progressAt = this.now;
    const number = ++this.#sent;
    const back = () => {
      if (this.#dies('back')) return this.#at(400, back);
      this.#at(this.rttMs / 2, () => {
        if (number <= this.#acked || this.ladder.path !== 'direct') return;
        this.#acked = number;
        this.progressAt = this.now;
      });
    };
    const out = () => {
      if (this.#dies('out')) return this.#at(400, out);
      this.#at(this.rttMs / 2 + this.ackDelayMs, back);
    };
    out();
  }

  #probe() {
    const sentAt = this.now;
    this.probes.push(sentAt);
    if (this.#dies('out')) return;
    this.#at(this.rttMs / 2, () => {
      if (this.#dies('back')) return;
      this.#at(this.rttMs / 2, () => this.ladder.echoed(this.now, this.now - sentAt));
    });
  }

  /** @param {'out' | 'back'} direction */
  #dies(direction) {
    return this.cut === true || this.cut === direction || this.#next() < this.loss;
  }

  /** @param {number} ms @param {() => void} run */
  #at(ms, run) {
    if (ms < Infinity) this.#events.push({ at: this.now + ms, run });
  }
}
