import { Emitter } from './events.js';

/** An ordering domain of its own, to everyone or to one peer. Event: `message` (on this channel). */
export class Channel extends Emitter {
  #sends;
  #to;
  #defaults;

  /**
   * @param {string} name @param {'room' | string} to @param {import('./sends.js').Sends} sends
   * @param {import('./types.js').SendOptions} defaults
   */
  constructor(name, to, sends, defaults) {
    super();
    /** @readonly */
    this.name = name;
    this.#to = to;
    this.#sends = sends;
    this.#defaults = defaults;
  }

  /**
   * @param {import('./types.js').Data} data
   * @param {import('./types.js').SendOptions} [options]
   * @returns {Promise<import('./types.js').Receipt>}
   */
  send(data, options) {
    return this.#sends.send(this.#to, this.name, data, { ...this.#defaults, ...options });
  }
}
