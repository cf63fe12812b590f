/**
 * @file A whole peer in virtual time: session, pair links, uplink with its ladder, and carriers of all four kinds over a network that
 * delays, loses, cuts and goes silent.
 */

import { Writer } from '../../src/link/wire.js';
import { Uplink } from '../../src/uplink.js';
import { Peer } from '../link/simulation.js';

/** @typedef {import('../../src/carriers/ladder.js').Rung} Rung */
/** @typedef {import('../../src/types.js').CarrierEvents} CarrierEvents */

const POLL_MS = 100;
const WAIT_MS = 5_000;

/** What the network does to one peer's carriers of a kind. @typedef {{cut: boolean, up: boolean, down: boolean, twice: number}} Rules */

/** @type {Rules} */
const HEALTHY = { cut: false, up: false, down: false, twice: 0 };

/** One connection: packets in order both ways, with delays; what is cut is lost without a word. */
class Line {
  alive = true;
  silent = false;
  #last = [0, 0];

  /** @param {LadderPeer} peer @param {Rung} rung */
  constructor(peer, rung) {
    this.peer = peer;
    this.rung = rung;
    this.rules = peer.rules[rung];
    peer.lines.add(this);
  }

  /** @param {0 | 1} way up, down @param {() => void} arrive */
  pass(way, arrive) {
    const { clock, delay } = this.peer.network;
    // Where bytes are in order nothing comes after what was lost.
    const ordered = this.rung === 'websocket' || (this.rung === 'sse' && way === 1);
    const lost = () => {
      const dropped = this.rules.cut || (way ? this.rules.down : this.rules.up);
      if (dropped && ordered) this.silent = true;
      return !this.alive || this.silent || dropped || (this.peer.gone && way === 1);
    };
    if (lost()) return;
    this.#last[way] = Math.max(this.#last[way], clock.now + delay());
    clock.after(this.#last[way] - clock.now, () => lost() || arrive());
  }

  /** Ends it, and tells that, unless it has ended. @param {() => void} tell */
  over(tell) {
    if (!this.alive) return;
    this.end();
    tell();
  }

  end() {
    this.alive = false;
    this.peer.lines.delete(this);
  }
}

/** What outlives a page: its identity, what it remembers of carriers, and its network. */
export class Tab {
  incarnation = 1000;
  /** @type {Rung | null} */
  worked = null;
  /** @type {Record<Rung, Rules>} */
  rules = /** @type {any} */ ({});

  /** @param {() => number} rnd */
  constructor(rnd) {
    this.key = Uint8Array.from({ length: 32 }, () => Math.floor(rnd() * 256));
    this.heal();
  }

  heal() {
    for (const rung of /** @type {Rung[]} */ (['websocket', 'sse', 'long-poll', 'poll']))
      this.rules[rung] = Object.assign(this.rules[rung] ?? {}, HEALTHY);
  }
}

/** As `Peer` of the link's simulation, on carriers of its own choice. */
export class LadderPeer extends Peer {
  /** @type {Set<Line>} */
  lines = new Set();
  dials = 0;
  /** @type {string[]} */
  moves = [];
  #pumping = false;
  #at = Infinity;

  /**
   * @param {import('../link/simulation.js').Network} network @param {string} name @param {Tab} tab
   * @param {() => number} random
   */
  constructor(network, name, tab, random) {
    super(network, name, ++tab.incarnation, tab.key);
    this.random = random;
    this.rules = tab.rules;
    this.uplink = new Uplink({
      session: this.session,
      rungs: ['websocket', 'sse', 'long-poll', 'poll'],
      clock: () => this.now,
      random,
      websocket: (events) => this.#webSocket(events),
      http: (rung, events) => this.#http(rung, events),
      changed: () => network.clock.after(0, () => this.pump()),
      failed: () => {},
      moved: (reason) => this.moves.push(`${this.uplink.path} ${reason}`),
      farewell: (rung, packet) => this.#sayLast(rung, packet),
      memory: {
        get: () => tab.worked,
        set: (rung) => {
          tab.worked = rung;
        },
      },
    });
    this.uplink.start();
  }

