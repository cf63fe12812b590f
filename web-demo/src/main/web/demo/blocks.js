/**
 * What this page takes away from itself, to show what happens then. Pure but for one timer, which is a parameter.
 *
 * @typedef {import('./paths.js').PathKind} PathKind
 * @typedef {'udp' | 'websocket' | 'streams'} Block
 */

/** What each button blocks: UDP carries the data channels, whichever way they go. @type {Readonly<Record<Block, readonly PathKind[]>>} */
export const BLOCKS = {
  udp: ['direct', 'data-channel'],
  websocket: ['websocket'],
  streams: ['sse', 'long-poll'],
};
/** All that can be blocked. @type {readonly PathKind[]} */
export const BLOCKABLE = ['direct', 'data-channel', 'websocket', 'sse', 'long-poll', 'poll'];
/** How long nothing passes at all, in ms. */
export const OUTAGE_MS = 5_000;

export class Blocks {
  /** When all of it heals, on the page's clock; 0 when it does not by itself. */
  outageUntil = 0;
  /** @type {Set<PathKind>} */
  #wanted = new Set();
  #apply;
  #now;
  #later;

  /**
   * @param {(kinds: ReadonlySet<PathKind>, forMs: number) => void} apply blocks these and no others; `forMs`: 0 for until further notice
   * @param {() => number} now the page's clock, in ms
   * @param {(action: () => void, ms: number) => void} later
   */
  constructor(apply, now, later) {
    this.#apply = apply;
    this.#now = now;
    this.#later = later;
  }

  /** @returns {ReadonlySet<PathKind>} what is blocked now */
  get kinds() {
    return this.outageUntil ? new Set(BLOCKABLE) : this.#wanted;
  }

  /** @param {Block} block @returns {boolean} whether its button is pressed */
  has(block) {
    return BLOCKS[block].every((kind) => this.#wanted.has(kind));
  }

  /** @param {Block} block */
  toggle(block) {
    const rest = [...this.#wanted].filter((kind) => !BLOCKS[block].includes(kind));
    this.only(this.has(block) ? rest : [...rest, ...BLOCKS[block]]);
  }

  /**
   * These and no others; what lies under an outage is seen when that is over.
   *
   * @param {Iterable<PathKind>} kinds
   */
  only(kinds) {
    this.#wanted = new Set(BLOCKABLE.filter((kind) => [...kinds].includes(kind)));
    if (!this.outageUntil) this.#apply(this.#wanted, 0);
  }

  /** Everything, for a while. */
  outage() {
    if (this.outageUntil) return;
    this.outageUntil = this.#now() + OUTAGE_MS;
    this.#apply(this.kinds, OUTAGE_MS);
    this.#later(() => {
      this.outageUntil = 0;
      this.#apply(this.#wanted, 0);
    }, OUTAGE_MS);
  }
}
