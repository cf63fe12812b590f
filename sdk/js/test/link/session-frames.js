/** @file Session frames as objects, as docs/vectors/frames.json and session.json write them. */

import { Reader, readFrames, Writer } from '../../src/link/wire.js';

/** @typedef {Record<string, any>} Frame */

export const hex = (/** @type {Uint8Array} */ bytes) => Buffer.from(bytes).toString('hex');

/** Hexadecimal, or `{repeat, count}` for many bytes. @param {string | {repeat: string, count: number}} data */
export function bytesOf(data) {
  const text = typeof data === 'string' ? data : data.repeat.repeat(data.count);
  return Uint8Array.from(Buffer.from(text, 'hex'));
}

/** Shortened where all bytes are the same. @param {Uint8Array} bytes */
export function shown(bytes) {
  const same = bytes.length > 40 && bytes.every((byte) => byte === bytes[0]);
  return same ? { repeat: hex(bytes.subarray(0, 1)), count: bytes.length } : hex(bytes);
}

/** What a server says. @param {Frame[]} frames */
export function encodeDown(frames) {
  const out = new Writer();
  for (const frame of frames) {
    const body = new Writer();
    if (frame.type === 'WELCOME') out.frame(17, body.fields(welcome(frame)));
    else if (frame.type === 'ENTRY') out.frame(18, entry(body, frame));
    else if (frame.type === 'UPACK') out.frame(19, body.varint(frame.number));
    else if (frame.type === 'DATAGRAM')
      out.frame(20, body.member(frame.from).varint(frame.to).raw(bytesOf(frame.frames)));
    else if (frame.type === 'PONG') out.frame(22, body.raw(bytesOf(frame.probe)));
    else if (frame.type === 'ERROR') out.frame(23, body.fields(error(frame)));
    else if (frame.type === 'GAP')
      out.frame(24, body.varint(frame.log).varint(frame.offset).text(frame.reason));
    else if (frame.type in TOPICAL) out.frame(TOPICAL[frame.type], topical(body, frame));
    else if (frame.type === 'MOVE') out.frame(25, body.varint(frame.retryAfterMs));
    else throw new Error(`unknown frame ${frame.type}`);
  }
  return out.take();
}

/** @type {Record<string, number>} */
const TOPICAL = { SUBSCRIBED: 80, TOPIC: 81, MISSED: 82, ENDED: 83 };

/** @param {Writer} body @param {Frame} f */
function topical(body, f) {
  body.varint(f.subscription);
  if (f.type === 'SUBSCRIBED') return cursor(body, f.cursor);
  if (f.type === 'ENDED') return body.fields(fault(f, 1));
  if (f.type === 'MISSED') {
    for (const at of [f.after, f.oldest, f.next]) cursor(body, at);
    return body.text(f.reason);
  }
  body.varint(f.epoch).varint(f.after);
  for (const { offset, time, topic, mediaType, body: bytes } of f.messages)
    body.varint(offset).varint(time).text(topic).text(mediaType).bytes(bytesOf(bytes));
  return body;
}

/** @param {Writer} body @param {string} text */
function cursor(body, text) {
  const [epoch, offset] = text.split('-').map(Number);
  return body.varint(epoch).varint(offset);
}

/** @param {Frame} f @param {number} tag @returns {[number, string | number | undefined][]} */
function fault({ code, message, retriable, retryAfterMs }, tag) {
  const values = [code, message, retriable ? 1 : 0, retryAfterMs || undefined];
  return values.map((value, i) => [tag + i, value]);
}

/** @param {Frame} f @returns {[number, string | number | undefined][]} */
function published({ request, id, ...rest }) {
  if (!id) return [[1, request], ...fault(/** @type {Frame} */ (rest), 4)];
  const [epoch, offset] = id.split('-').map(Number);
  return [
    [1, request],
    [2, epoch],
    [3, offset],
  ];
}

/** @param {Frame} f @returns {[number, string | number | Uint8Array | undefined][]} */
function welcome(f) {
  const id = new Writer().member({ id: f.id, incarnation: 0 }).take().subarray(0, 16);
  const values = [
    id,
    f.name,
    f.epoch,
    f.offset,
    f.up,
    f.resumed ? 1 : 0,
    f.awayMs,
    f.pingMs,
    f.maxPacketBytes,
    f.iceServers,
    f.expires,
    f.server,
    f.topics,
  ];
  return [[1, 1], ...values.map((v, i) => /** @type {[number, any]} */ ([i + 2, v]))];
}

/** @param {Frame} f @returns {[number, string | number | undefined][]} */
function error(f) {
  return [
    [1, f.code],
    [2, f.message],
    [3, f.retriable ? 1 : 0],
    [4, f.retryAfterMs],
    [5, f.hint],
  ];
}

