import assert from 'node:assert/strict';
import { test } from 'node:test';
import { First } from '../src/first.js';
import { Uplink } from '../src/uplink.js';
import { random } from './direct/pair.js';
import { Clock } from './support/clock.js';

/** @typedef {import('../src/types.js').CarrierEvents} CarrierEvents */

/** An uplink of WebSockets alone in virtual time, over a network that the test rules. */
class Rig {
  clock = new Clock();
  /** @type {{openAfter: number | null, refuse: boolean}} */
  network = { openAfter: 20, refuse: false };
  /** @type {{at: number, events: CarrierEvents, sent: Uint8Array[], closed: boolean, bufferedAmount: number}[]} */
  carriers = [];
  /** @type {string[]} */
  log = [];
  /** @type {Uint8Array[]} */
  outbox = [];
  /** @type {string[]} */
  remembered = [];
  /** When the session began to wait for an answer. */
  silentSince = Infinity;
  /** Last words. @type {{rung: string, packet: Uint8Array}[]} */
  farewells = [];
  #ways = 0;
  #greeted = new Set();

  /** @param {import('../src/carriers/ladder.js').Rung[]} [rungs] */
  constructor(seed = 1, rungs = ['websocket']) {
    const { log, outbox } = this;
    const session = {
      present: 0,
      offset: 0,
      refusal: '',
      open: () => ++this.#ways,
      closed: (/** @type {number} */ way) => {
        if (way && session.present === way) session.present = 0;
      },
      receive: (/** @type {unknown} */ _, /** @type {unknown} */ __, /** @type {number} */ way) => {
        session.present = way;
      },
      greet: () => Uint8Array.of(1, 0),
      ping: () => log.push('ping'),
      posted: () => {},
      transmit: (/** @type {number} */ _, /** @type {number} */ way) => {
        if (way === session.present) return outbox.shift() ?? null;
        const first = !this.#greeted.has(way);
        this.#greeted.add(way);
        return first ? Uint8Array.of(1) : null;
      },
      silentFor: (/** @type {number} */ now) => Math.max(0, now - this.silentSince),
    };
    this.session = session;
    this.uplink = new Uplink({
      session: /** @type {any} */ (session),
      rungs,
      websocket: (events) => this.connect(events),
      http: /** @type {any} */ (null),
      clock: () => this.clock.now,
      random: random(seed),
      changed: () => this.clock.after(0, () => {}),
      failed: (error) => this.log.push(error.retriable ? 'trouble' : error.code),
      moved: (reason) => this.log.push(reason),
      farewell: (rung, packet) => this.farewells.push({ rung, packet }),
      memory: { get: () => null, set: (rung) => this.remembered.push(rung) },
    });
  }

