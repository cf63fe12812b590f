/** @file What one local peer knows of one other: how far it has read our channels, what is owed to it, and its inbox. */

import { Inbox } from './inbox.js';

/** @typedef {import('./outbox.js').Channel} Channel */

export class Remote {
  /** The carrier our frames go over. @type {import('./endpoint.js').Path} */
  path = 'session';
  /** How often this pair has moved. */
  move = 0;
  /** The other side does not count as many moves yet. */
  moving = false;
  /** Whether a `RESUME` is owed, and whether it asks for one in return. @type {'' | 'tell' | 'ask'} */
  resume = 'tell';
  /** A `RESUME` is to be asked for over the session while the pair stays on its direct path. */
  askAside = false;

  /**
   * Of each of our channels: the next number it will acknowledge, the next to be sent, ends and sizes of what is between.
   *
   * @type {Map<number, {channel: Channel, acked: number, sent: number, flight: [number, number][]}>}
   */
  #progress = new Map();
  /** Bytes sent over this path and not acknowledged. */
  inFlight = 0;
  /** Bytes that it has not acknowledged, sent or not. */
  waiting = 0;
  /** When acknowledgements advanced last, or began to be owed. */
  progressAt = 0;

  /** @type {Set<number>} */
  acksDue = new Set();
  ackAt = Infinity;
  ackBytes = 0;

  /** What waits for no window and is sent once. @type {{path: import('./endpoint.js').Path, frame: Uint8Array}[]} */
  loose = [];
  /** Where the rotation between channels goes on. */
  turn = 0;

  /** @param {import('./wire.js').Member} member @param {'here' | 'away'} state @param {Inbox} inbox */
  constructor(member, state, inbox) {
    this.id = member.id;
    this.incarnation = member.incarnation;
    this.state = state;
    this.inbox = inbox;
  }

  /** All of ours to it. @type {Channel[]} */
  channels = [];

  /** @param {Channel} channel */
  follow(channel) {
    this.channels.push(channel);
    this.#progress.set(channel.number, {
      channel,
      acked: channel.next,
      sent: channel.next,
      flight: [],
    });
  }

  /** The lowest number that is still held for it: of a message that it has in part, the first. @param {Channel} channel */
  base(channel) {
    const acked = this.#progress.get(channel.number)?.acked ?? channel.next;
    return channel.startOf(acked, this.id);
  }

  /** @param {Channel} channel */
  sent(channel) {
    return this.#progress.get(channel.number)?.sent ?? channel.next;
  }

  /** Whether something that was sent, a message or a move, is unanswered. */
  get unacknowledged() {
    if (this.moving) return true;
    for (const { acked, sent } of this.#progress.values()) if (sent > acked) return true;
    return false;
  }

  /** Until the other side says that it counts as many moves, our path is in doubt. @param {number} now */
  awaitAnswer(now) {
    if (!this.unacknowledged) this.progressAt = now;
    this.moving = true;
  }

  /**
   * What comes next on a channel, if the window allows.
   *
   * @param {Channel | undefined} channel
   * @param {number} windowBytes
   */
  next(channel, windowBytes) {
    if (!channel || this.inFlight >= windowBytes || this.sent(channel) >= channel.next) return null;
    return channel.frameFor(this.sent(channel), this.id);
  }

  /** @param {Channel} channel @param {{to: number, frame: Uint8Array}} what @param {number} now */
  went(channel, { to, frame }, now) {
    const progress = this.#progress.get(channel.number);
    if (!progress) return;
    if (!this.unacknowledged) this.progressAt = now;
    progress.sent = to;
    progress.flight.push([to, frame.length]);
    this.inFlight += frame.length;
  }

  /**
   * @param {number} number
   * @param {number} next
   * @param {number} now
   * @returns {{channel: Channel, before: number} | null} null: nothing new
   */
  acknowledge(number, next, now) {
    const progress = this.#progress.get(number);
    if (!progress || next <= progress.acked || next > progress.channel.next) return null;
    const before = progress.acked;
    progress.acked = next;
    progress.sent = Math.max(progress.sent, next);
    while (progress.flight.length && progress.flight[0][0] <= next)
      this.inFlight -= progress.flight.shift()?.[1] ?? 0;
    this.progressAt = now;
    return { channel: progress.channel, before };
  }

  /** It has not kept the beginning of a message that it had acknowledged in part. @param {number} number @param {number} next @param {number} now */
  goBack(number, next, now) {
    const progress = this.#progress.get(number);
    const base = progress ? this.base(progress.channel) : 0;
    if (!progress || next >= progress.acked || base === progress.acked) return;
    progress.acked = base;
    this.rewind(now);
  }

  /** Everything unacknowledged goes again. @param {number} now @returns {number} how many fragments that is */
  rewind(now) {
    let count = 0;
    for (const progress of this.#progress.values()) {
      count += progress.sent - progress.acked;
      progress.sent = progress.acked;
      progress.flight = [];
    }
    this.inFlight = 0;
    this.progressAt = now;
    return count;
  }

  /** It came back as somebody who knows nothing. @param {number} incarnation @param {Inbox} inbox */
  renew(incarnation, inbox) {
    for (const progress of this.#progress.values()) progress.acked = this.base(progress.channel);
    this.incarnation = incarnation;
    this.inbox = inbox;
    this.move = 0;
    this.moving = false;
    this.loose = [];
    this.acksWritten();
  }

  acksWritten() {
    this.acksDue.clear();
    this.ackAt = Infinity;
    this.ackBytes = 0;
  }

  /** Takes over what its inbox wants acknowledged. @param {number} now @param {number} delayMs @param {number} bytes */
  oweAcks(now, delayMs, bytes) {
    const { inbox } = this;
    if (inbox.refused) this.resume = 'ask';
    inbox.refused = false;
    if (inbox.touched.size) this.ackAt = Math.min(this.ackAt, now + delayMs);
    for (const number of inbox.touched) this.acksDue.add(number);
    inbox.touched.clear();
    this.ackBytes += inbox.takenBytes;
    inbox.takenBytes = 0;
    if (this.ackBytes >= bytes) this.ackAt = now;
  }
}
