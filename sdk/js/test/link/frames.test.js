import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Endpoint } from '../../src/link/endpoint.js';
import { Session } from '../../src/link/session.js';

const file = new URL('../../../../docs/vectors/frames.json', import.meta.url);
const vectors = JSON.parse(readFileSync(file, 'utf8'));
const SENDER = { id: 'AAAAAAAAAAAAAAAAAAAAAA', incarnation: 5 };

/** Whether a pair's packet is taken as well-formed. @param {Uint8Array} packet */
function pairTakes(packet) {
  const endpoint = new Endpoint({ incarnation: 7 });
  endpoint.joined(SENDER, 'here', 0);
  return endpoint.receive(SENDER, 7, 'direct', packet, 1);
}

/** Whether a session's packet down is. @param {Uint8Array} packet */
function sessionTakes(packet) {
  const session = new Session({ room: 'room', key: new Uint8Array(32), incarnation: 7 });
  session.open(0);
  session.transmit(0);
  session.receive(packet, 1);
  for (let event; (event = session.nextEvent()); ) {
    if (event.type === 'error' && event.code === 'BAD_FRAME') return false;
  }
  return true;
}

/** @param {{hex: string}} vector */
const bytes = ({ hex }) => Uint8Array.from(Buffer.from(hex, 'hex'));

for (const vector of vectors.pair) {
  test(`a pair takes: ${vector.name}`, () => assert.ok(pairTakes(bytes(vector))));
}

for (const vector of vectors.lenient.filter((/** @type {any} */ v) => v.direction === 'pair')) {
  test(`a pair takes: ${vector.name}`, () => assert.ok(pairTakes(bytes(vector))));
}

for (const vector of vectors.malformed) {
  if (vector.direction === 'pair') {
    test(`a pair refuses: ${vector.name}`, () => assert.ok(!pairTakes(bytes(vector))));
  } else if (vector.direction === 'down') {
    test(`a session refuses: ${vector.name}`, () => assert.ok(!sessionTakes(bytes(vector))));
  }
}
