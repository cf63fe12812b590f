import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '../../src/main/web/demo/wire.js';

test('takes what this page says', () => {
  const said = [
    { kind: 'chat', run: 'r', n: 1, text: 'hi' },
    { kind: 'tick', run: 'r', n: 2, stream: 1, last: false },
    { kind: 'name', run: 'r', n: 3, name: 'Ada' },
    { kind: 'hello', run: 'r', next: 4, name: 'Ada' },
    { kind: 'ping', i: 5 },
    { kind: 'pong', i: 5 },
  ];
  for (const each of said) assert.deepEqual(parse(each), each);
});

test('cleans texts and names, and leaves out what it does not know', () => {
  assert.deepEqual(parse({ kind: 'chat', run: 'r', n: 1, text: 'a\u202eb', html: '<b>' }), {
    kind: 'chat',
    run: 'r',
    n: 1,
    text: 'ab',
  });
  assert.deepEqual(parse({ kind: 'name', run: 'r', n: 1, name: { evil: true } }), {
    kind: 'name',
    run: 'r',
    n: 1,
    name: '',
  });
});

const STRANGE = [
  null,
  undefined,
  'chat',
  7,
  [],
  {},
  { kind: 'chat' },
  { kind: 'chat', run: '', n: 1 },
  { kind: 'chat', run: 'x'.repeat(17), n: 1 },
  { kind: 'chat', run: 'r', n: 0 },
  { kind: 'chat', run: 'r', n: -1 },
  { kind: 'chat', run: 'r', n: 1.5 },
  { kind: 'chat', run: 'r', n: 2 ** 53 },
  { kind: 'chat', run: 'r', n: '1' },
  { kind: 'tick', run: 'r', n: 1 },
  { kind: 'hello', run: 'r', next: Number.NaN },
  { kind: 'ping', i: -1 },
  { kind: '__proto__', run: 'r', n: 1 },
];

for (const data of STRANGE) {
  test(`refuses ${JSON.stringify(data)}`, () => assert.equal(parse(data), null));
}
