import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { PeerlineError } from '../src/errors.js';
import { identify } from '../src/identity.js';

/** A tab's sessionStorage; a duplicated tab starts with a copy. */
class Store {
  /** @type {Map<string, string>} */
  items = new Map();

  /** @param {string} key */
  getItem(key) {
    return this.items.get(key) ?? null;
  }

  /** @param {string} key @param {string} value */
  setItem(key, value) {
    this.items.set(key, value);
  }

  duplicate() {
    const copy = new Store();
    copy.items = new Map(this.items);
    return copy;
  }
}

/** @param {unknown} value */
function sessionStorageIs(value) {
  Object.defineProperty(globalThis, 'sessionStorage', { value, configurable: true });
}

/** @type {import('../src/identity.js').Identity[]} */
const alive = [];

/** @param {Store | undefined} store @param {string} [name] */
async function open(store, name = 'room') {
  sessionStorageIs(store);
  const identity = await identify(name);
  alive.push(identity);
  return identity;
}

afterEach(() => {
  for (const identity of alive.splice(0)) identity.release();
  sessionStorageIs(undefined);
});

test('a reload has the same key and a higher incarnation', async () => {
  const store = new Store();
  const before = await open(store);
  before.release(); // as a page does that is being left
  const after = await open(store);
  assert.deepEqual(after.key, before.key);
  assert.ok(after.incarnation > before.incarnation);
});

test('the incarnation rises though the clock went back', async () => {
  const store = new Store();
  const before = await open(store);
  before.release();
  const item = JSON.parse(store.getItem('room') ?? '');
  store.setItem('room', JSON.stringify({ ...item, incarnation: Date.now() + 1e9 }));
  const after = await open(store);
  assert.equal(after.incarnation, JSON.parse(store.getItem('room') ?? '').incarnation);
  assert.ok(after.incarnation > Date.now() + 1e8);
});

test('a page that died without a goodbye is taken over after asking', async () => {
  const store = new Store();
  const before = await open(store);
  const item = store.getItem('room') ?? '';
  before.release();
  store.setItem('room', item); // the crash left it as it was
  const after = await open(store);
  assert.deepEqual(after.key, before.key);
});

test('a duplicated tab is another peer, and stays one when it is reloaded', async () => {
  const store = new Store();
  const original = await open(store);
  const copy = store.duplicate();
  const duplicate = await open(copy);
  assert.notDeepEqual(duplicate.key, original.key);
  duplicate.release();
  const reloaded = await open(copy);
  assert.deepEqual(reloaded.key, duplicate.key);
});

test('of two that take the same key at once, one gives way', async () => {
  for (let i = 0; i < 5; i++) {
    const store = new Store();
    (await open(store)).release();
    const [left, right] = await Promise.all([open(store), open(store.duplicate())]);
    assert.notDeepEqual(left.key, right.key);
    for (const identity of alive.splice(0)) identity.release();
  }
});

test('each room has a key of its own', async () => {
  const store = new Store();
  const [one, other] = [await open(store, 'one'), await open(store, 'other')];
  assert.notDeepEqual(one.key, other.key);
});

test('a damaged store is no obstacle', async () => {
  for (const damage of ['', '{', '{"key":"AAAA","incarnation":1}', '[]', 'null']) {
    const store = new Store();
    store.setItem('room', damage);
    assert.equal((await open(store)).key.length, 32);
  }
});

test('a store that may not be used is no obstacle', async () => {
  Object.defineProperty(globalThis, 'sessionStorage', {
    get() {
      throw new Error('SecurityError');
    },
    configurable: true,
  });
  assert.equal((await identify('room')).key.length, 32);
  const full = new Store();
  full.setItem = () => {
    throw new Error('QuotaExceededError');
  };
  assert.equal((await open(full)).key.length, 32);
});

test('without a store every join is another peer', async () => {
  const [one, other] = [await open(undefined), await open(undefined)];
  assert.notDeepEqual(one.key, other.key);
});

test('a given identity is used as it is', async () => {
  const key = new Uint8Array(32).fill(7);
  assert.deepEqual((await identify('room', key)).key, key);
  assert.equal((await identify('room', { key, incarnation: 5 })).incarnation, 5);
  await assert.rejects(identify('room', new Uint8Array(31)), (error) => {
    assert.ok(error instanceof PeerlineError);
    assert.equal(error.code, 'BAD_ARGUMENT');
    return true;
  });
});
