/**
 * A stand-in for the SDK, to work on the page without a server: the windows of one browser talk over BroadcastChannel.
 * It keeps the shape of the SDK and promises nothing of what the SDK promises. `?peers=N` adds N that live here alone.
 */

const STALL_MS = 420;

/** @typedef {{ to: string | null, from: string, name: string, kind: string, data?: any, i?: number }} Packet */

class Peer extends EventTarget {
  state = 'here';
  path = { kind: 'websocket', rttMs: 4.2, since: 0, queuedBytes: 0 };
  constructor(room, id, name) {
    super();
    this.room = room;
    this.id = id;
    this.name = name;
  }
  send(data) {
    return this.room.post(data, this.id);
  }
  move(to, reason, stalledMs = 0) {
    const from = this.path.kind;
    if (from === to) return;
    this.path = { ...this.path, kind: to, rttMs: to === 'direct' ? 0.9 : 4.2 };
    this.dispatchEvent(new CustomEvent('pathchange', { detail: { from, to, reason, moved: stalledMs ? 31 : 0, stalledMs } }));
  }
}

class Room extends EventTarget {
  peers = new Map();
  state = 'connecting';
  reason = null;
  waiting = new Map();
  next = 1;
  holdUntil = 0;
  faults = {
    cutNow: false,
    cut: () => this.cut(true),
    heal: () => this.cut(false),
  };
  constructor(url, { name }) {
    super();
    this.id = new URL(url, location.href).pathname.slice(1);
    this.me = new Peer(this, crypto.getRandomValues(new Uint32Array(2)).join('-'), name);
    this.channel = new BroadcastChannel(`double/${this.id}`);
    this.channel.onmessage = ({ data }) => this.receive(data);
    setTimeout(() => this.open(), 60);
    addEventListener('pagehide', () => this.tell('left', null));
  }
  open() {
    this.state = 'open';
    this.dispatchEvent(new CustomEvent('state', { detail: 'open' }));
    this.tell('joined', null);
    const paths = ['direct', 'relayed', 'websocket', 'sse', 'long-poll', 'poll'];
    const count = Number(new URLSearchParams(location.search).get('peers') ?? 0);
    for (let i = 0; i < count; i++) {
      this.meet(`fake-${i}`, `Peer ${i + 1}`).move(paths[i % 6], 'made up');
    }
  }
  meet(id, name) {
    const known = this.peers.get(id);
    if (known) return known;
    const peer = new Peer(this, id, name);
    this.peers.set(id, peer);
    this.dispatchEvent(new CustomEvent('peer', { detail: { kind: 'joined', peer } }));
    setTimeout(() => !this.faults.cutNow && id.length > 8 && peer.move('direct', 'proven'), 300);
    return peer;
  }
  tell(kind, to, rest = {}) {
    this.channel.postMessage({ kind, to, from: this.me.id, name: this.me.name, ...rest });
  }
  /** @param {Packet} packet */
  receive({ kind, to, from, name, data, i }) {
    if (to && to !== this.me.id) return;
    if (kind === 'left') {
      const peer = this.peers.get(from);
      this.peers.delete(from);
      if (peer) this.dispatchEvent(new CustomEvent('peer', { detail: { kind, peer } }));
      return;
    }
    const isNew = !this.peers.has(from);
    const peer = this.meet(from, name);
    if (kind === 'joined' && isNew) this.tell('here', from);
    if (kind === 'message') {
      this.tell('ack', from, { i });
      this.dispatchEvent(Object.assign(new Event('message'), { from: peer, data, channel: '', direct: to !== null }));
    }
    if (kind === 'ack') this.waiting.get(i)?.();
  }
  async send(data) {
    return await this.post(data, null);
  }
  async post(data, to) {
    const startedAt = performance.now();
    const i = this.next++;
    const hold = this.holdUntil - startedAt;
    if (hold > 0) await new Promise((resolve) => setTimeout(resolve, hold));
    this.tell('message', to, { data, i });
    const others = [...this.peers.keys()].filter((id) => !id.startsWith('fake'));
    if (others.length) await new Promise((resolve) => this.waiting.set(i, resolve));
    this.waiting.delete(i);
    return { delivered: this.peers.size, missed: [], path: 'direct', ms: performance.now() - startedAt };
  }
  cut(on) {
    this.faults.cutNow = on;
    if (on) this.holdUntil = performance.now() + STALL_MS;
    for (const peer of this.peers.values()) {
      if (on && peer.path.kind === 'direct') setTimeout(() => peer.move('websocket', 'silence', STALL_MS), STALL_MS);
      if (!on) setTimeout(() => peer.move('direct', 'probes came back'), 900);
    }
  }
  async leave() {}
}

export async function join(url, options) {
  return new Room(url, options);
}
