import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeData, encodeData } from '../src/data.js';

for (const [name, data, arrives = data] of /** @type {[string, any, any?][]} */ ([
  ['text', 'hi'],
  ['empty text', ''],
  ['text beyond the BMP', '👩‍🚀 ‮'],
  ['bytes', Uint8Array.of(1, 2, 3)],
  ['a part of a buffer', new Uint8Array([9, 1, 2, 9]).subarray(1, 3), Uint8Array.of(1, 2)],
  ['a buffer', Uint8Array.of(4, 5).buffer, Uint8Array.of(4, 5)],
  ['another view', new DataView(Uint8Array.of(6, 7, 8).buffer, 1, 2), Uint8Array.of(7, 8)],
  ['an object', { a: [1, null, { b: 'c' }] }],
  ['a number', 12.5],
  ['null', null],
])) {
  test(`${name} arrives as it was sent`, () => {
    const { type, payload } = encodeData(data);
    assert.deepEqual(decodeData(type, payload), arrives);
  });
}

test('bytes are those of the call, whatever becomes of the buffer', () => {
  const buffer = Uint8Array.of(1, 2, 3);
  const { payload } = encodeData(buffer);
  buffer.fill(0);
  assert.deepEqual(payload, Uint8Array.of(1, 2, 3));
});

/** @type {any} */
const circular = {};
circular.self = circular;
for (const [name, data] of /** @type {[string, any][]} */ ([
  ['undefined', undefined],
  ['a function', () => {}],
  ['a symbol', Symbol('s')],
  ['a bigint', 1n],
  ['a circle', circular],
])) {
  test(`${name} is refused`, () => {
    assert.throws(() => encodeData(data), { name: 'PeerlineError', code: 'BAD_ARGUMENT' });
  });
}
