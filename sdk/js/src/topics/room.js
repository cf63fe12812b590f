import { PeerlineError } from '../errors.js';
import { SessionTopics } from '../link/topics.js';
import { checked, Feed, placeOf } from './feed.js';

/** @typedef {import('../room.js').Room} Room */
/** @typedef {import('../topic.js').Topic} Topic */
/** @typedef {import('../link/topics.js').TopicEvent} TopicEvent */
/** @template {TopicEvent['type']} T @typedef {Extract<TopicEvent, {type: T}>} Of */

const MAX_BODY = 128 << 10;
/** What may be published and not answered yet. */
const MAX_WAITING = 8 << 20;
/** What was refused for now is tried again after this, or what the server says. */
const RETRY_MS = 1_000;

/** @type {WeakMap<Room, RoomTopics>} */
const rooms = new WeakMap();

/**
 * Reads a topic over the session of a room.
 * @param {Topic} topic @param {Room} room @param {string} name @param {import('../types.js').TopicOptions} [options]
 * @returns {Feed} throws for what is no topic
 */
export function open(topic, room, name, { after } = {}) {
  const place = placeOf(after);
  let topics = rooms.get(room);
  if (!topics) rooms.set(room, (topics = new RoomTopics(room)));
  return topics.open(topic, checked(name), place);
}

/** The topics of one room: its session's, given to those who listen. */
class RoomTopics {
  #driver;
  #session;
  #queued = false;
  /** By the number of the subscription. @type {Map<number, {feed: Feed, again: () => void}>} */
  #feeds = new Map();
  /** By request. @type {Map<number, {resolve: (answer: {id: string}) => void, reject: (why: PeerlineError) => void}>} */
  #requests = new Map();

  /** @param {Room} room */
  constructor(room) {
    this.#driver = room.driver;
    this.#session = new SessionTopics(this.#driver.session, () => this.#changed());
    room.addEventListener('state', () => {
      if (room.state === 'closed') this.#close(/** @type {PeerlineError} */ (room.reason));
    });
    if (room.state === 'closed')
      queueMicrotask(() => this.#close(/** @type {any} */ (room.reason)));
  }

  /** @param {Topic} topic @param {string} name @param {import('../link/topics.js').Subscription['start']} place @returns {Feed} */
  open(topic, name, place) {
    let number = 0;
    const feed = new Feed(topic, name, {
      publish: (mediaType, key, body) => this.#publish(name, mediaType, key, body),
      close: () => {
        this.#feeds.delete(number);
        this.#session.unsubscribe(number);
        this.#driver.changed();
      },
    });
    const again = () => {
      if (feed.closed) return;
      number = this.#session.subscribe(name, topic.cursor ? placeOf(topic.cursor) : place);
      this.#feeds.set(number, { feed, again });
      this.#driver.changed();
    };
    again();
    return feed;
  }

  /** @param {string} name @param {string} mediaType @param {string} key @param {Uint8Array} body @returns {Promise<{id: string}>} */
  #publish(name, mediaType, key, body) {
    if (body.length > MAX_BODY) {
      const message = `This message has ${body.length} bytes; ${MAX_BODY} is the limit.`;
      throw new PeerlineError('MESSAGE_TOO_LARGE', message);
    }
    if (this.#session.waitingBytes + body.length > MAX_WAITING) {
      const message = `${MAX_WAITING} bytes at most may wait for their answer.`;
      throw new PeerlineError('QUEUE_FULL', message, { retriable: true });
    }
    return new Promise((resolve, reject) => {
      const request = this.#session.publish(name, mediaType, key, body);
      this.#requests.set(request, { resolve, reject });
      this.#driver.changed();
    });
  }

  /** What there is to tell: soon, and not in the middle of a packet. */
  #changed() {
    if (this.#queued) return;
    this.#queued = true;
    queueMicrotask(() => {
      this.#queued = false;
      for (let event; (event = this.#session.nextEvent()); ) this.#take(event);
    });
  }

  /** @param {TopicEvent} event */
  #take(event) {
    if (event.type === 'answer') return this.#answered(event);
    const { feed, again } = this.#feeds.get(event.subscription) ?? {};
    if (!feed || !again) return;
    if (event.type === 'topic-begun') feed.begin(event.cursor);
    else if (event.type === 'topic-message') feed.message(event);
    else if (event.type === 'topic-gap') {
      const { after, oldest, reason } = event;
      feed.gap({ after, oldest, reason }, event.next);
    } else this.#ended(event, feed, again);
  }

  /** @param {Of<'topic-ended'>} event @param {Feed} feed @param {() => void} again */
  #ended(event, feed, again) {
    this.#feeds.delete(event.subscription);
    const error = new PeerlineError(event.code, event.message, event);
    if (!error.retriable) return feed.end(error);
    feed.trouble(error);
    setTimeout(again, event.retryAfterMs || RETRY_MS);
  }

  /** @param {Of<'answer'>} event */
  #answered(event) {
    const waiting = this.#requests.get(event.request);
    this.#requests.delete(event.request);
    if ('id' in event) waiting?.resolve({ id: event.id });
    else waiting?.reject(new PeerlineError(event.code, event.message, event));
  }

  /** @param {PeerlineError} reason */
  #close(reason) {
    for (const { feed } of this.#feeds.values()) feed.end(reason);
    for (const { reject } of this.#requests.values()) reject(reason);
    this.#feeds.clear();
    this.#requests.clear();
  }
}
