import { decodeSignal, encodeSignal } from '../link/signals.js';

/** @typedef {import('../link/wire.js').Member} Member */

/** Signals on their way between the session and the direct paths, if there are any. */
export class Signals {
  #driver;

  /** @param {import('../driver.js').Driver} driver */
  constructor(driver) {
    this.#driver = driver;
  }

  /** @param {{from: Member, fields: Uint8Array}} event */
  take({ from, fields }) {
    const signal = decodeSignal(fields);
    const { direct } = this.#driver;
    if (!signal) return; // its sender's fault
    if (direct) direct.signal(from, signal);
    else if (signal.descriptionType === 'offer') {
      const { connection } = signal;
      this.send(from, { connection, kind: 'decline', reason: 'unsupported' });
    }
  }

  /** @param {Member} member @param {import('../link/signals.js').Signal} signal */
  send(member, signal) {
    this.#driver.session.signal(member, encodeSignal(signal));
    this.#driver.changed();
  }
}
