import { Clock } from '../support/clock.js';

const REPORT_MS = 50;

/** A network of fake RTCPeerConnections in virtual time: enough of W3C webrtc-pc for negotiation, channels and restarts. */
export class FakeNetwork {
  clock = new Clock();
  latencyMs = 5;
  /** Pairs of connections that may not reach each other: none is ever connected. */
  blocked = false;
  /** Of which kind the local candidates are, by the name that the test gives the connection. @type {Record<string, object>} */
  candidates = {};
  /** @type {Map<string, FakePeerConnection>} */
  all = new Map();
  #count = 0;

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
}

class FakeChannel {
  readyState = 'connecting';
  bufferedAmount = 0;
  bufferedAmountLowThreshold = 0;
  binaryType = '';
  /** @type {(() => void) | null} */ onopen = null;
  /** @type {(() => void) | null} */ onclose = null;
  /** @type {((event: {data: ArrayBuffer}) => void) | null} */ onmessage = null;

  /** @param {FakePeerConnection} pc @param {number} id */
  constructor(pc, id) {
    this.pc = pc;
    this.id = id;
  }

  /** @param {Uint8Array} packet */
  send(packet) {
    const { network, remote } = this.pc;
    const copy = packet.slice();
    network.clock.after(network.latencyMs, () => {
      const there = remote?.channels.get(this.id);
      if (there?.readyState === 'open') there.onmessage?.({ data: copy.buffer });
    });
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

  /** @param {string} _label @param {{id: number}} init */
  createDataChannel(_label, { id }) {
    const channel = new FakeChannel(this, id);
    this.channels.set(id, channel);
    this.#need();
    return channel;
  }

  #need() {
    this.#needed = true;
    setImmediate(() => this.#negotiate()); // a task, as in a browser
  }

  #negotiate() {
    if (!this.#needed || this.signalingState !== 'stable' || this.closed) return;
    this.#needed = false;
    this.onnegotiationneeded?.();
  }

  async setLocalDescription() {
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
    this.network.clock.after(this.network.latencyMs, () => this.#connect());
  }

  #connect() {
    const { remote } = this;
    if (this.closed || this.network.blocked || remote?.closed || remote?.remote !== this) return;
    if (remote.signalingState !== 'stable') return;
    for (const pc of [this, remote]) pc.connected();
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

  close() {
    if (this.closed) return;
    this.closed = true;
    for (const channel of this.channels.values()) channel.readyState = 'closed';
    const { remote } = this;
    this.network.clock.after(this.network.latencyMs, () => {
      if (remote?.remote !== this) return;
      for (const channel of remote.channels.values()) {
        if (channel.readyState !== 'open') continue;
        channel.readyState = 'closed';
        channel.onclose?.();
      }
    });
  }
}
