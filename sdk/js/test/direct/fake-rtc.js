import { Clock } from '../support/clock.js';

const REPORT_MS = 50;
/** SCTP sends what was lost again after so long, doubled by each loss, and the longest. */
const RTO_MS = 200;
const MAX_RTO_MS = 2_000;
/** RFC 7675: a connection whose other end is silent is doubted, and given up. */
const DOUBT_MS = 5_000;
const GIVE_UP_MS = 15_000;

/** A network of fake RTCPeerConnections in virtual time: enough of W3C webrtc-pc for negotiation, channels and restarts. */
export class FakeNetwork {
  clock;
  latencyMs = 5;
  /** How long a packet takes. */
  delay = () => this.latencyMs;
  /** Whether packets of one connection reach another, by the names that the test gave them. */
  passes = (/** @type {string} */ _from, /** @type {string} */ _to) => true;
  /** Promises, or tasks, are to settle before time goes on: whoever lets them do so takes it back. */
  unsettled = false;
  /** Pairs of connections that may not reach each other: none is ever connected. */
  blocked = false;
  /** Of which kind the local candidates are, by the name that the test gives the connection. @type {Record<string, object>} */
  candidates = {};
  /** @type {Map<string, FakePeerConnection>} */
  all = new Map();
  #count = 0;

  /** @param {Clock} [clock] */
  constructor(clock = new Clock()) {
    this.clock = clock;
  }

  /** The class to be put in place of RTCPeerConnection. @param {() => string} nameOfNext */
  connectionClass(nameOfNext) {
    const network = this;
    return class extends FakePeerConnection {
      /** @param {RTCConfiguration} configuration */
      constructor(configuration) {
        super(network, `${++network.#count}`, nameOfNext(), configuration);
      }
    };
  }

  /** Not closed. */
  get open() {
    return [...this.all.values()].filter((pc) => !pc.closed);
  }

  /** ICE doubts or gives up what does not pass any more. @param {'disconnected' | 'failed'} state */
  doubt(state) {
    for (const pc of this.open) if (pc.remote && !pc.reachable) pc.become(state);
  }

  /** Checks go on until ICE has failed: what passes again is connected again. */
  heal() {
    for (const pc of this.open) if (pc.connectionState !== 'failed') pc.connect();
  }

  /** The channels between two end. @param {string} a @param {string} b */
  cut(a, b) {
    for (const pc of this.open) {
      const names = [pc.name, pc.remote?.name];
      if (names.includes(a) && names.includes(b)) pc.endChannels();
    }
  }
}

class FakeChannel {
  readyState = 'connecting';
  bufferedAmount = 0;
  bufferedAmountLowThreshold = 0;
  binaryType = '';
  /** @type {(() => void) | null} */ onopen = null;
  /** @type {(() => void) | null} */ onclose = null;
  /** @type {((event: {data: ArrayBuffer}) => void) | null} */ onmessage = null;

  /** @type {(() => void) | null} */ onbufferedamountlow = null;
  /** What has not arrived, in order. @type {{at: number, data: ArrayBuffer}[]} */
  #queue = [];
  /** The last was lost: all waits until it is sent again. */
  #waiting = false;
  #rtoMs = RTO_MS;

  /** @param {FakePeerConnection} pc @param {number} id @param {boolean} reliable */
  constructor(pc, id, reliable) {
    this.pc = pc;
    this.id = id;
    this.reliable = reliable;
  }

  /** @param {Uint8Array} packet */
  send(packet) {
    const { clock, delay } = this.pc.network;
    const data = packet.slice().buffer;
    if (!this.reliable)
      return clock.after(delay(), () => this.pc.reaches(this.pc.remote) && this.#arrive(data));
    const at = Math.max(clock.now + delay(), this.#queue.at(-1)?.at ?? 0);
    this.#queue.push({ at, data });
    this.bufferedAmount += data.byteLength;
    clock.after(at - clock.now, () => this.#waiting || this.#flush());
  }

  #flush() {
    const { network, remote } = this.pc;
    if (this.readyState !== 'open') return;
    if (!this.pc.reaches(remote)) return this.#sendAgain();
    this.#rtoMs = RTO_MS;
    const before = this.bufferedAmount;
    while (this.#queue[0]?.at <= network.clock.now) {
      const { data } = /** @type {{data: ArrayBuffer}} */ (this.#queue.shift());
      this.bufferedAmount -= data.byteLength;
      this.#arrive(data);
    }
    const low = this.bufferedAmountLowThreshold;
    if (before > low && this.bufferedAmount <= low) this.onbufferedamountlow?.();
  }

  #sendAgain() {
    this.#waiting = true;
    this.pc.network.clock.after(this.#rtoMs, () => {
      this.#waiting = false;
      this.#flush();
    });
    this.#rtoMs = Math.min(this.#rtoMs * 2, MAX_RTO_MS);
  }

  /** @param {ArrayBuffer} data */
  #arrive(data) {
    const there = this.pc.remote?.channels.get(this.id);
    if (there?.readyState === 'open') there.onmessage?.({ data });
  }
}

class FakePeerConnection {
  signalingState = 'stable';
  connectionState = 'new';
  iceConnectionState = 'new';
  closed = false;
  restarts = 0;
  /** @type {any} */ localDescription = null;
  /** @type {any} */ remoteDescription = null;
  /** @type {any} */ stableLocal = null;
  /** @type {Map<number, FakeChannel>} */ channels = new Map();
  /** @type {FakePeerConnection | null} */ remote = null;
  sctp = {
    transport: { iceTransport: { onselectedcandidatepairchange: /** @type {any} */ (null) } },
  };
  /** A browser answers from a report that is up to 50 ms old. */
  #report = { at: -Infinity, of: new Map() };
  /** @type {(() => void) | null} */ onnegotiationneeded = null;
  /** @type {((event: {candidate: any}) => void) | null} */ onicecandidate = null;
  /** @type {(() => void) | null} */ onconnectionstatechange = null;
  #needed = false;

