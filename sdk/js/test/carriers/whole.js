import { DirectPaths } from '../../src/direct/paths.js';
import { Signals } from '../../src/direct/signals.js';
import { Members } from '../../src/members.js';
import { Probes } from '../../src/probes.js';
import { held } from '../link/held.js';
import { LadderPeer } from './peer.js';

/** @typedef {import('../../src/link/endpoint.js').EndpointEvent} EndpointEvent */

/** What the session may hold for the server before pairs wait. */
const MAX_UP = 1 << 20;

/**
 * A peer with all that an SDK has: besides its session on carriers of four kinds, direct paths to the others over fake
 * connections, with the SDK's own signals, probes and roll of members. Stands in for the driver, in virtual time.
 */
export class WholePeer extends LadderPeer {
  /** Most that was held at any time. */
  most = { up: 0, unacknowledged: 0, behindHoles: 0 };
  signals = 0;
  probes = 0;
  #awayMs = 0;
  #changed = false;
  #rtc;

  /**
   * @param {import('../link/simulation.js').Network} network @param {string} name @param {import('./peer.js').Tab} tab
   * @param {() => number} random @param {{fake: import('../direct/fake-rtc.js').FakeNetwork, constructing: string}} rtc
   * @param {boolean} directly whether it has direct paths at all
   */
  constructor(network, name, tab, random, rtc, directly) {
    super(network, name, tab, random);
    this.#rtc = rtc;
    const driver = this.#driver();
    this.driver = driver;
    this.paths = directly ? new DirectPaths(/** @type {any} */ (driver), 8, random) : null;
    driver.direct = this.paths;
    this.roll = new Members(/** @type {any} */ (driver), () => {});
    this.prober = new Probes(/** @type {any} */ (driver));
    this.taker = new Signals(/** @type {any} */ (driver));
  }

  /** What a driver is to its parts. */
  #driver() {
    const peer = this;
    const { id, session, endpoint } = this;
    return {
      id,
      session,
      endpoint,
      direct: /** @type {DirectPaths | null} */ (null),
      kinds: new Set(['direct', 'relayed', 'websocket', 'sse', 'long-poll', 'poll']),
      faults: { direct: false },
      iceServers: [],
      get fallback() {
        return peer.roll.complete && peer.uplink.open && !peer.uplink.silent(peer.now);
      },
      now: () => peer.now,
      changed: () => peer.changed(),
      carried() {},
      kindChanged: () => peer.changed(),
      /** @param {string} to @param {number} view */
      probe(to, view) {
        peer.probes++;
        peer.prober.send(to, 'direct', view);
      },
      /** @param {import('../../src/link/wire.js').Member} to @param {import('../../src/link/signals.js').Signal} signal */
      signal(to, signal) {
        peer.signals++;
        if (!peer.gone) peer.taker.send(to, signal);
      },
      /** @param {string} to @param {'direct' | 'session'} path @param {string} reason */
      use(to, path, reason) {
        peer.moves.push(`${path} ${reason}`);
        endpoint.use(to, path, peer.now);
        peer.drainEndpoint();
      },
      /** @param {import('../../src/link/wire.js').Member} from @param {Uint8Array} frames */
      received(from, frames) {
        if (peer.gone) return;
        if (!endpoint.receive(from, peer.incarnation, 'direct', frames, peer.now))
          throw new Error('malformed frames');
        peer.changed();
      },
    };
  }

  changed() {
    if (this.#changed) return;
    this.#changed = true;
    this.network.clock.after(0, () => {
      this.#changed = false;
      this.pump();
    });
  }

  /** @override */
  drainEvents() {
    this.#rtc.constructing = this.name;
    this.#measure();
    const rtts = super.drainEvents();
    this.roll.advance(this.now);
    this.paths?.advance(this.now);
    this.drainEndpoint();
    return rtts;
  }

  #measure() {
    const { most, session } = this;
    const { unacknowledged, behindHoles } = held(this.endpoint);
    most.up = Math.max(most.up, session.upBytes);
    most.unacknowledged = Math.max(most.unacknowledged, unacknowledged);
    most.behindHoles = Math.max(most.behindHoles, behindHoles);
  }

  /** @override */
  deadline() {
    return Math.min(super.deadline(), this.roll.deadline(), this.paths?.deadline() ?? Infinity);
  }

  /** @override @param {string} path @param {string} id */
  writable = (path, id) =>
    path === 'direct' ? (this.paths?.writable(id) ?? false) : this.session.upBytes < MAX_UP;

  /** @override @param {string} id @param {Uint8Array} frames @param {boolean} loose */
  sendDirect(id, frames, loose) {
    this.paths?.send(id, frames, loose);
  }

  /** @override @param {import('../../src/link/session.js').SessionEvent} event */
  onSession(event) {
    this.#rtc.constructing = this.name;
    const { now, roll } = this;
    if (event.type === 'welcome') this.#awayMs = event.awayMs;
    else if (event.type === 'signal') {
      this.#rtc.fake.unsettled = true;
      if (event.to === this.incarnation) this.taker.take(event);
    } else if (event.type === 'roster') {
      roll.roster(event.peers, now, this.#awayMs);
      for (const { id, incarnation } of event.peers) this.members.set(id, incarnation);
    } else if (event.type === 'presence') {
      const { change, peer } = event;
      roll.presence(change, peer, now);
      if (change === 'left') this.members.delete(peer.id);
      else this.members.set(peer.id, peer.incarnation);
    } else super.onSession(event);
  }

  /** @override @param {EndpointEvent} event */
  onEndpoint(event) {
    const { now, endpoint, paths } = this;
    if (event.type === 'echo') return this.prober.echoed(event, now);
    if (event.type === 'moved') paths?.moved(event.id, event.to, now);
    if (event.type === 'message') {
      paths?.used(event.from, now);
      const session = endpoint.pathOf(event.from) === 'session';
      if (session && this.roll.has(event.from)) this.prober.measure(event.from, now);
    }
    super.onEndpoint(event);
  }

  /** The network, or the page, is not what it was. */
  wake() {
    this.uplink.wake();
    this.paths?.wake();
    this.changed();
  }

  /** Its page is gone. @param {boolean} silently nobody is told @param {boolean} tailLost what is on its way up, too */
  end(silently, tailLost) {
    this.gone = true;
    if (tailLost) for (const line of [...this.lines]) line.end();
    for (const pc of this.#rtc.fake.open) if (pc.name === this.name) pc.close(silently);
  }

  /** Says goodbye for good. */
  leave() {
    this.session.bye(0);
    this.uplink.flush(0);
    this.pump();
    this.paths?.stop();
    this.end(false, false);
  }

  /** Whether both ends of all its pairs are direct. @param {WholePeer[]} others */
  isDirectTo(others) {
    return others.every(
      ({ id, endpoint }) =>
        this.endpoint.pathOf(id) === 'direct' && endpoint.pathOf(this.id) === 'direct',
    );
  }
}
