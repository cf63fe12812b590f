/** @file Pair frames as readable arrays, as the scenarios in docs/vectors/ write them. */

import { Reader, readFrames, Writer } from '../../src/link/wire.js';

const hex = (/** @type {Uint8Array} */ bytes) => Buffer.from(bytes).toString('hex');
const unhex = (/** @type {string} */ text) => Uint8Array.from(Buffer.from(text, 'hex'));
const utf8 = (/** @type {string} */ text) => new TextEncoder().encode(text);

/** @typedef {any[]} FrameArray `['MESSAGE', channel, sequence, flags, text]` and so on; see `encode` */

/** @param {FrameArray[]} frames */
export function encode(frames) {
  const out = new Writer();
  for (const [name, ...rest] of frames) {
    const body = new Writer();
    if (name === 'MESSAGE')
      body.varint(rest[0]).varint(rest[1]).varint(rest[2]).raw(payload(rest[3]));
    else if (name === 'ACK') body.varint(rest[0]).varint(rest[1]);
    else if (name === 'RESUME') writeResume(body, rest);
    else if (name === 'SKIP') body.varint(rest[0]).varint(rest[1]).varint(rest[2]).text(rest[3]);
    else if (name === 'PROBE' || name === 'ECHO') body.raw(unhex(rest[0]));
    else if (name === 'LOOSE')
      body.varint(rest[0]).text(rest[1]).varint(rest[2]).raw(utf8(rest[3]));
    else throw new Error(`unknown frame ${name}`);
    out.frame(TYPES.indexOf(name) + 33, body);
  }
  return out.take();
}

const TYPES = ['MESSAGE', 'ACK', 'RESUME', 'SKIP', 'PROBE', 'ECHO', 'LOOSE'];

/** A text, or `{repeat, count}` for a long one. @param {string | {repeat: string, count: number}} data */
export function payload(data) {
  return utf8(typeof data === 'string' ? data : data.repeat.repeat(data.count));
}

/** @param {Writer} body @param {any[]} rest move, flags, [channel, scope, name, base][], [channel, next][] */
function writeResume(body, [move, flags, outs, ins]) {
  body.varint(move).varint(flags).varint(outs.length);
  for (const [channel, scope, name, base] of outs)
    body.varint(channel).varint(scope).text(name).varint(base);
  body.varint(ins.length);
  for (const [channel, next] of ins) body.varint(channel).varint(next);
}

/** @param {Uint8Array} packet @returns {FrameArray[]} */
export function decode(packet) {
  /** @type {FrameArray[]} */
  const frames = [];
  readFrames(packet, (type, body) => {
    const name = TYPES[type - 33];
    if (name === 'MESSAGE')
      frames.push([name, body.varint(), body.varint(), body.varint(), readable(body.rest())]);
    else if (name === 'ACK') frames.push([name, body.varint(), body.varint()]);
    else if (name === 'RESUME')
      frames.push([name, body.varint(), body.varint(), list(body, outOf), list(body, inOf)]);
    else if (name === 'SKIP')
      frames.push([name, body.varint(), body.varint(), body.varint(), body.text()]);
    else if (name === 'LOOSE')
      frames.push([name, body.varint(), body.text(), body.varint(), readable(body.rest())]);
    else frames.push([name, hex(body.rest())]);
    return true;
  });
  return frames;
}

/** @param {Uint8Array} bytes */
export function readable(bytes) {
  const text = Buffer.from(bytes).toString();
  return text.length > 40 ? { repeat: text[0], count: text.length } : text;
}

/** @template T @param {Reader} body @param {(body: Reader) => T} one */
function list(body, one) {
  return Array.from({ length: body.varint() }, () => one(body));
}

/** @param {Reader} body */
const outOf = (body) => [body.varint(), body.varint(), body.text(), body.varint()];
/** @param {Reader} body */
const inOf = (body) => [body.varint(), body.varint()];
