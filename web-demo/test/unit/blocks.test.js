import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { BLOCKABLE, Blocks, OUTAGE_MS } from '../../src/main/web/demo/blocks.js';

/** @type {[string[], number][]} */
let applied;
/** @type {(() => void)[]} */
let later;
/** @type {Blocks} */
let blocks;

beforeEach(() => {
  applied = [];
  later = [];
  blocks = new Blocks(
    (kinds, forMs) => applied.push([[...kinds], forMs]),
    () => 1000,
    (action) => later.push(action),
  );
});

test('a button blocks its paths, and heals them when it is pressed again', () => {
  blocks.toggle('streams');
  blocks.toggle('udp');
  assert.deepEqual(
    [blocks.has('udp'), blocks.has('streams'), blocks.has('websocket')],
    [true, true, false],
  );
  blocks.toggle('streams');
  assert.deepEqual(applied, [
    [['sse', 'long-poll'], 0],
    [['direct', 'data-channel', 'sse', 'long-poll'], 0],
    [['direct', 'data-channel'], 0],
  ]);
});

test('an outage blocks everything for its time, and leaves what was blocked before', () => {
  blocks.toggle('udp');
  blocks.outage();
  assert.equal(blocks.outageUntil, 1000 + OUTAGE_MS);
  assert.deepEqual([...blocks.kinds], [...BLOCKABLE]);
  later[0]?.();
  assert.deepEqual([blocks.outageUntil, [...blocks.kinds]], [0, ['direct', 'data-channel']]);
  assert.deepEqual(applied.slice(1), [
    [[...BLOCKABLE], OUTAGE_MS],
    [['direct', 'data-channel'], 0],
  ]);
});

test('what is pressed during an outage counts when it is over; another outage does not begin meanwhile', () => {
  blocks.outage();
  blocks.outage();
  blocks.toggle('websocket');
  assert.equal(applied.length, 1);
  assert.equal(later.length, 1);
  later[0]?.();
  assert.deepEqual(applied.at(-1), [['websocket'], 0]);
});
