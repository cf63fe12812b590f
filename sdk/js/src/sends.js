import { encodeData } from './data.js';
import { aborted, PeerlineError } from './errors.js';

/** @typedef {import('./types.js').Receipt} Receipt */

const MAX_MESSAGE = 1 << 20;
/** `ready` after `QUEUE_FULL` waits until so few bytes wait. */
const LOW_QUEUE = 4 << 20;

/** The application's sends, from the call to the receipt. */
export class Sends {
  #driver;
  #sent;
  /** @type {Map<number, {settle: (event: {delivered: number, missed: string[], path: string}) => void, fail: (error: PeerlineError) => void, bytes: number}>} */
  #pending = new Map();
  /** Channels on which a Blob is being read: what follows waits for it. @type {Map<string, Promise<unknown>>} */
  #reading = new Map();
  #queuedBytes = 0;
  #full = false;
  /** Who waits for room: resolve and reject. @type {[() => void, (reason: PeerlineError) => void][]} */
  #waiting = [];
  /** @type {PeerlineError | null} */
  #closed = null;

  /** @param {import('./driver.js').Driver} driver @param {(to: string, bytes: number) => void} sent counts */
  constructor(driver, sent) {
    this.#driver = driver;
    this.#sent = sent;
  }

  /** How many wait for their receipt. */
  get size() {
    return this.#pending.size + this.#reading.size;
  }

  /** Resolves when there is room for another message. @returns {Promise<void>} */
  get ready() {
    return new Promise((resolve, reject) => {
      if (this.#closed) reject(this.#closed);
      else if (this.#full) this.#waiting.push([resolve, reject]);
      else resolve();
    });
  }

  /**
   * @param {'room' | string} to
   * @param {string} name of the channel
   * @param {import('./types.js').Data} data
   * @param {import('./types.js').SendOptions} [options]
   * @returns {Promise<Receipt>}
   */
  async send(to, name, data, { reliability, signal, ttl } = {}) {
    const at = this.#driver.now();
    const key = `${to}/${name}`;
    const ready =
      data instanceof Blob || this.#reading.has(key) ? await this.#inOrder(key, data) : data;
    if (this.#closed) throw this.#closed;
    if (signal?.aborted) throw aborted('send', signal);
    const { type, payload } = encodeData(ready);
    this.#sent(to, payload.length);
    if (reliability !== 'unreliable')
      return this.#sendOnce(to, name, type, payload, at, signal, ttl);
    this.#driver.endpoint.sendLoose(to, name, type, payload);
    this.#driver.changed();
    return { delivered: 0, missed: [], path: this.#driver.kindOf(to), ms: 0 };
  }

  /** @param {string} key @param {import('./types.js').Data} data @returns {Promise<any>} */
  #inOrder(key, data) {
    const read = (this.#reading.get(key) ?? Promise.resolve()).then(() =>
      data instanceof Blob ? data.slice(0, MAX_MESSAGE + 1).arrayBuffer() : data,
    );
    const end = read
      .catch(() => {})
      .then(() => {
        if (this.#reading.get(key) === end) this.#reading.delete(key);
      });
    this.#reading.set(key, end);
    return read;
  }

  /**
   * @param {'room' | string} to @param {string} name @param {0 | 1 | 2} type @param {Uint8Array} payload @param {number} at
   * @param {AbortSignal | undefined} signal @param {number | undefined} ttl
   * @returns {Promise<Receipt>}
   */
  #sendOnce(to, name, type, payload, at, signal, ttl) {
    const driver = this.#driver;
    let handle = 0;
    try {
      handle = driver.send(to, name, type, payload);
    } catch (error) {
      if (error instanceof PeerlineError && error.code === 'QUEUE_FULL') this.#full = true;
      throw error;
    }
    this.#queuedBytes += payload.length;
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        driver.endpoint.abort(handle);
        driver.changed();
      };
      const abort = () => {
        giveUp();
        reject(aborted('send', signal));
      };
      const timer = ttl === undefined ? undefined : setTimeout(giveUp, ttl);
      signal?.addEventListener('abort', abort, { once: true });
      const end = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
      };
      this.#pending.set(handle, {
        bytes: payload.length,
        settle: ({ delivered, missed, path }) => {
          end();
          const kind = driver.kindTo(to, delivered ? path : 'session');
          resolve({ delivered, missed, path: kind, ms: driver.now() - at });
        },
        fail: (error) => {
          end();
          reject(error);
        },
      });
    });
  }

  /** @param {{handle: number, delivered: number, missed: string[], path: string}} event */
  settled(event) {
    const sending = this.#pending.get(event.handle);
    if (!sending) return;
    this.#pending.delete(event.handle);
    this.#queuedBytes -= sending.bytes;
    sending.settle(event);
    if (this.#queuedBytes > LOW_QUEUE) return;
    this.#full = false;
    for (const [resolve] of this.#waiting.splice(0)) resolve();
  }

  /** @param {PeerlineError} reason */
  close(reason) {
    this.#closed = reason;
    for (const { fail } of this.#pending.values()) fail(reason);
    this.#pending.clear();
    for (const [, reject] of this.#waiting) reject(reason);
  }
}
