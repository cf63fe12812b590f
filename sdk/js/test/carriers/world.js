/**
 * @file Whole peers around a server in virtual time: each has a session on carriers of four kinds, and direct paths to the others. Networks cut,
 * lose one way, delay and double; ICE fails; pages are reloaded, and left. Then all heals. Everything random comes from one seed.
 */

import assert from 'node:assert/strict';
import { FakeNetwork } from '../direct/fake-rtc.js';
import { held } from '../link/held.js';
import { Ledger } from '../link/ledger.js';
import { Network, random } from '../link/simulation.js';
import { Tab } from './peer.js';
import { WholePeer } from './whole.js';

/** @typedef {import('../../src/carriers/ladder.js').Rung} Rung */
/** @type {Rung[]} */
export const RUNGS = ['websocket', 'sse', 'long-poll', 'poll'];
const NAMES = ['ada', 'bob', 'cyd'];
const BUSY_MS = 10_000;
/** The longest wait of a round of attempts, and the opening of one that hangs. */
const RECOVERY_MS = 30_000;
/** A direct path that fell often owes up to 64 s of echoes; one that failed often waits as long for its next attempt. */
const DIRECT_MS = 240_000;
const REST_MS = 3_000;
const LARGE_BYTES = 20_000;
/** More than the window of a path, and what else was sent meanwhile. */
const MOST_BYTES = 4 << 20;

export class World {
  #rnd;
  #network;
  #fake;
  #rtc;
  /** @type {Map<string, Tab>} */
  #tabs = new Map();
  /** Between whom packets of direct paths are lost, one way. @type {Set<string>} */
  #lost = new Set();
  #slow = 1;
  #loose = 0;
  #busyDials = 0;
  /** Every page that ever was. @type {WholePeer[]} */
  pages = [];

  /** @param {number} seed */
  constructor(seed) {
    this.seed = seed;
    this.#rnd = random(seed);
    this.#network = new Network(this.#rnd);
    this.#fake = new FakeNetwork(this.#network.clock);
    this.#fake.delay = () => 10 * this.#slow * (0.5 + this.#rnd());
    this.#fake.passes = (from, to) => !this.#lost.has(`${from} ${to}`);
    this.#rtc = { fake: this.#fake, constructing: '' };
    this.ledger = new Ledger(seed, LARGE_BYTES);
    // A server is all that some have, and a third peer may be one of those.
    this.names = NAMES.slice(0, seed % 8 === 7 ? 3 : 2);
    this.direct = new Set(seed % 4 === 0 ? [] : NAMES.slice(0, seed % 16 === 7 ? 3 : 2));
    /** Whether direct paths work at the end. */
    this.heals = seed % 8 !== 3;
  }

