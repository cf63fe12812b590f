/**
 * @file The client's half of a session (docs/protocol.md, section 2): a way up that is numbered, and a way down that is the reading of a
 * mailbox. It outlives the carrier it runs on. No socket, no clock: the driver opens carriers, passes packets and time (ms), and drains
 * `nextEvent` and `transmit`.
 *
 * @typedef {import('./wire.js').Member} Member
 * @typedef {Member & {state: 'here' | 'away', carrier: Kind, name: string}} PeerInfo
 * @typedef {'none' | 'websocket' | 'sse' | 'long-poll' | 'poll'} Kind what a session's way down runs on
 * @typedef {object} Signal
 * @property {number} connection
 * @property {'description' | 'candidate' | 'decline'} kind
 * @property {string} [descriptionType]
 * @property {string} [sdp]
 * @property {string} [candidate]
 * @property {string} [sdpMid]
 * @property {number} [sdpMLineIndex]
 * @property {string} [usernameFragment]
 * @property {string} [reason]
 * @typedef {{type: 'welcome', resumed: boolean, id: string, name: string, awayMs: number, pingMs: number, iceServers: string,
 *   expires: number | undefined, server: string}
 *   | {type: 'envelope' | 'datagram', from: Member, to: number, frames: Uint8Array}
 *   | {type: 'signal', from: Member, to: number, signal: Signal}
 *   | {type: 'roster', peers: PeerInfo[]}
 *   | {type: 'presence', change: 'joined' | 'away' | 'back' | 'left' | 'carrier', peer: PeerInfo}
 *   | {type: 'lost', reason: string}
 *   | {type: 'error', code: string, message: string, retriable: boolean, retryAfterMs: number, hint: string}
 *   | {type: 'move', retryAfterMs: number}
 *   | {type: 'rtt', ms: number}} SessionEvent
 */

import { must, numberField, Reader, readFrames, textField, Writer } from './wire.js';

const ACK_DELAY_MS = 25;
const ACK_BYTES = 65536;
const PACKET_BYTES = 65536;
/** Datagrams that wait for a carrier; unreliable, so the oldest go first. */
const MAX_DATAGRAMS = 64;

const SIGNAL_KINDS = /** @type {const} */ (['', 'description', 'candidate', 'decline']);
const PRESENCE = /** @type {const} */ (['', 'joined', 'away', 'back', 'left', 'carrier']);
/** By their numbers; those that cannot be known are none. @type {Kind[]} */
const CARRIERS = ['none', 'none', 'none', 'websocket', 'sse', 'long-poll', 'poll'];

/** One end, at most one carrier at a time; not for sharing between threads. */
export class Session {
  #hello;
  /** @type {'none' | 'greeting' | 'open'} */
  #carrier = 'none';
  #helloDue = false;
  #attempt = 0;
  #helloAt = 0;
  #helloBase = 1;
  /** @type {{epoch: number, offset: number} | null} */
  #cursor = null;
  /** Whether a roster of this session was read; presence before it is somebody else's view. */
  #rosterSeen = false;

  /** @type {{number: number, kind: number, members: Member[] | null, body: Uint8Array}[]} */
  #outbox = [];
  #nextNumber = 1;
  /** How many of the outbox went over this carrier. */
  #sent = 0;
  /** @type {{members: Member[], frames: Uint8Array}[]} */
  #datagrams = [];
  /** @type {Writer} */
  #control = new Writer();
  /** @type {Map<string, number>} */
  #groups = new Map();
  upBytes = 0;

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

  /**
   * A new carrier is up.
   *
   * @param {number} now
   */
  open(now) {
    this.#carrier = 'greeting';
    this.#helloDue = true;
    this.#helloAt = this.#heardAt = this.#progressAt = now;
    this.#sent = 0;
    this.#groups.clear();
    this.#control = new Writer();
    this.#pings = 0;
  }

  closed() {
    this.#carrier = 'none';
    this.#helloDue = false;
  }

