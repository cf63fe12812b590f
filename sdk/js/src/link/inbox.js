/**
 * @file What one other peer sends: its channels put into order, each message handed over once. What arrives ahead of a hole waits; what
 * arrives twice is dropped.
 */

import { must, Reader, readFrames } from './wire.js';

/** What may wait behind holes, and for the sender's next word, a peer. */
const MAX_HELD_BYTES = 2 << 20;
/** A frame's own weight, so that many small ones are bounded as well. */
const FRAME_BYTES = 64;
const MAX_MESSAGE_BYTES = 1 << 20;
/** docs/protocol.md, section 1. */
const MAX_PAYLOAD_BYTES = 16384;
const MAX_CHANNELS = 1024;

/** @typedef {{flags: number, payload: Uint8Array, to?: undefined} | {to: number, reason: string, payload?: undefined}} Held */

export class Inbox {
  /**
   * `presumed`: the number that the channel was presumed to begin with; 0 where its sender said it.
   * Of the message that is not whole yet (`parts` is null between messages): the number of its first fragment, its fragments, their bytes, and why it
   * will not be handed over.
   *
   * @type {Map<number, {scope: 'room' | 'peer', name: string, next: number, presumed: number, held: Map<number, Held>, begun: number, parts: Uint8Array[] | null,
   *   bytes: number, spoilt: string}>}
   */
  #channels = new Map();
  /** Packets for an older incarnation of ours; none once its sender has spoken to this one. @type {Uint8Array[] | null} */
  #older = [];
  heldBytes = 0;
  /** Channels with something to acknowledge. @type {Set<number>} */
  touched = new Set();
  takenBytes = 0;
  /** Something was dropped for want of room or of its channel's declaration, and its hole is open: ask for it. */
  refused = false;
  #dropped = false;
  #events;

  /** @param {string} id @param {import('./endpoint.js').EndpointEvent[]} events */
  constructor(id, events) {
    this.id = id;
    this.#events = events;
  }

  /** The sender's channels, as `RESUME` lists them. @param {Reader} body */
  declareAll(body) {
    for (let count = body.varint(); count > 0; count--) {
      this.#declare(body.varint(), scope(body), body.text(), body.varint());
    }
  }

