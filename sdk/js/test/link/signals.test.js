import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { decodeSignal, encodeSignal } from '../../src/link/signals.js';
import { bytesOf, hex as written } from './session-frames.js';

const file = new URL('../../../../docs/vectors/signals.json', import.meta.url);
const { signals, lenient, malformed } = JSON.parse(readFileSync(file, 'utf8'));

for (const { name, hex, signal } of [...signals, ...lenient]) {
  test(`reads: ${name}`, () => {
    assert.deepEqual(JSON.parse(JSON.stringify(decodeSignal(bytesOf(hex)))), signal);
  });
}

for (const { name, hex, signal } of signals) {
  test(`writes: ${name}`, () => assert.equal(written(encodeSignal(signal)), hex));
}

for (const { name, hex } of malformed) {
  test(`refuses: ${name}`, () => assert.equal(decodeSignal(bytesOf(hex)), null));
}
