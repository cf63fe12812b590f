import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Uplink } from '../src/uplink.js';
import { random } from './direct/pair.js';
import { Clock } from './support/clock.js';

/** An uplink in virtual time, over a network that the test rules. */
class Rig {
  clock = new Clock();
  /** @type {{openAfter: number | null, refuse: boolean}} */
  network = { openAfter: 20, refuse: false };
  /** @type {{at: number, events: import('../src/types.js').CarrierEvents, sent: Uint8Array[], closed: boolean, bufferedAmount: number}[]} */
  carriers = [];
  /** @type {string[]} */
  log = [];
  /** @type {Uint8Array[]} */
  outbox = [];
  /** When the session began to wait for an answer. */
  silentSince = Infinity;

  constructor(seed = 1) {
    const session = /** @type {any} */ ({
      open: () => this.log.push('open'),
      closed: () => this.log.push('closed'),
      receive: () => {},
      transmit: () => this.outbox.shift() ?? null,
      silentFor: (/** @type {number} */ now) => Math.max(0, now - this.silentSince),
    });
    this.uplink = new Uplink({
      session,
      connect: (events) => this.#connect(events),
      clock: () => this.clock.now,
      random: random(seed),
      changed: () => {},
      failed: (error) => this.log.push(error.retriable ? 'trouble' : error.code),
    });
  }

  /** @param {import('../src/types.js').CarrierEvents} events */
  #connect(events) {
    const carrier = {
      at: this.clock.now,
      events,
      sent: /** @type {Uint8Array[]} */ ([]),
      closed: false,
      bufferedAmount: 0,
      send: (/** @type {Uint8Array} */ packet) => carrier.sent.push(packet),
      close: () => {
        carrier.closed = true;
      },
    };
    this.carriers.push(carrier);
    const { openAfter, refuse } = this.network;
    if (openAfter !== null) {
      this.clock.after(openAfter, () => {
        if (carrier.closed) return;
        if (refuse) return events.closed(1006, '');
        events.opened();
        if (this.silentSince === Infinity) events.packet(new Uint8Array(1));
      });
    }
    return carrier;
  }

  get last() {
    return this.carriers[this.carriers.length - 1];
  }

  /** @param {number} ms */
  run(ms) {
    const { uplink, clock } = this;
    clock.run(
      ms,
      () => uplink.deadline(),
      () => uplink.advance(clock.now),
    );
  }
}

test('connects at once, and the session hears of it', () => {
  const rig = new Rig();
  rig.uplink.start();
  rig.run(20);
  assert.deepEqual(rig.log, ['open']);
  assert.equal(rig.uplink.open, true);
  rig.run(3_600_000);
  assert.equal(rig.carriers.length, 1);
});

test('a refused connection is tried again with waits that grow, spread by chance, up to 10 s', () => {
  const firsts = new Set();
  for (let seed = 1; seed <= 20; seed++) {
    const rig = new Rig(seed);
    rig.network.refuse = true;
    rig.uplink.start();
    rig.run(600_000);
    const waits = rig.carriers.slice(1).map(({ at }, i) => at - rig.carriers[i].at);
    firsts.add(waits[0]);
    assert.ok(waits[0] <= 270, `${waits[0]}`); // and the 20 ms of the attempt
    assert.ok(Math.max(...waits) <= 10_021);
    assert.ok(rig.carriers.length > 80 && rig.carriers.length < 220, `${rig.carriers.length}`);
  }
  assert.ok(firsts.size > 10);
});

test('an opening that hangs is given up after 3 s, later ones after 15 s at most', () => {
  const rig = new Rig();
  rig.network.openAfter = null;
  rig.uplink.start();
  rig.run(2_999);
  assert.equal(rig.carriers.length, 1);
  rig.run(1_001);
  assert.equal(rig.carriers[0].closed, true);
  assert.equal(rig.carriers.length, 2);
  rig.run(300_000);
  const waits = rig.carriers.slice(1).map(({ at }, i) => at - rig.carriers[i].at);
  assert.ok(Math.max(...waits) <= 25_000, `${waits}`);
});

test('a lost carrier is replaced within 250 ms if it had lived', () => {
  const rig = new Rig();
  rig.uplink.start();
  rig.run(10_000);
  rig.last.events.closed(1006, '');
  assert.equal(rig.uplink.open, false);
  rig.run(271);
  assert.equal(rig.carriers.length, 2);
  assert.deepEqual(rig.log, ['open', 'closed', 'trouble', 'open']);
});

test('carriers that open and die at once are tried four times a second at most', () => {
  const rig = new Rig();
  rig.uplink.start();
  const opened = rig.carriers.length;
  for (let i = 0; i < 600; i++) {
    rig.run(100);
    if (rig.uplink.open) rig.last.events.closed(1006, '');
  }
  assert.ok(rig.carriers.length - opened < 250, `${rig.carriers.length} in a minute`);
});