  /** The token of the next `HELLO`; tells the server at once where a carrier has another. @param {string} token */
  refresh(token) {
    this.#hello.token = token;
    if (this.#carrier !== 'none' && !this.#helloDue)
      this.#control.frame(8, new Writer().raw(new TextEncoder().encode(token)));
  }

  /** @param {Member[]} members @param {Uint8Array} frames */
  envelope(members, frames) {
    this.#up(1, members, frames);
  }

  /** @param {Member} member @param {Signal} s */
  signal(member, s) {
    const kind = SIGNAL_KINDS.indexOf(s.kind);
    const {
      connection,
      descriptionType,
      sdp,
      candidate,
      sdpMid,
      sdpMLineIndex,
      usernameFragment,
      reason,
    } = s;
    const values = [
      connection,
      kind,
      descriptionType,
      sdp,
      candidate,
      sdpMid,
      sdpMLineIndex,
      usernameFragment,
      reason,
    ];
    this.#up(2, [member], new Writer().fields(values.map((value, i) => [i + 1, value])).take());
  }

  /** @param {{member: Member, frames: Uint8Array}[]} acks */
  acks(acks) {
    const body = new Writer().varint(acks.length);
    for (const { member, frames } of acks) body.member(member).bytes(frames);
    this.#up(3, null, body.take());
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
    if (this.#carrier !== 'open' || this.#pings) return;
    this.#pings = 1;
    this.#control.frame(6, new Writer());
  }

  /** @param {number} kind @param {Member[] | null} members @param {Uint8Array} body */
  #up(kind, members, body) {
    this.#outbox.push({ number: this.#nextNumber++, kind, members, body });
    this.upBytes += body.length;
  }

  /**
   * How long an answer is overdue: ms since the server last took or answered something, 0 when nothing is owed.
   *
   * @param {number} now
   */
  silentFor(now) {
    const owed =
      this.#carrier === 'greeting' ||
      (this.#carrier === 'open' && (this.#sent > 0 || this.#pings > 0));
    return owed ? now - this.#progressAt : 0;
  }

  deadline() {
    return this.#carrier === 'open'
      ? Math.min(this.#ackAt, this.#heardAt + this.#pingMs)
      : Infinity;
  }

  /** @param {number} now */
  advance(now) {
    if (this.#carrier !== 'open' || now < this.#heardAt + this.#pingMs) return;
    this.#heardAt = now;
    this.ping();
  }

  nextEvent() {
    return this.#events.shift() ?? null;
  }

  /**
   * The next packet for the present carrier, or null.
   *
   * @param {number} now
   * @returns {Uint8Array | null}
   */
  transmit(now) {
    if (this.#helloDue) return this.#writeHello();
    if (this.#carrier !== 'open') return null;
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
      this.#sent++;
      const frame = new Writer();
      if (members) frame.varint(this.#bind(out, members));
      out.frame(3, new Writer().varint(number).varint(kind).raw(frame.raw(body).take()));
    }
    if (this.#cursor && (now >= this.#ackAt || (out.length && this.#ackAt < Infinity))) {
      out.frame(5, new Writer().varint(0).varint(this.#cursor.offset));
      this.#ackAt = Infinity;
      this.#ackBytes = 0;
    }
    return out.length ? out.take() : null;
  }

  #writeHello() {
    const { room, key, incarnation, token, name } = this.#hello;
    this.#helloDue = false;
    this.#helloBase = this.#outbox[0]?.number ?? this.#nextNumber;
    const cursor = this.#cursor;
    return new Writer()
      .frame(
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
          [9, this.#helloBase],
          [10, ++this.#attempt],
        ]),
      )
      .take();
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
   * @param {Uint8Array} packet
   * @param {number} now
   */
  receive(packet, now) {
    this.#heardAt = now;
    if (readFrames(packet, (type, body) => this.#frame(type, body, now))) return;
    this.#events.push({
      type: 'error',
      code: 'BAD_FRAME',
      message: 'The server sent a malformed frame.',
      retriable: true,
      retryAfterMs: 0,
      hint: '',
    });
  }

  /** @param {number} type @param {Reader} body @param {number} now */
  #frame(type, body, now) {
    if (type === 17) this.#welcome(body.fields(), now);
    else if (type === 18) this.#entry(body, now);
    else if (type === 19) this.#taken(body.varint(), now);
    else if (type === 20)
      this.#events.push({
        type: 'datagram',
        from: body.member(),
        to: body.varint(),
        frames: body.rest(),
      });
    else if (type === 22) this.#pong(body.rest(), now);
    else if (type === 23) this.#error(body.fields());
    else if (type === 24) this.#gap(body.varint(), body.varint(), body.text());
    else if (type === 25) this.#events.push({ type: 'move', retryAfterMs: body.varint() });
    else return false;
    return true;
  }

  /** @param {import('./wire.js').Fields} f @param {number} now */
  #welcome(f, now) {
    const resumed = numberField(f, 7) === 1;
    const id = f.get(2);
    must(numberField(f, 1) === 1 && id?.length === 16);
    this.#carrier = 'open';
    this.#progressAt = now;
    this.#pingMs = numberField(f, 9) || this.#pingMs;
    this.#events.push({
      type: 'welcome',
      resumed,
      id: new Reader(new Writer().raw(id).varint(0).take()).member().id,
      name: textField(f, 3) ?? '',
      awayMs: numberField(f, 8) ?? 0,
      pingMs: this.#pingMs,
      iceServers: textField(f, 11) ?? '',
      expires: numberField(f, 12),
      server: textField(f, 13) ?? '',
    });
    this.#events.push({ type: 'rtt', ms: now - this.#helloAt });
    if (resumed) this.#taken(numberField(f, 6) ?? 0, now);
    else if (this.#cursor) this.#lose('the server does not know this session any more');
    const epoch = numberField(f, 4) ?? 0;
    // A server that took the session up from its predecessor counts in another epoch.
    if (resumed && this.#cursor?.epoch === epoch) return;
    this.#cursor = { epoch, offset: numberField(f, 5) ?? 0 };
    this.#rosterSeen = false;
  }

  /** The session began anew: what was under way is the pairs' to send again. @param {string} reason */
  #lose(reason) {
    this.#outbox = [];
    this.#sent = this.upBytes = 0;
    this.#nextNumber = this.#helloBase;
    this.#events.push({ type: 'lost', reason });
  }

  /** @param {number} number @param {number} now */
  #taken(number, now) {
    let count = 0;
    while (count < this.#outbox.length && this.#outbox[count].number <= number)
      this.upBytes -= this.#outbox[count++].body.length;
    this.#outbox.splice(0, count);
    this.#sent = Math.max(0, this.#sent - count);
    if (count) this.#progressAt = now;
  }

  /** @param {Reader} body @param {number} now */
  #entry(body, now) {
    const log = body.varint();
    const offset = body.varint();
    const kind = body.varint();
    const content = body.rest();
    must(this.#cursor && !log);
    if (offset <= this.#cursor.offset) return;
    must(offset <= this.#cursor.offset + 1);
    this.#cursor.offset = offset;
    this.#ackBytes += content.length;
    this.#ackAt = this.#ackBytes < ACK_BYTES ? Math.min(this.#ackAt, now + ACK_DELAY_MS) : now;
    this.#deliver(kind, new Reader(content));
  }

  /** @param {number} kind @param {Reader} body */
  #deliver(kind, body) {
    if (kind === 1) {
      this.#events.push({
        type: 'envelope',
        from: body.member(),
        to: body.varint(),
        frames: body.rest(),
      });
    } else if (kind === 2) {
      const [from, to] = [body.member(), body.varint()];
      const fields = body.fields();
      body.end();
      this.#events.push({ type: 'signal', from, to, signal: signal(fields) });
    } else if (kind === 3) {
      const peers = [];
      for (let count = body.varint(); count > 0; count--) peers.push(peer(body));
      this.#rosterSeen = true;
      this.#events.push({ type: 'roster', peers });
    } else if (kind === 4) {
      const change = PRESENCE[body.varint()];
      const info = peer(body);
      if (change && this.#rosterSeen) this.#events.push({ type: 'presence', change, peer: info });
    } else return; // of a later version: its offset counts, its content does not
    body.end();
  }

  /** @param {Uint8Array} _echo @param {number} now */
  #pong(_echo, now) {
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
    this.#events.push({
      type: 'error',
      code: textField(f, 1) ?? 'INTERNAL',
      message: textField(f, 2) ?? '',
      retriable: numberField(f, 3) === 1,
      retryAfterMs: numberField(f, 4) ?? 0,
      hint: textField(f, 5) ?? '',
    });
  }
}

/** @param {Reader} body @returns {PeerInfo} */
function peer(body) {
  const member = body.member();
  const state = body.varint() === 2 ? 'away' : 'here';
  const carrier = CARRIERS[body.varint()] ?? 'none';
  return { ...member, state, carrier, name: body.text() };
}

/** @param {import('./wire.js').Fields} f @returns {Signal} */
function signal(f) {
  const kind = SIGNAL_KINDS[numberField(f, 2) ?? 0];
  must(kind);
  return {
    connection: numberField(f, 1) ?? 0,
    kind,
    descriptionType: textField(f, 3),
    sdp: textField(f, 4),
    candidate: textField(f, 5),
    sdpMid: textField(f, 6),
    sdpMLineIndex: numberField(f, 7),
    usernameFragment: textField(f, 8),
    reason: textField(f, 9),
  };
}
