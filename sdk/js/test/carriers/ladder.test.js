import assert from 'node:assert/strict';
import { test } from 'node:test';
import { random } from '../direct/pair.js';
import { Rig } from './rig.js';

/** @typedef {import('../../src/carriers/ladder.js').Rung} Rung */
const SEEDS = process.env.PEERLINE_CHECK_ALL ? 300 : 20;
/** @type {Rung[]} */
const ALL = ['websocket', 'sse', 'long-poll', 'poll'];

test('on a healthy network one WebSocket is opened, and nothing beside it', () => {
  for (const rttMs of [1, 20, 60]) {
    const rig = new Rig({ rttMs, sendEveryMs: 100 });
    rig.start();
    rig.run(3_600_000);
    assert.deepEqual(
      rig.dials.map(({ rung }) => rung),
      ['websocket'],
    );
    assert.equal(rig.ladder.path, 'websocket');
    assert.deepEqual(rig.moves, [
      { at: 3 * rttMs, do: 'move', from: '', to: 'websocket', reason: 'start' },
    ]);
    assert.deepEqual(rig.remembered, ['websocket']);
  }
});

test('a network that eats WebSockets costs less than a second', () => {
  const rig = new Rig();
  rig.rules.websocket.cut = true;
  rig.start();
  assert.ok(rig.runUntil(() => rig.ladder.path === 'sse', 700));
});

test('so does one that refuses them, or all but polling', () => {
  for (const dead of [1, 2, 3]) {
    const rig = new Rig();
    for (const rung of ALL.slice(0, dead)) Object.assign(rig.rules[rung], { refuse: 'lost' });
    rig.start();
    assert.ok(rig.runUntil(() => rig.ladder.path === ALL[dead], 250));
  }
  const eaten = new Rig();
  eaten.cut(true, 'websocket', 'sse', 'long-poll');
  eaten.start();
  assert.ok(eaten.runUntil(() => eaten.ladder.path === 'poll', 1_400));
});

test('only what is allowed is dialled', () => {
  for (const rung of ALL) {
    const rig = new Rig({ rungs: [rung], sendEveryMs: 50 });
    rig.start();
    rig.run(5_000);
    rig.cut(true, rung);
    rig.run(5_000);
    rig.cut(false, rung);
    rig.run(20_000);
    assert.ok(rig.dials.every((dial) => dial.rung === rung));
    assert.equal(rig.ladder.path, rung);
  }
});

for (const rttMs of [1, 20, 100, 300]) {
  test(`a silent carrier is replaced in time with a round trip of ${rttMs} ms`, () => {
    const rig = new Rig({ rttMs, sendEveryMs: 10 });
    rig.start();
    rig.run(20_000);
    const cutAt = rig.now;
    rig.cut(true, 'websocket');
    assert.ok(rig.runUntil(() => rig.ladder.path === 'sse', 5_000));
    const ms = rig.now - cutAt;
    assert.ok(ms <= Math.max(340, 7 * rttMs), `${ms} ms`);
    assert.equal(rig.moves[1].reason, 'silent');
  });
}

test('a mere receiver notices a dead carrier as well', () => {
  const rig = new Rig({ rttMs: 20, hearEveryMs: 10 });
  rig.start();
  rig.run(20_000);
  const before = rig.pings;
  assert.ok(before <= 5, `${before} pings while packets come`);
  const cutAt = rig.now;
  rig.cut(true, 'websocket');
  assert.ok(rig.runUntil(() => rig.ladder.path === 'sse', 5_000));
  assert.ok(rig.now - cutAt <= 550, `${rig.now - cutAt} ms`);
});

test('pings after activity are few, and end', () => {
  const rig = new Rig();
  rig.start();
  rig.run(100);
  for (let i = 0; i < 20; i++) {
    rig.tell('heard', { active: true });
    rig.run(10);
  }
  rig.run(3_600_000);
  assert.ok(rig.pings >= 2 && rig.pings <= 5, `${rig.pings}`);
});

test('one that closes is replaced at once, on the same rung if it had lived', () => {
  const rig = new Rig();
  rig.start();
  rig.run(20_000);
  rig.rules.websocket.dies = Infinity;
  rig.tell('closed', { dial: rig.dials[0].dial, end: 'lost' });
  assert.ok(rig.runUntil(() => rig.ladder.path === 'websocket', 350));
  assert.equal(rig.moves[1].reason, 'closed');
});

