import { faults } from '/sdk/faults.js';

/**
 * @typedef {import('./blocks.js').PathKind} PathKind
 * @typedef {Parameters<typeof faults>[0]} SdkRoom
 */

/** What the server blocks is asked for anew so often, in ms, and for so long, in s: a page that is gone leaves nothing blocked. */
const RENEW_MS = 20_000;
const LEASE_S = 30;

/** Makes blocks real: in this page, where packets vanish; and at the server, where it was started for that. */
export class RoomFaults {
  #room;
  #cutters;
  #base;
  #atServer;
  #says;
  /** @type {ReadonlySet<PathKind>} */
  #now = new Set();
  #timer = 0;
  /** The server is asked one thing after the other. @type {Promise<void>} */
  #asked = Promise.resolve();

  /**
   * @param {SdkRoom} room
   * @param {{ base: string, atServer: boolean, says: (problem: string) => void }} server `base`: its address; `atServer`: whether
   *   it takes part; `says` is told when it does not after all
   */
  constructor(room, { base, atServer, says }) {
    const { direct, dataChannel, websocket, sse, longPoll, poll } = faults(room);
    this.#room = room;
    this.#base = base;
    this.#atServer = atServer;
    this.#says = says;
    /** @type {[PathKind, (cut: boolean) => void][]} */
    this.#cutters = [
      ['direct', direct],
      ['data-channel', dataChannel],
      ['websocket', websocket],
      ['sse', sse],
      ['long-poll', longPoll],
      ['poll', poll],
    ];
  }

  /**
   * Blocks these kinds and no others.
   *
   * @param {ReadonlySet<PathKind>} kinds
   * @param {number} forMs 0: until further notice
   */
  set(kinds, forMs) {
    const before = this.#now;
    this.#now = new Set(kinds);
    // First what is new: whoever looks about while something heals is not to find what is to go.
    for (const [kind, cut] of this.#cutters) if (kinds.has(kind) && !before.has(kind)) cut(true);
    for (const [kind, cut] of this.#cutters) if (!kinds.has(kind) && before.has(kind)) cut(false);
    if (this.#atServer) this.#ask(forMs);
  }

  /** @param {number} forMs */
  #ask(forMs) {
    clearTimeout(this.#timer);
    const block = /** @type {import('/sdk/demo-faults.js').Carried[]} */ (
      [...this.#now].filter((kind) => kind !== 'direct')
    );
    this.#asked = this.#asked.then(async () => {
      try {
        const { demoFaults } = await import('/sdk/demo-faults.js');
        await demoFaults(this.#room, this.#base, block, Math.ceil(forMs / 1000) || LEASE_S);
      } catch (problem) {
        this.#says(/** @type {Error} */ (problem).message);
      }
    });
    if (block.length > 0 && !forMs) this.#timer = window.setTimeout(() => this.#ask(0), RENEW_MS);
  }
}
