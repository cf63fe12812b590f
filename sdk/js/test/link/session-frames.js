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
    else if (frame.type === 'MOVE') out.frame(25, body.varint(frame.retryAfterMs));
    else throw new Error(`unknown frame ${frame.type}`);
  }
  return out.take();
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

/** @param {Reader} body */
function up(body) {
  const kind = body.varint();
  if (kind === 1) return { kind: 'ENVELOPE', group: body.varint(), frames: shown(body.rest()) };
  if (kind === 2) return { kind: 'SIGNAL', group: body.varint(), fields: hex(body.rest()) };
  const acks = list(body, () => ({ to: body.member(), frames: hex(body.bytes()) }));
  return { kind: 'ACKS', acks };
}

/** @template T @param {Reader} body @param {() => T} one */
function list(body, one) {
  return Array.from({ length: body.varint() }, one);
}
