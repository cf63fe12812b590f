/** A quiet carrier is first asked after some of the usual distances between packets, within these bounds; then after 1, 2, 4, 8 s. */
const DISTANCES = 4;
const QUIET_MS = 150;
const MAX_QUIET_MS = 1_000;
const MAX_PINGS = 5;

/** When a carrier that was active and fell quiet is to be asked whether it lives. The session itself asks every ping interval. */
export class Pulse {
  #heardAt = -Infinity;
  #gapMs = MAX_QUIET_MS;
  #pings = MAX_PINGS;

  /** A packet came. @param {number} now @param {boolean} active it was more than an answer */
  heard(now, active) {
    if (active) {
      this.#gapMs += (Math.min(now - this.#heardAt, MAX_QUIET_MS) - this.#gapMs) / 8;
      this.#pings = 0;
    }
    this.#heardAt = now;
  }

  /** When to ask. @param {number} rttMs */
  due(rttMs) {
    if (this.#pings >= MAX_PINGS) return Infinity;
    const first = Math.max(QUIET_MS, DISTANCES * this.#gapMs, 2 * rttMs);
    const wait = this.#pings ? MAX_QUIET_MS * 2 ** (this.#pings - 1) : first;
    return this.#heardAt + (this.#pings ? wait : Math.min(MAX_QUIET_MS, wait));
  }

  asked() {
    this.#pings++;
  }
}