  /** @override */
  pump() {
    if (this.gone || this.#pumping || !this.uplink) return;
    this.#pumping = true;
    for (let busy = true; busy; ) {
      this.uplink.advance(this.now);
      for (const rtt of this.drain()) this.uplink.measured(rtt);
      busy = this.uplink.transmit(this.now);
    }
    this.#pumping = false;
    const at = this.deadline();
    if (at >= this.#at && this.#at > this.now) return;
    this.#at = Math.max(at, this.now + 1);
    const due = this.#at;
    if (due < Infinity)
      this.network.clock.after(due - this.now, () => {
        if (this.#at === due) this.#at = Infinity;
        this.pump();
      });
  }

  deadline() {
    const { session, endpoint, uplink } = this;
    return Math.min(session.deadline(), endpoint.deadline(), uplink.deadline());
  }

  /** @param {CarrierEvents} events */
  #webSocket(events) {
    const line = new Line(this, 'websocket');
    this.dials++;
    const end = () => line.over(() => events.closed(1006, ''));
    line.pass(0, () => line.pass(1, () => events.opened()));
    const there = this.network.server.connect((packet) => {
      const copy = packet.slice();
      line.pass(1, () => events.packet(copy));
    });
    there.ended = () => line.pass(1, () => line.over(() => events.closed(4000, '')));
    this.#mortal(line, end);
    return {
      bufferedAmount: 0,
      send: (/** @type {Uint8Array} */ packet) => {
        this.wireBytes += packet.length;
        line.pass(0, () => there.receive(packet));
      },
      close: () => line.end(),
    };
  }

  /** @param {Line} line @param {() => void} end */
  #mortal(line, end) {
    this.ends.set(line, end);
  }

  /** How to end each connection. @type {Map<Line, () => void>} */
  ends = new Map();

  /** @param {'sse' | 'long-poll' | 'poll'} rung @param {import('../../src/carriers/http.js').HttpEvents} events */
  #http(rung, events) {
    const line = new Line(this, rung);
    this.dials++;
    this.#mortal(line, () => line.over(() => events.closed(1006, '', 'lost')));
    if (rung === 'sse') this.#stream(line, events);
    else this.#poll(line, events, rung === 'long-poll');
    let paused = false;
    this.paused.set(line, () => paused);
    return {
      bufferedAmount: 0,
      send: (/** @type {Uint8Array} */ packet) => this.#post(line, events, packet),
      close: () => line.end(),
      pause: (/** @type {boolean} */ on) => {
        paused = on;
      },
    };
  }

  /** @type {Map<Line, () => boolean>} */
  paused = new Map();

  /** @param {Line} line @param {import('../../src/carriers/http.js').HttpEvents} events */
  #stream(line, events) {
    const there = this.network.server.connect((packet) => {
      const copy = packet.slice();
      line.pass(1, () => events.packet(copy));
    });
    there.ended = () => line.pass(1, () => line.over(() => events.closed(4000, '')));
    this.network.clock.after(0, () => {
      if (!line.alive) return;
      const hello = events.greet();
      this.wireBytes += hello.length;
      line.pass(0, () => there.receive(hello));
    });
  }

  /** @param {Line} line @param {import('../../src/carriers/http.js').HttpEvents} events @param {boolean} long */
  #poll(line, events, long) {
    const { clock, server } = this.network;
    const ask = () => {
      if (!line.alive || this.gone) return;
      if (this.paused.get(line)?.()) return clock.after(POLL_MS, ask);
      const hello = events.greet();
      this.wireBytes += hello.length;
      line.pass(0, () => {
        const answer = new Writer();
        let answered = false;
        const reply = () => {
          if (answered) return;
          answered = true;
          const packet = answer.take().slice();
          if (there.seat?.carrier === there) there.seat.carrier = null;
          there.seat = null;
          line.pass(1, () => {
            if (!line.alive) return;
            events.packet(packet);
            clock.after(long ? 0 : POLL_MS, ask);
          });
        };
        const there = server.connect((packet) => {
          if (answered) return;
          answer.raw(packet);
          if (long) clock.after(0, reply);
        });
        there.ended = () => {
          if (answered) return;
          answered = true;
          line.pass(1, () => line.over(() => events.closed(4000, '')));
        };
        there.receive(hello);
        clock.after(long ? WAIT_MS : 0, reply);
      });
    };
    clock.after(0, ask);
  }

  /** @param {Line} line @param {import('../../src/carriers/http.js').HttpEvents} events @param {Uint8Array} packet */
  #post(line, events, packet) {
    const { clock, server } = this.network;
    this.wireBytes += packet.length;
    let answered = false;
    const answer = (/** @type {Uint8Array | null} */ bytes) => {
      if (answered || !line.alive) return;
      answered = true;
      events.posted(bytes);
    };
    const arrive = () => {
      const there = server.connect(() => {});
      there.post = 'new';
      there.receive(packet);
      if (!there.seat) return line.pass(1, () => line.over(() => events.closed(4000, '')));
      const upack = new Writer().frame(19, new Writer().varint(there.seat.taken)).take();
      line.pass(1, () => answer(upack));
    };
    // A request has a way of its own: it may be late, and come twice.
    if (line.rules.twice && this.random() < line.rules.twice)
      clock.after(this.random() * 2_000, arrive);
    line.pass(0, arrive);
    clock.after(3_000, () => answer(null));
  }

  /** @param {Rung} rung @param {Uint8Array} packet */
  #sayLast(rung, packet) {
    this.wireBytes += packet.length;
    new Line(this, rung).pass(0, () => {
      const there = this.network.server.connect(() => {});
      there.post = 'new';
      there.receive(packet);
    });
  }

  /** Connections fall silent, or end. @param {boolean} silently */
  breakLines(silently) {
    for (const line of [...this.lines]) {
      if (silently) line.silent = true;
      else this.ends.get(line)?.();
    }
  }
}
