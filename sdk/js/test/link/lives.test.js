import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lives } from './lives.js';

const SEEDS = process.env.PEERLINE_CHECK_ALL ? 20000 : 300;
const FIRST = Number(process.env.PEERLINE_SEED ?? 1);

test(`what reloads, departures and server restarts may lose, and no more (${SEEDS} seeds)`, () => {
  let worst = 0;
  for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
    const lives = new Lives(seed);
    lives.run();
    lives.check();
    worst = Math.max(worst, lives.wireBytes() / lives.payload);
  }
  assert.ok(worst < 8, `the wire carried ${worst.toFixed(2)} times the payload at worst`);
});
