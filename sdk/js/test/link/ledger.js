/** @file What was sent by whom to whom in a simulation in which pages reload and peers leave, and what of it may be lost or doubled. */

import assert from 'node:assert/strict';
import { held } from './held.js';

/** @typedef {import('./simulation.js').Peer} Peer */
/**
 * @typedef {object} Sent what one life sent to one peer's id on one channel
 * @property {Peer} from
 * @property {string} to
 * @property {string} scope
 * @property {string} channel
 * @property {number[]} numbers
 */

const text = (/** @type {string} */ s) => new TextEncoder().encode(s);

export class Ledger {
  /** Of each id all lives, oldest first. @type {Map<string, Peer[]>} */
  lives = new Map();
  /** @type {Map<string, Sent>} */
  #sent = new Map();
  /** The handles of messages, for their receipts. @type {Map<Peer, Map<number, number>>} */
  #handles = new Map();
  /** Lives that ended, and whether the server had taken all that they sent. @type {Map<Peer, {at: number, clean: boolean}>} */
  #ended = new Map();
  /** When the server lost everything. @type {number[]} */
  restarts = [];
  /** Ids that the server forgot at some time, with their mailboxes. @type {Set<string>} */
  forgotten = new Set();
  payload = 0;
  #count = 0;

  /** @param {number} seed @param {number} largeBytes how long a message is that is not short */
  constructor(seed, largeBytes) {
    this.seed = seed;
    this.largeBytes = largeBytes;
  }

  /** @param {Peer} peer */
  begin(peer) {
    this.lives.set(peer.id, [...(this.lives.get(peer.id) ?? []), peer]);
    this.#handles.set(peer, new Map());
  }

  /** @param {Peer} peer @param {boolean} clean whether the server has taken all that it sent */
  end(peer, clean) {
    if (!this.#ended.has(peer)) this.#ended.set(peer, { at: peer.now, clean });
  }

  /** @param {Peer} from @param {string} scope `room`, or whose id @param {string} channel @param {boolean} large */
  send(from, scope, channel, large) {
    if (scope !== 'room' && !from.members.has(scope)) return;
    const size = large ? this.largeBytes : 24;
    const number = ++this.#count;
    const audience = scope === 'room' ? [...from.members.keys()] : [scope];
    for (const to of audience) this.#sentBy(from, to, scope, channel).numbers.push(number);
    this.payload += size * audience.length;
    const bytes = text(`${from.incarnation}:${number} `.padEnd(size, String(number % 10)));
    const handle = from.endpoint.send(scope, channel, 0, bytes, from.now);
    this.#handles.get(from)?.set(handle, number);
  }

  /** @param {Peer} from @param {string} to @param {string} scope @param {string} channel */
  #sentBy(from, to, scope, channel) {
    const key = `${from.id}/${from.incarnation} ${to} ${scope} ${channel}`;
    let sent = this.#sent.get(key);
    if (!sent) this.#sent.set(key, (sent = { from, to, scope, channel, numbers: [] }));
    return sent;
  }

  wireBytes() {
    return [...this.lives.values()].flat().reduce((sum, peer) => sum + peer.wireBytes, 0);
  }

