/**
 * @file A longer simulation: besides what carriers do, pages reload, peers leave and return, the server expels those who are away for long, and
 * restarts without its memory. What may be lost or doubled then is little, and is checked to be no more.
 */

import assert from 'node:assert/strict';
import { Network, random } from './simulation.js';

/** @typedef {import('./simulation.js').Peer} Peer */
/**
 * @typedef {object} Sent what one life sent to one peer's id on one channel
 * @property {Peer} from
 * @property {string} to
 * @property {string} scope
 * @property {string} channel
 * @property {number[]} numbers
 */

const text = (/** @type {string} */ s) => new TextEncoder().encode(s);
const BUSY_MS = 6000;

export class Lives {
  /** Of each id all lives, oldest first. @type {Map<string, Peer[]>} */
  lives = new Map();
  /** @type {Map<string, Sent>} */
  sent = new Map();
  /** The handles of messages, for their receipts. @type {Map<Peer, Map<number, {number: number, scope: string, channel: string}>>} */
  handles = new Map();
  /** Lives that ended, and whether the server had taken all that they sent. @type {Map<Peer, {at: number, clean: boolean}>} */
  ended = new Map();
  /** When the server lost everything. @type {number[]} */
  restarts = [];
  /** Ids that the server forgot at some time, with their mailboxes. @type {Set<string>} */
  forgotten = new Set();
  payload = 0;
  #count = 0;

  /** @param {number} seed */
  constructor(seed) {
    this.seed = seed;
    this.rnd = random(seed);
    this.network = new Network(this.rnd);
  }