  /** @param {FakeNetwork} network @param {string} key @param {string} name @param {RTCConfiguration} configuration */
  constructor(network, key, name, configuration) {
    this.network = network;
    this.key = key;
    this.name = name;
    this.configuration = configuration;
    network.all.set(key, this);
  }

  /** @param {string} _label @param {{id: number, ordered: boolean}} init */
  createDataChannel(_label, { id, ordered }) {
    const channel = new FakeChannel(this, id, ordered);
    this.channels.set(id, channel);
    this.#need();
    return channel;
  }

  #need() {
    this.#needed = this.network.unsettled = true;
    setImmediate(() => this.#negotiate()); // a task, as in a browser
  }

  #negotiate() {
    if (!this.#needed || this.signalingState !== 'stable' || this.closed) return;
    this.#needed = false;
    this.onnegotiationneeded?.();
  }

  async setLocalDescription() {
    this.network.unsettled = true;
    await Promise.resolve();
    if (this.closed) throw new Error('closed');
    const answer = this.signalingState === 'have-remote-offer';
    const type = answer ? 'answer' : 'offer';
    this.localDescription = { type, sdp: `${this.key}/${this.restarts}` };
    this.#settle(answer ? 'stable' : 'have-local-offer');
    this.onicecandidate?.({ candidate: { candidate: `candidate of ${this.key}`, sdpMid: '0' } });
    this.onicecandidate?.({ candidate: null });
  }

  /** @param {{type: string, sdp: string}} description */
  async setRemoteDescription(description) {
    this.network.unsettled = true;
    await Promise.resolve();
    if (this.closed) throw new Error('closed');
    const { type, sdp } = description;
    if (type === 'answer' && this.signalingState !== 'have-local-offer') throw new Error('stable');
    this.remoteDescription = description;
    this.remote = this.network.all.get(sdp.split('/')[0]) ?? null;
    if (type === 'offer') this.#needed = false; // what it was to negotiate is in the answer
    this.#settle(type === 'answer' ? 'stable' : 'have-remote-offer');
  }

  /** @param {string} state */
  #settle(state) {
    this.signalingState = state;
    if (state !== 'stable') return;
    this.#negotiate();
    this.network.clock.after(this.network.delay(), () => this.connect());
  }

  connect() {
    const { remote } = this;
    if (this.closed || this.network.blocked || remote?.closed || remote?.remote !== this) return;
    if (this.signalingState !== 'stable' || remote.signalingState !== 'stable') return;
    if (this.reachable) for (const pc of [this, remote]) pc.connected();
  }

  /** @param {FakePeerConnection | null} other */
  reaches(other) {
    return other !== null && this.network.passes(this.name, other.name);
  }

  /** Both ways. */
  get reachable() {
    return this.reaches(this.remote) && (this.remote?.reaches(this) ?? false);
  }

  connected() {
    this.become('connected');
    for (const channel of this.channels.values()) {
      if (channel.readyState !== 'connecting') continue;
      channel.readyState = 'open';
      channel.onopen?.();
    }
  }

  /** @param {string} state */
  become(state) {
    if (this.connectionState === state || this.closed) return;
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }

  /** @param {any} candidate */
  async addIceCandidate(candidate) {
    this.network.unsettled = true;
    if (!this.remoteDescription || !candidate) throw new Error('no remote description');
  }

  /** @param {RTCConfiguration} configuration */
  setConfiguration(configuration) {
    this.configuration = configuration;
  }

  restartIce() {
    this.restarts++;
    this.#need();
  }

  /** Another pair of candidates is in use. */
  changePair() {
    this.sctp.transport.iceTransport.onselectedcandidatepairchange?.();
  }

  async getStats() {
    this.network.unsettled = true;
    const { now } = this.network.clock;
    if (now - this.#report.at >= REPORT_MS) this.#report = { at: now, of: this.#look() };
    return this.#report.of;
  }

  #look() {
    const local = { id: 'l', type: 'local-candidate', candidateType: 'host', protocol: 'udp' };
    return new Map(
      [
        { id: 't', type: 'transport', selectedCandidatePairId: 'p' },
        { id: 'p', type: 'candidate-pair', localCandidateId: 'l', remoteCandidateId: 'r' },
        { ...local, ...this.network.candidates[this.name] },
        { id: 'r', type: 'remote-candidate', candidateType: 'prflx', protocol: 'udp' },
      ].map((report) => [report.id, report]),
    );
  }

  /** @param {boolean} [silently] without a word: its page is gone */
  close(silently = false) {
    if (this.closed) return;
    this.closed = true;
    for (const channel of this.channels.values()) channel.readyState = 'closed';
    const { remote } = this;
    const { clock, delay } = this.network;
    clock.after(delay(), () => {
      if (remote?.remote !== this) return;
      if (!silently && this.reaches(remote)) return remote.endChannels();
      clock.after(DOUBT_MS, () => remote.remote === this && remote.become('disconnected'));
      clock.after(GIVE_UP_MS, () => remote.remote === this && remote.become('failed'));
    });
  }

  endChannels() {
    for (const channel of this.channels.values()) {
      if (channel.readyState !== 'open') continue;
      channel.readyState = 'closed';
      channel.onclose?.();
    }
  }
}