  /** @param {number} number @param {'room' | 'peer'} scope @param {string} name @param {number} base @param {boolean} [presumed] */
  #declare(number, scope, name, base, presumed = false) {
    const known = this.#channels.get(number);
    if (!known) {
      if (this.#channels.size < MAX_CHANNELS)
        this.#channels.set(number, {
          scope,
          name,
          next: base,
          presumed: presumed ? base : 0,
          held: new Map(),
          begun: 0,
          parts: null,
          bytes: 0,
          spoilt: '',
        });
      return;
    }
    // What was before the presumed base has been passed over.
    if (base < known.presumed) this.#tell(known, known.presumed - base, 'its sender left');
    known.presumed = 0;
    if (base > known.next)
      this.#fill(number, 'session', [{ to: base, reason: 'the sender gave it up' }]);
  }

  /** The sender spoke to our present incarnation: what was for an older one comes again. */
  resumed() {
    for (const packet of this.#older ?? []) this.heldBytes -= packet.length + FRAME_BYTES;
    this.#older = null;
  }

  /** @param {Uint8Array} frames */
  hold(frames) {
    if (this.#older && this.#room(frames.length)) this.#older.push(frames.slice());
    return true;
  }

  /** Takes room for a waiting frame, if there is any. @param {number} length */
  #room(length) {
    if (this.heldBytes + length + FRAME_BYTES > MAX_HELD_BYTES) return false;
    this.heldBytes += length + FRAME_BYTES;
    return true;
  }

  /** @param {Reader} body @param {import('./endpoint.js').Path} path */
  message(body, path) {
    const number = body.varint();
    const sequence = body.varint();
    const flags = body.varint();
    const payload = body.rest();
    must(sequence && (flags & 3) < 3 && payload.length <= MAX_PAYLOAD_BYTES);
    const channel = this.#channels.get(number);
    if (!channel) {
      this.refused = true;
      return;
    }
    this.touched.add(number);
    if (sequence < channel.next || channel.held.has(sequence)) return;
    if (sequence > channel.next) {
      // A copy: the packet's buffer may be the carrier's.
      if (this.#room(payload.length))
        channel.held.set(sequence, { flags, payload: payload.slice() });
      else this.#dropped = true;
      return;
    }
    channel.next++;
    this.#take(number, flags, payload, path);
    this.#fill(number, path);
  }

  /** @param {Reader} body */
  skip(body) {
    const number = body.varint();
    const from = body.varint();
    const to = body.varint();
    const reason = body.text();
    const channel = this.#channels.get(number);
    must(from < to);
    if (!channel || to <= channel.next) return;
    this.touched.add(number);
    if (from <= channel.next) this.#fill(number, 'session', [{ to, reason }]);
    else if (!channel.held.has(from) && this.#room(0)) channel.held.set(from, { to, reason });
  }

  /** @param {number} number @param {number} to @param {string} reason */
  #gap(number, to, reason) {
    const channel = this.#channels.get(number);
    if (!channel) return;
    const count = to - channel.next;
    channel.next = to;
    channel.parts = null;
    this.touched.add(number);
    this.#tell(channel, count, reason);
  }

  /** @param {{scope: 'room' | 'peer', name: string}} channel @param {number} count @param {string} reason */
  #tell({ scope, name }, count, reason) {
    this.#events.push({ type: 'gap', from: this.id, scope, channel: name, count, reason });
  }

  /**
   * Hands over what waited for `next`, and what waits inside of a skipped range, with the gaps between. Skips may wait inside of skips: they are
   * stacked here, not called.
   *
   * @param {number} number @param {import('./endpoint.js').Path} path @param {{to: number, reason: string}[]} [skips]
   */
  #fill(number, path, skips = []) {
    const channel = this.#channels.get(number);
    if (!channel) return;
    for (;;) {
      const held = channel.held.get(channel.next);
      channel.held.delete(channel.next);
      if (held) this.heldBytes -= (held.payload?.length ?? 0) + FRAME_BYTES;
      if (held?.payload) {
        channel.next++;
        this.#take(number, held.flags, held.payload, skips.length ? 'session' : path);
      } else if (held) {
        skips.push(held);
      } else {
        while (skips.length && skips[skips.length - 1].to <= channel.next) skips.pop();
        const skip = skips[skips.length - 1];
        if (!skip) break;
        this.#gap(number, Math.min(skip.to, lowest(channel.held)), skip.reason);
      }
    }
    if (this.#dropped && !channel.held.size) {
      this.#dropped = false;
      this.refused = true;
    }
  }

  /** @param {number} number @param {number} flags @param {Uint8Array} payload @param {import('./endpoint.js').Path} path */
  #take(number, flags, payload, path) {
    const channel = this.#channels.get(number);
    if (!channel) return;
    const more = (flags & 4) !== 0;
    const continues = (flags & 8) !== 0;
    if (!continues || !channel.parts) {
      channel.parts = [];
      channel.bytes = 0;
      channel.begun = channel.next - 1;
      channel.spoilt = continues ? 'its beginning is missing' : '';
    }
    this.takenBytes += payload.length;
    channel.bytes += payload.length;
    if (channel.bytes > MAX_MESSAGE_BYTES) channel.spoilt ||= 'too large';
    if (channel.spoilt) channel.parts = [];
    else channel.parts.push(more ? payload.slice() : payload);
    if (more) return;
    const { scope, name, parts, bytes, spoilt } = channel;
    channel.parts = null;
    if (spoilt) {
      this.#tell(channel, 1, spoilt);
    } else {
      this.#message(
        scope,
        name,
        flags & 3,
        parts.length === 1 ? parts[0].slice() : join(parts, bytes),
        path,
        false,
      );
    }
  }

  /** @param {Reader} body @param {import('./endpoint.js').Path} path */
  loose(body, path) {
    const dataType = body.varint() & 3;
    const name = body.text();
    this.#message(scope(body), name, dataType, body.rest().slice(), path, true);
  }

  /**
   * @param {'room' | 'peer'} scope
   * @param {string} channel
   * @param {number} dataType
   * @param {Uint8Array} payload
   * @param {import('./endpoint.js').Path} path
   * @param {boolean} loose
   */
  #message(scope, channel, dataType, payload, path, loose) {
    this.#events.push({
      type: 'message',
      from: this.id,
      scope,
      channel,
      dataType,
      payload,
      path,
      loose,
    });
  }

  /** The sender is gone: what waits is handed over after its gaps, then what it had sent to an older incarnation of ours. @param {string} reason */
  finish(reason) {
    const older = this.#older;
    this.resumed();
    for (const packet of older ?? []) this.#takeOlder(packet);
    for (const [number, channel] of this.#channels) {
      while (channel.held.size)
        this.#fill(number, 'session', [{ to: lowest(channel.held), reason }]);
      // The beginning of a message is not kept; should its sender return, all of it has to come again.
      if (channel.parts) channel.next = channel.begun;
      channel.parts = null;
    }
    this.touched.clear();
  }

  /** @param {Uint8Array} packet */
  #takeOlder(packet) {
    readFrames(packet, (type, body) => {
      if (type === 33) this.#takeOlderMessage(body.rest());
      else if (type === 36) this.skip(body);
      else if (type === 35 && body.varint() >= 0 && body.varint() >= 0) this.declareAll(body);
      body.rest();
      return true;
    });
  }

  /** Its channel may have been declared to our older incarnation alone; those without a name are known by their number. @param {Uint8Array} bytes */
  #takeOlderMessage(bytes) {
    const peek = new Reader(bytes);
    const number = peek.varint();
    const scope = number === 0 ? 'room' : 'peer';
    if (!this.#channels.has(number) && number < 2)
      this.#declare(number, scope, '', peek.varint(), true);
    if (this.#channels.has(number)) this.message(new Reader(bytes), 'session');
    else this.#tell({ scope, name: '' }, 1, 'its channel is not known');
  }

  /** @param {number} number */
  next(number) {
    return this.#channels.get(number)?.next ?? 1;
  }

  /** Next numbers of all channels, as `RESUME` lists them. @param {import('./wire.js').Writer} body */
  writeProgress(body) {
    body.varint(this.#channels.size);
    for (const [number, { next }] of this.#channels) body.varint(number).varint(next);
  }
}

/** @param {Reader} body @returns {'room' | 'peer'} */
function scope(body) {
  const number = body.varint();
  must(number < 2);
  return number ? 'peer' : 'room';
}

/** @param {Map<number, unknown>} held */
function lowest(held) {
  let sequence = Infinity;
  for (const key of held.keys()) if (key < sequence) sequence = key;
  return sequence;
}

/** @param {Uint8Array[]} parts @param {number} bytes */
function join(parts, bytes) {
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