const CHANGES = ['', 'joined', 'away', 'back', 'left', 'carrier'];
const CARRIERS = ['none', '', '', 'websocket', 'sse', 'long-poll', 'poll'];

/** @param {Writer} body @param {Frame} f */
function entry(body, f) {
  body.varint(f.log).varint(f.offset);
  if (f.kind === 'ENVELOPE') body.varint(1).member(f.from).varint(f.to).raw(bytesOf(f.frames));
  else if (f.kind === 'SIGNAL') body.varint(2).member(f.from).varint(f.to).raw(bytesOf(f.fields));
  else if (f.kind === 'ROSTER') {
    body.varint(3).varint(f.peers.length);
    for (const each of f.peers) peer(body, each);
  } else if (f.kind === 'PRESENCE') peer(body.varint(4).varint(CHANGES.indexOf(f.change)), f.peer);
  else if (f.kind === 'PUBLISHED') body.varint(5).fields(published(f));
  else body.varint(f.kind).raw(bytesOf(f.content));
  return body;
}

/** @param {Writer} body @param {Frame} f */
function peer(body, f) {
  body
    .member(/** @type {any} */ (f))
    .varint(f.state === 'away' ? 2 : 1)
    .varint(CARRIERS.indexOf(f.carrier))
    .text(f.name);
}

/** What a client said. @param {Uint8Array} packet */
export function decodeUp(packet) {
  /** @type {Frame[]} */
  const frames = [];
  readFrames(packet, (type, body) => {
    if (type === 1) frames.push(hello(body));
    else if (type === 2)
      frames.push({ type: 'BIND', group: body.varint(), members: list(body, () => body.member()) });
    else if (type === 3) frames.push({ type: 'UP', number: body.varint(), ...up(body) });
    else if (type === 4)
      frames.push({ type: 'DATAGRAM', group: body.varint(), frames: shown(body.rest()) });
    else if (type === 5) frames.push({ type: 'ACK', log: body.varint(), offset: body.varint() });
    else if (type === 6) frames.push({ type: 'PING', probe: hex(body.rest()) });
    else if (type === 7) frames.push({ type: 'BYE', graceMs: body.varint() });
    else if (type === 8) frames.push({ type: 'TOKEN', token: Buffer.from(body.rest()).toString() });
    else if (type === 70) frames.push(listing(body));
    else throw new Error(`unknown type ${type}`);
    return true;
  });
  return frames;
}

/** @param {Reader} body */
function hello(body) {
  const fields = body.fields();
  const number = (/** @type {number} */ tag) =>
    fields.has(tag) ? new Reader(/** @type {Uint8Array} */ (fields.get(tag))).varint() : undefined;
  const text = (/** @type {number} */ tag) =>
    fields.has(tag)
      ? Buffer.from(/** @type {Uint8Array} */ (fields.get(tag))).toString()
      : undefined;
  return {
    type: 'HELLO',
    room: text(2),
    key: hex(/** @type {Uint8Array} */ (fields.get(3))),
    incarnation: number(4),
    token: text(5),
    name: text(6),
    epoch: number(7),
    offset: number(8),
    base: number(9),
    attempt: number(10),
    welcomed: number(11) === 1 || undefined,
    post: number(12),
  };
}

/** @param {Reader} body @returns {Frame} */
function listing(body) {
  const highest = body.varint();
  return { type: 'TOPICS', highest, subscriptions: list(body, () => subscription(body)) };
}

/** @param {Reader} body */
function subscription(body) {
  const [number, topic, place] = [body.varint(), body.text(), body.varint()];
  const after = place === 2 ? `${body.varint()}-${body.varint()}` : place ? 'oldest' : 'now';
  return { subscription: number, topic, after };
}

/** @param {Reader} body */
function up(body) {
  const kind = body.varint();
  if (kind === 1) return { kind: 'ENVELOPE', group: body.varint(), frames: shown(body.rest()) };
  if (kind === 2) return { kind: 'SIGNAL', group: body.varint(), fields: hex(body.rest()) };
  if (kind === 4) return { kind: 'SUBSCRIBE', ...subscription(body) };
  if (kind === 5) return { kind: 'UNSUBSCRIBE', subscription: body.varint() };
  if (kind === 6)
    return {
      ...{ kind: 'PUBLISH', request: body.varint(), topic: body.text() },
      ...{ mediaType: body.text(), key: body.text(), body: hex(body.rest()) },
    };
  const acks = list(body, () => ({ to: body.member(), frames: hex(body.bytes()) }));
  return { kind: 'ACKS', acks };
}

/** @template T @param {Reader} body @param {() => T} one */
function list(body, one) {
  return Array.from({ length: body.varint() }, one);
}
