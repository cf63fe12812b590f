/**
 * @file All pair links of one local peer (docs/protocol.md, section 3): in order, exactly once, over whatever path a pair uses. No socket, no
 * clock: times are ms. Mutate (`send`, `receive`, `use`, ...), then drain `nextEvent` and `transmit`.
 *
 * @typedef {import('./wire.js').Member} Member
 * @typedef {'direct' | 'session'} Path
 * @typedef {{path: Path | 'datagram', to: Member[], frames: Uint8Array, loose?: boolean, acks?: {member: Member, frames: Uint8Array}[]}} Output
 * @typedef {{type: 'message', from: string, scope: 'room' | 'peer', channel: string, dataType: number, payload: Uint8Array, path: Path, loose: boolean}
 *   | {type: 'gap', from: string, scope: 'room' | 'peer', channel: string, count: number, reason: string}
 *   | {type: 'settled', handle: number, delivered: number, missed: string[], path: Path}
 *   | {type: 'moved', id: string, from: Path, to: Path, messages: number, stalledMs: number}
 *   | {type: 'echo', id: string, path: Path, bytes: Uint8Array}} EndpointEvent
 */

import { PeerlineError } from '../errors.js';
import { Inbox } from './inbox.js';
import { Outbox, shorten } from './outbox.js';
import { Packer } from './packer.js';
import { Remote } from './remote.js';
import { must, readFrames, Writer } from './wire.js';

export const LIMITS = {
  /** One message; larger data is a file. */
  messageBytes: 1 << 20,
  /** All that is not acknowledged. */
  queueBytes: 8 << 20,
  /** What waits for a peer that is away, or has acknowledged nothing for `silentMs`. */
  awayBytes: 4 << 20,
  silentMs: 10000,
  /** Sent and not acknowledged, a pair: keeps the queues below the link short. */
  window: { direct: 1 << 20, session: 256 << 10 },
  fragmentBytes: 16384,
  packetBytes: 16384,
  ackDelayMs: 25,
  ackBytes: 65536,
  /** Probes, echoes and unreliable messages that wait for a carrier, a pair. */
  loose: 64,
  /** Members that left and are remembered, so that their return doubles nothing. */
  departed: 256,
};

export class Endpoint {
  #incarnation;
  #limits;
  /** @type {Map<string, Remote>} */
  #remotes = new Map();
  /** Inboxes of members that are not in the room, by id and incarnation. @type {Map<string, Inbox>} */
  #departed = new Map();
  /** Members whose frames came before they were known: what they said is asked for again. @type {Map<string, true>} */
  #strangers = new Map();
  #outbox;
  /** @type {EndpointEvent[]} */
  #events = [];
  #packer;

