import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Session } from '../../src/link/session.js';
import { decodeUp, encodeDown } from './session-frames.js';

const ID = '_____________________w';
const PEER = { id: 'AAAAAAAAAAAAAAAAAAAAAA', incarnation: 5 };

/** @param {boolean} resumed @param {number} offset */
const welcome = (resumed, offset) => ({
  ...{ type: 'WELCOME', id: ID, name: 'me', epoch: 3, offset, up: 0, resumed },
  ...{ awayMs: 120_000, pingMs: 15_000, maxPacketBytes: 262_144, server: 'peerline/1' },
});

/** @param {number} offset */
const entry = (offset) => ({
  ...{ type: 'ENTRY', log: 0, offset, kind: 'ENVELOPE', from: PEER, to: 7, frames: '22020002' },
});

test('what a poll brought while another carrier greeted is acknowledged on that one', () => {
  const session = new Session({ room: 'lobby', key: new Uint8Array(32), incarnation: 7 });
  const poll = session.open(0, { kind: 'poll' });
  session.greet(0, poll);
  session.receive(encodeDown([welcome(false, 0)]), 10, poll);
  session.greet(20, poll);
  const socket = session.open(30);
  session.transmit(30, socket); // its HELLO names no entry yet
  session.receive(encodeDown([entry(1)]), 40, poll);
  assert.equal(session.transmit(1_000, poll), null, 'the next poll would have named it');
  session.receive(encodeDown([welcome(true, 0), entry(1)]), 1_010, socket);
  session.closed(poll);
  assert.ok(session.deadline() <= 1_010 + 25);
  const packet = session.transmit(session.deadline(), socket);
  assert.deepEqual(packet && decodeUp(packet), [{ type: 'ACK', log: 0, offset: 1 }]);
  assert.equal(session.transmit(2_000, socket), null, 'once');
});

test('what went over a carrier and was not taken is counted until it has gone over the next', () => {
  const session = new Session({ room: 'lobby', key: new Uint8Array(32), incarnation: 7 });
  const first = session.open(0);
  session.transmit(0, first);
  session.receive(encodeDown([welcome(false, 0)]), 10, first);
  for (let i = 0; i < 3; i++) session.acks([]);
  session.transmit(20, first);
  session.acks([]);
  assert.equal(session.again, 0, 'three are under way, one has not gone');
  session.closed(first);
  assert.equal(session.again, 3);
  const second = session.open(30);
  session.transmit(30, second);
  session.receive(encodeDown([{ ...welcome(true, 0), up: 1 }]), 40, second);
  assert.equal(session.again, 2, 'one was taken');
  session.transmit(50, second);
  assert.equal(session.again, 0);
});
