import { DirectPaths } from '../../src/direct/paths.js';
import { Endpoint } from '../../src/link/endpoint.js';
import { base64url } from '../../src/link/wire.js';
import { FakeNetwork } from './fake-rtc.js';
import { random } from './pair.js';

/** Peers with real pair links and direct paths; a session that always works, and fake connections, in virtual time. */
export class Mesh {
  network = new FakeNetwork();
  /** @type {MeshPeer[]} */
  peers = [];
  /** Whether each signal comes twice. */
  doubled = false;
  /** Whether signals are lost. */
  deaf = false;
  constructing = '';

  /** @param {number} count @param {{most?: number, seed?: number}} [options] */
  constructor(count, { most = 8, seed = 1 } = {}) {
    const connection = this.network.connectionClass(() => this.constructing);
    Object.defineProperty(globalThis, 'RTCPeerConnection', {
      value: connection,
      configurable: true,
    });
    this.random = random(seed);
    for (let i = 0; i < count; i++) this.peers.push(new MeshPeer(this, i, most));
  }

  get now() {
    return this.network.clock.now;
  }

  /** Everybody meets everybody, as if peers had come one after the other. */
  meet() {
    for (const [i, peer] of this.peers.entries()) {
      for (const [j, other] of this.peers.entries()) if (i !== j) peer.joined(other, i > j);
    }
  }

  /** @param {number} ms */
  async run(ms) {
    const { clock } = this.network;
    const end = clock.now + ms;
    // In steps, for promises have to settle between events.
    while (clock.now < end) {
      const due = Math.min(...this.peers.map((peer) => peer.deadline()));
      const step = Math.min(Math.max(due - clock.now, 1), 50, end - clock.now);
      clock.run(
        step,
        () => Infinity,
        () => {},
      );
      for (let i = 0; i < 3; i++) {
        for (const peer of this.peers) peer.pump();
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  }
}

export class MeshPeer {
  faults = { direct: false, websocket: false };
  fallback = true;
  /** When the server was asked for a sign of life. @type {number[]} */ asked = [];
  session = { ping: () => this.asked.push(this.now()) };
  kinds = new Set(['direct', 'relayed', 'websocket']);
  /** @type {RTCIceServer[]} */ iceServers = [];
  /** @type {{id: string, path: string, reason: string}[]} */ moves = [];
  /** @type {string[]} */ kindChanges = [];
  /** @type {{to: string, signal: import('../../src/link/signals.js').Signal}[]} */ signals = [];
  #probes = new Map();
  #number = 0;

  /** @param {Mesh} mesh @param {number} index @param {number} most */
  constructor(mesh, index, most) {
    this.mesh = mesh;
    const bytes = new Uint8Array(16).fill(index + 1);
    this.id = base64url(bytes);
    this.incarnation = 1;
    this.name = `${index}`;
    this.endpoint = new Endpoint({ incarnation: 1 });
    this.direct = new DirectPaths(/** @type {any} */ (this), most, mesh.random);
  }

  get member() {
    return { id: this.id, incarnation: this.incarnation };
  }

  /** @param {MeshPeer} other @param {boolean} first */
  joined(other, first) {
    this.endpoint.joined(other.member, 'here', this.now());
    this.direct.joined(other.member, true, first);
  }

  now = () => this.mesh.now;
  changed() {}

  deadline() {
    return Math.min(this.endpoint.deadline(), this.direct.deadline());
  }

  pump() {
    this.mesh.constructing = this.name;
    for (let busy = true; busy; ) {
      busy = false;
      this.direct.advance(this.now());
      for (let event; (event = this.endpoint.nextEvent()); busy = true) {
        if (event.type === 'moved') this.direct.moved(event.id, event.to, this.now());
        else if (event.type === 'echo') this.#echoed(event);
      }
      const writable = (/** @type {string} */ path, /** @type {string} */ id) =>
        path === 'session' || this.direct.writable(id);
      for (let out; (out = this.endpoint.transmit(this.now(), writable)); busy = true) {
        if (out.path === 'direct') this.direct.send(out.to[0].id, out.frames, out.loose ?? false);
        else this.#overSession(out);
      }
    }
  }

  /** @param {import('../../src/link/endpoint.js').Output} out */
  #overSession({ to, frames, acks }) {
    for (const { member, bytes } of acks?.map(({ member, frames }) => ({
      member,
      bytes: frames,
    })) ?? to.map((member) => ({ member, bytes: frames }))) {
      const copy = bytes.slice();
      this.#there(member.id, (other) =>
        other.endpoint.receive(this.member, 1, 'session', copy, this.now()),
      );
    }
  }

  /** @param {string} id @param {(other: MeshPeer) => void} arrive */
  #there(id, arrive) {
    const other = this.mesh.peers.find((peer) => peer.id === id);
    this.mesh.network.clock.after(10, () => {
      if (!other) return;
      this.mesh.constructing = other.name;
      arrive(other);
    });
  }

  /** @param {{id: string, bytes: Uint8Array}} echo */
  #echoed({ id, bytes }) {
    const sentAt = this.#probes.get(bytes[1]);
    this.direct.echoed(id, this.now() - sentAt, this.now());
  }

  /** @param {string} id @param {number} view */
  probe(id, view) {
    this.#number = (this.#number + 1) % 256;
    this.#probes.set(this.#number, this.now());
    this.endpoint.probe(id, 'direct', Uint8Array.of(view, this.#number));
  }

  /** @param {import('../../src/link/wire.js').Member} member @param {import('../../src/link/signals.js').Signal} signal */
  signal(member, signal) {
    this.signals.push({ to: member.id, signal });
    if (this.mesh.deaf) return;
    for (let i = 0; i < (this.mesh.doubled ? 2 : 1); i++) {
      this.#there(member.id, (other) => other.direct.signal(this.member, signal));
    }
  }

  /** @param {string} id @param {'direct' | 'session'} path @param {string} reason */
  use(id, path, reason) {
    this.moves.push({ id, path, reason });
    this.endpoint.use(id, path, this.now());
  }

  /** @param {string} id */
  kindChanged(id) {
    this.kindChanges.push(id);
  }

  /** @param {import('../../src/link/wire.js').Member} from @param {Uint8Array} frames */
  received(from, frames) {
    this.endpoint.receive(from, 1, 'direct', frames, this.now());
  }

  /** Who is reached directly. */
  get directTo() {
    return this.mesh.peers.filter(({ id }) => this.endpoint.pathOf(id) === 'direct');
  }
}
