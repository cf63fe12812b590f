/**
 * @file What one peer sends: channels of numbered fragments, and for each message those who have not acknowledged it. A message is stored
 * once, however many peers it is for.
 */

import { Writer } from './wire.js';

/** What a message weighs besides its bytes: many empty ones are not free. */
const MESSAGE_BYTES = 64;

/** A message under way; `from` (included) to `to` (not) are the numbers of its fragments. */
export class Sending {
  delivered = 0;
  /** @type {string[]} */
  missed = [];
  /** The lowest path that it was delivered over. @type {import('./endpoint.js').Path} */
  path = 'direct';

  /**
   * @param {number} handle
   * @param {Channel} channel
   * @param {number} dataType
   * @param {Uint8Array} payload
   * @param {number} fragmentBytes
   * @param {Set<string>} remaining ids
   */
  constructor(handle, channel, dataType, payload, fragmentBytes, remaining) {
    this.handle = handle;
    this.channel = channel;
    this.dataType = dataType;
    this.payload = payload;
    this.fragmentBytes = fragmentBytes;
    this.remaining = remaining;
    this.from = channel.next;
    this.to = this.from + Math.max(1, Math.ceil(payload.length / fragmentBytes));
    this.bytes = payload.length + MESSAGE_BYTES;
  }

  /** @param {number} sequence */
  frame(sequence) {
    const at = (sequence - this.from) * this.fragmentBytes;
    const flags = this.dataType | (sequence + 1 < this.to ? 4 : 0) | (sequence > this.from ? 8 : 0);
    const body = new Writer().varint(this.channel.number).varint(sequence).varint(flags);
    return new Writer()
      .frame(33, body.raw(this.payload.subarray(at, at + this.fragmentBytes)))
      .take();
  }
}

export class Channel {
  /** The next number to be used. */
  next = 1;
  /** In order; settled ones are released from the head. @type {Sending[]} */
  #sendings = [];
  /** The fragment made last: the same for every peer. @type {{sequence: number, frame: Uint8Array} | null} */
  #last = null;

  /** @param {number} number @param {'room' | string} to @param {string} name */
  constructor(number, to, name) {
    this.number = number;
    this.to = to;
    this.name = name;
  }

  /** @param {Sending} sending */
  add(sending) {
    this.#sendings.push(sending);
    this.next = sending.to;
  }

  release() {
    const kept = this.#sendings.findIndex((sending) => sending.remaining.size);
    this.#sendings.splice(0, kept < 0 ? Infinity : kept);
    this.#last = null;
  }

