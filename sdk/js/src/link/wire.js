/**
 * @file Bytes on the wire: the primitives of docs/protocol.md, section 1. Bad input throws a `BadFrame`, which `Session.receive` and
 * `Endpoint.receive` turn into a value; it never leaves this folder.
 *
 * @typedef {{id: string, incarnation: number}} Member one incarnation of a peer; the id is 22 characters of base64url
 * @typedef {Map<number, Uint8Array>} Fields
 */

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Something a well-behaved other side does not send. */
export class BadFrame extends Error {}

/** @param {unknown} fine @returns {asserts fine} */
export function must(fine) {
  if (!fine) throw new BadFrame();
}

/** @param {string} text */
export const encode = (text) => encoder.encode(text);

/** @param {Uint8Array} bytes */
export function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '');
}

/** @param {string} text */
export function fromBase64url(text) {
  const binary = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
  return Uint8Array.from(binary, (c) => c.charCodeAt(0));
}

const NOTHING = new Uint8Array();

/** Grows as needed; every method returns the writer. */
export class Writer {
  #bytes = NOTHING; // many are asked for more often than there is something to write
  length = 0;

  /** @param {number} count */
  #room(count) {
    if (this.length + count <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(64, this.length + count, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.length));
    this.#bytes = larger;
  }

  /** @param {number} value an integer from 0 to 2^53 - 1 */
  varint(value) {
    this.#room(8);
    while (value > 127) {
      this.#bytes[this.length++] = (value % 128) | 128;
      value = Math.floor(value / 128);
    }
    this.#bytes[this.length++] = value;
    return this;
  }

  /** @param {Uint8Array} bytes */
  raw(bytes) {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
    return this;
  }

  /** @param {Uint8Array} bytes */
  bytes(bytes) {
    return this.varint(bytes.length).raw(bytes);
  }

  /** @param {string} text */
  text(text) {
    return this.bytes(encode(text));
  }

  /** @param {Member} member */
  member(member) {
    return this.raw(fromBase64url(member.id)).varint(member.incarnation);
  }

  /** @param {[tag: number, value: string | number | Uint8Array | undefined][]} list ascending tags; an undefined value is left out */
  fields(list) {
    const present = list.filter(([, value]) => value !== undefined);
    this.varint(present.length);
    for (const [tag, value] of present) {
      this.varint(tag);
      if (typeof value === 'string') this.text(value);
      else if (typeof value === 'number') this.bytes(new Writer().varint(value).take());
      else if (value) this.bytes(value);
    }
    return this;
  }

  /**
   * @param {number} type
   * @param {Writer} body
   */
  frame(type, body) {
    return this.varint(type).bytes(body.take());
  }

  take() {
    return this.#bytes.subarray(0, this.length);
  }
}

export class Reader {
  #bytes;
  #at = 0;

  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.#bytes = bytes;
  }

  get empty() {
    return this.#at === this.#bytes.length;
  }

  varint() {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 49; scale *= 128) {
      if (this.empty) break;
      const byte = this.#bytes[this.#at++];
      value += (byte & 127) * scale;
      if (byte < 128) {
        if (value > Number.MAX_SAFE_INTEGER) break;
        return value;
      }
    }
    throw new BadFrame();
  }

  /** @param {number} count */
  raw(count) {
    must(count <= this.#bytes.length - this.#at);
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  bytes() {
    return this.raw(this.varint());
  }

  rest() {
    return this.raw(this.#bytes.length - this.#at);
  }

  text() {
    return utf8(this.bytes());
  }

  /** @returns {Member} */
  member() {
    return { id: base64url(this.raw(16)), incarnation: this.varint() };
  }

  /** @returns {Fields} */
  fields() {
    const fields = new Map();
    let last = -1;
    for (let count = this.varint(); count > 0; count--) {
      const tag = this.varint();
      must(tag > last);
      fields.set((last = tag), this.bytes());
    }
    return fields;
  }

  /** The frame has to end here. */
  end() {
    must(this.empty);
  }
}

/** @param {Uint8Array} bytes */
export function utf8(bytes) {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new BadFrame();
  }
}

/**
 * @param {Fields} fields
 * @param {number} tag
 */
export function textField(fields, tag) {
  const value = fields.get(tag);
  return value && utf8(value);
}

/**
 * @param {Fields} fields
 * @param {number} tag
 */
export function numberField(fields, tag) {
  const value = fields.get(tag);
  if (!value) return undefined;
  const reader = new Reader(value);
  const number = reader.varint();
  reader.end();
  return number;
}

/**
 * Calls `handle` for every frame of a packet, in order.
 *
 * @param {Uint8Array} packet
 * @param {(type: number, body: Reader) => boolean} handle false: the type is unknown
 * @returns {boolean} false when the packet is malformed; what came before the malformed frame has been handled
 */
export function readFrames(packet, handle) {
  const packetReader = new Reader(packet);
  try {
    while (!packetReader.empty) {
      const type = packetReader.varint();
      const body = new Reader(packetReader.bytes());
      if (handle(type, body)) body.end();
      else must(type >= 64);
    }
    return true;
  } catch (error) {
    if (error instanceof BadFrame) return false;
    throw error;
  }
}
