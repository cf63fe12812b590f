/** @typedef {import('./ladder.js').Rung} Rung */
/**
 * What is known of a rung.
 * @typedef {object} Standing
 * @property {number} level falls that are not forgiven
 * @property {number} levelAt when that last changed
 * @property {number} retryAt not to be tried before, while another works
 * @property {number} young how many died young, one after the other
 */

/** One that lived so long was a success; so many in a row that did not are enough of this rung. */
export const YOUNG_MS = 10_000;
const MAX_YOUNG = 2;
/** The n-th fall keeps a rung from being tried for 2^n s; each minute without one takes one back. */
const HOLD_MS = 1_000;
const MAX_LEVEL = 8;
const LEVEL_MS = 60_000;

/** How far each rung is to be trusted, by what became of its carriers. Pure, as the ladder that asks it. */
export class Standings {
  /** @type {Map<Rung, Standing>} */
  #all = new Map();

  /** @param {Rung[]} rungs */
  constructor(rungs) {
    for (const rung of rungs) this.#all.set(rung, { level: 0, levelAt: 0, retryAt: 0, young: 0 });
  }

  /** Before this time the rung is not to be tried while another works. @param {Rung} rung */
  retryAt(rung) {
    return this.#all.get(rung)?.retryAt ?? Infinity;
  }

  /** It failed where another worked. @param {Rung} rung @param {number} now @param {number} [levels] */
  fall(rung, now, levels = 1) {
    const standing = this.#all.get(rung);
    if (!standing) return;
    standing.level = Math.min(MAX_LEVEL, standing.level + levels);
    standing.levelAt = now;
    standing.retryAt = now + HOLD_MS * 2 ** standing.level;
  }

  /** A carrier that was in use died. @param {Rung} rung @param {number} now @param {number} livedMs */
  died(rung, now, livedMs) {
    const standing = this.#all.get(rung);
    if (!standing) return;
    if (livedMs >= YOUNG_MS) standing.young = 0;
    else if (++standing.young >= MAX_YOUNG) this.fall(rung, now);
  }

  /** @param {Rung} rung whose carrier has been in use for long */
  lived(rung) {
    const standing = this.#all.get(rung);
    if (standing) standing.young = 0;
  }

  /** @param {number} now */
  forgive(now) {
    for (const standing of this.#all.values()) {
      const since = Math.max(standing.levelAt, standing.retryAt);
      if (!standing.level || now - since < LEVEL_MS) continue;
      standing.level--;
      standing.levelAt = now;
    }
  }

  /** Nothing of it counts on another network. @param {number} now */
  forget(now) {
    for (const standing of this.#all.values()) {
      Object.assign(standing, { level: 0, retryAt: now, young: 0 });
    }
  }
}
