import { PeerlineError } from '../errors.js';
import { decodeBody, encodeBody } from './body.js';

/** Messages that wait for a loop over a topic. */
const MAX_ITERATED = 10_000;
const SEGMENT = '[A-Za-z0-9_-]{1,64}';
const TOPIC = new RegExp(`^${SEGMENT}(\\.${SEGMENT}){0,15}$`);
const PATTERN = new RegExp(`^${SEGMENT}(\\.(${SEGMENT}|\\*)){0,15}(\\.>)?$`);
const CURSOR = /^(\d{1,16})-(\d{1,16})$/;

/**
 * What the server has of a message.
 * @typedef {{id: string, time: number, topic: string, mediaType: string, body: Uint8Array}} Item
 * @typedef {{after: string, oldest: string, reason: string}} Gap
 */

/** A message of a topic. */
export class TopicMessage extends Event {
  /** @param {Item} item */
  constructor({ id, time, topic, mediaType, body }) {
    super('message');
    /** Its id, which is the cursor after it. */
    this.id = id;
    /** When it was published, Unix ms. */
    this.time = time;
    this.topic = topic;
    /** What its publisher called it, as `application/json`. */
    this.mediaType = mediaType;
    /** As it was published. */
    this.bytes = body;
    /** JSON as its value, other text as a string, all else as Uint8Array. @type {any} */
    this.data = decodeBody(mediaType, body);
  }
}

/** What is behind a `Topic`: its listeners and loops, whatever the messages come by. */
export class Feed {
  /** Why it is over. @type {PeerlineError | null} */
  closed = null;
  #topic;
  #name;
  #way;
  /** The loops over it. @type {Set<{queue: TopicMessage[], wake: () => void}>} */
  #loops = new Set();
  /** What was published before is encoded. @type {Promise<unknown>} */
  #encoded = Promise.resolve();

  /**
   * @param {import('../topic.js').Topic} topic
   * @param {string} name
   * @param {{publish: (mediaType: string, key: string, body: Uint8Array) => Promise<{id: string}>, close: () => void}} way
   */
  constructor(topic, name, way) {
    this.#topic = topic;
    this.#name = name;
    this.#way = way;
  }

  /** @param {import('../types.js').Data} data @param {import('../types.js').PublishOptions} [options] */
  async publish(data, { type = '', key = '' } = {}) {
    single(this.#name);
    // In the order of the calls, though reading a Blob takes a while.
    const encoded = this.#encoded.then(() => encodeBody(data));
    this.#encoded = encoded.catch(() => {});
    const { mediaType, body } = await encoded;
    if (this.closed) throw this.closed;
    return this.#way.publish(type || mediaType, key, body);
  }

  close() {
    if (this.closed) return;
    this.#way.close();
    this.end(new PeerlineError('CLOSED', 'This topic was closed'));
  }

  /** @returns {AsyncGenerator<TopicMessage, void, void>} */
  async *messages() {
    const loop = { queue: /** @type {TopicMessage[]} */ ([]), wake: () => {} };
    this.#loops.add(loop);
    try {
      while (loop.queue.length || !this.closed) {
        if (loop.queue.length > MAX_ITERATED) {
          throw new PeerlineError('QUEUE_FULL', 'The loop over the topic is too slow');
        }
        const next = loop.queue.shift();
        if (next) yield next;
        else await new Promise((resolve) => (loop.wake = () => resolve(0)));
      }
      if (this.closed?.code !== 'CLOSED') throw this.closed;
    } finally {
      this.#loops.delete(loop);
    }
  }

  // What its way tells

  /** @param {Item} item */
  message(item) {
    if (this.closed) return;
    this.#topic.cursor = item.id;
    const message = new TopicMessage(item);
    for (const { queue, wake } of this.#loops) {
      queue.push(message);
      wake();
    }
    this.#topic.dispatchEvent(message);
  }

  /** @param {Gap} detail @param {string | null} cursor where reading goes on */
  gap(detail, cursor) {
    if (this.closed) return;
    this.#topic.cursor = cursor;
    this.#topic.dispatchEvent(new CustomEvent('gap', { detail }));
  }

  /** Where reading begins. @param {string} cursor */
  begin(cursor) {
    this.#topic.cursor ??= cursor;
  }

  /** @param {PeerlineError} detail */
  trouble(detail) {
    if (!this.closed) this.#topic.dispatchEvent(new CustomEvent('error', { detail }));
  }

  /** @param {PeerlineError} why */
  end(why) {
    if (this.closed) return;
    if (why.code !== 'CLOSED') this.trouble(why);
    this.closed = why;
    for (const { wake } of this.#loops) wake();
  }
}

/** @param {string} name @returns {string} a topic or pattern; throws for what is neither */
export function checked(name) {
  if (PATTERN.test(name) && name.split('.').length <= 16) return name;
  throw new PeerlineError('BAD_ARGUMENT', `topic: ${name} is neither a topic nor a pattern`, {
    hint: 'prices.eur, prices.* or prices.>; a segment has 1 to 64 of A-Z a-z 0-9 _ -',
  });
}

/** @param {string} name @returns {string} a topic that can be published to; throws for a pattern */
export function single(name) {
  if (TOPIC.test(name)) return name;
  throw new PeerlineError('BAD_ARGUMENT', `topic: messages are published to one, not to ${name}`);
}

/** @param {string} [after] @returns {'now' | 'oldest' | {epoch: number, offset: number}} throws for what is no cursor */
export function placeOf(after = 'now') {
  if (after === 'now') return after;
  if (after === 'oldest' || after === '0') return 'oldest';
  const [, epoch, offset] = CURSOR.exec(after) ?? [];
  if (offset) return { epoch: Number(epoch), offset: Number(offset) };
  throw new PeerlineError('BAD_ARGUMENT', `after: ${after} is neither now, oldest nor a cursor`);
}
