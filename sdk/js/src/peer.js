import { Emitter } from './events.js';

/**
 * What a room knows of a peer, and keeps up to date.
 * @typedef {object} Facts
 * @property {string} id
 * @property {string} name
 * @property {'here' | 'away' | 'gone'} state
 * @property {import('./types.js').PathKind} kind
 * @property {number} since
 * @property {import('./types.js').Stats} stats
 */

/** Another peer in the room, or this one. Events: `message` (from it), `pathchange`. */
export class Peer extends Emitter {
  #facts;
  #driver;
  #sends;

  /** @param {Facts} facts @param {import('./driver.js').Driver} driver @param {import('./sends.js').Sends} sends */
  constructor(facts, driver, sends) {
    super();
    this.#facts = facts;
    this.#driver = driver;
    this.#sends = sends;
  }

  get id() {
    return this.#facts.id;
  }

  /** As it, or its token, says: text of somebody else. */
  get name() {
    return this.#facts.name || undefined;
  }

  get state() {
    return this.#facts.state;
  }

  /** @returns {import('./types.js').Path} the way to it now */
  get path() {
    const { id, kind, since } = this.#facts;
    const queuedBytes = this.#driver.endpoint.waitingBytes(id);
    return { kind, rttMs: this.#driver.rttOf(id), since, queuedBytes };
  }

  /** Why the path is what it is, and what would help. @returns {Promise<import('./diagnose.js').Explanation>} */
  async explain() {
    const { explain } = await import('./diagnose.js');
    return explain(this, this.#driver);
  }

  /** @returns {import('./types.js').Stats} since it was first seen */
  get stats() {
    return { ...this.#facts.stats };
  }

  /**
   * Sends to this peer alone, in an order of its own.
   * @param {import('./types.js').Data} data
   * @param {import('./types.js').SendOptions} [options]
   * @returns {Promise<import('./types.js').Receipt>}
   */
  send(data, options) {
    return this.#sends.send(this.id, '', data, options);
  }
}
