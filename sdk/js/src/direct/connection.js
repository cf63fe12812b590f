import { Evidence } from './evidence.js';

/** @typedef {import('../link/signals.js').Signal} Signal */
/** @typedef {Omit<Signal, 'connection'>} Word */
/** @typedef {{local: string, remote: string, state: string}} TriedPair */

/** Candidates that came before their description. */
const MAX_EARLY = 64;
/** What the reliable channel may hold before the link keeps the rest, and when it asks for more. */
const MAX_BUFFERED = 256 << 10;
const LOW_BUFFERED = 64 << 10;

/**
 * One RTCPeerConnection to one peer, with its two negotiated data channels. Perfect negotiation as in W3C webrtc-pc §10.7,
 * with trickled candidates; a signal that comes twice, or late, does no harm.
 */
export class DirectConnection {
  /** What was seen while candidates were gathered, for those who ask why there is no path. */
  evidence;
  #pc;
  #on;
  #polite;
  #faults;
  #reliable;
  #loose;
  #closed = false;
  #making = false;
  #ignoring = false;
  #answering = false;
  /** @type {RTCIceCandidateInit[]} */
  #early = [];
  /** Signals are taken one after the other. @type {Promise<void>} */
  #taken = Promise.resolve();

  /**
   * @param {{now: number, iceServers: RTCIceServer[], polite: boolean, kinds: ReadonlySet<string>, faults: import('../types.js').Faults,
   *   signal: (word: Word) => void, packet: (packet: Uint8Array, loose: boolean) => void, writable: () => void,
   *   changed: (state: 'open' | 'closed' | 'connected' | 'disconnected' | 'failed' | 'pair') => void}} on
   */
  constructor(on) {
    this.#on = on;
    this.evidence = new Evidence(on.now);
    this.#polite = on.polite;
    this.#faults = on.faults;
    const pc = new RTCPeerConnection(this.#configure(on.iceServers));
    this.#pc = pc;
    pc.onnegotiationneeded = () => this.#offer();
    pc.onicecandidate = ({ candidate }) => {
      this.evidence.gathered(candidate);
      this.#trickle(candidate);
    };
    pc.onicecandidateerror = ({ url, errorCode }) => this.evidence.failed(url, errorCode);
    pc.onconnectionstatechange = () => {
      const { connectionState: state } = pc;
      if (state === 'connected') this.#watchPair();
      if (state === 'connected' || state === 'disconnected' || state === 'failed') {
        on.changed(state);
      }
    };
    this.#reliable = this.#channel('peerline', 0, { ordered: true });
    this.#loose = this.#channel('peerline-loose', 1, { ordered: false, maxRetransmits: 0 });
    this.#reliable.bufferedAmountLowThreshold = LOW_BUFFERED;
    this.#reliable.onbufferedamountlow = () => on.writable();
  }

  get open() {
    return this.#reliable.readyState === 'open' && this.#loose.readyState === 'open';
  }

  get writable() {
    return this.open && this.#reliable.bufferedAmount < MAX_BUFFERED;
  }

  /** @param {string} label @param {number} id @param {RTCDataChannelInit} init */
  #channel(label, id, init) {
    const channel = this.#pc.createDataChannel(label, { negotiated: true, id, ...init });
    channel.binaryType = 'arraybuffer';
    channel.onopen = () => this.open && this.#on.changed('open');
    channel.onclose = () => this.#lost();
    channel.onmessage = ({ data }) => {
      if (this.#faults.direct || this.#closed || typeof data === 'string') return;
      this.#on.packet(new Uint8Array(data), channel === this.#loose);
    };
    return channel;
  }

  /** @param {Uint8Array} packet @param {boolean} loose */
  send(packet, loose) {
    if (this.#faults.direct) return;
    const channel = loose ? this.#loose : this.#reliable;
    if (channel.readyState !== 'open') return;
    try {
      channel.send(/** @type {Uint8Array<ArrayBuffer>} */ (packet));
    } catch {
      this.#lost(); // its buffer is full: it has not moved for long
    }
  }

  /** @param {Signal} signal */
  receive(signal) {
    this.#taken = this.#taken.then(() =>
      this.#take(signal).catch(() => {
        // What this connection cannot use is stale, or the attempt ends by its time.
      }),
    );
  }

  /** New candidates, a new pair: the network has changed. @param {RTCIceServer[]} iceServers */
  restart(iceServers) {
    if (this.#closed) return;
    this.#pc.setConfiguration(this.#configure(iceServers));
    this.#pc.restartIce();
  }

  close() {
    if (this.#closed) return;
    this.#closed = true;
    this.#pc.close();
  }

  /** Without `relayed` no relay is asked, without `direct` nothing else. @param {RTCIceServer[]} all @returns {RTCConfiguration} */
  #configure(all) {
    const { kinds } = this.#on;
    const iceServers = all.filter(({ urls }) => {
      const relays = [urls].flat().some((url) => /^turns?:/.test(url));
      return kinds.has('relayed') || !relays;
    });
    return { iceServers, iceTransportPolicy: kinds.has('direct') ? 'all' : 'relay' };
  }

  #lost() {
    if (this.#closed) return;
    this.close();
    this.#on.changed('closed');
  }

  async #offer() {
    try {
      this.#making = true;
      await this.#describe();
    } catch {
      // closed meanwhile, or overtaken by the other side's offer
    } finally {
      this.#making = false;
    }
  }

  async #describe() {
    await this.#pc.setLocalDescription();
    const { type, sdp } = this.#pc.localDescription ?? {};
    if (!this.#closed) this.#on.signal({ kind: 'description', descriptionType: type, sdp });
  }

  /** @param {RTCIceCandidate | null} candidate null: the end of candidates */
  #trickle(candidate) {
    if (this.#closed) return;
    const { sdpMid, sdpMLineIndex, usernameFragment } = candidate ?? {};
    this.#on.signal({
      kind: 'candidate',
      candidate: candidate?.candidate ?? '',
      sdpMid: sdpMid ?? undefined,
      sdpMLineIndex: sdpMLineIndex ?? undefined,
      usernameFragment: usernameFragment ?? undefined,
    });
  }

  /** @param {Signal} signal */
  async #take(signal) {
    if (this.#closed) return;
    const { kind, descriptionType, sdp, candidate, sdpMid, sdpMLineIndex, usernameFragment } =
      signal;
    if (kind === 'candidate') {
      await this.#addCandidate({ candidate, sdpMid, sdpMLineIndex, usernameFragment });
    } else if (kind === 'description' && sdp) {
      await this.#takeDescription({ type: /** @type {RTCSdpType} */ (descriptionType), sdp });
    }
  }

  /** @param {RTCSessionDescriptionInit} description */
  async #takeDescription(description) {
    const pc = this.#pc;
    const offer = description.type === 'offer';
    const ready = !this.#making && (pc.signalingState === 'stable' || this.#answering);
    this.#ignoring = !this.#polite && offer && !ready;
    if (this.#ignoring) return;
    if (!offer && pc.signalingState !== 'have-local-offer') return; // an answer that came twice
    this.#answering = !offer;
    try {
      await pc.setRemoteDescription(description);
    } finally {
      this.#answering = false;
    }
    if (offer) await this.#describe();
    for (const candidate of this.#early.splice(0)) await this.#addCandidate(candidate);
  }

  /** @param {RTCIceCandidateInit} candidate */
  async #addCandidate(candidate) {
    const relay = / typ relay/.test(candidate.candidate ?? '');
    if (this.#ignoring || (relay && !this.#on.kinds.has('relayed'))) return;
    if (this.#pc.remoteDescription) await this.#pc.addIceCandidate(candidate);
    else if (this.#early.length < MAX_EARLY) this.#early.push(candidate);
  }

  #watchPair() {
    const ice = this.#pc.sctp?.transport.iceTransport;
    if (ice) ice.onselectedcandidatepairchange = () => this.#on.changed('pair');
  }

  get iceState() {
    return this.#pc.iceConnectionState;
  }

  /** The candidates in use. @returns {Promise<{local: any, remote: any}>} */
  async #selected() {
    const reports = /** @type {any[]} */ ([...(await this.#pc.getStats()).values()]);
    const find = (/** @type {string} */ id) => reports.find((report) => report.id === id);
    const transport = reports.find((report) => report.type === 'transport');
    const pair =
      find(transport?.selectedCandidatePairId) ??
      reports.find((report) => report.type === 'candidate-pair' && report.selected);
    return { local: find(pair?.localCandidateId), remote: find(pair?.remoteCandidateId) };
  }

  /**
   * Whether packets pass through a relay, as far as this side can see: a candidate of the other side that is not
   * signalled yet looks like one of a peer.
   */
  async relayed() {
    const { local, remote } = await this.#selected();
    const types = [local?.candidateType, remote?.candidateType];
    return Boolean(local?.relayProtocol || types.includes('relay'));
  }

  /** For people: the pairs of candidates that were tried, and what became of them. @returns {Promise<TriedPair[]>} */
  async tried() {
    const reports = /** @type {any[]} */ ([...(await this.#pc.getStats()).values()]);
    const text = (/** @type {string} */ id) => {
      const candidate = reports.find((report) => report.id === id);
      return candidate ? `${candidate.candidateType} ${candidate.protocol}` : 'unknown';
    };
    return reports
      .filter((report) => report.type === 'candidate-pair')
      .map(({ localCandidateId, remoteCandidateId, state }) => {
        return { local: text(localCandidateId), remote: text(remoteCandidateId), state };
      });
  }

  /** For people: types and protocols of the candidates in use. */
  async pair() {
    const { local, remote } = await this.#selected();
    const text = (/** @type {any} */ candidate) =>
      `${candidate.candidateType} ${candidate.relayProtocol ?? candidate.protocol}`;
    return local && remote ? { local: text(local), remote: text(remote) } : null;
  }
}
