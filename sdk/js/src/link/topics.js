/**
 * @file The topics of a session (docs/protocol.md, section 8): where each is read to, and what is published and not answered yet. Loaded when
 * the first is asked for. No clock, no socket; `nextEvent` is drained by whoever made it.
 *
 * @typedef {{epoch: number, offset: number}} Cursor
 * @typedef {{code: string, message: string, retriable: boolean, retryAfterMs: number}} Fault
 * @typedef {{type: 'topic-begun', subscription: number, cursor: string}
 *   | {type: 'topic-message', subscription: number, id: string, time: number, topic: string, mediaType: string, body: Uint8Array}
 *   | {type: 'topic-gap', subscription: number, after: string, oldest: string, next: string, reason: string}
 *   | {type: 'topic-ended', subscription: number} & Fault
 *   | {type: 'answer', request: number, id: string}
 *   | {type: 'answer', request: number} & Fault} TopicEvent
 * @typedef {{topic: string, start: 'now' | 'oldest' | Cursor, cursor: Cursor | null}} Subscription
 * @typedef {{request: number, topic: string, mediaType: string, key: string, body: Uint8Array}} Publish
 */

import { must, numberField, textField, Writer } from './wire.js';

/** @typedef {import('./wire.js').Reader} Reader */
/** @typedef {import('./session.js').Session} Session */

/** Of a WELCOME: how many subscriptions a session may have. */
const OFFER = 14;
const EMPTY = new Uint8Array();
/** @type {Fault} */
const UNSUPPORTED = {
  code: 'UNSUPPORTED',
  message: 'The sessions of this server carry no topics.',
  ...{ retriable: false, retryAfterMs: 0 },
};
/** @type {Fault} */
const IN_DOUBT = {
  code: 'UNREACHABLE',
  message: 'Nobody knows whether it was published; with a key it could be sent again.',
  ...{ retriable: true, retryAfterMs: 0 },
};

export class SessionTopics {
  #session;
  /** Called when there are events. */
  #changed;
  /** @type {Map<number, Subscription>} */
  #subscriptions = new Map();
  /** @type {Map<number, Publish>} */
  #unanswered = new Map();
  /** Numbers that came though they were given up, and that was said on this carrier. @type {Set<number>} */
  #disowned = new Set();
  #highest = 0;
  #lastRequest = 0;
  /** Whether the server's sessions carry topics; null: not known. @type {boolean | null} */
  #offered = null;
  /** @type {TopicEvent[]} */
  #events = [];
  /** Bytes that were published and not answered yet. */
  waitingBytes = 0;

  /** @param {Session} session @param {() => void} [changed] */
  constructor(session, changed = () => {}) {
    this.#session = session;
    this.#changed = changed;
    session.topics = this;
    if (session.terms) this.#offered = offers(session.terms);
  }

  nextEvent() {
    return this.#events.shift() ?? null;
  }

