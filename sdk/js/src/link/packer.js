import { Writer } from './wire.js';

/** @typedef {import('./endpoint.js').Output} Output */
/** @typedef {import('./remote.js').Remote} Remote */
/** @typedef {import('./wire.js').Member} Member */

/** Makes packets of what is owed to other peers, each of them in turn. */
export class Packer {
  #limits;
  #turn = 0;

  /** @param {typeof import('./endpoint.js').LIMITS} limits */
  constructor(limits) {
    this.#limits = limits;
  }

  /**
   * The next thing to put on a carrier, or null.
   *
   * @param {Remote[]} remotes
   * @param {number} now
   * @param {(path: import('./endpoint.js').Path, id: string) => boolean} writable whether a path takes more now
   * @returns {Output | null}
   */
  next(remotes, now, writable) {
    const session = writable('session', '');
    this.#turn++;
    for (let i = 0; i < remotes.length; i++) {
      const remote = remotes[(i + this.#turn) % remotes.length];
      const loose = remote.loose.shift();
      if (loose)
        return {
          path: loose.path === 'direct' ? 'direct' : 'datagram',
          to: [addressOf(remote)],
          frames: loose.frame,
          loose: true,
        };
      if (session && remote.askAside) return this.#aside(remote);
      const open = remote.path === 'direct' ? writable('direct', remote.id) : session;
      const output = open ? this.#packet(remote, remotes, now) : null;
      if (output) return output;
    }
    return session ? this.#sessionAcks(remotes, now) : null;
  }

  /** @param {Remote} remote @returns {Output} */
  #aside(remote) {
    remote.askAside = false;
    return { path: 'session', to: [addressOf(remote)], frames: this.#resume(remote, 3).take() };
  }

  /** @param {Remote} remote @param {Remote[]} remotes @param {number} now @returns {Output | null} */
  #packet(remote, remotes, now) {
    const out = remote.resume
      ? this.#resume(remote, remote.resume === 'ask' ? 1 : 0)
      : new Writer();
    if (remote.resume) remote.acksWritten();
    remote.resume = '';
    const shared = !out.length && remote.path === 'session';
    const to = this.#messages(out, remote, shared ? remotes : [remote], now);
    if (
      to.length === 1 &&
      remote.acksDue.size &&
      (out.length || (now >= remote.ackAt && remote.path === 'direct'))
    )
      this.#acks(out, remote);
    return out.length ? { path: remote.path, to: to.map(addressOf), frames: out.take() } : null;
  }

  /**
   * Writes what comes next for a peer, a frame of each channel in turn. Those of `remotes` that want just the same share the packet: one
   * upload, however many peers.
   *
   * @param {Writer} out
   * @param {Remote} remote
   * @param {Remote[]} remotes
   * @param {number} now
   * @returns {Remote[]} whom the packet is for
   */
  #messages(out, remote, remotes, now) {
    const channels = remote.channels;
    let to = [remote];
    for (
      let idle = 0, begun = false;
      idle < channels.length && out.length < this.#limits.packetBytes;
    ) {
      const channel = channels[remote.turn % channels.length];
      const what = remote.next(channel, this.#limits.window[remote.path]);
      if (!what) {
        idle++;
        remote.turn++;
        continue;
      }
      const same = remotes.filter((other) => other === remote || this.#wants(other, channel, what));
      if (!begun) to = same;
      // Those who share the packet have to share all of it, and what many want is not sent to one alone.
      else if (same.length !== to.length || same.some((other, i) => other !== to[i])) break;
      begun = true;
      for (const other of to) other.went(channel, what, now);
      out.raw(what.frame);
      remote.turn++;
      idle = 0;
    }
    return to;
  }

  /** @param {Remote} other @param {import('./outbox.js').Channel} channel @param {{from: number, to: number, skip: boolean}} what */
  #wants(other, channel, what) {
    if (channel.to !== 'room' || other.path !== 'session' || other.resume) return false;
    const its = other.next(channel, this.#limits.window.session);
    return its?.from === what.from && its.to === what.to && its.skip === what.skip;
  }

  /** @param {Remote} remote @param {number} flags */
  #resume(remote, flags) {
    const channels = remote.channels;
    const body = new Writer().varint(remote.move).varint(flags).varint(channels.length);
    for (const channel of channels)
      body
        .varint(channel.number)
        .varint(channel.to === 'room' ? 0 : 1)
        .text(channel.name)
        .varint(remote.base(channel));
    remote.inbox.writeProgress(body);
    return new Writer().frame(35, body);
  }

  /** @param {Writer} out @param {Remote} remote */
  #acks(out, remote) {
    for (const number of remote.acksDue)
      out.frame(34, new Writer().varint(number).varint(remote.inbox.next(number)));
    remote.acksWritten();
    return out;
  }

  /** Over a session, one frame up for all senders. @param {Remote[]} remotes @param {number} now @returns {Output | null} */
  #sessionAcks(remotes, now) {
    const owed = remotes.filter((remote) => remote.path === 'session' && remote.acksDue.size);
    if (!owed.some((remote) => now >= remote.ackAt)) return null;
    const acks = owed.map((remote) => ({
      member: addressOf(remote),
      frames: this.#acks(new Writer(), remote).take(),
    }));
    return { path: 'session', to: owed.map(addressOf), frames: new Uint8Array(), acks };
  }
}

/** Whom a packet is for, whoever that peer will be when it leaves. @param {Remote} remote @returns {Member} */
function addressOf({ id, incarnation }) {
  return { id, incarnation };
}
