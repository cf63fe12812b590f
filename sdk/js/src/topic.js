import { Emitter } from './events.js';

/**
 * A topic or pattern that this peer reads, and may publish to. Events: `message` (see `TopicMessage`), and as CustomEvent with `detail`: `gap`
 * (`{after, oldest, reason}`), `error` (PeerlineError; where it is not retriable, the topic is closed). What does the work is loaded when it is asked for.
 */
export class Topic extends Emitter {
  #feed;
  /** What was read last: pass it as `after` to go on from there. @type {string | null} */
  cursor = null;

  /** @param {Promise<{open: (topic: Topic, ...what: any[]) => import('./topics/feed.js').Feed}>} module @param {any[]} what */
  constructor(module, ...what) {
    super();
    this.#feed = module.then(({ open }) => open(this, ...what));
    this.#feed.catch((detail) => this.dispatchEvent(new CustomEvent('error', { detail })));
  }

  /**
   * Resolves when the message is in the log.
   * @param {import('./types.js').Data} data
   * @param {import('./types.js').PublishOptions} [options]
   * @returns {Promise<{id: string}>}
   */
  async publish(data, options) {
    return (await this.#feed).publish(data, options);
  }

  /** Reads no more. */
  async close() {
    (await this.#feed).close();
  }

  /**
   * Messages from the first `next` on, until the topic is closed; fails when the loop falls 10,000 behind.
   * @returns {AsyncGenerator<import('./topics/feed.js').TopicMessage, void, void>}
   */
  async *[Symbol.asyncIterator]() {
    yield* (await this.#feed).messages();
  }
}
