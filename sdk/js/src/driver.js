import { openWebSocket } from './carriers/websocket.js';
import { PeerlineError } from './errors.js';
import { Endpoint } from './link/endpoint.js';
import { Session } from './link/session.js';
import { Uplink } from './uplink.js';

/** @typedef {import('./link/wire.js').Member} Member */
/** @typedef {import('./link/session.js').Signal} Signal */
/** @typedef {import('./link/session.js').PeerInfo} PeerInfo */
/** @typedef {import('./types.js').PathKind} PathKind */

/** What the session may hold for the server before pairs wait. */
const MAX_UP = 1 << 20;
/** Timers of a hidden page come once a second: what it receives is dated back so far that its acknowledgement is due. */
const HIDDEN_MS = 25;
/** Signals that came before the module that takes them. */
const MAX_EARLY = 256;
/** A peer on the session is probed at most so often, and only while it is active. */
const PROBE_MS = 5_000;
const MAX_PROBES = 256;
/** A token is renewed in the last quarter of its time, a minute before its end at the earliest. */
const RENEW_MS = 60_000;
const RETRY_TOKEN_MS = 5_000;
/** How long the last bytes may take to go out. */
const LEAVE_MS = 1_000;
const TICK_MS = 20;

/**
 * @typedef {{type: 'open'} | {type: 'state', open: boolean, reason: PeerlineError | null} | {type: 'closed', reason: PeerlineError}
 *   | {type: 'presence', change: 'joined' | 'away' | 'back' | 'left', peer: PeerInfo}
 *   | {type: 'error', error: PeerlineError} | {type: 'kind', id: string, reason: string, moved: number, stalledMs: number}
 *   | import('./link/endpoint.js').EndpointEvent} DriverEvent
 */

/**
 * Gives one peer's state machines their sockets and clock: the session its carrier, the pair links the session and their
 * data channels. Every input ends in `pump`, which drains all outputs; then one timer waits for the earliest deadline.
 */
export class Driver {
  /** @type {import('./types.js').Faults} */
  faults = { direct: false, websocket: false };
  id = '';
  name = '';
  /** Round trip to the server, in ms. */
  rttMs = 0;
  /** @type {RTCIceServer[]} */
  iceServers = [];
  /** @type {import('./direct/paths.js').DirectPaths | null} */
  direct = null;

  #options;
  #handle;
  #directWanted;
  /** Everybody in the room, and when one that the server does not know is given up. @type {Map<string, PeerInfo & {leaveAt: number}>} */
  #members = new Map();
  #awayMs = 0;
  /** @type {{from: Member, signal: Signal}[]} */
  #early = [];
  /** @type {Map<number, number>} */
  #probes = new Map();
  /** Round trips over the session, and when they were measured. @type {Map<string, {rttMs: number, at: number}>} */
  #measured = new Map();
  #nonce = 0;
  /** Why the next `moved` comes. */
  #reason = 'peer';
  /** The carrier that was welcomed. */
  #welcomed = 0;
  #rostered = false;
  #open = false;
  /** The code of the trouble that was told. @type {string | undefined} */
  #told;
  /** @type {PeerlineError | null} */
  #reasonClosed = null;
  /** @type {PeerlineError | null} */
  #trouble = null;
  #renewAt = Infinity;
  /** Another token was asked for since the last welcome, because this one was refused. */
  #renewed = false;
  #tokenMs = Infinity;
  #pumping = false;
  #queued = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #timerAt = Infinity;

