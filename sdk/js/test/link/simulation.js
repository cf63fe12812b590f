/**
 * @file Whole peers (`Session` and `Endpoint`) around the server's model in virtual time, over carriers that delay, die with their tail, and go
 * silent. Everything random comes from one seed.
 */

import { Endpoint } from '../../src/link/endpoint.js';
import { Session } from '../../src/link/session.js';
import { base64url } from '../../src/link/wire.js';
import { Clock } from '../support/clock.js';
import { ServerModel } from './server-model.js';

/** @param {number} seed @returns {() => number} from 0 (included) to 1 (not): mulberry32 */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** One way of a carrier: in order, with a delay; dies with what is under way, or swallows silently. */
class Wire {
  alive = true;
  silent = false;
  #last = 0;

  /** @param {Clock} clock @param {() => number} delay @param {(packet: Uint8Array) => void} deliver */
  constructor(clock, delay, deliver) {
    this.clock = clock;
    this.delay = delay;
    this.deliver = deliver;
  }

  /** @param {Uint8Array} packet */
  send(packet) {
    if (!this.alive || this.silent) return;
    const copy = packet.slice();
    this.#last = Math.max(this.#last, this.clock.now + this.delay());
    this.clock.after(
      this.#last - this.clock.now,
      () => this.alive && !this.silent && this.deliver(copy),
    );
  }
}

export class Peer {
  /** @type {{up: Wire, down: Wire} | null} */
  carrier = null;
  /** Data channels by peer id: what we put in comes out there. @type {Map<string, Wire>} */
  direct = new Map();
  /** @type {import('../../src/link/endpoint.js').EndpointEvent[]} */
  events = [];
  /** Ids met. @type {Map<string, number>} */
  members = new Map();
  wireBytes = 0;
  #timer = Infinity;
  gone = false;
  lost = 0;
  /** When each event was. @type {Map<import('../../src/link/endpoint.js').EndpointEvent, number>} */
  eventTimes = new Map();

  /** @param {Network} network @param {string} name @param {number} incarnation @param {Uint8Array} key */
  constructor(network, name, incarnation, key) {
    this.network = network;
    this.name = name;
    this.id = base64url(key.slice(0, 16));
    this.incarnation = incarnation;
    this.key = key;
    this.session = new Session({ room: 'room', key, incarnation, name });
    this.endpoint = new Endpoint({ incarnation });
  }

  get now() {
    return this.network.clock.now;
  }

  connect() {
    const { clock, server, delay } = this.network;
    this.disconnect(false);
    const down = new Wire(clock, delay, (packet) => {
      if (this.carrier?.down !== down || this.gone) return;
      this.session.receive(packet, this.now);
      this.pump();
    });
    const serverSide = server.connect((packet) => down.send(packet));
    const up = new Wire(clock, delay, (packet) => serverSide.receive(packet));
    this.carrier = { up, down };
    this.session.open(this.now);
    this.pump();
  }

  /** @param {boolean} tailLost whether what is on its way up dies too */
  disconnect(tailLost) {
    if (this.carrier && tailLost) this.carrier.up.alive = false;
    this.carrier = null;
    this.session.closed();
  }

  /** Everything the state machines have to say goes where it belongs. */
  pump() {
    if (this.gone) return;
    this.drain();
    for (let packet; this.carrier && (packet = this.session.transmit(this.now)); ) {
      this.wireBytes += packet.length;
      this.carrier.up.send(packet);
    }
    const due = Math.max(this.now, Math.min(this.session.deadline(), this.endpoint.deadline()));
    if (due < this.#timer) {
      this.#timer = due;
      this.network.clock.after(due - this.now, () => {
        this.#timer = Infinity;
        this.pump();
      });
    }
  }

  /** What came, and what pairs have to send. @returns {number[]} round trips that were measured */
  drain() {
    const rtts = this.drainEvents();
    for (let output; (output = this.endpoint.transmit(this.now, this.writable)); )
      this.#route(output);
    return rtts;
  }

  /** @returns {number[]} round trips that were measured */
  drainEvents() {
    /** @type {number[]} */
    const rtts = [];
    this.session.advance(this.now);
    for (let event; (event = this.session.nextEvent()); ) {
      if (event.type === 'rtt') rtts.push(event.ms);
      this.onSession(event);
    }
    this.drainEndpoint();
    return rtts;
  }

  drainEndpoint() {
    for (let event; (event = this.endpoint.nextEvent()); ) this.onEndpoint(event);
  }

