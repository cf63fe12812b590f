import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ladder } from '../../src/direct/ladder.js';
import { Pair, random } from './pair.js';

test('is not used before a probe came back', () => {
  const pair = new Pair({ rttMs: 20 });
  pair.open();
  assert.equal(pair.ladder.path, 'session');
  pair.run(5);
  assert.equal(pair.probes.length, 1);
  assert.equal(pair.ladder.path, 'session');
  pair.run(30);
  assert.equal(pair.ladder.path, 'direct');
  assert.deepEqual(pair.reasons, ['proven']);
});

test('asks again when the first probe is lost', () => {
  const pair = new Pair({ rttMs: 20, cut: true });
  pair.open();
  pair.run(700);
  assert.equal(pair.ladder.path, 'session');
  assert.ok(pair.probes.length >= 2);
  pair.cut = false;
  pair.run(1_500);
  assert.equal(pair.ladder.path, 'direct');
});

for (const rttMs of [1, 20, 100, 160, 300, 1_000]) {
  test(`notices a dead path in time with a round trip of ${rttMs} ms`, () => {
    const pair = new Pair({ rttMs, sendEveryMs: 10 });
    pair.open();
    pair.run(20_000);
    assert.equal(pair.ladder.path, 'direct');
    const cutAt = pair.now;
    pair.cut = true;
    pair.runUntil(() => pair.ladder.path === 'session', 5_000);
    // counted from the first message that got lost, sent within 10 ms of the cut
    assert.ok(pair.now - cutAt <= Math.max(500, 3 * rttMs) + 10, `after ${pair.now - cutAt} ms`);
    assert.ok(pair.now - cutAt >= 250, `after ${pair.now - cutAt} ms`);
  });
}

test('bears late acknowledgements while probes come back, but not for long', () => {
  const pair = new Pair({ rttMs: 20, sendEveryMs: 10 });
  pair.open();
  pair.run(5_000);
  pair.ackDelayMs = 450;
  pair.run(2_000);
  assert.equal(pair.ladder.path, 'direct');
  pair.ackDelayMs = Infinity;
  pair.runUntil(() => pair.ladder.path === 'session', 5_000);
  const silentMs = pair.now - pair.progressAt;
  assert.ok(silentMs >= 590 && silentMs <= 650, `after ${silentMs} ms`);
});

test('notices a dead path in one direction only, either of them', () => {
  for (const direction of /** @type {const} */ (['out', 'back'])) {
    const pair = new Pair({ rttMs: 20, sendEveryMs: 50 });
    pair.open();
    pair.run(5_000);
    pair.cut = direction;
    const cutAt = pair.now;
    pair.runUntil(() => pair.ladder.path === 'session', 5_000);
    assert.ok(pair.now - cutAt <= 550, `${direction}: after ${pair.now - cutAt} ms`);
  }
});

test('falls at once when the channel closes, and says why', () => {
  const pair = new Pair({ rttMs: 20 });
  pair.open();
  pair.run(1_000);
  pair.ladder.closed(pair.now);
  pair.observe();
  assert.equal(pair.ladder.path, 'session');
  assert.deepEqual(pair.reasons, ['proven', 'closed']);
  assert.equal(pair.ladder.deadline, Infinity);
});

test('an idle link is probed once in 15 s, and costs one timer', () => {
  const pair = new Pair({ rttMs: 20 });
  pair.open();
  pair.run(60_000);
  const before = pair.probes.length;
  pair.timers = 0;
  pair.run(600_000);
  assert.equal(pair.probes.length - before, 40);
  assert.ok(pair.timers <= 40 * 2, `${pair.timers} timers`);
  const gaps = pair.probes.slice(before).map((at, i, all) => at - (all[i - 1] ?? at - 15_000));
  assert.ok(Math.min(...gaps) >= 15_000);
});

test('an idle link that died is left without a message having to wait for it', () => {
  const pair = new Pair({ rttMs: 20 });
  pair.open();
  pair.run(1_000);
  pair.cut = true;
  pair.run(18_000);
  assert.equal(pair.ladder.path, 'session');
  const before = pair.probes.length;
  pair.run(300_000);
  assert.ok(pair.probes.length - before <= 20 + 10, `${pair.probes.length - before} probes`);
});

test('a healed path has to prove itself for longer after each fall', () => {
  const pair = new Pair({ rttMs: 20, sendEveryMs: 20 });
  pair.open();
  pair.run(1_000);
  /** @type {number[]} */
  const waits = [];
  for (let i = 0; i < 5; i++) {
    pair.cut = true;
    pair.runUntil(() => pair.ladder.path === 'session', 2_000);
    pair.cut = false;
    const healedAt = pair.now;
    pair.runUntil(() => pair.ladder.path === 'direct', 60_000);
    waits.push(pair.now - healedAt);
  }
  waits.forEach((ms, i) => {
    assert.ok(ms >= 1_000 * 2 ** i && ms <= 1_500 * 2 ** i + 500, `${waits}`);
  });
});

