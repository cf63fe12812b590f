import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Inbound, noCounts, Silence, sum, Tally } from '../../src/main/web/demo/stats.js';

/**
 * @param {Inbound} inbound
 * @param {...number} numbers
 */
function take(inbound, ...numbers) {
  return numbers.map((n) => inbound.take(n));
}

/** @param {Inbound} inbound */
function counts({ received, lost, doubled, outOfOrder }) {
  return { received, lost, doubled, outOfOrder };
}

test('numbers in order are neither lost nor doubled', () => {
  const inbound = new Inbound();
  assert.deepEqual(take(inbound, 1, 2, 3), ['next', 'next', 'next']);
  assert.deepEqual(counts(inbound), { received: 3, lost: 0, doubled: 0, outOfOrder: 0 });
});

test('what a newcomer was never owed is not lost', () => {
  const inbound = new Inbound();
  take(inbound, 57, 58);
  assert.equal(inbound.lost, 0);
});

test('a number that did not come is lost as soon as a later one has', () => {
  const inbound = new Inbound();
  take(inbound, 1, 2, 5);
  assert.deepEqual(counts(inbound), { received: 3, lost: 2, doubled: 0, outOfOrder: 0 });
});

test('a number that comes late is out of order, and no longer lost', () => {
  const inbound = new Inbound();
  assert.deepEqual(take(inbound, 1, 4, 3, 2), ['next', 'next', 'late', 'late']);
  assert.deepEqual(counts(inbound), { received: 4, lost: 0, doubled: 0, outOfOrder: 2 });
});

test('a number that comes again is doubled, whether it came in order or late', () => {
  const inbound = new Inbound();
  take(inbound, 1, 3, 2);
  assert.deepEqual(take(inbound, 1, 2, 3), ['double', 'double', 'double']);
  assert.deepEqual(counts(inbound), { received: 3, lost: 0, doubled: 3, outOfOrder: 1 });
});

test('the first numbers owed are lost when the sender announced them and later ones come', () => {
  const before = new Inbound();
  before.announce(5);
  take(before, 8);
  assert.equal(before.lost, 3);
  const after = new Inbound();
  take(after, 8);
  after.announce(5);
  assert.equal(after.lost, 3);
});

test('what was sent before it was announced is neither late nor lost', () => {
  const inbound = new Inbound();
  inbound.announce(5);
  assert.deepEqual(take(inbound, 3, 4, 5, 6), ['next', 'next', 'next', 'next']);
  assert.deepEqual(counts(inbound), { received: 4, lost: 0, doubled: 0, outOfOrder: 0 });
});

test('what is below all that was owed, and comes after it, is late', () => {
  const inbound = new Inbound();
  inbound.announce(5);
  assert.deepEqual(take(inbound, 5, 3, 3), ['next', 'late', 'double']);
  assert.deepEqual(counts(inbound), { received: 2, lost: 1, doubled: 1, outOfOrder: 1 });
});

test('nothing is lost by an announcement of what has come already', () => {
  const inbound = new Inbound();
  take(inbound, 3, 4);
  inbound.announce(5);
  assert.deepEqual(counts(inbound), { received: 2, lost: 0, doubled: 0, outOfOrder: 0 });
});

test('holes are bounded: the oldest stay lost for good', () => {
  const inbound = new Inbound();
  for (let n = 1; n <= 2001; n += 2) inbound.take(n);
  assert.equal(inbound.lost, 1000);
  assert.equal(inbound.take(2), 'double');
  assert.equal(inbound.take(2000), 'late');
  assert.equal(inbound.lost, 999);
});

test('agrees with a slow count in every order that a broken network can make', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = generator(seed);
    const inbound = new Inbound();
    const seen = new Set();
    let highest = 0;
    let doubled = 0;
    let late = 0;
    inbound.announce(1);
    for (let i = 0; i < 150; i++) {
      const n = 1 + Math.max(0, Math.floor(i / 2 + random() * 12 - 6));
      if (seen.has(n)) doubled++;
      else if (n < highest) late++;
      seen.add(n);
      highest = Math.max(highest, n);
      inbound.take(n);
    }
    const expected = { received: seen.size, lost: highest - seen.size, doubled, outOfOrder: late };
    assert.deepEqual(counts(inbound), expected, `seed ${seed}`);
  }
});

test('silence is the longest wait within a stream, the present one included', () => {
  const silence = new Silence();
  for (const at of [1000, 1010, 1020, 1530, 1540]) silence.heard(1, false, at);
  assert.equal(silence.longest(1550), 510);
  assert.equal(silence.longest(2400), 860);
});

test('silence between two streams is none', () => {
  const silence = new Silence();
  silence.heard(1, false, 0);
  silence.heard(1, true, 10);
  assert.equal(silence.longest(9000), 10);
  assert.equal(silence.listening, false);
  silence.heard(2, false, 9000);
  assert.equal(silence.longest(9020), 20);
});

test('a reloaded sender begins at 1 again and doubles nothing', () => {
  const tally = new Tally();
  for (const n of [1, 2, 3]) tally.inbound('first').take(n);
  for (const n of [1, 2]) tally.inbound('second').take(n);
  const { received, doubled, lost, outOfOrder } = tally.counts();
  assert.deepEqual(
    { received, doubled, lost, outOfOrder },
    { received: 5, doubled: 0, lost: 0, outOfOrder: 0 },
  );
});

test('what a present peer missed counts as lost', () => {
  const tally = new Tally();
  tally.missed = 2;
  tally.inbound('a').take(1);
  tally.inbound('a').take(3);
  assert.equal(tally.counts().lost, 3);
});

test('counts add up', () => {
  const one = { ...noCounts(), sent: 1, lost: 2, outOfOrder: 3 };
  assert.deepEqual(sum(one, one), { ...noCounts(), sent: 2, lost: 4, outOfOrder: 6 });
});

/** @param {number} seed */
function generator(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