  /** @param {import('../../src/link/endpoint.js').EndpointEvent} event */
  onEndpoint(event) {
    this.events.push(event);
    this.eventTimes.set(event, this.now);
  }

  /** Whether a path takes more. @param {string} _path @param {string} _id */
  writable = (_path, _id) => true;

  /** @param {import('../../src/link/endpoint.js').Output} output */
  #route({ path, to, frames, acks, loose = false }) {
    if (path === 'direct') {
      this.wireBytes += frames.length;
      this.sendDirect(to[0].id, frames, loose);
    } else if (acks) {
      this.session.acks(acks);
    } else if (path === 'session') {
      this.session.envelope([...to], frames);
    } else {
      this.session.datagram([...to], frames);
    }
  }

  /** @param {string} id @param {Uint8Array} frames @param {boolean} _loose */
  sendDirect(id, frames, _loose) {
    this.direct.get(id)?.send(frames);
  }

  /** @param {import('../../src/link/session.js').SessionEvent} event */
  onSession(event) {
    const { endpoint, now } = this;
    if (event.type === 'envelope' || event.type === 'datagram') {
      if (!endpoint.receive(event.from, event.to, 'session', event.frames, now))
        throw new Error('malformed envelope');
    } else if (event.type === 'roster') {
      endpoint.roster(event.peers, now);
      for (const peer of event.peers) this.members.set(peer.id, peer.incarnation);
    } else if (event.type === 'presence') {
      const { change, peer } = event;
      this.members.set(peer.id, peer.incarnation);
      if (change === 'joined') endpoint.joined(peer, peer.state, now);
      else if (change === 'away') endpoint.away(peer.id, now);
      else if (change === 'back') endpoint.back(peer, now);
      else {
        endpoint.left(peer.id);
        this.members.delete(peer.id);
      }
    } else if (event.type === 'lost') {
      this.lost++;
      endpoint.sessionLost(now);
    } else if (event.type === 'error') {
      throw new Error(event.code);
    }
  }

  /** @param {string} channel */
  received(channel = '', from = '', scope = 'room') {
    return this.events.flatMap((e) =>
      e.type === 'message' &&
      e.channel === channel &&
      e.from === from &&
      e.scope === scope &&
      !e.loose
        ? [new TextDecoder().decode(e.payload)]
        : [],
    );
  }
}

export class Network {
  clock = new Clock();
  server = new ServerModel();
  /** @type {Peer[]} */
  peers = [];
  delay;

  /** @param {() => number} rnd @param {{delayMs?: number}} [options] */
  constructor(rnd, { delayMs = 20 } = {}) {
    this.rnd = rnd;
    this.delay = () => delayMs * (0.5 + this.rnd());
  }

  /** @param {string} name @param {Peer} [before] the same peer, reloaded */
  join(name, before) {
    const key = before?.key ?? Uint8Array.from({ length: 32 }, () => Math.floor(this.rnd() * 256));
    const peer = new Peer(this, name, (before?.incarnation ?? 1000) + 1, key);
    if (before) this.close(before, true);
    this.peers.push(peer);
    peer.connect();
    return peer;
  }

  /** Its page is closed. @param {Peer} peer @param {boolean} tailLost */
  close(peer, tailLost) {
    peer.gone = true;
    peer.disconnect(tailLost);
    this.peers = this.peers.filter((other) => other !== peer);
  }

  /** A data channel between two who know each other; what it replaces dies with its tail. @param {Peer} a @param {Peer} b */
  openDirect(a, b) {
    if (a.members.get(b.id) !== b.incarnation || b.members.get(a.id) !== a.incarnation) return;
    this.cutDirect(a, b);
    for (const [from, to] of [
      [a, b],
      [b, a],
    ]) {
      const wire = new Wire(this.clock, this.delay, (frames) => {
        if (to.gone || from.gone) return;
        if (!to.endpoint.receive(from, to.incarnation, 'direct', frames, this.clock.now))
          throw new Error('malformed frames');
        to.pump();
      });
      from.direct.set(to.id, wire);
    }
  }

  /** @param {Peer} a @param {Peer} b @param {boolean} [silently] */
  cutDirect(a, b, silently = false) {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ]) {
      const wire = from.direct.get(to.id);
      if (wire) wire[silently ? 'silent' : 'alive'] = silently;
      if (!silently) from.direct.delete(to.id);
    }
  }
}
