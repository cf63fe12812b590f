import { Channel } from './channel.js';
import { decodeData } from './data.js';
import { Driver } from './driver.js';
import { PeerlineError } from './errors.js';
import { Emitter, Message } from './events.js';
import { Peer } from './peer.js';
import { Sends } from './sends.js';
import { Topic } from './topic.js';

/** @typedef {import('./driver.js').DriverEvent} DriverEvent */
/** @template {DriverEvent['type']} T @typedef {Extract<DriverEvent, {type: T}>} Of */

/** Peers that left and may still be heard from. */
const MAX_GONE = 256;
/** Messages that wait for a loop over the room. */
const MAX_ITERATED = 10_000;
const MAX_CHANNELS = 1_024;

/**
 * A room that this peer is in. Events: `message` ({@link Message}), and as CustomEvent with `detail`: `peer`
 * (`{kind, peer}`), `state` (`{state, reason}`), `gap` (`{peer, channel, direct, count, reason}`), `error` (PeerlineError).
 */
export class Room extends Emitter {
  #id;
  #driver;
  #sends;
  /** @type {Map<string, import('./peer.js').Facts & {peer: Peer}>} */
  #known = new Map();
  /** @type {Map<string, Peer>} */
  #peers = new Map();
  /** @type {Map<string, Channel>} */
  #channels = new Map();
  /** @type {'connecting' | 'open' | 'recovering' | 'closed'} */
  #state = 'connecting';
  /** @type {PeerlineError | null} */
  #reason = null;
  #opening;

