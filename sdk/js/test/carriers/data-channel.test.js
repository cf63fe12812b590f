import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Rig } from './rig.js';

/** @typedef {import('../../src/carriers/ladder.js').Rung} Rung */
/** @type {Rung[]} */
const ALL = ['data-channel', 'websocket', 'sse', 'long-poll', 'poll'];
/** What a POST, checks and two handshakes take. */
const SETUP_MS = 160;

/** @param {{offered?: boolean, rungs?: Rung[], sendEveryMs?: number}} [o] */
function start({ offered = true, rungs = ALL, sendEveryMs = 50 } = {}) {
  const rig = new Rig({ rungs, sendEveryMs });
  if (rig.rules['data-channel']) rig.rules['data-channel'].open = SETUP_MS;
  rig.ladder.offer(offered);
  rig.start();
  return rig;
}

/** @param {Rig} rig @param {Rung} rung */
const dials = (rig, rung) => rig.dials.filter((dial) => dial.rung === rung).map(({ at }) => at);

test('a data channel is climbed to where the server offers it, and raced nowhere', () => {
  const rig = start();
  rig.run(60_000);
  assert.deepEqual(
    rig.moves.map(({ to, reason }) => `${to} ${reason}`),
    ['websocket start', 'data-channel proven'],
  );
  assert.deepEqual(
    rig.dials.map(({ rung }) => rung),
    ['websocket', 'data-channel'],
  );
  assert.ok(rig.moves[1].at < 1_500, `${rig.moves[1].at}`);
  assert.deepEqual(rig.remembered, ['data-channel']);
});

test('where it is not offered nobody asks for it', () => {
  const rig = start({ offered: false });
  rig.run(600_000);
  rig.cut(true, 'websocket');
  rig.run(600_000);
  assert.deepEqual(dials(rig, 'data-channel'), []);
});

test('one that falls silent is left for a WebSocket at once, and found again when it is back', () => {
  const rig = start();
  assert.ok(rig.runUntil(() => rig.ladder.path === 'data-channel', 2_000));
  rig.run(30_000);
  const cutAt = rig.now;
  rig.cut(true, 'data-channel');
  assert.ok(rig.runUntil(() => rig.ladder.path === 'websocket', 340));
  assert.deepEqual(dials(rig, 'data-channel').length, 1);
  rig.run(60_000);
  rig.cut(false, 'data-channel');
  assert.ok(rig.runUntil(() => rig.ladder.path === 'data-channel', 120_000));
  assert.equal(rig.moves.at(-1)?.reason, 'proven');
  assert.ok(cutAt < rig.now);
});

test('where UDP goes nowhere, it is tried ever more seldom, and the WebSocket stays', () => {
  const rig = start();
  rig.cut(true, 'data-channel');
  rig.run(3_600_000);
  const at = dials(rig, 'data-channel');
  assert.equal(rig.ladder.path, 'websocket');
  assert.equal(rig.moves.length, 1);
  assert.ok(at.length > 3 && at.length < 25, `${at.length} in an hour`);
  const last = at.slice(-2);
  assert.ok(last[1] - last[0] > 120_000, `${at}`);
});

test('the last rung goes down to the next, and never to nothing', () => {
  const rig = start();
  rig.run(30_000);
  rig.cut(true, 'data-channel', 'websocket', 'sse');
  assert.ok(rig.runUntil(() => rig.ladder.path === 'long-poll', 3_000));
});

test('where nothing else is allowed it is raced, and stays', () => {
  const rig = start({ rungs: ['data-channel'], offered: false });
  assert.ok(rig.runUntil(() => rig.ladder.path === 'data-channel', 1_000));
  rig.run(20_000);
  rig.cut(true, 'data-channel');
  rig.run(5_000);
  rig.cut(false, 'data-channel');
  assert.ok(rig.runUntil(() => !!rig.present && rig.ladder.path === 'data-channel', 20_000));
});

test('a slow set-up is waited for, for the carrier below works', () => {
  const rig = start();
  rig.rules['data-channel'].open = 8_000;
  assert.ok(rig.runUntil(() => rig.ladder.path === 'data-channel', 12_000));
});