  /** @param {{incarnation: number, limits?: Partial<typeof LIMITS>}} options */
  constructor({ incarnation, limits }) {
    this.#incarnation = incarnation;
    this.#limits = { ...LIMITS, ...limits };
    this.#packer = new Packer(this.#limits);
    this.#outbox = new Outbox(this.#limits.departed, ({ handle, delivered, missed, path }) =>
      this.#events.push({ type: 'settled', handle, delivered, missed, path }),
    );
    this.#outbox.open('room', '');
  }

  // Who is there

  /**
   * The room as the server sees it now.
   *
   * @param {(Member & {state: 'here' | 'away'})[]} peers
   * @param {number} now
   * @returns {string[]} those known here whom the server does not know: away for now (a restarted server learns of them as they return)
   */
  roster(peers, now) {
    const listed = new Set(peers.map((peer) => peer.id));
    for (const peer of peers) this.joined(peer, peer.state, now);
    for (const inbox of this.#departed.values()) inbox.finish('its sender left');
    const absent = [...this.#remotes.keys()].filter((id) => !listed.has(id));
    for (const id of absent) this.away(id, now);
    return absent;
  }

  /** @param {Member} member @param {'here' | 'away'} state @param {number} now */
  joined(member, state, now) {
    const known = this.#remotes.get(member.id);
    if (!known) return this.#meet(member, state, now);
    known.state = state;
    if (member.incarnation > known.incarnation) {
      known.inbox.finish('its sender started anew');
      known.renew(member.incarnation, this.#inboxOf(member));
      this.#move(known, 'session', now);
      this.#greet(known);
    } else {
      this.#ask(known, now);
    }
  }

  /** @param {Member} member @param {'here' | 'away'} state @param {number} now */
  #meet(member, state, now) {
    const remote = new Remote(member, state, this.#inboxOf(member));
    this.#departed.delete(key(member));
    this.#remotes.set(member.id, remote);
    for (const channel of this.#outbox.channels.values()) {
      if (channel.to === 'room') remote.follow(channel);
    }
    for (const channel of this.#outbox.meet(member.id)) remote.follow(channel);
    remote.progressAt = now;
    this.#greet(remote);
  }

  /** @param {Remote} remote */
  #greet(remote) {
    if (this.#strangers.delete(key(remote))) remote.resume = 'ask';
  }

  /** @param {Member} member */
  #inboxOf(member) {
    return this.#departed.get(key(member)) ?? new Inbox(member.id, this.#events);
  }

  /** @param {string} id @param {number} now */
  away(id, now) {
    const remote = this.#remotes.get(id);
    if (!remote) return;
    remote.state = 'away';
    this.#bound(remote, now);
  }

  /** @param {Member} member @param {number} now */
  back(member, now) {
    const remote = this.#remotes.get(member.id);
    if (remote?.incarnation === member.incarnation) remote.state = 'here';
    else this.joined(member, 'here', now);
  }

  /** @param {string} id */
  left(id) {
    const remote = this.#remotes.get(id);
    if (!remote) return;
    this.#remotes.delete(id);
    remote.inbox.finish('its sender left');
    this.#remember(remote, remote.inbox);
    this.#outbox.forget(id);
  }

  /** @param {Member} member @param {Inbox} inbox */
  #remember(member, inbox) {
    this.#departed.set(key(member), inbox);
    shorten(this.#departed, this.#limits.departed);
  }

  /** The session began anew, or its mailbox forgot: each side starts from what the other has. @param {number} now */
  sessionLost(now) {
    for (const remote of this.#remotes.values()) this.#ask(remote, now);
  }

  /** @param {Remote} remote @param {number} now */
  #ask(remote, now) {
    if (remote.path === 'direct') {
      remote.askAside = true;
    } else {
      remote.rewind(now);
      remote.resume = 'ask';
    }
  }

  // Paths

  /** @param {string} id @param {Path} path @param {number} now */
  use(id, path, now) {
    const remote = this.#remotes.get(id);
    if (!remote || remote.path === path) return;
    remote.move++;
    this.#move(remote, path, now);
    remote.awaitAnswer(now);
  }

  /** @param {Remote} remote @param {Path} path @param {number} now */
  #move(remote, path, now) {
    const from = remote.path;
    const stalledMs = remote.unacknowledged ? now - remote.progressAt : 0;
    const messages = remote.rewind(now);
    remote.path = path;
    remote.resume ||= 'tell';
    if (from !== path)
      this.#events.push({ type: 'moved', id: remote.id, from, to: path, messages, stalledMs });
  }

  /** @param {string} id @returns {Path} */
  pathOf(id) {
    return this.#remotes.get(id)?.path ?? 'session';
  }

  /**
   * For how long (ms) acknowledgements have not advanced while something that was sent is unacknowledged; 0 when nothing is.
   *
   * @param {string} id
   * @param {number} now
   */
  silentFor(id, now) {
    const remote = this.#remotes.get(id);
    return remote?.unacknowledged ? now - remote.progressAt : 0;
  }

  /** Bytes that a peer has not acknowledged, sent or not. @param {string} id */
  waitingBytes(id) {
    return this.#remotes.get(id)?.waiting ?? 0;
  }

  /** @param {string} id @param {Path} path @param {Uint8Array} bytes up to 16; an `echo` event brings them back */
  probe(id, path, bytes) {
    this.#sendOnce(this.#remotes.get(id), path, 37, new Writer().raw(bytes));
  }

  /** @param {Remote | undefined} remote @param {Path} path @param {number} type @param {Writer} body */
  #sendOnce(remote, path, type, body) {
    if (remote && remote.loose.length < this.#limits.loose)
      remote.loose.push({ path, frame: new Writer().frame(type, body).take() });
  }

  // Sending

  /**
   * Queues a message for those who are here or away now.
   *
   * @param {'room' | string} to everyone, or a peer's id
   * @param {string} name the channel's
   * @param {number} dataType 0 text, 1 binary, 2 JSON
   * @param {Uint8Array} payload not copied
   * @param {number} now
   * @returns {number} the handle that its `settled` event will name
   */
  send(to, name, dataType, payload, now) {
    const { messageBytes, queueBytes, fragmentBytes } = this.#limits;
    this.#checkSize(payload, messageBytes, 'Send larger data as a file.');
    if (this.#outbox.bytes + payload.length > queueBytes) {
      throw new PeerlineError(
        'QUEUE_FULL',
        `${queueBytes} bytes at most may wait to be acknowledged.`,
        { retriable: true, hint: 'Await earlier sends.' },
      );
    }
    const remotes = this.#audience(to);
    // What is sent to somebody who is gone is missed, and counts.
    if (to !== 'room' && !remotes.length) this.#outbox.meet(to);
    const channel = this.#outbox.find(to, name) ?? this.#open(to, name);
    const sending = this.#outbox.send(
      channel,
      dataType,
      payload,
      fragmentBytes,
      to === 'room' ? remotes.map((remote) => remote.id) : [to],
    );
    if (to !== 'room' && !remotes.length) this.#outbox.forget(to);
    for (const remote of remotes) {
      remote.waiting += sending.bytes;
      this.#bound(remote, now);
    }
    return sending.handle;
  }

  /** @param {Uint8Array} payload @param {number} most @param {string} hint */
  #checkSize(payload, most, hint) {
    if (payload.length > most)
      throw new PeerlineError(
        'MESSAGE_TOO_LARGE',
        `This message has ${payload.length} bytes; ${most} is the limit.`,
        { hint },
      );
  }

  /** @param {'room' | string} to */
  #audience(to) {
    return [...this.#remotes.values()].filter((remote) => to === 'room' || remote.id === to);
  }

  /** @param {'room' | string} to @param {string} name */
  #open(to, name) {
    const channel = this.#outbox.open(to, name);
    for (const remote of this.#audience(to)) {
      remote.follow(channel);
      remote.resume ||= 'tell';
    }
    return channel;
  }

  /** Gives a message up for all who have not acknowledged it: its lifetime ended, or it was aborted. @param {number} handle */
  abort(handle) {
    const sending = this.#outbox.sendings.get(handle);
    for (const id of [...(sending?.remaining ?? [])]) this.#giveUp(sending, this.#remotes.get(id));
  }

  /** @param {import('./outbox.js').Sending | undefined} sending @param {Remote | undefined} remote */
  #giveUp(sending, remote) {
    if (!sending || !remote) return;
    remote.waiting -= sending.bytes;
    this.#outbox.miss(sending, remote.id);
  }

  /** What waits for a peer that does not read is bounded, for it alone. @param {Remote} remote @param {number} now */
  #bound(remote, now) {
    const { silentMs, awayBytes } = this.#limits;
    const reads = remote.state === 'here' && this.silentFor(remote.id, now) <= silentMs;
    if (reads || remote.waiting <= awayBytes) return;
    for (const sending of this.#outbox.sendings.values()) {
      if (remote.waiting <= awayBytes) return;
      // What went out is in its mailbox and may still arrive.
      if (sending.remaining.has(remote.id) && sending.from >= remote.sent(sending.channel))
        this.#giveUp(sending, remote);
    }
  }

  /** An unreliable message: sent once, or not at all. @param {'room' | string} to @param {string} name @param {number} dataType @param {Uint8Array} payload */
  sendLoose(to, name, dataType, payload) {
    this.#checkSize(payload, this.#limits.fragmentBytes, 'Only reliable messages are fragmented.');
    for (const remote of this.#audience(to)) {
      if (remote.state !== 'here') continue;
      const body = new Writer()
        .varint(dataType)
        .text(name)
        .varint(to === 'room' ? 0 : 1);
      this.#sendOnce(remote, remote.path, 39, body.raw(payload));
    }
  }

  // Receiving

  /**
   * @param {Member} from
   * @param {number} toIncarnation whom the frames were addressed to
   * @param {Path} path
   * @param {Uint8Array} frames
   * @param {number} now
   * @returns {boolean} false: malformed
   */
  receive(from, toIncarnation, path, frames, now) {
    const remote = this.#remotes.get(from.id);
    if (toIncarnation < this.#incarnation) return this.#hold(from, remote, frames);
    if (remote?.incarnation !== from.incarnation) {
      // Should it be met yet, it is asked to say that again.
      this.#strangers.set(key(from), true);
      shorten(this.#strangers, this.#limits.departed);
      return true;
    }
    return readFrames(frames, (type, body) => {
      if (type === 33) remote.inbox.message(body, path);
      else if (type === 34) this.#acknowledged(remote, body.varint(), body.varint(), path, now);
      else if (type === 35) this.#resumed(remote, body, path, now);
      else if (type === 36) remote.inbox.skip(body);
      else if (type === 37) this.#sendOnce(remote, path, 38, new Writer().raw(probe(body)));
      else if (type === 38)
        this.#events.push({ type: 'echo', id: remote.id, path, bytes: body.rest() });
      else if (type === 39) remote.inbox.loose(body, path);
      else return false;
      remote.oweAcks(now, this.#limits.ackDelayMs, this.#limits.ackBytes);
      return true;
    });
  }

  /** What was meant for an older incarnation of ours waits for its sender's word. @param {Member} from @param {Remote | undefined} remote @param {Uint8Array} frames */
  #hold(from, remote, frames) {
    const inbox = remote?.incarnation === from.incarnation ? remote.inbox : this.#inboxOf(from);
    if (remote?.inbox !== inbox) this.#remember(from, inbox);
    return inbox.hold(frames);
  }

  /** @param {Remote} remote @param {number} number @param {number} next @param {Path} path @param {number} now */
  #acknowledged(remote, number, next, path, now) {
    const news = remote.acknowledge(number, next, now);
    if (!news) return;
    for (const sending of news.channel.after(news.before)) {
      if (sending.to > next) break;
      if (!sending.remaining.has(remote.id)) continue;
      remote.waiting -= sending.bytes;
      this.#outbox.deliver(sending, remote.id, path);
    }
    news.channel.release();
  }

  /** @param {Remote} remote @param {import('./wire.js').Reader} body @param {Path} path @param {number} now */
  #resumed(remote, body, path, now) {
    const move = body.varint();
    const flags = body.varint();
    remote.inbox.declareAll(body);
    for (let count = body.varint(); count > 0; count--) {
      const number = body.varint();
      const next = body.varint();
      this.#acknowledged(remote, number, next, path, now);
      remote.goBack(number, next, now);
    }
    remote.inbox.resumed();
    if (flags & 1) {
      remote.rewind(now);
      remote.resume ||= 'tell';
    }
    if (flags & 2) return;
    const adopts = move > remote.move || (move === remote.move && path === 'session');
    if (move > remote.move) remote.resume ||= 'tell';
    if (move < remote.move) {
      // It has forgotten a move, or says something old: until it answers, our path is in doubt.
      remote.resume = 'ask';
      remote.awaitAnswer(now);
    } else {
      remote.moving = false;
    }
    remote.move = Math.max(remote.move, move);
    if (adopts && path !== remote.path) this.#move(remote, path, now);
  }

  // Output

  deadline() {
    let due = Infinity;
    for (const remote of this.#remotes.values()) due = Math.min(due, remote.ackAt);
    return due;
  }

  nextEvent() {
    return this.#events.shift() ?? null;
  }

  /**
   * The next thing to put on a carrier, or null.
   *
   * @param {number} now
   * @param {(path: Path, id: string) => boolean} [writable] whether a path takes more now
   * @returns {Output | null}
   */
  transmit(now, writable = () => true) {
    return this.#packer.next([...this.#remotes.values()], now, writable);
  }

  /** What holds bytes, for tests of memory. */
  get inside() {
    return { outbox: this.#outbox, remotes: this.#remotes };
  }
}

/** @param {import('./wire.js').Reader} body */
function probe(body) {
  const bytes = body.rest();
  must(bytes.length <= 16);
  return bytes;
}

/** @param {Member} member */
function key(member) {
  return member.id + member.incarnation;
}