  /**
   * @param {{url: string, room: string, identity: import('./identity.js').Identity, token: string | undefined,
   *   renew: (() => string | Promise<string>) | undefined, name: string | undefined, WebSocket: typeof WebSocket,
   *   kinds: Set<PathKind>, maxDirect: number}} options
   * @param {(event: DriverEvent) => void} handle
   */
  constructor(options, handle) {
    const { url, room, identity, token, name, kinds, maxDirect, WebSocket } = options;
    const { key, incarnation } = identity;
    this.#options = options;
    this.#handle = handle;
    this.session = new Session({ room, key, incarnation, token, name });
    this.endpoint = new Endpoint({ incarnation });
    this.uplink = new Uplink({
      session: this.session,
      connect: (events) => openWebSocket(url, WebSocket, this.faults, events),
      clock: this.now,
      random: Math.random,
      changed: () => this.changed(),
      failed: (error) => this.#refused(error),
    });
    const wanted = (kinds.has('direct') || kinds.has('relayed')) && maxDirect > 0;
    this.#directWanted = wanted && typeof RTCPeerConnection === 'function';
    if (this.#directWanted) this.#load(maxDirect);
    this.uplink.start();
  }

  now = () => performance.now();

  /** Whether there is a session that a pair can fall to. */
  get fallback() {
    return this.#open && this.#options.kinds.has('websocket');
  }

  /** Something is to be drained: soon, and once for all that happens now. */
  changed() {
    if (this.#queued) return;
    this.#queued = true;
    queueMicrotask(() => {
      this.#queued = false;
      this.pump();
    });
  }

  pump() {
    if (this.#pumping || this.#reasonClosed) return;
    this.#pumping = true;
    try {
      for (let busy = true; busy && !this.#reasonClosed; ) {
        const now = this.now();
        this.session.advance(now);
        this.uplink.advance(now);
        busy = this.#drain(now);
        this.direct?.advance(now);
        if (this.#transmit(now)) busy = true;
      }
      this.#tellState();
    } finally {
      this.#pumping = false;
    }
    this.#schedule();
  }

  #schedule() {
    if (this.#reasonClosed) return;
    const now = this.now();
    let at = Math.min(this.session.deadline(), this.endpoint.deadline(), this.uplink.deadline());
    at = Math.min(at, this.direct?.deadline() ?? Infinity, this.#renewAt);
    for (const { leaveAt } of this.#members.values()) at = Math.min(at, leaveAt);
    if (this.#timer !== undefined && this.#timerAt <= at && this.#timerAt > now) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (at === Infinity) return;
    this.#timerAt = at;
    const wait = Math.min(Math.max(at - now, 0), 2 ** 31 - 1);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.pump();
    }, Math.ceil(wait));
  }

  // What comes in

  /** @param {number} now @returns {boolean} whether there was anything */
  #drain(now) {
    let any = false;
    for (let event; (event = this.session.nextEvent()); any = true) this.#take(event, now);
    for (let event; (event = this.endpoint.nextEvent()); any = true) this.#deliver(event, now);
    for (const [id, { leaveAt }] of this.#members) if (now >= leaveAt) this.#expire(id);
    if (now >= this.#renewAt) this.#renew();
    return any;
  }

  /** @param {import('./link/session.js').SessionEvent} event @param {number} now */
  #take(event, now) {
    if (event.type === 'envelope' || event.type === 'datagram') {
      const { from, to, frames } = event;
      this.endpoint.receive(from, to, 'session', frames, this.#heardAt(now));
    } else if (event.type === 'signal') {
      if (event.to === this.#options.identity.incarnation)
        this.#signalled(event.from, event.signal);
    } else if (event.type === 'presence') {
      this.#present(event.change, event.peer, now);
    } else if (event.type === 'roster') {
      this.#roster(event.peers, now);
    } else if (event.type === 'welcome') {
      this.#welcome(event, now);
    } else if (event.type === 'lost') {
      this.endpoint.sessionLost(now);
    } else if (event.type === 'rtt') {
      this.rttMs = event.ms;
      this.uplink.measured(event.ms);
    } else if (event.type === 'error') {
      this.#failed(event);
    } else if (event.type === 'move') {
      this.#trouble = new PeerlineError('GOING_AWAY', 'The server goes down', { retriable: true });
      this.uplink.defer(event.retryAfterMs, true);
    }
  }

  /** @param {number} now */
  #heardAt(now) {
    return globalThis.document?.visibilityState === 'hidden' ? now - HIDDEN_MS : now;
  }

  /** @param {Extract<import('./link/session.js').SessionEvent, {type: 'welcome'}>} welcome @param {number} now */
  #welcome({ id, name, awayMs, iceServers, expires }, now) {
    this.id = id;
    this.name = name;
    this.#awayMs = awayMs;
    this.#welcomed = this.uplink.generation;
    this.#trouble = null;
    this.#renewed = false;
    try {
      this.iceServers = JSON.parse(iceServers).iceServers ?? [];
    } catch {
      this.iceServers = []; // none were sent
    }
    if (expires === undefined || !this.#options.renew) return;
    const left = expires - Date.now();
    this.#tokenMs = Math.max(left - Math.min(RENEW_MS, left / 4), 1_000);
    this.#renewAt = now + this.#tokenMs;
  }

  /** @param {Extract<import('./link/session.js').SessionEvent, {type: 'error'}>} event */
  #failed({ code, message, retriable, retryAfterMs, hint }) {
    const error = new PeerlineError(code, message, { retriable, hint });
    if (!retriable) return this.#refused(error);
    this.#trouble = error;
    this.uplink.defer(retryAfterMs, false);
    this.#handle({ type: 'error', error });
  }

  /** The server wants no other attempt like this; but once, another token may mend it. @param {PeerlineError} error */
  #refused(error) {
    const token = error.code === 'UNAUTHORIZED' || error.code === 'TOKEN_EXPIRED';
    if (!token || !this.#options.renew || this.#renewed) return this.close(error);
    this.#renewed = true;
    this.#trouble = error;
    this.uplink.drop();
    this.#renew();
  }

  async #renew() {
    this.#renewAt = Infinity;
    try {
      const token = await this.#options.renew?.();
      this.session.refresh(String(token));
      this.#renewAt = this.now() + this.#tokenMs;
      this.uplink.retry();
    } catch (cause) {
      const message = 'token: the function that gives one failed';
      const error = new PeerlineError('UNAUTHORIZED', message, { retriable: true, cause });
      this.#handle({ type: 'error', error });
      this.#renewAt = this.now() + RETRY_TOKEN_MS;
    }
    this.changed();
  }

  // Who is there

  /** @param {PeerInfo[]} peers @param {number} now */
  #roster(peers, now) {
    for (const peer of peers) this.#meet(peer, !this.#rostered || !this.#members.has(peer.id));
    // A server that was restarted learns of the others as they return: for now they are away.
    for (const id of this.endpoint.roster(peers, now)) {
      const member = this.#members.get(id);
      if (!member) continue;
      member.leaveAt = Math.min(member.leaveAt, now + this.#awayMs);
      this.#tell('away', { ...member, state: 'away' });
    }
    if (!this.#rostered) this.#handle({ type: 'open' });
    this.#rostered = true;
  }

  /** @param {'joined' | 'away' | 'back' | 'left'} change @param {PeerInfo} peer @param {number} now */
  #present(change, peer, now) {
    if (change === 'left') return this.#expire(peer.id);
    if (change === 'away') this.endpoint.away(peer.id, now);
    else if (change === 'back') this.endpoint.back(peer, now);
    else this.endpoint.joined(peer, peer.state, now);
    this.#meet(peer, false);
  }

  /** @param {PeerInfo} peer @param {boolean} first whether it was there before this client */
  #meet(peer, first) {
    const known = this.#members.get(peer.id);
    const renewed = known && peer.incarnation > known.incarnation;
    this.#members.set(peer.id, { ...peer, leaveAt: Infinity });
    this.direct?.joined(peer, peer.state === 'here', first);
    if (!known) this.#tell('joined', peer);
    else if (renewed) this.#tell('back', peer);
    else if (known.state !== peer.state) this.#tell(peer.state === 'away' ? 'away' : 'back', peer);
  }

  /** @param {'joined' | 'away' | 'back' | 'left'} change @param {PeerInfo} peer */
  #tell(change, peer) {
    const known = this.#members.get(peer.id);
    if (known) known.state = peer.state;
    if (change === 'away') this.direct?.away(peer.id);
    this.#handle({ type: 'presence', change, peer });
  }

  /** @param {string} id */
  #expire(id) {
    const peer = this.#members.get(id);
    this.#members.delete(id);
    this.endpoint.left(id);
    this.direct?.left(id);
    this.#measured.delete(id);
    if (peer) this.#tell('left', peer);
  }

  // Direct paths

  /** @param {number} maxDirect */
  async #load(maxDirect) {
    const { DirectPaths } = await import('./direct/paths.js');
    if (this.#reasonClosed) return;
    this.direct = new DirectPaths(this, maxDirect, Math.random);
    for (const member of this.#members.values()) {
      this.direct.joined(member, member.state === 'here', true);
    }
    for (const { from, signal } of this.#early.splice(0)) this.direct.signal(from, signal);
    this.changed();
  }

  /** @param {Member} from @param {Signal} signal */
  #signalled(from, signal) {
    if (this.direct) this.direct.signal(from, signal);
    else if (this.#directWanted) {
      if (this.#early.length < MAX_EARLY) this.#early.push({ from, signal });
    } else if (signal.descriptionType === 'offer') {
      const { connection } = signal;
      this.signal(from, { connection, kind: 'decline', reason: 'unsupported' });
    }
  }

  /** @param {Member} member @param {Signal} signal */
  signal(member, signal) {
    this.session.signal(member, signal);
    this.changed();
  }

  /** @param {Member} from @param {Uint8Array} frames that came over the data channel */
  received(from, frames) {
    const now = this.now();
    const { incarnation } = this.#options.identity;
    this.endpoint.receive(from, incarnation, 'direct', frames, this.#heardAt(now));
    this.changed();
  }

  /** @param {string} id @param {'direct' | 'session'} path @param {string} reason */
  use(id, path, reason) {
    this.#reason = reason;
    this.endpoint.use(id, path, this.now());
    this.#drain(this.now());
    this.#reason = 'peer';
  }

  /** Whether a direct path is relayed has become known, or changed. @param {string} id */
  kindChanged(id) {
    this.#handle({ type: 'kind', id, reason: 'candidate', moved: 0, stalledMs: 0 });
    this.changed();
  }

  /** @param {string} id @param {'direct' | 'session'} path @param {number} view what this side takes the path for */
  probe(id, path, view) {
    const nonce = ++this.#nonce % 2 ** 31;
    if (this.#probes.size >= MAX_PROBES) this.#probes.delete([...this.#probes.keys()][0]);
    this.#probes.set(nonce, this.now());
    const bytes = new Uint8Array(5);
    bytes[0] = view;
    new DataView(bytes.buffer).setUint32(1, nonce);
    this.endpoint.probe(id, path, bytes);
  }

  /** @param {string} id @returns {PathKind} */
  kindOf(id) {
    return this.direct && this.endpoint.pathOf(id) === 'direct'
      ? this.direct.kindOf(id)
      : 'websocket';
  }

  /** Whether some of those that this goes to are reached through a relay. @param {'room' | string} to */
  relays(to) {
    const ids = to === 'room' ? [...this.#members.keys()] : [to];
    return ids.some((id) => this.kindOf(id) === 'relayed');
  }

  /** @param {string} id @returns {number} */
  rttOf(id) {
    const direct = this.endpoint.pathOf(id) === 'direct' && this.direct?.rttOf(id);
    return direct || (this.#measured.get(id)?.rttMs ?? 0);
  }

  // Messages

  /** @param {import('./link/endpoint.js').EndpointEvent} event @param {number} now */
  #deliver(event, now) {
    if (event.type === 'echo') return this.#echoed(event, now);
    if (event.type === 'moved') {
      this.direct?.moved(event.id, event.to, now);
      const { id, messages: moved, stalledMs } = event;
      return this.#handle({ type: 'kind', id, reason: this.#reason, moved, stalledMs });
    }
    if (event.type === 'message') this.#used(event.from, now);
    this.#handle(event);
  }

  /** @param {{id: string, path: string, bytes: Uint8Array}} echo @param {number} now */
  #echoed({ id, path, bytes }, now) {
    if (bytes.length !== 5) return;
    const nonce = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1);
    const sentAt = this.#probes.get(nonce);
    if (sentAt === undefined || !this.#probes.delete(nonce)) return;
    const measured = this.#measured.get(id);
    if (path === 'direct') this.direct?.echoed(id, now - sentAt, now);
    else if (measured) {
      const old = measured.rttMs || now - sentAt;
      measured.rttMs = old + (now - sentAt - old) / 4;
    }
  }

  /** This peer is active: how far it is gets measured. @param {string} id @param {number} now */
  #used(id, now) {
    this.direct?.used(id, now);
    if (this.endpoint.pathOf(id) === 'direct') return;
    const { rttMs = 0, at = -Infinity } = this.#measured.get(id) ?? {};
    if (now - at < PROBE_MS || !this.#members.has(id)) return;
    this.#measured.set(id, { rttMs, at: now });
    this.probe(id, 'session', 0);
  }

  /**
   * @param {'room' | string} to @param {string} name @param {number} type @param {Uint8Array} payload
   * @returns {number} a handle
   */
  send(to, name, type, payload) {
    const now = this.now();
    const handle = this.endpoint.send(to, name, type, payload, now);
    if (to !== 'room') this.#used(to, now);
    this.changed();
    return handle;
  }

  /** @param {number} now @returns {boolean} whether anything went out */
  #transmit(now) {
    const carried = this.#options.kinds.has('websocket');
    const writable = (/** @type {string} */ path, /** @type {string} */ id) =>
      path === 'direct'
        ? (this.direct?.writable(id) ?? false)
        : carried && this.session.upBytes < MAX_UP;
    let any = false;
    for (let out; (out = this.endpoint.transmit(now, writable)); any = true) {
      const { path, to, frames, acks, loose = false } = out;
      if (path === 'direct') this.direct?.send(to[0].id, frames, loose);
      else if (path === 'datagram') this.session.datagram(to, frames);
      else if (acks) this.session.acks(acks);
      else this.session.envelope(to, frames);
    }
    return this.uplink.transmit(now) || any;
  }

  // How it goes, and the end

  #tellState() {
    const open = this.#rostered && this.uplink.open && this.#welcomed === this.uplink.generation;
    const reason = open ? null : (this.#trouble ?? this.uplink.trouble);
    if (open === this.#open && (open || this.#told === reason?.code)) return;
    this.#open = open;
    this.#told = reason?.code;
    this.#handle({ type: 'state', open, reason });
  }

  /** The network or the page is not what it was. */
  wake() {
    this.uplink.wake();
    this.direct?.wake();
    this.changed();
  }

  /** Whether everything that was sent is in others' hands, or the server's. */
  get drained() {
    if (this.session.upBytes || this.uplink.bufferedAmount) return false;
    const now = this.now();
    for (const { id, state } of this.#members.values()) {
      if (state === 'here' && this.endpoint.silentFor(id, now + 1)) return false;
    }
    return true;
  }

  /** @param {number} graceMs 0: for good; else others see this peer away, and gone unless it returns by then */
  bye(graceMs) {
    this.session.bye(graceMs);
    this.pump();
  }

  /** For good, and told to the others at once. */
  async leave() {
    if (this.#reasonClosed) return;
    this.bye(0);
    for (let ms = 0; ms < LEAVE_MS && this.uplink.bufferedAmount; ms += TICK_MS) {
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
    this.close(new PeerlineError('CLOSED', 'This peer has left the room'));
  }

  /** For good. @param {PeerlineError} reason */
  close(reason) {
    if (this.#reasonClosed) return;
    this.#reasonClosed = reason;
    clearTimeout(this.#timer);
    this.uplink.stop();
    this.direct?.stop();
    this.#options.identity.release();
    this.#handle({ type: 'closed', reason });
  }
}
