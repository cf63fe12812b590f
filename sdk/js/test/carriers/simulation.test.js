import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RUNGS, World } from './world.js';

const SEEDS = Number(process.env.PEERLINE_SEEDS ?? (process.env.PEERLINE_CHECK_ALL ? 20_000 : 200));
const FIRST = Number(process.env.PEERLINE_SEED ?? 1);

test(`all once and in order, whatever becomes of carriers and direct paths (${SEEDS} seeds)`, async (t) => {
  /** @type {Record<string, number>} */
  const used = {};
  let worst = 0;
  for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
    const world = new World(seed);
    await world.run();
    world.check();
    for (const { moves } of world.pages)
      for (const move of moves) used[move] = (used[move] ?? 0) + 1;
    const { ledger } = world;
    worst = Math.max(worst, ledger.wireBytes() / (ledger.payload + 50_000));
  }
  t.diagnostic(
    `moves: ${JSON.stringify(used)}; wire at worst ${worst.toFixed(2)} times the payload`,
  );
  assert.ok(worst < 12, `the wire carried ${worst.toFixed(2)} times the payload at worst`);
  for (const rung of [...RUNGS, 'direct', 'session'])
    assert.ok(
      Object.keys(used).some((move) => move.startsWith(rung)),
      `${rung} was used`,
    );
});
