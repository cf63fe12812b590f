import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batch, spread } from './batch.js';
import { RUNGS } from './world.js';

const { PEERLINE_SEEDS, PEERLINE_SEED, PEERLINE_CHECK_ALL } = process.env;
const SEEDS = Number(PEERLINE_SEEDS ?? (PEERLINE_CHECK_ALL ? 100_000 : 1_000));
const FIRST = Number(PEERLINE_SEED ?? 1);

test(`all once and in order, whatever becomes of carriers and direct paths (${SEEDS} seeds)`, async (t) => {
  const run = PEERLINE_CHECK_ALL ? spread : batch;
  const { moves, worstWire, failures } = await run(FIRST, FIRST + SEEDS - 1);
  t.diagnostic(`moves: ${JSON.stringify(moves)}`);
  t.diagnostic(`wire at worst ${worstWire.toFixed(2)} times the payload`);
  assert.deepEqual(failures, []);
  assert.ok(worstWire < 4, `the wire carried ${worstWire.toFixed(2)} times the payload at worst`);
  for (const rung of [...RUNGS, 'direct', 'session'])
    assert.ok(
      Object.keys(moves).some((move) => move.startsWith(rung)),
      `${rung} was used`,
    );
});
