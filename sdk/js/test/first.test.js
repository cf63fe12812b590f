import assert from 'node:assert/strict';
import { test } from 'node:test';
import { First } from '../src/first.js';
import { Session } from '../src/link/session.js';
import { ServerModel } from './link/server-model.js';

/** The first WebSocket to a model of the server, whose network the test plays. */
function connect() {
  const model = new ServerModel();
  const session = new Session({ room: 'lobby', key: new Uint8Array(32), incarnation: 7 });
  let now = 0;
  /** @type {Uint8Array[]} */
  const sent = [];
  /** @type {any} */
  let events;
  const carrier = {
    bufferedAmount: 0,
    send: (/** @type {Uint8Array} */ packet) => sent.push(packet),
    close: () => sent.push(new Uint8Array()),
  };
  const first = new First(
    session,
    () => now,
    () => {},
    (on) => {
      events = on;
      return carrier;
    },
  );
  const there = model.connect((packet) => events.packet(packet.slice()));
  const pump = () => {
    now += 10;
    while (first.transmit(now)) there.receive(/** @type {Uint8Array} */ (sent.pop()));
  };
  return { first, session, events, pump, sent };
}

test('the first WebSocket carries a session alone, where nothing else could be loaded', () => {
  const { first, session, events, pump } = connect();
  events.opened();
  pump();
  assert.equal(first.open, true);
  session.envelope([{ id: 'BBBBBBBBBBBBBBBBBBBBBA', incarnation: 1 }], Uint8Array.of(34, 2, 0, 2));
  assert.ok(session.upBytes > 0);
  pump();
  assert.equal(session.upBytes, 0);
  session.ping();
  pump();
  assert.equal(session.silentFor(1_000), 0);
});

test('that it ended is kept for whoever takes its place', () => {
  const { first, events, pump } = connect();
  events.opened();
  pump();
  events.closed(1006, 'gone');
  assert.deepEqual(first.over, [1006, 'gone']);
  assert.equal(first.open, false);
});

test('dropped it is closed, and stays so until it is wanted again', () => {
  const { first, events, pump, sent } = connect();
  events.opened();
  pump();
  first.drop();
  assert.deepEqual([first.dropped, first.open, sent.length], [true, false, 1]);
  first.retry();
  assert.equal(first.dropped, false);
});
