/**
 * Topics alone, for pages and processes that are in no room: read by a stream or, where that does not get through, by long polls, from
 * wherever they were; published by POST.
 *
 * @typedef {import('./topics/feed.js').TopicMessage} TopicMessage
 * @typedef {import('./types.js').TopicOptions} TopicOptions
 * @typedef {import('./types.js').PublishOptions} PublishOptions
 */

import { PeerlineError } from './errors.js';
import { Topic } from './topic.js';
import { encodeBody } from './topics/body.js';
import { checked, Feed, placeOf, single } from './topics/feed.js';
import { TopicReader } from './topics/reader.js';
import { TopicRequests } from './topics/requests.js';

export { PeerlineError };

/**
 * @param {string | URL} url the server, as `https://host`
 * @param {import('./types.js').TopicsOptions} [options]
 */
export function topics(url, options) {
  return new Topics(new TopicRequests(url, options));
}

/** The topics of one server. */
export class Topics {
  #requests;
  /** @type {Set<Feed>} */
  #feeds = new Set();

  /** @param {TopicRequests} requests */
  constructor(requests) {
    this.#requests = requests;
  }

  /**
   * Reads a topic or pattern.
   * @param {string} name @param {TopicOptions} [options] @returns {Topic}
   */
  topic(name, { after } = {}) {
    const place = placeOf(after);
    checked(name);
    const open = (/** @type {Topic} */ topic) => this.#open(topic, name, place);
    return new Topic(Promise.resolve({ open }));
  }

  /**
   * Resolves when the message is in the log. With a `key` it is tried again until the server answers.
   * @param {string} name @param {import('./types.js').Data} data @param {PublishOptions} [options] @returns {Promise<{id: string}>}
   */
  async publish(name, data, { type = '', key = '' } = {}) {
    const { mediaType, body } = await encodeBody(data);
    return this.#requests.publish(single(name), type || mediaType, key, body);
  }

  /** Reads nothing more. */
  close() {
    for (const feed of this.#feeds) feed.close();
  }

  /** @param {Topic} topic @param {string} name @param {ReturnType<typeof placeOf>} place */
  #open(topic, name, place) {
    const feed = new Feed(topic, name, {
      publish: (type, key, body) => this.#requests.publish(name, type, key, body),
      close: () => {
        this.#feeds.delete(feed);
        reader.close();
      },
    });
    const reader = new TopicReader(this.#requests, feed, name, place);
    this.#feeds.add(feed);
    reader.run().finally(() => this.#feeds.delete(feed));
    return feed;
  }
}