  /** Reads from now on. @param {string} topic or pattern @param {Subscription['start']} start @returns {number} which events name */
  subscribe(topic, start) {
    const number = ++this.#highest;
    const cursor = typeof start === 'string' ? null : start;
    const subscription = { topic, start, cursor };
    this.#subscriptions.set(number, subscription);
    if (this.#offered) this.#subscribe(number, subscription);
    else if (this.#offered === false) this.#end(number, UNSUPPORTED);
    return number;
  }

  /** @param {number} number */
  unsubscribe(number) {
    if (this.#subscriptions.delete(number) && this.#offered) this.#leave(number);
  }

  /** @param {string} topic @param {string} mediaType @param {string} key '': none @param {Uint8Array} body @returns {number} which the answer names */
  publish(topic, mediaType, key, body) {
    const what = { request: ++this.#lastRequest, topic, mediaType, key, body };
    if (this.#offered === false) {
      this.#tell({ type: 'answer', request: what.request, ...UNSUPPORTED });
      return what.request;
    }
    this.#unanswered.set(what.request, what);
    this.waitingBytes += body.length;
    if (this.#offered) this.#publish(what);
    return what.request;
  }

  /** Where a subscription was read to. @param {number} number */
  cursor(number) {
    const cursor = this.#subscriptions.get(number)?.cursor;
    return cursor ? text(cursor) : null;
  }

  // What the session asks and tells

  /** What a carrier is to read, behind its HELLO. @param {{listed?: number}} way @returns {Uint8Array} */
  list(way) {
    way.listed = this.#highest;
    if (!this.#highest) return EMPTY;
    const body = new Writer().varint(this.#highest).varint(this.#subscriptions.size);
    for (const [number, subscription] of this.#subscriptions) place(body, number, subscription);
    return new Writer().frame(70, body).take();
  }

  /**
   * A carrier was welcomed.
   * @param {import('./wire.js').Fields} terms @param {boolean} anew the server knows only what was listed
   * @param {boolean} doubt nobody knows what became of what was sent @param {{listed?: number}} way
   */
  welcomed(terms, anew, doubt, { listed = 0 }) {
    const first = !this.#offered;
    this.#offered = offers(terms);
    this.#disowned.clear();
    if (!this.#offered) {
      for (const number of this.#subscriptions.keys()) this.#end(number, UNSUPPORTED);
      for (const { request } of this.#unanswered.values()) this.#answer(request, UNSUPPORTED);
      return;
    }
    for (const [number, subscription] of this.#subscriptions)
      if ((first || anew) && number > listed) this.#subscribe(number, subscription);
    for (const what of this.#unanswered.values()) {
      if (first || (doubt && what.key)) this.#publish(what);
      else if (doubt) this.#answer(what.request, IN_DOUBT);
    }
  }

  /** @param {number} type @param {Reader} body @returns {boolean} false: not about topics */
  frame(type, body) {
    if (type < 80 || type > 83) return false;
    const number = body.varint();
    const subscription = this.#subscriptions.get(number);
    if (!subscription) this.#disown(number, type, body);
    else if (type === 80) this.#begun(number, subscription, cursor(body));
    else if (type === 81) this.#messages(number, subscription, body);
    else if (type === 82) this.#missed(number, subscription, body);
    else this.#end(number, fault(body.fields(), 1));
    return true;
  }

  /** An entry of the mailbox. @param {number} kind @param {Reader} body */
  entry(kind, body) {
    if (kind !== 5) return;
    const fields = body.fields();
    const epoch = numberField(fields, 2);
    const offset = numberField(fields, 3);
    const answer =
      epoch === undefined || offset === undefined
        ? fault(fields, 4)
        : { id: text({ epoch, offset }) };
    this.#answer(numberField(fields, 1) ?? 0, answer);
  }

  /** It was under way when it was given up. @param {number} number @param {number} type @param {Reader} body */
  #disown(number, type, body) {
    body.rest();
    if (type === 83 || this.#disowned.has(number)) return;
    this.#disowned.add(number);
    this.#leave(number);
  }

  /** @param {number} number @param {Subscription} subscription @param {Cursor} at */
  #begun(number, subscription, at) {
    if (subscription.cursor) return;
    subscription.cursor = at;
    this.#tell({ type: 'topic-begun', subscription: number, cursor: text(at) });
  }

  /** @param {number} number @param {Subscription} subscription @param {Reader} body */
  #messages(number, subscription, body) {
    const epoch = body.varint();
    must(follows(subscription, { epoch, offset: body.varint() }));
    while (!body.empty) {
      const at = { epoch, offset: body.varint() };
      const time = body.varint();
      const [topic, mediaType] = [body.text(), body.text()];
      const bytes = body.bytes().slice();
      if (isOld(subscription, at)) continue;
      subscription.cursor = at;
      const what = { id: text(at), time, topic, mediaType, body: bytes };
      this.#tell({ type: 'topic-message', subscription: number, ...what });
    }
  }

  /** @param {number} number @param {Subscription} subscription @param {Reader} body */
  #missed(number, subscription, body) {
    const [after, oldest, next] = [cursor(body), cursor(body), cursor(body)];
    const reason = body.text();
    if (isOld(subscription, next)) return;
    must(follows(subscription, after));
    subscription.cursor = next;
    const gap = { after: text(after), oldest: text(oldest), next: text(next), reason };
    this.#tell({ type: 'topic-gap', subscription: number, ...gap });
  }

  /** @param {number} number @param {Fault} why */
  #end(number, why) {
    this.#subscriptions.delete(number);
    this.#tell({ type: 'topic-ended', subscription: number, ...why });
  }

  /** @param {number} request @param {{id: string} | Fault} answer */
  #answer(request, answer) {
    const what = this.#unanswered.get(request);
    if (!what) return;
    this.#unanswered.delete(request);
    this.waitingBytes -= what.body.length;
    this.#tell({ type: 'answer', request, ...answer });
  }

  /** @param {TopicEvent} event */
  #tell(event) {
    this.#events.push(event);
    this.#changed();
  }

  // What goes up

  /** @param {number} number @param {Subscription} subscription */
  #subscribe(number, subscription) {
    this.#session.up(4, null, place(new Writer(), number, subscription).take());
  }

  /** @param {number} number */
  #leave(number) {
    this.#session.up(5, null, new Writer().varint(number).take());
  }

  /** @param {Publish} what */
  #publish({ request, topic, mediaType, key, body }) {
    const out = new Writer().varint(request).text(topic).text(mediaType).text(key).raw(body);
    this.#session.up(6, null, out.take());
  }
}

/** @param {import('./wire.js').Fields} terms */
function offers(terms) {
  return (numberField(terms, OFFER) ?? 0) > 0;
}

/** @param {Writer} out @param {number} number @param {Subscription} subscription */
function place(out, number, { topic, start, cursor: read }) {
  out.varint(number).text(topic);
  if (read) return out.varint(2).varint(read.epoch).varint(read.offset);
  return out.varint(start === 'oldest' ? 1 : 0);
}

/** @param {Reader} body @returns {Cursor} */
function cursor(body) {
  return { epoch: body.varint(), offset: body.varint() };
}

/** As it stands in URLs. @param {Cursor} cursor */
function text({ epoch, offset }) {
  return `${epoch}-${offset}`;
}

/** @param {Subscription} subscription @param {Cursor} at */
function isOld({ cursor: read }, at) {
  return read?.epoch === at.epoch && at.offset <= read.offset;
}

/** Whether nothing before it is missing. @param {Subscription} subscription @param {Cursor} after */
function follows({ cursor: read }, after) {
  return read?.epoch === after.epoch && after.offset <= read.offset;
}

/** @param {import('./wire.js').Fields} fields @param {number} tag the first of four @returns {Fault} */
function fault(fields, tag) {
  return {
    code: textField(fields, tag) ?? '',
    message: textField(fields, tag + 1) ?? '',
    retriable: numberField(fields, tag + 2) === 1,
    retryAfterMs: numberField(fields, tag + 3) ?? 0,
  };
}