  /** When all has come to rest. @param {Peer[]} present @param {import('./server-model.js').ServerModel} server */
  check(present, server) {
    for (const sent of this.#sent.values()) this.#checkDelivery(sent);
    for (const peer of present) {
      const why = `seed ${this.seed}: ${peer.name}`;
      assert.deepEqual(held(peer.endpoint), { unacknowledged: 0, behindHoles: 0 }, why);
      assert.equal(peer.session.upBytes, 0, `${why}'s way up`);
      const mailbox = server.seats.get(peer.id)?.log ?? [];
      assert.equal(mailbox.length, 0, `${why}'s mailbox`);
      for (const { id } of present)
        assert.equal(peer.endpoint.silentFor(id, peer.now), 0, `${why} waits for ${id}`);
    }
    for (const [peer, handles] of this.#handles)
      if (!this.#ended.has(peer))
        assert.equal(
          peer.events.filter((event) => event.type === 'settled').length,
          handles.size,
          `seed ${this.seed}: receipts of ${peer.name}`,
        );
  }

  /** @param {Sent} sent */
  #checkDelivery({ from, to, scope, channel, numbers }) {
    const lives = this.lives.get(to) ?? [];
    const why = `seed ${this.seed}: ${from.name}/${from.incarnation} → ${lives[0].name} ${scope === 'room' ? 'room' : 'peer'} '${channel}'`;
    const lists = lives.map((life) => this.#received(life, from, scope, channel, why));
    for (const list of lists) {
      for (let i = 0; i < list.length; i++) {
        assert.ok(numbers.includes(list[i]), `${why}: ${list[i]} was not sent to it`);
        assert.ok(i === 0 || list[i - 1] < list[i], `${why}: ${list[i]} after ${list[i - 1]}`);
      }
    }
    const end = this.#ended.get(from);
    const got = new Set(lists.flat());
    const { missed, settledAt } = this.#receipts(from, to);
    const lost = numbers.filter((number) => !got.has(number) && !missed.has(number));
    if (!end) {
      // Somebody who was away for too long is told, or the others are, what is lost.
      const told = this.forgotten.has(from.id) ? gaps(lives, from, scope, channel) : 0;
      assert.ok(lost.length <= told, `${why}: ${lost} of its messages are lost`);
      this.#checkRepeats(from, lives, lists, settledAt, why);
    } else if (end.clean && !this.restarts.some((at) => at >= end.at - 1000)) {
      // A new page may not know the channel's name.
      const told = gaps(lives, from, scope, channel) + gaps(lives, from, 'peer', '');
      const known = this.forgotten.has(to) || lost.length <= told;
      assert.ok(known, `${why}: ${lost} of its messages are lost at parting`);
    }
  }

  /**
   * What was acknowledged before a reload does not come again after it; unless its sender left, as the new page has to believe after a restart too,
   * and the mailbox had not learned of the acknowledgement.
   *
   * @param {Peer} from @param {Peer[]} lives @param {number[][]} lists @param {Map<number, number>} settledAt @param {string} why */
  #checkRepeats(from, lives, lists, settledAt, why) {
    if (this.forgotten.has(from.id)) return;
    for (let i = 1; i < lists.length; i++) {
      const reloadedAt = this.#ended.get(lives[i - 1])?.at ?? 0;
      if (this.restarts.some((at) => at >= reloadedAt)) continue;
      for (const number of lists[i])
        assert.ok(
          (settledAt.get(number) ?? Infinity) >= reloadedAt,
          `${why}: ${number} was settled before the reload and came again`,
        );
    }
  }

  /** @param {Peer} from @param {string} to */
  #receipts(from, to) {
    /** @type {Set<number>} */
    const missed = new Set();
    /** @type {Map<number, number>} */
    const settledAt = new Map();
    for (const event of from.events) {
      if (event.type !== 'settled') continue;
      const number = this.#handles.get(from)?.get(event.handle) ?? 0;
      settledAt.set(number, from.eventTimes.get(event) ?? 0);
      if (event.missed.includes(to)) missed.add(number);
    }
    return { missed, settledAt };
  }

  /** The numbers that one life was handed from another, each whole. @param {Peer} life @param {Peer} from @param {string} scope @param {string} channel @param {string} why */
  #received(life, from, scope, channel, why) {
    return life
      .received(channel, from.id, scope === 'room' ? 'room' : 'peer')
      .map((data) => /** @type {[string, string, string]} */ ([data, ...data.split(/[: ]/, 2)]))
      .filter(([, incarnation]) => Number(incarnation) === from.incarnation)
      .map(([data, incarnation, number]) => {
        const size = data.length > 24 ? this.largeBytes : 24;
        assert.equal(data, `${incarnation}:${number} `.padEnd(size, number.at(-1)), why);
        return Number(number);
      });
  }
}

/** How much was told to be lost. @param {Peer[]} lives @param {Peer} from @param {string} scope @param {string} channel */
function gaps(lives, from, scope, channel) {
  let count = 0;
  for (const life of lives)
    for (const event of life.events)
      if (
        event.type === 'gap' &&
        event.from === from.id &&
        event.channel === channel &&
        event.scope === (scope === 'room' ? 'room' : 'peer')
      )
        count += event.count;
  return count;
}