test('a silent carrier is replaced by another beside it, and trusted no more', () => {
  const rig = new Rig();
  rig.uplink.start();
  rig.run(10_000);
  rig.silentSince = rig.clock.now;
  rig.run(998);
  assert.equal(rig.carriers.length, 1);
  rig.run(2);
  assert.equal(rig.carriers.length, 2);
  assert.equal(rig.carriers[0].closed, false, 'it stays until the other is open');
  rig.silentSince = Infinity;
  rig.run(20);
  assert.equal(rig.carriers[0].closed, true);
  assert.deepEqual(rig.log, ['open', 'closed', 'open']);
  rig.carriers[0].events.packet(new Uint8Array(1));
  rig.carriers[0].events.closed(1006, '');
  assert.deepEqual(rig.log, ['open', 'closed', 'open'], 'what the old one says is not heard');
});

test('the patience grows with the round trip', () => {
  const rig = new Rig();
  rig.uplink.start();
  rig.uplink.measured(1_000);
  rig.run(10_000);
  rig.silentSince = rig.clock.now;
  rig.run(3_998);
  assert.equal(rig.carriers.length, 1);
  rig.run(2);
  assert.equal(rig.carriers.length, 2);
});

test('a server that stays silent is asked ever less often', () => {
  const rig = new Rig();
  rig.uplink.start();
  rig.run(10_000);
  rig.silentSince = rig.clock.now;
  rig.run(120_000);
  assert.ok(rig.carriers.length >= 8 && rig.carriers.length <= 40, `${rig.carriers.length}`);
});

test('news of the network replace the carrier at once, and once for a burst of them', () => {
  const rig = new Rig();
  rig.uplink.start();
  rig.run(10_000);
  rig.uplink.wake();
  rig.run(10);
  rig.uplink.wake();
  rig.uplink.wake();
  rig.run(1_000);
  assert.equal(rig.carriers.length, 2);
  assert.equal(rig.carriers[0].closed, true);
  assert.equal(rig.uplink.open, true);
});

test('news of the network end the wait for another attempt', () => {
  const rig = new Rig();
  rig.network.refuse = true;
  rig.uplink.start();
  rig.run(120_000);
  rig.run(rig.uplink.deadline() - rig.clock.now - 1 > 400 ? 400 : 0);
  const before = rig.carriers.length;
  rig.network.refuse = false;
  rig.uplink.wake();
  rig.run(20);
  assert.equal(rig.carriers.length, before + 1);
  assert.equal(rig.uplink.open, true);
});

test('a server that goes down is left after the time it names', () => {
  const rig = new Rig();
  rig.uplink.start();
  rig.run(10_000);
  rig.uplink.defer(2_000, true);
  rig.run(1_999);
  assert.equal(rig.carriers.length, 1);
  rig.run(1_100);
  assert.equal(rig.carriers.length, 2);
  assert.equal(rig.carriers[0].closed, true);
});

test('a limit that names a wait is respected though the carrier ends', () => {
  const rig = new Rig();
  rig.uplink.start();
  rig.run(10_000);
  rig.uplink.defer(5_000, false);
  rig.last.events.closed(4429, 'RATE_LIMITED');
  rig.run(4_999);
  assert.equal(rig.carriers.length, 1);
  rig.run(2_600);
  assert.equal(rig.carriers.length, 2);
});

for (const code of [4400, 4401, 4403, 4409, 4413]) {
  test(`close code ${code} is final, also without the ERROR that should precede it`, () => {
    const rig = new Rig();
    rig.uplink.start();
    rig.run(100);
    rig.last.events.closed(code, '');
    assert.deepEqual(rig.log, ['open', 'closed', 'INTERNAL']);
  });
}

for (const code of [1000, 1006, 4000, 4001, 4408, 4429]) {
  test(`close code ${code} is not final`, () => {
    const rig = new Rig();
    rig.uplink.start();
    rig.run(10_000);
    rig.last.events.closed(code, '');
    rig.run(1_000);
    assert.deepEqual(rig.log, ['open', 'closed', 'trouble', 'open']);
  });
}

test('packets wait in the session while the carrier is full, and go on when it has room', () => {
  const rig = new Rig();
  rig.uplink.start();
  rig.run(100);
  for (let i = 0; i < 3; i++) rig.outbox.push(Uint8Array.of(i));
  rig.last.bufferedAmount = 2 << 20;
  assert.equal(rig.uplink.transmit(rig.clock.now), false);
  assert.equal(rig.outbox.length, 3);
  assert.ok(rig.uplink.deadline() <= rig.clock.now + 20, 'it is looked at again soon');
  rig.last.bufferedAmount = 0;
  assert.equal(rig.uplink.transmit(rig.clock.now), true);
  assert.deepEqual(
    rig.last.sent.map(([first]) => first),
    [0, 1, 2],
  );
});

test('dropped, it waits until it may try again; stopped, it never does', () => {
  const rig = new Rig();
  rig.uplink.start();
  rig.run(100);
  rig.uplink.drop();
  assert.equal(rig.carriers[0].closed, true);
  rig.run(3_600_000);
  assert.equal(rig.carriers.length, 1);
  rig.uplink.retry();
  rig.run(100);
  assert.equal(rig.carriers.length, 2);
  rig.uplink.stop();
  assert.equal(rig.uplink.deadline(), Infinity);
  assert.equal(rig.carriers[1].closed, true);
});