  /**
   * @param {string} id
   * @param {ConstructorParameters<typeof Driver>[0]} options
   * @param {{opened: () => void, failed: (reason: PeerlineError) => void}} opening
   */
  constructor(id, options, opening) {
    super();
    this.#id = id;
    this.#opening = opening;
    this.#driver = new Driver(options, (event) =>
      this.#on[event.type]?.(/** @type {any} */ (event)),
    );
    this.#sends = new Sends(this.#driver, (to, bytes) => this.#count(to, bytes));
  }

  get id() {
    return this.#id;
  }

  /** This peer. */
  get me() {
    const { id, name } = this.#driver;
    return this.#know(id, name, 'here').peer;
  }

  /** @returns {ReadonlyMap<string, Peer>} those here or away, without this one */
  get peers() {
    return this.#peers;
  }

  get state() {
    return this.#state;
  }

  /** Why it is not open. @returns {import('./types.js').Reason | null} */
  get reason() {
    return this.#reason;
  }

  /** Resolves when there is room for another message; rejects when the room is closed. */
  get ready() {
    return this.#sends.ready;
  }

  /** What `peerline/faults.js` cuts. @internal */
  get driver() {
    return this.#driver;
  }

  /**
   * Sends to everyone who is here or away now: exactly once, in order.
   * @param {import('./types.js').Data} data
   * @param {import('./types.js').SendOptions} [options]
   * @returns {Promise<import('./types.js').Receipt>} resolves when all have it, or it was given up for those who have not
   */
  send(data, options) {
    return this.#sends.send('room', '', data, options);
  }

  /**
   * An ordering domain of its own: what is slow here holds up nothing elsewhere. The same name is the same channel.
   * @param {string} name
   * @param {import('./types.js').ChannelOptions} [options]
   */
  channel(name, { to, reliability } = {}) {
    if (typeof name !== 'string' || !name || name.length > 64) {
      throw new PeerlineError('BAD_ARGUMENT', 'channel: a name has 1 to 64 characters');
    }
    const id = to === undefined ? 'room' : typeof to === 'string' ? to : to.id;
    const key = `${id}/${name}`;
    let channel = this.#channels.get(key);
    if (!channel) {
      if (this.#channels.size >= MAX_CHANNELS) {
        throw new PeerlineError('BAD_ARGUMENT', `channel: at most ${MAX_CHANNELS} in a room`);
      }
      channel = new Channel(name, id, this.#sends, reliability ? { reliability } : {});
      this.#channels.set(key, channel);
    }
    return channel;
  }

  /**
   * Server push, with history: reads a topic or pattern beside the room, over the same connection, and publishes.
   * @param {string} name
   * @param {import('./types.js').TopicOptions} [options]
   */
  topic(name, options) {
    return new Topic(import('./topics/room.js'), this, name, options);
  }

  /** What works and what does not, in sentences. @returns {Promise<import('./diagnose.js').Report>} */
  async diagnose() {
    const { diagnose } = await import('./diagnose.js');
    return diagnose(this, this.#driver);
  }

  /** Leaves for good, after what was sent is with the others or the server (5 s at most). */
  async leave() {
    await this.#driver.leave(() => !this.#sends.size);
  }

  /**
   * Messages from the first `next` on; ends when the room is closed, fails when the loop falls 10,000 behind.
   * @returns {AsyncGenerator<Message, void, void>}
   */
  async *[Symbol.asyncIterator]() {
    /** @type {any[]} */
    const queue = [];
    let wake = () => {};
    const ended = new AbortController();
    const listen = (/** @type {Event} */ event) => {
      if (event.type === 'message') queue.push(event);
      wake();
    };
    for (const type of ['message', 'state']) this.addEventListener(type, listen, ended);
    try {
      while (queue.length || this.#state !== 'closed') {
        if (queue.length > MAX_ITERATED) {
          throw new PeerlineError('QUEUE_FULL', 'The loop is too slow');
        }
        if (queue.length) yield queue.shift();
        else await new Promise((resolve) => (wake = () => resolve(0)));
      }
    } finally {
      ended.abort();
    }
  }

  // What the driver tells

  /** By the type of the event. @type {{[T in DriverEvent['type']]?: (event: Of<T>) => void}} */
  #on = {
    message: (event) => this.#message(event),
    settled: (event) => this.#sends.settled(event),
    presence: (event) => this.#presence(event),
    kind: (event) => this.#pathChange(event),
    state: ({ open, reason }) => this.#change(open ? 'open' : this.#lost(), reason),
    gap: (event) => this.#gap(event),
    error: ({ error }) => this.#emit('error', error),
    open: () => this.#opened(),
    closed: ({ reason }) => this.#close(reason),
  };

  #lost() {
    return this.#state === 'connecting' ? this.#state : 'recovering';
  }

  #opened() {
    this.#change('open', null);
    this.#opening.opened();
  }

  /** @param {string} type @param {unknown} detail */
  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** @param {Room['state']} state @param {PeerlineError | null} reason */
  #change(state, reason) {
    this.#reason = reason;
    if (this.#state === state) return;
    this.#state = state;
    this.#emit('state', { state, reason });
  }

  /** @param {PeerlineError} reason */
  #close(reason) {
    this.#sends.close(reason);
    this.#opening.failed(reason);
    this.#change('closed', reason);
  }

  /** @param {string} id @param {string} name @param {Peer['state']} state */
  #know(id, name, state) {
    let facts = this.#known.get(id);
    if (!facts) {
      const stats = {
        messagesSent: 0,
        messagesReceived: 0,
        bytesSent: 0,
        bytesReceived: 0,
        moves: 0,
      };
      /** @type {import('./peer.js').Facts} */
      const own = { id, name, state, kind: this.#driver.kindOf(id), since: Date.now(), stats };
      facts = Object.assign(own, { peer: new Peer(own, this.#driver, this.#sends) });
      this.#known.set(id, facts);
    }
    return facts;
  }

  /** @param {Of<'presence'>} event */
  #presence({ change, peer: { id, name, state } }) {
    const facts = this.#know(id, name, state);
    facts.name = name;
    facts.state = change === 'left' ? 'gone' : state;
    if (change === 'left') this.#forget(id);
    else this.#peers.set(id, facts.peer);
    this.#emit('peer', { kind: change, peer: facts.peer });
  }

  /** @param {string} to @param {number} bytes */
  #count(to, bytes) {
    for (const { id, state, stats } of this.#known.values()) {
      if (to === 'room' ? state === 'gone' || id === this.#driver.id : id !== to) continue;
      stats.messagesSent++;
      stats.bytesSent += bytes;
    }
  }

  /** @param {string} id */
  #forget(id) {
    this.#peers.delete(id);
    const gone = [...this.#known.values()].filter(({ state }) => state === 'gone');
    if (gone.length > MAX_GONE) this.#known.delete(gone[0].id);
  }

  /** @param {Of<'message'>} event */
  #message({ from: id, scope, channel, dataType, payload }) {
    const { peer: from, stats } = this.#know(id, '', 'gone');
    stats.messagesReceived++;
    stats.bytesReceived += payload.length;
    let data;
    try {
      data = decodeData(dataType, payload);
    } catch (cause) {
      this.#emit(
        'error',
        new PeerlineError('BAD_FRAME', `A message of ${id} is no JSON`, { cause }),
      );
      return;
    }
    const direct = scope === 'peer';
    const to = this.#channels.get(`${direct ? id : 'room'}/${channel}`);
    for (const target of [this, from, to]) {
      target?.dispatchEvent(new Message({ from, data, channel, direct }));
    }
  }

  /** @param {Of<'gap'>} event */
  #gap({ from, scope, channel, count, reason }) {
    const { peer } = this.#know(from, '', 'gone');
    this.#emit('gap', { peer, channel, direct: scope === 'peer', count, reason });
  }

  /** @param {Of<'kind'>} event */
  #pathChange({ id, reason, moved, stalledMs }) {
    const facts = this.#known.get(id);
    const to = this.#driver.kindOf(id);
    if (!facts || facts.kind === to) return;
    const from = facts.kind;
    facts.kind = to;
    facts.since = Date.now();
    facts.stats.moves++;
    const detail = { from, to, reason, moved, stalledMs };
    facts.peer.dispatchEvent(new CustomEvent('pathchange', { detail }));
  }
}