test('a minute without a fall forgives one', () => {
  const pair = new Pair({ rttMs: 20, sendEveryMs: 100 });
  pair.open();
  pair.run(1_000);
  for (let i = 0; i < 3; i++) {
    pair.cut = true;
    pair.runUntil(() => pair.ladder.path === 'session', 2_000);
    pair.cut = false;
    pair.runUntil(() => pair.ladder.path === 'direct', 60_000);
  }
  assert.equal(pair.ladder.holdMs, 4_000);
  pair.run(61_000);
  assert.equal(pair.ladder.holdMs, 2_000);
  pair.run(130_000);
  assert.equal(pair.ladder.holdMs, 0);
});

test('a message of the other end over a path thought dead makes it ask at once', () => {
  const pair = new Pair({ rttMs: 20 });
  pair.open();
  pair.run(1_000);
  pair.cut = true;
  pair.run(60_000);
  assert.equal(pair.ladder.path, 'session');
  pair.cut = false;
  pair.run(1);
  pair.ladder.heard(pair.now);
  pair.run(1_500);
  assert.equal(pair.ladder.path, 'direct');
});

test('the move of the other end is followed, and a fall of its is remembered', () => {
  const pair = new Pair({ rttMs: 20 });
  pair.open();
  pair.run(1_000);
  pair.ladder.moved('session', pair.now);
  assert.equal(pair.ladder.path, 'session');
  assert.equal(pair.ladder.holdMs, 1_000);
  pair.ladder.moved('direct', pair.now);
  pair.run(2_000);
  assert.equal(pair.ladder.path, 'direct');
});

test('without a session there is nothing to fall to, and one echo is proof enough', () => {
  const pair = new Pair({ rttMs: 20, sendEveryMs: 20 });
  pair.open();
  pair.run(1_000);
  pair.fallback = false;
  pair.cut = true;
  pair.run(3_000);
  assert.equal(pair.ladder.path, 'direct');
  pair.timers = 0;
  pair.run(10_000);
  assert.ok(pair.timers < 100, `${pair.timers} timers`);
  pair.fallback = true;
  pair.run(400);
  assert.equal(pair.ladder.path, 'session');
  pair.fallback = false;
  pair.cut = false;
  pair.run(2_500);
  assert.equal(pair.ladder.path, 'direct');
});

test('a thread that slept does not blame the path', () => {
  for (const sleepMs of [150, 250, 300, 400, 700, 5_000, 3_600_000]) {
    const pair = new Pair({ rttMs: 20, sendEveryMs: 10 });
    pair.open();
    pair.run(3_000);
    for (let i = 0; i < 10; i++) {
      pair.sleep(sleepMs);
      pair.run(400);
    }
    assert.equal(pair.ladder.path, 'direct', `asleep for ${sleepMs} ms`);
    assert.deepEqual(pair.reasons, ['proven']);
  }
});

test('timers of a hidden page, once a second, do not cause moves, and do not hide a dead path', () => {
  const pair = new Pair({ rttMs: 20, sendEveryMs: 1_000, timerMs: 1_000 });
  pair.open();
  pair.run(120_000);
  assert.deepEqual(pair.reasons, ['proven']);
  pair.cut = true;
  const cutAt = pair.now;
  pair.runUntil(() => pair.ladder.path === 'session', 10_000);
  assert.ok(pair.now - cutAt <= 5_000, `after ${pair.now - cutAt} ms`);
});

test('loss of one packet in ten moves nothing', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const pair = new Pair({ rttMs: 40, sendEveryMs: 20, loss: 0.1, seed });
    pair.open();
    pair.run(60_000);
    assert.ok(pair.reasons.length <= 1, `seed ${seed}: ${pair.reasons}`);
  }
});

test('at most 6 ascents in any minute, whatever the path does', () => {
  for (let seed = 1; seed <= 60; seed++) {
    const next = random(seed);
    const pair = new Pair({ rttMs: 5, sendEveryMs: 10, seed });
    pair.open();
    const until = 600_000;
    // The worst path: it dies soon after every ascent, and heals at the fall. Or it does as it likes.
    const hostile = seed % 2 === 0;
    while (pair.now < until) {
      if (hostile) {
        pair.runUntil(() => pair.ladder.path === 'direct', 200_000);
        if (next() < 0.2) pair.run(next() * 70_000);
        pair.cut = true;
        pair.runUntil(() => pair.ladder.path === 'session', 5_000);
        pair.cut = false;
      } else {
        pair.cut = next() < 0.5;
        pair.run(50 + next() * next() * 20_000);
      }
    }
    const ascents = pair.ascents;
    for (let i = 6; i < ascents.length; i++) {
      const span = /** @type {number} */ (ascents[i]) - /** @type {number} */ (ascents[i - 6]);
      assert.ok(span > 60_000, `seed ${seed}: 7 ascents in ${span} ms`);
    }
  }
});

test('knows no more than its constructor tells', () => {
  const ladder = new Ladder();
  assert.equal(ladder.path, 'session');
  assert.equal(ladder.rttMs, 0);
  assert.deepEqual(ladder.observe(0, { silentMs: 0, activeAt: 0, fallback: true }), {});
});
