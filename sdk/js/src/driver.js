import { openWebSocket } from './carriers/websocket.js';
import { PeerlineError } from './errors.js';
import { First } from './first.js';
import { KINDS } from './kinds.js';
import { Endpoint } from './link/endpoint.js';
import { Session } from './link/session.js';
import { Members } from './members.js';

/** @typedef {import('./link/wire.js').Member} Member */
/** @typedef {import('./link/signals.js').Signal} Signal */
/** @typedef {import('./link/session.js').PeerInfo} PeerInfo */
/** @typedef {import('./types.js').PathKind} PathKind */

/** What the session may hold for the server before pairs wait. */
const MAX_UP = 1 << 20;
/** Timers of a hidden page come once a second: what it receives is dated back so far that its acknowledgement is due. */
const HIDDEN_MS = 25;
/** Signals that came before the module that takes them. */
const MAX_EARLY = 256;
const MAX_TIMER_MS = 2 ** 31 - 1;
/** What could not be loaded is tried again after so long. */
const RELOAD_MS = 3_000;

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
  faults = {};
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
  #members;
  /** @type {import('./probes.js').Probes | null} */
  probes = null;
  /** @type {Promise<import('./token.js').Renewal> | null} */
  #renewal = null;
  #awayMs = 0;
  /** @type {import('./direct/signals.js').Signals | null} */
  signals = null;
  /** @type {{from: Member, fields: Uint8Array}[]} */
  #early = [];
  /** @type {(() => void) | undefined} */
  unwatch;
  /** Why the next `moved` comes. */
  #reason = 'peer';
  #open = false;
  /** Events wait for the listeners of a room that was just joined. */
  #waiting = false;
  /** The code of the trouble that was told. @type {string | undefined} */
  #told;
  /** @type {PeerlineError | null} */
  #closed = null;
  /** @type {PeerlineError | null} */
  #trouble = null;
  /** Another token was asked for since the last welcome, because this one was refused. */
  #renewed = false;
  #pumping = false;
  #queued = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {{url: string, base: string, room: string, identity: import('./identity.js').Identity, token: string | undefined,
   *   renew: (() => string | Promise<string>) | undefined, name: string | undefined, WebSocket: typeof WebSocket | undefined,
   *   fetch: typeof fetch | undefined, kinds: Set<PathKind>, rungs: import('./link/session.js').Kind[], maxDirect: number}} options
   *   `rungs`: what the session may run on
   * @param {(event: DriverEvent) => void} handle
   */
  constructor(options, handle) {
    const { url, room, identity, token, renew, name, kinds, rungs, maxDirect, WebSocket } = options;
    const { key, incarnation } = identity;
    this.#options = options;
    this.kinds = kinds;
    this.#handle = handle;
    this.session = new Session({ room, key, incarnation, token, name });
    this.endpoint = new Endpoint({ incarnation });
    const open = (/** @type {import('./types.js').CarrierEvents} */ events) =>
      openWebSocket(
        url,
        /** @type {typeof globalThis.WebSocket} */ (WebSocket),
        this.faults,
        events,
      );
    this.changed = this.changed.bind(this);
    /** @type {First | import('./uplink.js').Uplink} */
    this.uplink = new First(
      this.session,
      this.now,
      this.changed,
      rungs.includes('websocket') ? open : null,
    );
    this.#keep(open);
    this.#members = new Members(this, (change, peer) => handle({ type: 'presence', change, peer }));
    if (renew) this.#renewal = import('./token.js').then(({ Renewal }) => new Renewal(this, renew));
    const wanted = kinds.has('direct') || kinds.has('relayed');
    this.#load(wanted && typeof RTCPeerConnection === 'function' ? maxDirect : 0);
  }

  now = () => performance.now();

  get closed() {
    return this.#closed !== null;
  }

  /** Whether there is a session that a pair can fall to. */
  get fallback() {
    return this.#open && this.#carries;
  }

  /** Whether messages may go over the session. */
  get #carries() {
    return this.#options.rungs.some((rung) => this.kinds.has(/** @type {PathKind} */ (rung)));
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
    if (this.#pumping || this.#closed) return;
    this.#pumping = true;
    try {
      for (let busy = true; busy && !this.#closed; ) {
        const now = this.now();
        this.session.advance(now);
        this.uplink.advance(now);
        busy = this.#drain(now);
        this.direct?.advance(now);
        if (this.#transmit(now)) busy = true;
      }
      if (!this.#closed) this.#tellState();
    } finally {
      this.#pumping = false;
    }
    this.#schedule();
  }

  #schedule() {
    if (this.#closed) return;
    let at = Math.min(this.session.deadline(), this.endpoint.deadline(), this.uplink.deadline());
    at = Math.min(at, this.direct?.deadline() ?? Infinity, this.#members.deadline());
    clearTimeout(this.#timer);
    if (at === Infinity) return;
    const wait = Math.min(Math.ceil(Math.max(at - this.now(), 0)), MAX_TIMER_MS);
    this.#timer = setTimeout(() => this.pump(), wait);
  }

  // What comes in

  /** @param {number} now @returns {boolean} whether there was anything */
  #drain(now) {
    let any = false;
    const { session, endpoint } = this;
    for (let e; !this.#waiting && (e = session.nextEvent()); any = true) this.#take(e, now);
    for (let e; !this.#waiting && (e = endpoint.nextEvent()); any = true) this.#deliver(e, now);
    this.#members.advance(now);
    return any;
  }

  /** @param {import('./link/session.js').SessionEvent} event @param {number} now */
  #take(event, now) {
    if (event.type === 'envelope' || event.type === 'datagram') {
      const { from, to, frames } = event;
      this.endpoint.receive(from, to, 'session', frames, this.#heardAt(now));
    } else if (event.type === 'signal') {
      if (event.to !== this.#options.identity.incarnation) return;
      if (this.signals) this.signals.take(event);
      else if (this.#early.length < MAX_EARLY) this.#early.push(event);
    } else if (event.type === 'presence') {
      this.#members.presence(event.change, event.peer, now);
    } else if (event.type === 'roster') {
      this.#roster(event.peers, now);
    } else if (event.type === 'welcome') {
      this.#welcome(event);
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

  /** @param {Extract<import('./link/session.js').SessionEvent, {type: 'welcome'}>} welcome */
  #welcome({ id, name, awayMs, iceServers, expires }) {
    this.id = id;
    this.name = name;
    this.#awayMs = awayMs;
    this.#trouble = null;
    this.#renewed = false;
    try {
      this.iceServers = JSON.parse(iceServers).iceServers ?? [];
    } catch {
      this.iceServers = []; // none were sent
    }
    this.#renewal?.then((renewal) => renewal.welcomed(expires));
  }

  /** @param {Extract<import('./link/session.js').SessionEvent, {type: 'error'}>} event */
  #failed(event) {
    if (event.code === 'OVERTAKEN' || event.code === 'NO_SESSION') return; // another carrier greets
    const error = new PeerlineError(event.code, event.message, event);
    this.#trouble = error;
    if (!error.retriable) return this.#refused(error);
    this.uplink.defer(event.retryAfterMs, false);
    this.report(error);
  }

  /** The server wants no other attempt like this; but once, another token may mend it. @param {PeerlineError} error */
  #refused(error) {
    this.#trouble ??= error;
    if (error.retriable) return;
    const token = error.code === 'UNAUTHORIZED' || error.code === 'TOKEN_EXPIRED';
    if (!token || !this.#renewal || this.#renewed) return this.close(error);
    this.#renewed = true;
    this.uplink.drop();
    this.#renewal.then((renewal) => renewal.ask());
  }

  /** @param {string} token for this carrier and those after it */
  refresh(token) {
    this.session.refresh(token);
    this.uplink.retry();
    this.changed();
  }

  /** @param {PeerlineError} error that the application should hear of */
  report(error) {
    this.#handle({ type: 'error', error });
  }

  /** @param {import('./link/session.js').PeerInfo[]} peers @param {number} now */
  #roster(peers, now) {
    const first = !this.#members.complete;
    this.#members.roster(peers, now, this.#awayMs);
    if (!first) return;
    this.#handle({ type: 'open' });
    // Whoever waits for the room adds listeners before anything is handed to them.
    this.#waiting = true;
    setTimeout(() => {
      this.#waiting = false;
      this.changed();
    });
  }

  /** What keeps carriers comes while the first is dialled; it works without. @param {(events: import('./types.js').CarrierEvents) => import('./types.js').Carrier} websocket */
  async #keep(websocket) {
    try {
      const { keep } = await import('./keep.js');
      if (this.closed) return;
      const failed = (/** @type {PeerlineError} */ error) => this.#refused(error);
      this.uplink = keep(
        this,
        this.#options,
        /** @type {First} */ (this.uplink),
        websocket,
        failed,
      );
    } catch (cause) {
      this.#missing(cause);
      if (!this.closed) setTimeout(() => this.#keep(websocket), RELOAD_MS);
    }
  }

  /** @param {unknown} cause */
  #missing(cause) {
    this.report(new PeerlineError('UNREACHABLE', 'A module did not load', { cause }));
  }

  /** What these are reached by is of another kind, perhaps. @param {Iterable<{id: string}> | null} peers null: all @param {string} reason @param {number} [moved] @param {number} [stalledMs] */
  carried(peers, reason, moved = 0, stalledMs = 0) {
    for (const { id } of peers ?? this.#members.all)
      this.#handle({ type: 'kind', id, reason, moved, stalledMs });
  }

  // Direct paths

  /** @param {number} maxDirect */
  async #load(maxDirect) {
    try {
      const { load } = await import('./late.js');
      await load(this, this.#options.identity, maxDirect, this.#members, this.#early);
    } catch (cause) {
      this.#missing(cause);
    }
  }

  /** @param {Member} member @param {Signal} signal */
  signal(member, signal) {
    this.signals?.send(member, signal);
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
    this.carried([{ id }], 'candidate');
    this.changed();
  }

  /** @param {string} id @param {number} view what this side takes the data channel for */
  probe(id, view) {
    this.probes?.send(id, 'direct', view);
  }

  /** @param {string} id @returns {PathKind} */
  kindOf(id) {
    if (this.direct && this.endpoint.pathOf(id) === 'direct') return this.direct.kindOf(id);
    return lower(this.uplink.path ?? 'websocket', this.#members.carrierOf(id));
  }

  /** The lowest kind that this went by. @param {'room' | string} to @param {string} path @returns {PathKind} */
  kindTo(to, path) {
    const ids = to === 'room' ? Array.from(this.#members.all, ({ id }) => id) : [to];
    /** @type {PathKind} */
    const least = path === 'direct' ? 'direct' : (this.uplink.path ?? 'websocket');
    const kinds = ids.map((id) => this.kindOf(id));
    // Some may have moved since it arrived.
    return kinds.filter((kind) => path !== 'direct' || kind === 'relayed').reduce(lower, least);
  }

  /** @param {string} id @returns {number} */
  rttOf(id) {
    const direct = this.endpoint.pathOf(id) === 'direct' && this.direct?.rttOf(id);
    return direct || (this.probes?.rttOf(id) ?? 0);
  }

  // Messages

  /** @param {import('./link/endpoint.js').EndpointEvent} event @param {number} now */
  #deliver(event, now) {
    if (event.type === 'echo') return this.probes?.echoed(event, now);
    if (event.type === 'moved') {
      this.direct?.moved(event.id, event.to, now);
      return this.carried([event], this.#reason, event.messages, event.stalledMs);
    }
    if (event.type === 'message') this.#used(event.from, now);
    this.#handle(event);
  }

  /** This peer is active: how far it is gets measured. @param {string} id @param {number} now */
  #used(id, now) {
    this.direct?.used(id, now);
    if (this.endpoint.pathOf(id) === 'session' && this.#members.has(id)) {
      this.probes?.measure(id, now);
    }
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
    const carried = this.#carries;
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
    const { uplink } = this;
    const open = this.#members.complete && uplink.open && !uplink.silent(this.now());
    const reason = open ? null : this.#trouble;
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

  /** @param {number} graceMs 0: for good; else others see this peer away, and gone unless it returns by then */
  bye(graceMs) {
    this.session.bye(graceMs);
    this.uplink.flush(graceMs);
    this.pump();
  }

  /** For good, and told to the others at once. @param {() => boolean} settled whether nothing waits for a receipt */
  async leave(settled) {
    const module = await import('./leave.js').catch(() => null);
    if (module) await module.leave(this, settled, () => this.#members.all);
    else this.bye(0);
    this.close(new PeerlineError('CLOSED', 'This peer has left'));
  }

  /** For good. @param {PeerlineError} reason */
  close(reason) {
    if (this.#closed) return;
    this.#closed = reason;
    clearTimeout(this.#timer);
    this.uplink.stop();
    this.direct?.stop();
    this.unwatch?.();
    this.#renewal?.then((renewal) => renewal.stop());
    this.#options.identity.release();
    this.#handle({ type: 'closed', reason });
  }
}

/** The lower of two kinds. @param {PathKind} kind @param {PathKind | 'none'} other @returns {PathKind} */
function lower(kind, other) {
  return other !== 'none' && KINDS.indexOf(other) > KINDS.indexOf(kind) ? other : kind;
}