  get #now() {
    return this.network.clock.now;
  }

  run() {
    for (const name of ['ada', 'bob', 'cyd']) this.#begin(name);
    this.network.clock.after(0, () => this.#step());
    this.network.clock.run(BUSY_MS + 300);
    for (const peer of this.network.peers) if (!peer.carrier) peer.connect();
    for (let i = 0; i < 24; i++) {
      this.network.clock.run(this.#now + 500);
      this.#watchPaths();
    }
  }

  /** @param {string} name @param {Peer} [before] */
  #begin(name, before) {
    const peer = this.network.join(name, before);
    const lives = this.lives.get(peer.id) ?? [];
    this.lives.set(peer.id, [...lives, peer]);
    this.handles.set(peer, new Map());
    // Impatient drivers open a second carrier before the first one's WELCOME.
    if (this.rnd() < 0.3) this.network.clock.after(this.rnd() * 60, () => peer.connect());
  }

  #step() {
    const { peers, clock } = this.network;
    const peer = peers[Math.floor(this.rnd() * peers.length)];
    const others = peers.filter((other) => other !== peer);
    const to = others[Math.floor(this.rnd() * others.length)];
    this.#act(peer, to, this.rnd());
    this.#watchPaths();
    if (this.#now < BUSY_MS) clock.after(this.rnd() * 60, () => this.#step());
  }

  /** @param {Peer} peer @param {Peer} to @param {number} dice */
  #act(peer, to, dice) {
    const { clock } = this.network;
    if (dice < 0.66) this.#send(peer, this.rnd() < 0.5 ? 'room' : to.id);
    else if (dice < 0.72) {
      peer.disconnect(this.rnd() < 0.5);
      clock.after(this.rnd() * 400, () => peer.gone || peer.carrier || peer.connect());
    } else if (dice < 0.76) peer.connect();
    else if (dice < 0.81) this.network.openDirect(peer, to);
    else if (dice < 0.84) this.network.cutDirect(peer, to, this.rnd() < 0.5);
    else if (dice < 0.9 && peer.direct.has(to.id)) peer.endpoint.use(to.id, 'direct', this.#now);
    else if (dice < 0.94) this.#reload(peer);
    else if (dice < 0.955) this.#leave(peer);
    else if (dice < 0.97) this.#expel(peer);
    else if (dice < 0.975) this.#restart();
  }

  #watchPaths() {
    for (const from of this.network.peers) {
      for (const id of this.lives.keys()) {
        const silent = from.endpoint.silentFor(id, this.#now) > 300;
        if (silent && from.endpoint.pathOf(id) === 'direct')
          from.endpoint.use(id, 'session', this.#now);
      }
      from.pump();
    }
  }

  /** @param {Peer} from @param {string} scope */
  #send(from, scope) {
    if (scope !== 'room' && !from.members.has(scope)) return;
    const channel = this.rnd() < 0.7 ? '' : 'files';
    const size = this.rnd() < 0.1 ? 40000 : 24;
    const number = ++this.#count;
    const audience = scope === 'room' ? [...from.members.keys()] : [scope];
    for (const to of audience) this.#sentBy(from, to, scope, channel).numbers.push(number);
    this.payload += size * audience.length;
    const bytes = text(`${from.incarnation}:${number} `.padEnd(size, String(number % 10)));
    const handle = from.endpoint.send(scope, channel, 0, bytes, this.#now);
    this.handles.get(from)?.set(handle, { number, scope, channel });
  }

  /** @param {Peer} from @param {string} to @param {string} scope @param {string} channel */
  #sentBy(from, to, scope, channel) {
    const key = `${from.id}/${from.incarnation} ${to} ${scope} ${channel}`;
    let sent = this.sent.get(key);
    if (!sent) this.sent.set(key, (sent = { from, to, scope, channel, numbers: [] }));
    return sent;
  }

  /** @param {Peer} peer */
  #reload(peer) {
    this.#end(peer, false);
    // What is on its way may arrive or die.
    this.network.close(peer, this.rnd() < 0.5);
    this.#begin(peer.name, peer);
  }

  /** Says goodbye, and opens the page again a while later. @param {Peer} peer */
  #leave(peer) {
    if (!peer.carrier || this.network.peers.length < 3) return;
    // All that it sent is the server's by now, if nothing waits on its way up and no pair is elsewhere.
    const clean =
      peer.session.upBytes === 0 &&
      [...peer.members.keys()].every((id) => peer.endpoint.pathOf(id) === 'session') &&
      peer.endpoint.held.unacknowledged < 100000;
    this.#end(peer, clean);
    this.forgotten.add(peer.id);
    peer.session.bye(0);
    peer.pump();
    this.network.close(peer, false);
    this.network.clock.after(150 + this.rnd() * 500, () => this.#begin(peer.name, peer));
  }

  /** @param {Peer} peer @param {boolean} clean */
  #end(peer, clean) {
    if (!this.ended.has(peer)) this.ended.set(peer, { at: this.#now, clean });
  }

  /** Away for too long: the server forgets it, and it comes back as the same member. @param {Peer} peer */
  #expel(peer) {
    const { server, clock } = this.network;
    const seat = server.seats.get(peer.id);
    if (!seat) return;
    peer.disconnect(true);
    this.forgotten.add(peer.id);
    server.leave(seat);
    clock.after(100 + this.rnd() * 500, () => peer.gone || peer.carrier || peer.connect());
  }

  #restart() {
    const { server, clock, peers } = this.network;
    this.restarts.push(this.#now);
    server.restart();
    for (const peer of peers) {
      peer.disconnect(true);
      clock.after(this.rnd() * 400, () => peer.gone || peer.carrier || peer.connect());
    }
  }

  wireBytes() {
    return [...this.lives.values()].flat().reduce((sum, peer) => sum + peer.wireBytes, 0);
  }

  check() {
    for (const sent of this.sent.values()) this.#checkDelivery(sent);
    for (const peer of this.network.peers) {
      const why = `seed ${this.seed}: ${peer.name}`;
      assert.deepEqual(peer.endpoint.held, { unacknowledged: 0, behindHoles: 0 }, why);
      assert.equal(peer.session.upBytes, 0, `${why}'s way up`);
      const mailbox = this.network.server.seats.get(peer.id)?.log ?? [];
      assert.equal(mailbox.length, 0, `${why}'s mailbox`);
      for (const { id } of this.network.peers)
        assert.equal(peer.endpoint.silentFor(id, this.#now), 0, `${why} waits for ${id}`);
    }
    for (const [peer, handles] of this.handles)
      if (!this.ended.has(peer))
        assert.equal(
          peer.events.filter((event) => event.type === 'settled').length,
          handles.size,
          `seed ${this.seed}: receipts of ${peer.name}`,
        );
  }

  /** @param {Sent} sent */
  #checkDelivery({ from, to, scope, channel, numbers }) {
    const lives = this.lives.get(to) ?? [];
    const why = `seed ${this.seed}: ${from.name}/${from.incarnation} → ${lives[0].name} ${scope === 'room' ? 'room' : 'peer'} '${channel}'`;
    const lists = lives.map((life) => this.#received(life, from, scope, channel, why));
    for (const list of lists) {
      for (let i = 0; i < list.length; i++) {
        assert.ok(numbers.includes(list[i]), `${why}: ${list[i]} was not sent to it`);
        assert.ok(i === 0 || list[i - 1] < list[i], `${why}: ${list[i]} after ${list[i - 1]}`);
      }
    }
    const end = this.ended.get(from);
    const got = new Set(lists.flat());
    const { missed, settledAt } = this.#receipts(from, to);
    const lost = numbers.filter((number) => !got.has(number) && !missed.has(number));
    if (!end) {
      // Somebody who was away for too long is told, or the others are, what is lost.
      const told = this.forgotten.has(from.id) ? gaps(lives, from, scope, channel) : 0;
      assert.ok(lost.length <= told, `${why}: ${lost} of its messages are lost`);
      this.#checkRepeats(from, lives, lists, settledAt, why);
    } else if (end.clean && !this.restarts.some((at) => at >= end.at - 1000)) {
      // A new page may not know the channel's name.
      const told = gaps(lives, from, scope, channel) + gaps(lives, from, 'peer', '');
      const known = this.forgotten.has(to) || lost.length <= told;
      assert.ok(known, `${why}: ${lost} of its messages are lost at parting`);
    }
  }

  /**
   * What was acknowledged before a reload does not come again after it; unless its sender left, as the new page has to believe after a restart too,
   * and the mailbox had not learned of the acknowledgement.
   *
   * @param {Peer} from @param {Peer[]} lives @param {number[][]} lists @param {Map<number, number>} settledAt @param {string} why */
  #checkRepeats(from, lives, lists, settledAt, why) {
    if (this.forgotten.has(from.id)) return;
    for (let i = 1; i < lists.length; i++) {
      const reloadedAt = this.ended.get(lives[i - 1])?.at ?? 0;
      if (this.restarts.some((at) => at >= reloadedAt)) continue;
      for (const number of lists[i])
        assert.ok(
          (settledAt.get(number) ?? Infinity) >= reloadedAt,
          `${why}: ${number} was settled before the reload and came again`,
        );
    }
  }

  /** @param {Peer} from @param {string} to */
  #receipts(from, to) {
    /** @type {Set<number>} */
    const missed = new Set();
    /** @type {Map<number, number>} */
    const settledAt = new Map();
    for (const event of from.events) {
      if (event.type !== 'settled') continue;
      const number = this.handles.get(from)?.get(event.handle)?.number ?? 0;
      settledAt.set(number, from.eventTimes.get(event) ?? 0);
      if (event.missed.includes(to)) missed.add(number);
    }
    return { missed, settledAt };
  }

  /** The numbers that one life was handed from another, each whole. @param {Peer} life @param {Peer} from @param {string} scope @param {string} channel @param {string} why */
  #received(life, from, scope, channel, why) {
    return life
      .received(channel, from.id, scope === 'room' ? 'room' : 'peer')
      .map((data) => /** @type {[string, string, string]} */ ([data, ...data.split(/[: ]/, 2)]))
      .filter(([, incarnation]) => Number(incarnation) === from.incarnation)
      .map(([data, incarnation, number]) => {
        const size = data.length > 24 ? 40000 : 24;
        assert.equal(data, `${incarnation}:${number} `.padEnd(size, number.at(-1)), why);
        return Number(number);
      });
  }
}

/** How much was told to be lost. @param {Peer[]} lives @param {Peer} from @param {string} scope @param {string} channel */
function gaps(lives, from, scope, channel) {
  let count = 0;
  for (const life of lives)
    for (const event of life.events)
      if (
        event.type === 'gap' &&
        event.from === from.id &&
        event.channel === channel &&
        event.scope === (scope === 'room' ? 'room' : 'peer')
      )
        count += event.count;
  return count;
}
