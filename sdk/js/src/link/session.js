/**
 * @file The client's half of a session (docs/protocol.md, section 2): a way up that is numbered, and a way down that is the reading of a
 * mailbox. It outlives the carrier it runs on. No socket, no clock: the driver opens carriers, passes packets and time (ms), and drains
 * `nextEvent` and `transmit`.
 *
 * @typedef {import('./wire.js').Member} Member
 * @typedef {import('./entries.js').Kind} Kind
 * @typedef {import('./entries.js').PeerInfo} PeerInfo
 * @typedef {import('./entries.js').Entry} Entry
 * @typedef {{type: 'welcome', resumed: boolean, id: string, name: string, awayMs: number, pingMs: number, iceServers: string,
 *   expires: number | undefined, server: string}
 *   | Entry
 *   | {type: 'datagram', from: Member, to: number, frames: Uint8Array}
 *   | {type: 'lost', reason: string}
 *   | {type: 'error', code: string, message: string, retriable: boolean, retryAfterMs: number, hint: string}
 *   | {type: 'move', retryAfterMs: number}
 *   | {type: 'rtt', ms: number}} SessionEvent
 */

import { readEntry } from './entries.js';
import {
  base64url,
  encode,
  must,
  numberField,
  Reader,
  readFrames,
  textField,
  Writer,
} from './wire.js';

/** Later where it takes a request; the next poll names the cursor anyway. */
const ACK_DELAY_MS = { duplex: 25, stream: 250, poll: Infinity };
const ACK_BYTES = 65536;
const PACKET_BYTES = 65536;
/** Datagrams that wait for a carrier; unreliable, so the oldest go first. */
const MAX_DATAGRAMS = 64;

/**
 * @typedef {object} Way one carrier, or one that is to be
 * @property {'duplex' | 'stream' | 'poll'} kind packets both ways; or a way down by requests, and another up by POST
 * @property {number} attempt 0 before its HELLO
 * @property {number} at when that went
 * @property {number} base of that HELLO
 * @property {number} offset of that HELLO
 * @property {string} [token] of that HELLO
 * @property {number} [listed] of that HELLO: the highest subscription
 */

/** One end; not for sharing between threads. While a carrier greets, the present one goes on until the WELCOME. */
export class Session {
  #hello;
  /** @type {Map<number, Way>} */
  #ways = new Map();
  #newest = 0;
  /** The way that was welcomed. */
  #present = 0;
  #attempt = 0;
  #post = 0;
  #postAt = NaN;
  /** The code of the last ERROR, for whoever opens carriers. */
  refusal = '';
  /** @type {{epoch: number, offset: number} | null} */
  #cursor = null;
  /** Whether a roster of this session was read; presence before it is somebody else's view. */
  #rosterSeen = false;

  /** @type {{number: number, kind: number, members: Member[] | null, body: Uint8Array}[]} */
  #outbox = [];
  #nextNumber = 1;
  /** How many of the outbox went over this carrier. */
  #sent = 0;
  /** The highest number that went over any. */
  #top = 0;
  /** @type {{members: Member[], frames: Uint8Array}[]} */
  #datagrams = [];
  /** @type {Writer} */
  #control = new Writer();
  /** @type {Map<string, number>} */
  #groups = new Map();
  upBytes = 0;
  /** What the session carries beside the room. @type {import('./topics.js').SessionTopics | null} */
  topics = null;
  /** The last WELCOME. @type {import('./wire.js').Fields | null} */
  terms = null;

  #ackAt = Infinity;
  #ackBytes = 0;
  #pingMs = 15000;
  #pings = 0;
  #heardAt = 0;
  #progressAt = 0;
  #pingAt = 0;

  /** @type {SessionEvent[]} */
  #events = [];

  /** @param {{room: string, key: Uint8Array, incarnation: number, name?: string, token?: string}} hello */
  constructor(hello) {
    this.#hello = { ...hello };
  }

  /** A carrier is up. @param {number} now @param {{kind?: Way['kind']}} [how] duplex by default @returns {number} its handle */
  open(now, { kind = 'duplex' } = {}) {
    const way = /** @type {Way} */ ({ kind, attempt: 0, at: now });
    this.#ways.set(++this.#newest, way);
    if (!this.#present) {
      this.#heardAt = this.#progressAt = now;
      this.#clear();
    }
    return this.#newest;
  }