  get present() {
    return /** @type {WholePeer[]} */ (this.#network.peers);
  }

  async run() {
    const connection = this.#fake.connectionClass(() => this.#rtc.constructing);
    const before = Object.getOwnPropertyDescriptor(globalThis, 'RTCPeerConnection');
    Object.defineProperty(globalThis, 'RTCPeerConnection', {
      value: connection,
      configurable: true,
    });
    try {
      await this.#live();
    } finally {
      if (before) Object.defineProperty(globalThis, 'RTCPeerConnection', before);
      else Reflect.deleteProperty(globalThis, 'RTCPeerConnection');
    }
  }

  async #live() {
    const { clock } = this.#network;
    for (const name of this.names) this.#begin(name);
    await this.#runUntil(1_000);
    clock.after(0, () => this.#step());
    await this.#runUntil(BUSY_MS + 1_000);
    this.#heal();
    this.#busyDials = Math.max(...this.pages.map(({ dials }) => dials));
    await this.#runUntil(BUSY_MS + RECOVERY_MS);
    await this.#rest();
    this.#checkRest();
    while (this.heals && !this.#climbed && clock.now < BUSY_MS + DIRECT_MS)
      await this.#runUntil(clock.now + 500);
    await this.#runUntil(clock.now + 1_000);
    await this.#rest();
  }

  /** Attempts of direct paths go on for ever where there is none: what they say to each other is taken in a moment. */
  async #rest() {
    const { clock, server } = this.#network;
    const busy = () =>
      this.present.some(({ id, session }) => session.upBytes || server.seats.get(id)?.log.length);
    for (let ms = 0; ms < REST_MS && busy(); ms += 20) await this.#runUntil(clock.now + 20);
  }

  /** Event by event; promises settle between those that have some. @param {number} at */
  async #runUntil(at) {
    const { clock } = this.#network;
    const fake = this.#fake;
    while (clock.next <= at) {
      clock.step();
      while (fake.unsettled) {
        fake.unsettled = false;
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    clock.now = at;
  }

  /** @param {string} name of a page that opens, for the first time or again */
  #begin(name) {
    const tab = this.#tabs.get(name) ?? new Tab(this.#rnd);
    this.#tabs.set(name, tab);
    const directly = this.direct.has(name);
    const peer = new WholePeer(this.#network, name, tab, this.#rnd, this.#rtc, directly);
    this.#network.peers.push(peer);
    this.pages.push(peer);
    this.ledger.begin(peer);
    peer.pump();
  }

  /** @template T @param {readonly T[]} list @returns {T} */
  #pick(list) {
    return list[Math.floor(this.#rnd() * list.length)];
  }

  #step() {
    const { clock } = this.#network;
    const rnd = this.#rnd;
    const peer = this.#pick(this.present);
    this.#send(peer);
    const dice = rnd();
    if (dice < 0.04) this.#meddle(this.#pick(this.present));
    else if (dice < 0.08) this.#meddleDirect();
    else if (dice < 0.084) this.#reload(this.#pick(this.present));
    else if (dice < 0.086) this.#leave(this.#pick(this.present));
    if (clock.now < BUSY_MS) clock.after(rnd() * 60, () => this.#step());
  }

  /** @param {WholePeer} peer */
  #send(peer) {
    const rnd = this.#rnd;
    const other = this.#pick(this.present.filter((one) => one !== peer))?.id ?? 'room';
    const scope = rnd() < 0.7 ? 'room' : other;
    if (rnd() < 0.05)
      peer.endpoint.sendLoose(scope, '', 0, new TextEncoder().encode(`${++this.#loose}`));
    else this.ledger.send(peer, scope, rnd() < 0.8 ? '' : 'files', rnd() < 0.05);
    if (scope !== 'room') peer.paths?.used(scope, peer.now);
    peer.pump();
  }

  /** One of the things that networks do to carriers. @param {WholePeer} peer */
  #meddle(peer) {
    const rnd = this.#rnd;
    const rules = peer.rules[this.#pick(RUNGS)];
    const dice = rnd();
    if (dice < 0.25) rules.cut = rnd() < 0.4;
    else if (dice < 0.35) rules.up = rnd() < 0.4;
    else if (dice < 0.45) rules.down = rnd() < 0.4;
    else if (dice < 0.6) rules.twice = rnd() < 0.7 ? rnd() : 0;
    else if (dice < 0.9) peer.breakLines(rnd() < 0.5);
    else peer.wake();
  }

  /** And to direct paths. */
  #meddleDirect() {
    const rnd = this.#rnd;
    const [a, b] = rnd() < 0.5 ? ['ada', 'bob'] : ['bob', this.#pick(['ada', 'cyd'])];
    const dice = rnd();
    if (dice < 0.2) this.#fake.cut(a, b);
    else if (dice < 0.4) this.#lose([`${a} ${b}`], rnd() * 3_000);
    else if (dice < 0.6) this.#lose([`${a} ${b}`, `${b} ${a}`], rnd() * 3_000);
    else if (dice < 0.75) this.#fake.blocked = rnd() < 0.4;
    else if (dice < 0.9) this.#slow = rnd() < 0.5 ? 1 : 1 + rnd() * 20;
    else this.#fake.doubt(rnd() < 0.5 ? 'disconnected' : 'failed');
  }

  /** @param {string[]} ways @param {number} ms */
  #lose(ways, ms) {
    for (const way of ways) this.#lost.add(way);
    // Where it does not heal, one way at least is dead for good, and nobody is told.
    if (!this.heals) return;
    this.#network.clock.after(ms, () => {
      for (const way of ways) this.#lost.delete(way);
      this.#fake.heal();
    });
  }

  /** @param {WholePeer} peer */
  #reload(peer) {
    this.ledger.end(peer, false);
    peer.end(this.#rnd() < 0.5, this.#rnd() < 0.5);
    this.#gone(peer);
    this.#begin(peer.name);
  }

  /** Says goodbye, and opens the page again a while later. @param {WholePeer} peer */
  #leave(peer) {
    if (this.present.length < 2) return;
    // All that it sent is the server's by now, if nothing waits on its way up and no pair is elsewhere.
    const clean =
      peer.session.upBytes === 0 &&
      [...peer.members.keys()].every((id) => peer.endpoint.pathOf(id) === 'session') &&
      held(peer.endpoint).unacknowledged < 100_000;
    this.ledger.end(peer, clean);
    this.ledger.forgotten.add(peer.id);
    peer.leave();
    this.#gone(peer);
    this.#network.clock.after(150 + this.#rnd() * 500, () => this.#begin(peer.name));
  }

  /** @param {WholePeer} peer */
  #gone(peer) {
    this.#network.peers = this.#network.peers.filter((other) => other !== peer);
  }

  #heal() {
    for (const tab of this.#tabs.values()) tab.heal();
    this.#slow = 1;
    if (!this.heals) return void this.#lost.add('ada bob');
    this.#lost.clear();
    this.#fake.blocked = false;
    this.#fake.heal();
  }

  /** Whether all that could be direct is. */
  get #climbed() {
    const able = this.present.filter(({ name }) => this.direct.has(name));
    return able.every((peer) => peer.isDirectTo(able.filter((other) => other !== peer)));
  }

  /** What holds when all has come to rest, whatever the paths are. */
  #checkRest() {
    const why = `seed ${this.seed}`;
    this.ledger.check(this.present, this.#network.server);
    assert.ok(this.#busyDials <= 150, `${why}: ${this.#busyDials} dials`);
    for (const peer of this.present) {
      assert.equal(peer.uplink.open, true, `${why}: ${peer.name} has a carrier`);
      assert.ok(peer.lines.size <= 2, `${why}: ${peer.lines.size} connections at the end`);
    }
    for (const { events, name, most } of this.pages) {
      const loose = events.filter((event) => event.type === 'message' && event.loose);
      const unlike = new Set(loose.map((event) => 'payload' in event && `${event.payload}`));
      assert.equal(unlike.size, loose.length, `${why}: ${name} got an unreliable one twice`);
      for (const [what, bytes] of Object.entries(most))
        assert.ok(bytes <= MOST_BYTES, `${why}: ${name} held ${bytes} bytes (${what})`);
    }
  }

  /** What holds at the end. */
  check() {
    const why = `seed ${this.seed}`;
    assert.equal(this.#climbed, this.heals || !this.direct.size, `${why}: direct at the end`);
    this.ledger.check(this.present, this.#network.server);
    const able = this.names.filter((name) => this.direct.has(name)).length;
    const { open, all } = this.#fake;
    const most = able && able * (able - 1);
    assert.ok(open.length <= most, `${why}: ${open.length} connections at the end`);
    if (this.heals) assert.equal(open.length, most, `${why}: connections at the end`);
    assert.ok(all.size <= 60, `${why}: ${all.size} connections in all`);
  }
}