test('a rung that keeps dying young is left for a lower one, and tried ever more seldom', () => {
  const rig = new Rig({ sendEveryMs: 20 });
  rig.rules.websocket.dies = 3_000;
  rig.rules.sse.dies = 3_000;
  rig.start();
  rig.run(60_000);
  const before = rig.moves.length;
  rig.run(600_000);
  const last = rig.moves.slice(before).map(({ at }) => at);
  assert.ok(last.length <= 10 * 14, `${last.length} moves in ten minutes`);
  assert.equal(rig.ladder.path, 'long-poll');
});

test('climbs back when a better rung has come back, without a gap', () => {
  const rig = new Rig({ sendEveryMs: 20 });
  rig.start();
  rig.run(20_000);
  rig.cut(true, 'websocket');
  rig.run(20_000);
  assert.equal(rig.ladder.path, 'sse');
  rig.cut(false, 'websocket');
  rig.worstMs = 0;
  assert.ok(rig.runUntil(() => rig.ladder.path === 'websocket', 40_000));
  assert.equal(rig.moves.at(-1)?.reason, 'proven');
  rig.run(1_000);
  assert.ok(rig.worstMs <= 100, `${rig.worstMs} ms`);
});

test('rungs that connect and never speak do not keep one that works from being taken again', () => {
  for (const rttMs of [5, 20, 100, 300]) {
    for (const livedMs of [10_000, 20_000, 120_000]) {
      const rig = new Rig({ rttMs, sendEveryMs: 50 });
      rig.rules.websocket.mute = rig.rules.sse.mute = true;
      rig.start();
      rig.run(livedMs);
      rig.cut(true, 'long-poll');
      assert.ok(rig.runUntil(() => rig.ladder.path === 'poll', 10_000));
      rig.run(3_000);
      rig.cut(false, 'long-poll');
      assert.ok(rig.runUntil(() => rig.ladder.path === 'long-poll', 20_000));
      const moves = rig.moves.length;
      rig.run(300_000);
      assert.equal(rig.moves.length, moves, 'it stays');
      assert.ok(rig.dials.length <= 40, `${rig.dials.length} dials`);
    }
  }
});

test('an alarm that was none makes it more patient, for a while', () => {
  const rig = new Rig({ sendEveryMs: 10 });
  rig.start();
  rig.run(5_000);
  const { patienceMs } = rig.ladder;
  const wire = /** @type {any} */ (rig.present);
  rig.rules.websocket.open = 400;
  wire.cut = true;
  rig.run(160);
  wire.cut = false;
  rig.run(200);
  assert.equal(rig.ladder.patienceMs, 2 * patienceMs);
  rig.run(120_000);
  assert.equal(rig.ladder.patienceMs, patienceMs);
});

test('news of the network: what answers stays, what does not is replaced', () => {
  const rig = new Rig();
  rig.start();
  rig.run(20_000);
  rig.tell('news');
  rig.run(5_000);
  assert.equal(rig.dials.length, 1);
  assert.equal(rig.pings, 1);
  const wire = /** @type {any} */ (rig.present);
  wire.cut = true; // bound to an address that is gone; new ones are fine
  rig.tell('news');
  const at = rig.now;
  assert.ok(rig.runUntil(() => rig.moves.length === 2, 400));
  assert.ok(rig.now - at <= 300, `${rig.now - at} ms`);
  assert.equal(rig.ladder.path, 'websocket');
  assert.equal(rig.moves[1].reason, 'network');
});

test('a server that goes down is left at its time, with the old carrier kept until then', () => {
  const rig = new Rig();
  rig.start();
  rig.run(20_000);
  rig.tell('defer', { ms: 2_000, leave: true });
  rig.run(1_999);
  assert.equal(rig.dials.length, 1);
  rig.run(1_200);
  assert.deepEqual(
    rig.moves.map(({ to, reason }) => [to, reason]),
    [
      ['websocket', 'start'],
      ['websocket', 'server'],
    ],
  );
});

test('a server that comes back slowly is given time, and not dialled by every rung', () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const rig = new Rig({ seed });
    rig.start();
    rig.run(12_000);
    for (const rung of ALL) rig.rules[rung].refuse = 'unreachable';
    rig.tell('closed', { dial: rig.dials[0].dial, end: 'lost' });
    rig.run(5_000);
    for (const rung of ALL) Object.assign(rig.rules[rung], { refuse: '', open: 3_000 });
    const before = rig.dials.length;
    rig.run(15_000);
    assert.equal(rig.ladder.path, 'websocket');
    const dialled = rig.dials.slice(before).map(({ rung }) => rung);
    assert.ok(dialled.length <= 2 && dialled[0] === 'websocket', `seed ${seed}: ${dialled}`);
  }
});

