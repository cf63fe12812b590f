/**
 * @file A longer simulation: besides what carriers do, pages reload, peers leave and return, the server expels those who are away for long, and
 * restarts without its memory. What may be lost or doubled then is little, and is checked to be no more.
 */

import { held } from './held.js';
import { Ledger } from './ledger.js';
import { Network, random } from './simulation.js';

/** @typedef {import('./simulation.js').Peer} Peer */

const BUSY_MS = 6000;

export class Lives {
  /** @param {number} seed */
  constructor(seed) {
    this.ledger = new Ledger(seed, 40000);
    this.rnd = random(seed);
    this.network = new Network(this.rnd);
  }

  get #now() {
    return this.network.clock.now;
  }

  run() {
    for (const name of ['ada', 'bob', 'cyd']) this.#begin(name);
    this.network.clock.after(0, () => this.#step());
    this.network.clock.runUntil(BUSY_MS + 300);
    for (const peer of this.network.peers) if (!peer.carrier) peer.connect();
    for (let i = 0; i < 24; i++) {
      this.network.clock.runUntil(this.#now + 500);
      this.#watchPaths();
    }
  }

  /** @param {string} name @param {Peer} [before] */
  #begin(name, before) {
    const peer = this.network.join(name, before);
    this.ledger.begin(peer);
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
      for (const id of this.ledger.lives.keys()) {
        const silent = from.endpoint.silentFor(id, this.#now) > 300;
        if (silent && from.endpoint.pathOf(id) === 'direct')
          from.endpoint.use(id, 'session', this.#now);
      }
      from.pump();
    }
  }

  /** @param {Peer} from @param {string} scope */
  #send(from, scope) {
    const channel = this.rnd() < 0.7 ? '' : 'files';
    this.ledger.send(from, scope, channel, this.rnd() < 0.1);
  }

  /** @param {Peer} peer */
  #reload(peer) {
    this.ledger.end(peer, false);
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
      held(peer.endpoint).unacknowledged < 100000;
    this.ledger.end(peer, clean);
    this.ledger.forgotten.add(peer.id);
    peer.session.bye(0);
    peer.pump();
    this.network.close(peer, false);
    this.network.clock.after(150 + this.rnd() * 500, () => this.#begin(peer.name, peer));
  }

  /** Away for too long: the server forgets it, and it comes back as the same member. @param {Peer} peer */
  #expel(peer) {
    const { server, clock } = this.network;
    const seat = server.seats.get(peer.id);
    if (!seat) return;
    peer.disconnect(true);
    this.ledger.forgotten.add(peer.id);
    server.leave(seat);
    clock.after(100 + this.rnd() * 500, () => peer.gone || peer.carrier || peer.connect());
  }

  #restart() {
    const { server, clock, peers } = this.network;
    this.ledger.restarts.push(this.#now);
    server.restart();
    for (const peer of peers) {
      peer.disconnect(true);
      clock.after(this.rnd() * 400, () => peer.gone || peer.carrier || peer.connect());
    }
  }

  wireBytes() {
    return this.ledger.wireBytes();
  }

  get payload() {
    return this.ledger.payload;
  }

  check() {
    this.ledger.check(this.network.peers, this.network.server);
  }
}
