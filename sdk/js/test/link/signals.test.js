import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Session } from '../../src/link/session.js';
import { bytesOf, decodeUp, encodeDown } from './session-frames.js';

const file = new URL('../../../../docs/vectors/signals.json', import.meta.url);
const { signals, lenient, malformed } = JSON.parse(readFileSync(file, 'utf8'));
const PEER = { id: 'AAAAAAAAAAAAAAAAAAAAAA', incarnation: 5 };

/** An open session. */
function open() {
  const session = new Session({ room: 'lobby', key: new Uint8Array(32), incarnation: 7 });
  session.open(0);
  session.transmit(0);
  const id = 'BBBBBBBBBBBBBBBBBBBBBA';
  session.receive(encodeDown([{ type: 'WELCOME', id, epoch: 1, offset: 0, resumed: false }]), 1);
  while (session.nextEvent());
  return session;
}

/** What a session tells of it. @param {string} hex */
function read(hex) {
  const session = open();
  const entry = { type: 'ENTRY', log: 0, offset: 1, kind: 'SIGNAL', from: PEER, to: 7 };
  session.receive(encodeDown([{ ...entry, fields: hex }]), 2);
  return session.nextEvent();
}

for (const { name, hex, signal } of [...signals, ...lenient]) {
  test(`reads: ${name}`, () => {
    const event = /** @type {any} */ (read(hex));
    assert.equal(event.type, 'signal');
    assert.deepEqual(JSON.parse(JSON.stringify(event.signal)), signal);
  });
}

for (const { name, hex, signal } of signals) {
  test(`writes: ${name}`, () => {
    const session = open();
    session.signal(PEER, signal);
    const [, up] = decodeUp(/** @type {Uint8Array} */ (session.transmit(3)));
    assert.deepEqual([up.kind, up.fields], ['SIGNAL', hex]);
  });
}

for (const { name, hex } of malformed) {
  test(`refuses: ${name}`, () => {
    const event = /** @type {any} */ (read(hex));
    assert.deepEqual([event.type, event.code], ['error', 'BAD_FRAME']);
  });
}

test('there are signals of all three sorts', () => {
  for (const list of [signals, lenient, malformed]) assert.ok(bytesOf(list[0].hex) && list.length);
});