test('a server that is away is asked by two requests a round, ever more seldom, spread by chance', () => {
  const firsts = new Set();
  for (let seed = 1; seed <= 20; seed++) {
    const rig = new Rig({ seed });
    rig.rules.websocket.refuse = 'lost';
    for (const rung of ALL.slice(1)) rig.rules[rung].refuse = 'unreachable';
    rig.start();
    rig.run(600_000);
    assert.ok(rig.dials.length > 150 && rig.dials.length < 420, `${rig.dials.length}`);
    assert.ok(rig.dials.every(({ rung }) => rung === 'websocket' || rung === 'sse'));
    firsts.add(rig.dials[2].at);
    for (const rung of ALL) rig.rules[rung].refuse = '';
    assert.ok(
      rig.runUntil(() => rig.ladder.path === 'websocket', 10_200),
      'nothing is held against it',
    );
  }
  assert.ok(firsts.size > 10);
});

test('what worked on this network is dialled first, and better ones are tried behind it', () => {
  const rig = new Rig({ remembered: 'sse' });
  rig.start();
  rig.run(100);
  assert.equal(rig.ladder.path, 'sse');
  assert.ok(rig.runUntil(() => rig.ladder.path === 'websocket', 6_000));
  const wrong = new Rig({ remembered: 'poll' });
  for (const rung of ALL.slice(1)) wrong.rules[rung].refuse = 'lost';
  wrong.start();
  assert.ok(wrong.runUntil(() => wrong.ladder.path === 'websocket', 500));
});

test('a thread that slept does not blame the carrier', () => {
  for (const sleepMs of [150, 300, 700, 5_000, 3_600_000]) {
    const rig = new Rig({ sendEveryMs: 10 });
    rig.start();
    rig.run(12_000);
    for (let i = 0; i < 10; i++) {
      rig.sleep(sleepMs);
      rig.run(400);
    }
    assert.equal(rig.dials.length, 1, `asleep for ${sleepMs} ms`);
  }
});

test('on a slow network a second carrier may be begun, and takes nothing from the first', () => {
  const rig = new Rig({ rttMs: 300 });
  rig.start();
  rig.run(30_000);
  assert.deepEqual(
    rig.moves.map(({ to, reason }) => [to, reason]),
    [['websocket', 'start']],
  );
  assert.equal(rig.dials.length, 2);
});

test('stopped it does nothing; started again it dials', () => {
  const rig = new Rig();
  rig.start();
  rig.run(1_000);
  rig.tell('stop');
  assert.equal(rig.present, undefined);
  rig.run(3_600_000);
  assert.equal(rig.dials.length, 1);
  rig.start();
  rig.run(100);
  assert.equal(rig.ladder.path, 'websocket');
});

test('moves a minute are bounded, dials too, whatever the network does; it recovers when it heals', () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const next = random(seed);
    const rig = new Rig({ seed, rttMs: 1 + next() * 100, sendEveryMs: 30 });
    rig.start();
    while (rig.now < 600_000) {
      const rung = ALL[Math.floor(next() * 4)];
      const dice = next();
      if (dice < 0.4) rig.cut(next() < 0.5, rung);
      else if (dice < 0.5) rig.rules[rung].dies = next() < 0.5 ? next() * 5_000 : Infinity;
      else if (dice < 0.6) rig.rules[rung].refuse = next() < 0.5 ? 'lost' : '';
      else if (dice < 0.62) rig.tell('news');
      rig.run(50 + next() * next() * 20_000);
    }
    const ups = rig.moves.filter(({ reason }) => reason === 'proven').map(({ at }) => at);
    for (let i = 6; i < ups.length; i++)
      assert.ok(
        ups[i] - ups[i - 6] >= 59_000,
        `seed ${seed}: 7 climbs in ${ups[i] - ups[i - 6]} ms`,
      );
    assert.ok(rig.dials.length <= 10 * 60 * 2, `seed ${seed}: ${rig.dials.length} dials`);
    for (const rung of ALL)
      Object.assign(rig.rules[rung], { refuse: '', cut: false, dies: Infinity });
    assert.ok(
      rig.runUntil(() => rig.ladder.path, 26_000),
      `seed ${seed} has a carrier`,
    );
    rig.run(10_000);
    assert.ok(
      rig.runUntil(() => rig.ladder.path === 'websocket', 600_000),
      `seed ${seed} is back`,
    );
    rig.run(20_000);
    const dials = rig.dials.length;
    rig.run(300_000);
    assert.equal(rig.dials.length, dials, `seed ${seed} rests`);
  }
});