  /** Nothing is under way on this carrier yet. */
  #clear() {
    this.#sent = this.#pings = 0;
    this.#postAt = NaN;
    this.#groups.clear();
    this.#control = new Writer();
  }

  /** @param {number} way */
  closed(way = this.#newest) {
    this.#ways.delete(way);
    if (this.#present !== way) return;
    this.#present = 0;
    this.#clear(); // another may be greeting
  }

  get offset() {
    return this.#cursor?.offset ?? 0;
  }

  /** The handle of the carrier that was welcomed, or 0. */
  get present() {
    return this.#present;
  }

  /** The token of the next `HELLO`; tells the server at once where a carrier has another. @param {string} token */
  refresh(token) {
    this.#hello.token = token;
    if (this.#present) this.#tellToken();
  }

  #tellToken() {
    this.#control.frame(8, new Writer().raw(encode(/** @type {string} */ (this.#hello.token))));
  }

  /** @param {Member[]} members @param {Uint8Array} frames */
  envelope(members, frames) {
    this.up(1, members, frames);
  }

  /** @param {Member} member @param {Uint8Array} fields a signal, as `encodeSignal` makes it */
  signal(member, fields) {
    this.up(2, [member], fields);
  }

  /** @param {{member: Member, frames: Uint8Array}[]} acks */
  acks(acks) {
    const body = new Writer().varint(acks.length);
    for (const { member, frames } of acks) body.member(member).bytes(frames);
    this.up(3, null, body.take());
  }

  /** @param {Member[]} members @param {Uint8Array} frames */
  datagram(members, frames) {
    if (this.#datagrams.push({ members, frames }) > MAX_DATAGRAMS) this.#datagrams.shift();
  }

  /** @param {number} graceMs 0: leaves now */
  bye(graceMs) {
    this.#control.frame(7, new Writer().varint(graceMs));
  }

  /** Asks for a sign of life. */
  ping() {
    if (!this.#present || this.#pings) return;
    this.#pings = 1;
    this.#control.frame(6, new Writer());
  }

  /** @param {number} kind @param {Member[] | null} members @param {Uint8Array} body */
  up(kind, members, body) {
    this.#outbox.push({ number: this.#nextNumber++, kind, members, body });
    this.upBytes += body.length;
  }

  /** How many went over an earlier carrier, were not taken, and are to go again. */
  get again() {
    return Math.max(0, this.#top + 1 - (this.#outbox[this.#sent]?.number ?? this.#nextNumber));
  }

  /** How long an answer is overdue: ms since the server last took or answered something, 0: nothing is owed. @param {number} now */
  silentFor(now) {
    const greeting = !this.#present && this.#ways.get(this.#newest);
    if (greeting) return now - greeting.at;
    const owed = this.#present && (this.#sent || this.#pings || this.#postAt > 0);
    return owed ? now - this.#progressAt : 0;
  }

  deadline() {
    return this.#present ? Math.min(this.#ackDue, this.#heardAt + this.#pingMs) : Infinity;
  }

  /** @param {number} now */
  advance(now) {
    if (!this.#present || now < this.#heardAt + this.#pingMs) return;
    this.#heardAt = now;
    this.ping();
  }

  nextEvent() {
    return this.#events.shift() ?? null;
  }

  /**
   * The next packet for a carrier, or null; for one that is not duplex the body of a POST, to be answered by `posted`.
   *
   * @param {number} now
   * @param {number} handle
   * @returns {Uint8Array | null}
   */
  transmit(now, handle = this.#newest) {
    const way = this.#ways.get(handle);
    const duplex = way?.kind === 'duplex';
    if (way && duplex && !way.attempt) return this.greet(now, handle);
    if (!way || handle !== this.#present || this.#postAt > 0) return null;
    if (!duplex) this.#groups.clear();
    const out = new Writer().raw(this.#control.take());
    if (this.#control.length) {
      if (this.#pings === 1) {
        this.#pings = 2;
        this.#pingAt = now;
        if (!this.#sent) this.#progressAt = now;
      }
      this.#control = new Writer();
    }
    for (let datagram; out.length < PACKET_BYTES && (datagram = this.#datagrams.shift()); ) {
      const group = this.#bind(out, datagram.members);
      out.frame(4, new Writer().varint(group).raw(datagram.frames));
    }
    while (out.length < PACKET_BYTES && this.#sent < this.#outbox.length) {
      const { number, kind, members, body } = this.#outbox[this.#sent];
      if (!this.#sent && !this.#pings) this.#progressAt = now;
      this.#top = Math.max(this.#top, number);
      this.#sent++;
      const frame = new Writer();
      if (members) frame.varint(this.#bind(out, members));
      out.frame(3, new Writer().varint(number).varint(kind).raw(frame.raw(body).take()));
    }
    if (this.#cursor && (now >= this.#ackDue || (out.length && this.#ackDue < Infinity))) {
      out.frame(5, new Writer().varint(0).varint(this.#cursor.offset));
      this.#ackAt = Infinity;
      this.#ackBytes = 0;
    }
    if (!out.length || duplex) return out.length ? out.take() : null;
    if (!this.#sent && !this.#pings) this.#progressAt = now;
    this.#postAt = now;
    return this.#writeHello(way, undefined, ++this.#post)
      .raw(out.take())
      .take();
  }

  /** The POST was answered, or came to nothing. @param {Uint8Array | null} answer @param {number} now @param {number} way */
  posted(answer, now, way = this.#newest) {
    if (way !== this.#present || !(this.#postAt > 0)) return;
    if (answer) {
      this.#events.push({ type: 'rtt', ms: now - this.#postAt });
      this.#progressAt = now;
      this.receive(answer, now, way);
    } else if (this.#pings) {
      this.#pings = 0;
      this.ping();
    }
    this.#postAt = NaN;
    this.#sent = 0; // what was not taken is to come again
  }

  /** The packet that asks for the way down: the first of a carrier, or of a poll. @param {number} now @param {number} handle */
  greet(now, handle) {
    const way = /** @type {Way} */ (this.#ways.get(handle));
    way.attempt = ++this.#attempt;
    if (handle === this.#present) way.at = now;
    way.base = this.#outbox[0]?.number ?? this.#nextNumber;
    way.offset = this.offset;
    way.token = this.#hello.token;
    const out = this.#writeHello(way, handle === this.#present ? 1 : undefined);
    return (this.topics ? out.raw(this.topics.list(way)) : out).take();
  }

  /** Never while another greets: its HELLO named less, and may come later. */
  get #ackDue() {
    const newer = (/** @type {Way} */ { attempt }) => attempt > this.#presentAttempt;
    return [...this.#ways.values()].some(newer) ? Infinity : this.#ackAt;
  }

  get #presentAttempt() {
    return this.#ways.get(this.#present)?.attempt ?? 0;
  }

  /** @param {Way} way @param {number} [welcomed] @param {number} [post] */
  #writeHello({ attempt, base }, welcomed, post) {
    const { room, key, incarnation, token, name } = this.#hello;
    const cursor = this.#cursor;
    return new Writer().frame(
      1,
      new Writer().fields([
        [1, 1],
        [2, room],
        [3, key],
        [4, incarnation],
        [5, token],
        [6, name],
        [7, cursor?.epoch],
        [8, cursor?.offset],
        [9, base],
        [10, attempt],
        [11, welcomed],
        [12, post],
      ]),
    );
  }

  /** @param {Writer} out @param {Member[]} members */
  #bind(out, members) {
    const key = members.map((m) => m.id + m.incarnation).join();
    let group = this.#groups.get(key);
    if (group === undefined) {
      // A room that comes and goes makes many groups; numbers may be bound anew, so their count is bounded.
      if (this.#groups.size === 64) this.#groups.clear();
      this.#groups.set(key, (group = this.#groups.size));
      const body = new Writer().varint(group).varint(members.length);
      for (const member of members) body.member(member);
      out.frame(2, body);
    }
    return group;
  }

  /**
   * @param {Uint8Array} packet empty: a poll was answered by nothing
   * @param {number} now
   * @param {number} handle
   */
  receive(packet, now, handle = this.#newest) {
    const way = this.#ways.get(handle);
    // The server may read a newer one.
    this.refusal = !way || way.attempt < this.#presentAttempt ? 'OVERTAKEN' : '';
    if (this.refusal) return;
    this.#heardAt = now;
    if (readFrames(packet, (type, body) => this.#frame(type, body, now, handle))) return;
    this.#failed('BAD_FRAME', 'The server sent a malformed frame.', true);
  }

  /** @param {number} type @param {Reader} body @param {number} now @param {number} handle */
  #frame(type, body, now, handle) {
    if (type === 17) this.#welcome(body.fields(), now, handle);
    else if (type === 18) this.#entry(body, now);
    else if (type === 19) this.#taken(body.varint(), now);
    else if (type === 20)
      this.#events.push({
        type: 'datagram',
        from: body.member(),
        to: body.varint(),
        frames: body.rest(),
      });
    else if (type === 22) this.#pong(body, now);
    else if (type === 23) this.#error(body.fields());
    else if (type === 24) this.#gap(body.varint(), body.varint(), body.text());
    else if (type === 25) {
      this.refusal = 'GOING_AWAY';
      this.#events.push({ type: 'move', retryAfterMs: body.varint() });
    } else return !!this.topics?.frame(type, body);
    return true;
  }

  /** @param {import('./wire.js').Fields} f @param {number} now @param {number} handle */
  #welcome(f, now, handle) {
    const way = /** @type {Way} */ (this.#ways.get(handle));
    const resumed = numberField(f, 7) === 1;
    const id = f.get(2);
    must(numberField(f, 1) === 1 && id?.length === 16);
    if (this.#present && this.#present !== handle) this.#clear();
    this.#present = handle;
    this.#progressAt = now;
    if (way.token !== this.#hello.token) this.#tellToken();
    way.token = this.#hello.token;
    this.#pingMs = numberField(f, 9) || this.#pingMs;
    this.#events.push({
      type: 'welcome',
      resumed,
      id: base64url(id),
      name: textField(f, 3) ?? '',
      awayMs: numberField(f, 8) ?? 0,
      pingMs: this.#pingMs,
      iceServers: textField(f, 11) ?? '',
      expires: numberField(f, 12),
      server: textField(f, 13) ?? '',
    });
    this.#events.push({ type: 'rtt', ms: now - way.at });
    const up = numberField(f, 6) ?? 0;
    const epoch = numberField(f, 4) ?? 0;
    const doubt = this.#cursor && (!resumed || this.#cursor.epoch !== epoch);
    if (resumed) this.#taken(up, now);
    else if (this.#cursor) this.#lose(up);
    // A server that took the session up from its predecessor counts in another epoch.
    if (doubt || !this.#cursor) {
      this.#cursor = { epoch, offset: numberField(f, 5) ?? 0 };
      this.#rosterSeen &&= resumed;
    } else if (way.offset < this.offset) this.#read(now); // since it greeted, and perhaps not acknowledged
    this.terms = f;
    this.topics?.welcomed(f, !resumed, !!doubt, way);
  }

  /** What was under way is the pairs' to send again; its numbers say nothing now, for one that comes late means the same. @param {number} up */
  #lose(up) {
    const next = this.#nextNumber;
    this.#outbox = [];
    this.#top = this.#sent = this.upBytes = 0;
    for (this.#nextNumber = up + 1; this.#nextNumber < next; ) this.acks([]);
    this.#events.push({ type: 'lost', reason: 'the server forgot this session' });
  }

  /** @param {number} number @param {number} now */
  #taken(number, now) {
    for (let item; (item = this.#outbox[0]) && item.number <= number; this.#progressAt = now) {
      this.#outbox.shift();
      this.upBytes -= item.body.length;
      if (this.#sent) this.#sent--;
    }
  }

  /** @param {Reader} body @param {number} now */
  #entry(body, now) {
    const log = body.varint();
    const offset = body.varint();
    const kind = body.varint();
    const content = body.rest();
    must(this.#cursor && this.#present && !log);
    if (offset <= this.#cursor.offset) return;
    must(offset <= this.#cursor.offset + 1);
    this.#cursor.offset = offset;
    this.#ackBytes += content.length;
    this.#read(now);
    const entry = readEntry(kind, new Reader(content));
    if (!entry) this.topics?.entry(kind, new Reader(content));
    else if (entry.type === 'roster') this.#rosterSeen = true;
    if (entry && (entry.type !== 'presence' || this.#rosterSeen)) this.#events.push(entry);
  }

  /** What was read is to be acknowledged. @param {number} now */
  #read(now) {
    const { kind } = /** @type {Way} */ (this.#ways.get(this.#present));
    if (kind === 'poll') this.#ackBytes = 0;
    const at = now + ACK_DELAY_MS[kind];
    this.#ackAt = this.#ackBytes < ACK_BYTES ? Math.min(this.#ackAt, at) : now;
  }

  /** @param {Reader} body @param {number} now */
  #pong(body, now) {
    body.rest(); // it says nothing more
    if (this.#pings === 2) this.#events.push({ type: 'rtt', ms: now - this.#pingAt });
    this.#pings = 0;
    this.#progressAt = now;
  }

  /** @param {number} log @param {number} offset @param {string} reason */
  #gap(log, offset, reason) {
    must(this.#cursor && !log);
    if (offset <= this.#cursor.offset) return;
    this.#cursor.offset = offset;
    this.#rosterSeen = false;
    this.#events.push({ type: 'lost', reason });
  }

  /** @param {import('./wire.js').Fields} f */
  #error(f) {
    this.refusal = textField(f, 1) ?? '';
    const retriable = numberField(f, 3) === 1;
    this.#failed(this.refusal, textField(f, 2), retriable, numberField(f, 4), textField(f, 5));
  }

  /** @param {string} code @param {string} [message] @param {boolean} [retriable] @param {number} [retryAfterMs] @param {string} [hint] */
  #failed(code, message = '', retriable = false, retryAfterMs = 0, hint = '') {
    this.#events.push({ type: 'error', code, message, retriable, retryAfterMs, hint });
  }
}