  /** @param {CarrierEvents} events */
  connect(events) {
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
    if (openAfter === null) return carrier;
    this.clock.after(openAfter, () => {
      if (carrier.closed) return;
      if (refuse) return events.closed(1006, '');
      events.opened();
      this.clock.after(10, () => carrier.closed || events.packet(new Uint8Array(1)));
    });
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

  start() {
    this.uplink.start();
    this.uplink.advance(this.clock.now);
  }
}

test('connects at once, says HELLO, and stays', () => {
  const rig = new Rig();
  rig.start();
  rig.run(40);
  assert.deepEqual(rig.log, ['start']);
  assert.equal(rig.uplink.open, true);
  assert.equal(rig.uplink.path, 'websocket');
  assert.equal(rig.last.sent.length, 1);
  rig.run(3_600_000);
  assert.equal(rig.carriers.length, 1);
  assert.deepEqual(rig.remembered, ['websocket']);
});

test('a refused connection is tried again with waits that grow, spread by chance, up to 10 s', () => {
  const firsts = new Set();
  for (let seed = 1; seed <= 20; seed++) {
    const rig = new Rig(seed);
    rig.network.refuse = true;
    rig.start();
    rig.run(600_000);
    const waits = rig.carriers.slice(1).map(({ at }, i) => at - rig.carriers[i].at);
    firsts.add(waits[0]);
    assert.ok(waits[0] <= 280, `${waits[0]}`); // and the 20 ms of the attempt
    assert.ok(Math.max(...waits) <= 10_025);
    assert.ok(rig.carriers.length > 80 && rig.carriers.length < 220, `${rig.carriers.length}`);
  }
  assert.ok(firsts.size > 10);
});

test('an opening that hangs is given up after 3 s, later ones after 10 s at most', () => {
  const rig = new Rig();
  rig.network.openAfter = null;
  rig.start();
  rig.run(2_999);
  assert.equal(rig.carriers.length, 1);
  rig.run(1_001);
  assert.equal(rig.carriers[0].closed, true);
  assert.equal(rig.carriers.length, 2);
  rig.run(300_000);
  const waits = rig.carriers.slice(1).map(({ at }, i) => at - rig.carriers[i].at);
  assert.ok(Math.max(...waits) <= 20_100, `${waits}`);
});

test('a lost carrier is replaced within 250 ms if it had lived', () => {
  const rig = new Rig();
  rig.start();
  rig.run(20_000);
  rig.last.events.closed(1006, '');
  assert.equal(rig.uplink.open, false);
  rig.run(300);
  assert.equal(rig.uplink.open, true);
  assert.deepEqual(rig.log, ['start', 'trouble', 'closed']);
});

test('one that fell silent is kept, and left when another beside it is welcome', () => {
  const rig = new Rig();
  rig.start();
  rig.run(20_000);
  rig.silentSince = rig.clock.now;
  rig.uplink.advance(rig.clock.now);
  rig.run(165);
  assert.equal(rig.carriers.length, 2);
  assert.equal(rig.carriers[0].closed, false);
  rig.run(35);
  assert.equal(rig.carriers[0].closed, true);
  assert.deepEqual(rig.log, ['start', 'silent']);
});

test('what an ended or closed carrier still tells is not heard', () => {
  const rig = new Rig();
  rig.start();
  rig.run(20_000);
  const [first] = rig.carriers;
  first.events.closed(1006, '');
  rig.run(300);
  first.events.packet(new Uint8Array(1));
  first.events.closed(1006, '');
  assert.equal(rig.uplink.open, true);
  assert.equal(rig.session.present, 2);
});

test('news of the network ask the carrier, and end the wait for another attempt', () => {
  const rig = new Rig();
  rig.start();
  rig.run(20_000);
  rig.uplink.wake();
  rig.uplink.advance(rig.clock.now);
  assert.deepEqual(rig.log, ['start', 'ping']);
  rig.network.refuse = true;
  rig.last.events.closed(1006, '');
  rig.run(120_000);
  rig.run(400);
  const before = rig.carriers.length;
  rig.network.refuse = false;
  rig.uplink.wake();
  rig.uplink.advance(rig.clock.now);
  rig.run(40);
  assert.ok(rig.carriers.length - before <= 1);
  assert.equal(rig.uplink.open, true);
});

test('a server that goes down is left after the time it names', () => {
  const rig = new Rig();
  rig.start();
  rig.run(10_000);
  rig.uplink.defer(2_000, true);
  rig.run(1_999);
  assert.equal(rig.carriers.length, 1);
  rig.run(1_100);
  assert.equal(rig.carriers.length, 2);
  assert.equal(rig.carriers[0].closed, true);
  assert.deepEqual(rig.log, ['start', 'server']);
});

test('a limit that names a wait is respected though the carrier ends', () => {
  const rig = new Rig();
  rig.start();
  rig.run(10_000);
  rig.uplink.defer(5_000, false);
  rig.last.events.closed(4429, 'RATE_LIMITED');
  rig.run(4_999);
  assert.equal(rig.carriers.length, 1);
  rig.run(2_600);
  assert.equal(rig.carriers.length, 2);
});

for (const refusal of ['OVERTAKEN', 'NO_SESSION']) {
  test(`a carrier that is told ${refusal} is closed, and asks no more`, () => {
    const rig = new Rig();
    rig.start();
    rig.run(100);
    const [first] = rig.carriers;
    rig.session.refusal = refusal;
    first.events.packet(new Uint8Array());
    rig.session.refusal = '';
    assert.equal(first.closed, true);
    rig.run(1_000);
    assert.deepEqual(rig.log, ['start', 'closed']);
    assert.equal(rig.carriers.length, 2);
  });
}

for (const code of [4400, 4401, 4403, 4409, 4413]) {
  test(`close code ${code} is final, also without the ERROR that should precede it`, () => {
    const rig = new Rig();
    rig.start();
    rig.run(100);
    rig.last.events.closed(code, '');
    assert.deepEqual(rig.log, ['start', 'INTERNAL']);
  });
}

for (const code of [1000, 1006, 4000, 4001, 4408, 4429]) {
  test(`close code ${code} is not final`, () => {
    const rig = new Rig();
    rig.start();
    rig.run(10_000);
    rig.last.events.closed(code, '');
    rig.run(1_000);
    assert.deepEqual(rig.log, ['start', ...(code === 4000 ? [] : ['trouble']), 'closed']);
  });
}

test('packets wait in the session while the carrier is full, and go on when it has room', () => {
  const rig = new Rig();
  rig.start();
  rig.run(100);
  for (let i = 0; i < 3; i++) rig.outbox.push(Uint8Array.of(i));
  rig.last.bufferedAmount = 2 << 20;
  assert.equal(rig.uplink.transmit(rig.clock.now), false);
  assert.equal(rig.outbox.length, 3);
  assert.ok(rig.uplink.deadline() <= rig.clock.now + 20, 'it is looked at again soon');
  rig.last.bufferedAmount = 0;
  assert.equal(rig.uplink.transmit(rig.clock.now), true);
  assert.deepEqual(
    rig.last.sent.slice(1).map(([first]) => first),
    [0, 1, 2],
  );
});

test('dropped, it waits until it may try again; stopped, it never does', () => {
  const rig = new Rig();
  rig.start();
  rig.run(100);
  rig.uplink.drop();
  assert.equal(rig.carriers[0].closed, true);
  rig.run(3_600_000);
  assert.equal(rig.carriers.length, 1);
  rig.uplink.retry();
  rig.uplink.advance(rig.clock.now);
  rig.run(100);
  assert.equal(rig.carriers.length, 2);
  rig.uplink.stop();
  assert.equal(rig.uplink.deadline(), Infinity);
  assert.equal(rig.carriers[1].closed, true);
});

test('a page whose carrier ended just before it is left says goodbye by a request of its own', () => {
  const rig = new Rig(1, ['websocket', 'sse']);
  rig.start();
  rig.uplink.flush(10_000);
  assert.deepEqual(rig.farewells, [], 'nobody there knows it yet');
  rig.run(100);
  rig.outbox.push(Uint8Array.of(7, 1, 0));
  rig.uplink.flush(0);
  assert.deepEqual(
    rig.last.sent.at(-1),
    Uint8Array.of(7, 1, 0),
    'while there is one, that is used',
  );
  rig.last.events.closed(1006, '');
  rig.uplink.flush(100);
  const packet = Uint8Array.of(1, 0, 7, 1, 100); // HELLO, BYE
  assert.deepEqual(rig.farewells, [{ rung: 'sse', packet }]);
});

test('a page that is left does not trust its WebSocket alone with its goodbye', () => {
  const rig = new Rig();
  rig.start();
  rig.run(100);
  rig.outbox.push(Uint8Array.of(7, 1, 100));
  rig.uplink.flush(100);
  assert.deepEqual(rig.last.sent.at(-1), Uint8Array.of(7, 1, 100));
  assert.deepEqual(rig.farewells, [{ rung: 'poll', packet: Uint8Array.of(1, 0, 7, 1, 100) }]);
});

test('a page that is left says nothing after its goodbye, until it is there again', () => {
  const rig = new Rig(1, ['websocket', 'sse']);
  rig.start();
  rig.run(100);
  rig.outbox.push(Uint8Array.of(7, 1, 100));
  rig.uplink.flush(100);
  const dialled = rig.carriers.length;
  const sent = rig.last.sent.length;
  rig.outbox.push(Uint8Array.of(9));
  rig.uplink.transmit(rig.clock.now);
  rig.last.events.closed(4411, 'done');
  rig.run(60_000);
  assert.deepEqual([rig.carriers.length, rig.last.sent.length], [dialled, sent]);
  rig.uplink.wake();
  rig.run(1_000);
  assert.equal(rig.carriers.length, dialled + 1);
});

/** The first WebSocket, before the uplink is there. @param {Rig} rig */
function first(rig) {
  const { session, clock } = rig;
  const open = (/** @type {CarrierEvents} */ events) => rig.connect(events);
  return new First(
    /** @type {any} */ (session),
    () => clock.now,
    () => {},
    open,
  );
}

/** @param {Rig} rig @param {number} ms */
function wait(rig, ms) {
  rig.clock.run(
    ms,
    () => Infinity,
    () => {},
  );
}

for (const ms of [0, 25, 100]) {
  test(`takes over the first WebSocket ${ms} ms after it was dialled, and dials no other`, () => {
    const rig = new Rig();
    const before = first(rig);
    for (let at = 0; at < ms; at++) {
      wait(rig, 1);
      before.transmit(rig.clock.now);
    }
    rig.uplink.start(before);
    rig.uplink.advance(rig.clock.now);
    rig.run(20_000);
    assert.equal(rig.carriers.length, 1);
    assert.equal(rig.uplink.open, true);
    assert.equal(rig.last.sent.length, 1, 'HELLO is said once');
    rig.last.events.closed(1006, '');
    rig.run(300);
    assert.equal(rig.carriers.length, 2);
  });
}

test('takes over the first WebSocket when it has ended already', () => {
  const rig = new Rig();
  rig.network.refuse = true;
  const before = first(rig);
  wait(rig, 50);
  rig.network.refuse = false;
  rig.uplink.start(before);
  rig.uplink.advance(rig.clock.now);
  rig.run(400);
  assert.deepEqual(rig.log, ['trouble', 'start']);
  assert.equal(rig.carriers.length, 2);
});
