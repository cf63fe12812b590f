import assert from 'node:assert/strict';
import { test } from 'node:test';
import { initials, randomName, randomRoom } from '../../src/main/web/demo/names.js';
import { claims, find, myName } from '../../src/main/web/demo/place.js';
import { count, ending, span } from '../../src/main/web/demo/words.js';

/** @param {string} address */
function open(address, storage = memory()) {
  /** @type {string[]} */
  const replaced = [];
  const history = {
    replaceState: (/** @type {unknown[]} */ ...[, , url]) => replaced.push(String(url)),
  };
  const location = new URL(address);
  const place = find(
    /** @type {Location} */ (/** @type {unknown} */ (location)),
    /** @type {History} */ (/** @type {unknown} */ (history)),
    storage,
  );
  return { place, replaced };
}

/** @returns {Storage} */
function memory() {
  const entries = new Map();
  return /** @type {Storage} */ (
    /** @type {unknown} */ ({
      getItem: (/** @type {string} */ key) => entries.get(key) ?? null,
      setItem: (/** @type {string} */ key, /** @type {string} */ value) => entries.set(key, value),
    })
  );
}

test('an address without a room gets one', () => {
  const { place, replaced } = open('http://127.0.0.1:8080/');
  assert.match(place.room, /^[a-z]+-[a-z]+-[a-z0-9]{6}$/);
  assert.deepEqual(replaced, [`/${place.room}`]);
  assert.equal(place.base, 'http://127.0.0.1:8080');
});

test('an address with a room stays as it is', () => {
  const { place, replaced } = open('https://host/lobby');
  assert.deepEqual(place, {
    base: 'https://host',
    room: 'lobby',
    token: null,
    paths: null,
    made: false,
  });
  assert.deepEqual(replaced, []);
});

test('the token leaves the address, and is there after a reload of this tab, for this room alone', () => {
  const storage = memory();
  const { place, replaced } = open('https://host/lobby#token=a.b.c', storage);
  assert.equal(place.token, 'a.b.c');
  assert.deepEqual(replaced, ['/lobby']);
  assert.equal(open('https://host/lobby', storage).place.token, 'a.b.c');
  assert.equal(open('https://host/other', storage).place.token, null);
});

test('works below a folder, behind a proxy', () => {
  const { place, replaced } = open('https://host/chat/lobby#token=t');
  assert.deepEqual(place, {
    base: 'https://host/chat',
    room: 'lobby',
    token: 't',
    paths: null,
    made: false,
  });
  assert.deepEqual(replaced, ['/chat/lobby']);
});

test('reads the name in an invite, and takes nonsense for none', () => {
  const token = (/** @type {unknown} */ body) =>
    `h.${Buffer.from(JSON.stringify(body)).toString('base64url')}.s`;
  assert.deepEqual(claims(token({ name: 'Ädä ✓' })), { name: 'Ädä ✓' });
  for (const odd of ['', '.', 'a.b.c', token({ name: 7 }), token(null)])
    assert.deepEqual(claims(odd), {});
});

test('a name stays the same in its tab', () => {
  const storage = memory();
  assert.equal(myName(storage), myName(storage));
  assert.match(myName(null), /^[A-Z][a-z]+ [A-Z][a-z]+$/);
});

test('room names are readable, allowed, and differ', () => {
  const names = new Set(Array.from({ length: 500 }, () => randomRoom()));
  assert.equal(names.size, 500);
  for (const name of names) assert.match(name, /^[A-Za-z0-9_-]{1,64}$/);
  assert.match(
    randomName(() => 0),
    /^Amber Alpaca$/,
  );
});

test('initials are of any script', () => {
  assert.equal(initials('Quiet Heron'), 'QH');
  assert.equal(initials('ada'), 'A');
  assert.equal(initials('😀 smile'), '😀S');
  assert.equal(initials(''), '?');
});

test('spans and counts read well', () => {
  assert.deepEqual([0.04, 1.23, 9.96, 12.4, 999, 1000, 61_500].map(span), [
    '0.0 ms',
    '1.2 ms',
    '10 ms',
    '12 ms',
    '999 ms',
    '1.0 s',
    '61.5 s',
  ]);
  assert.equal(span(Number.NaN), '–');
  assert.equal(count(1234567), '1,234,567');
});

test('every end says what to do, or that nothing can be done', () => {
  assert.equal(ending({ code: 'REPLACED', message: 'x' }).does, 'reload');
  assert.equal(ending({ code: 'UNAUTHORIZED', message: 'x' }).does, '');
  assert.match(
    ending({ code: 'INTERNAL', message: 'Broken.', hint: 'Wait.' }).says,
    /Broken\. Wait\. \(INTERNAL\)/,
  );
  assert.equal(ending(null).does, 'reload');
});