  /** Messages of which some fragment has this number or a higher one. @param {number} sequence */
  *after(sequence) {
    let low = 0;
    for (let high = this.#sendings.length; low < high; ) {
      const middle = (low + high) >> 1;
      if (this.#sendings[middle].to > sequence) high = middle;
      else low = middle + 1;
    }
    // A copy is not needed: settling inside the loop releases only at its end.
    for (; low < this.#sendings.length; low++) yield this.#sendings[low];
  }

  /** Where the message begins that a peer has a part of: one that starts anew needs all of it. @param {number} sequence @param {string} id */
  startOf(sequence, id) {
    for (const sending of this.after(sequence))
      return sending.remaining.has(id) ? Math.min(sequence, sending.from) : sequence;
    return sequence;
  }

  /**
   * What a peer gets at `sequence`: the fragment, or a `SKIP` over what was given up for it.
   *
   * @param {number} sequence below `next`
   * @param {string} id
   * @returns {{from: number, to: number, skip: boolean, frame: Uint8Array}}
   */
  frameFor(sequence, id) {
    let wanted;
    for (const sending of this.after(sequence)) {
      if (!sending.remaining.has(id)) continue;
      wanted = sending;
      break;
    }
    const from = wanted?.from ?? this.next;
    if (!wanted || from > sequence) {
      const body = new Writer().varint(this.number).varint(sequence).varint(from).text('given up');
      return { from: sequence, to: from, skip: true, frame: new Writer().frame(36, body).take() };
    }
    if (this.#last?.sequence !== sequence) this.#last = { sequence, frame: wanted.frame(sequence) };
    return { from: sequence, to: sequence + 1, skip: false, frame: this.#last.frame };
  }
}

export class Outbox {
  /** By whom it is for and its name; a peer's own channels go with it. @type {Map<string, Channel>} */
  channels = new Map();
  /**
   * Channels to peers that are not here, by id, oldest first: should one return, on whatever page, the numbers go on. So a number means one
   * fragment, whoever may still hold it.
   *
   * @type {Map<string, Channel[]>}
   */
  #departed = new Map();
  #mostDeparted;
  /** Where channels to a peer begin that is not remembered: above all that was forgotten. */
  #first = 1;
  /** The two without a name have numbers of their own. */
  #nextNumber = 2;
  /** Unsettled, oldest first. @type {Map<number, Sending>} */
  sendings = new Map();
  #handles = 0;
  #settled;
  bytes = 0;

  /** @param {number} mostDeparted peers whose channels are kept @param {(sending: Sending) => void} settled called when nobody remains */
  constructor(mostDeparted, settled) {
    this.#mostDeparted = mostDeparted;
    this.#settled = settled;
  }

  /** @param {'room' | string} to @param {string} name */
  find(to, name) {
    return this.channels.get(`${to}/${name}`);
  }

  /** @param {'room' | string} to @param {string} name */
  open(to, name) {
    const unnamed = to === 'room' ? 0 : 1;
    const channel = new Channel(name ? this.#nextNumber++ : unnamed, to, name);
    channel.next = this.#first;
    this.channels.set(`${to}/${name}`, channel);
    return channel;
  }

  /** The channels to a peer that comes, the one without a name at least. @param {string} id */
  meet(id) {
    const its = this.#departed.get(id) ?? [this.open(id, '')];
    this.#departed.delete(id);
    for (const channel of its) this.channels.set(`${id}/${channel.name}`, channel);
    return its;
  }

  /** @param {Channel} channel @param {number} dataType @param {Uint8Array} payload @param {number} fragmentBytes @param {string[]} ids */
  send(channel, dataType, payload, fragmentBytes, ids) {
    const sending = new Sending(
      ++this.#handles,
      channel,
      dataType,
      payload,
      fragmentBytes,
      new Set(ids),
    );
    channel.add(sending);
    this.sendings.set(sending.handle, sending);
    this.bytes += sending.bytes;
    if (!ids.length) this.#settle(sending);
    return sending;
  }

  /** @param {Sending} sending @param {string} id @param {import('./endpoint.js').Path} path */
  deliver(sending, id, path) {
    sending.remaining.delete(id);
    sending.delivered++;
    if (path === 'session') sending.path = path;
    if (!sending.remaining.size) this.#settle(sending);
  }

  /** @param {Sending} sending @param {string} id */
  miss(sending, id) {
    if (!sending.remaining.delete(id)) return;
    sending.missed.push(id);
    if (!sending.remaining.size) this.#settle(sending);
    sending.channel.release();
  }

  /** The peer is gone. @param {string} id */
  forget(id) {
    for (const sending of this.sendings.values()) this.miss(sending, id);
    const its = [...this.channels.values()].filter((channel) => channel.to === id);
    for (const channel of its) this.channels.delete(`${id}/${channel.name}`);
    this.#departed.set(id, its);
    shorten(this.#departed, this.#mostDeparted, (channels) => {
      this.#first = Math.max(this.#first, ...channels.map((channel) => channel.next));
    });
  }

  /** @param {Sending} sending */
  #settle(sending) {
    this.sendings.delete(sending.handle);
    this.bytes -= sending.bytes;
    this.#settled(sending);
  }
}

/** Forgets the oldest. @template T @param {Map<string, T>} map @param {number} most @param {(value: T) => void} [forgotten] */
export function shorten(map, most, forgotten) {
  for (const [key, value] of map) {
    if (map.size <= most) return;
    map.delete(key);
    forgotten?.(value);
  }
}
