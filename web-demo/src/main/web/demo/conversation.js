import { Companion } from './companion.js';
import { Outbox } from './outbox.js';
import { RoundTrips } from './round-trips.js';
import { noCounts, sum } from './stats.js';
import { Stream } from './stream.js';
import { cleanText } from './text.js';
import { parse } from './wire.js';

/**
 * @typedef {import('./room-types.js').Room} Room
 * @typedef {import('./room-types.js').RoomPeer} RoomPeer
 * @typedef {import('./stats.js').Counts} Counts
 *
 * @typedef {object} Options
 * @property {string} run new for each page load
 * @property {string} name mine
 * @property {() => number} now the page's clock, in ms
 * @property {number} askedAt when `join` was called
 * @property {boolean} namesFromServer whether a name is what an invite says, and not what a peer says of itself
 *
 * @typedef {object} Line one of the chat
 * @property {'mine' | 'theirs' | 'note'} whose
 * @property {string} name
 * @property {string} text
 * @property {Date} time
 * @property {'sending' | 'delivered' | 'alone' | 'missed' | ''} fate
 * @property {string} path the kind that carried it, once that is known
 */

/** Others that are counted and shown; the SDK may know more. */
export const MAX_COMPANIONS = 256;
/** Those who left that are remembered, as the SDK does. */
const MAX_DEPARTED = 256;

/**
 * What happens in one room, without a word on how it looks. Tells by events: `line` and `fate` (detail: Line), `who`
 * (detail: {kind, companion}), `move` (detail: {companion, move}), `state`.
 */
export class Conversation extends EventTarget {
  /** Those in the room, by id. @type {Map<string, Companion>} */
  companions = new Map();
  /** Whose round trip is measured. @type {Companion | null} */
  watched = null;
  /** Until the room was open, from the call of `join`, in ms. @type {number | null} */
  joinMs = null;
  gaps = 0;
  #room;
  #now;
  #name;
  #askedAt;
  #namesFromServer;
  #roundTrips = new RoundTrips();
  /** The companions as a list that does not change under those who hold it. @type {readonly Companion[]} */
  #audience = [];
  /** Those who have left, the last of them last: some messages arrive after their sender. @type {Map<string, Companion>} */
  #departed = new Map();
  /** What was counted with those before. @type {Counts} */
  #before = noCounts();

  /**
   * @param {Room} room
   * @param {Options} options
   */
  constructor(room, { run, name, now, askedAt, namesFromServer }) {
    super();
    this.#room = room;
    this.#now = now;
    this.#name = name;
    this.#askedAt = askedAt;
    this.#namesFromServer = namesFromServer;
    this.outbox = new Outbox(run, (said) => room.send(said));
    this.stream = new Stream(this.outbox, (stream, last) =>
      this.#broadcast({ kind: 'tick', stream, last }),
    );
    room.addEventListener('message', (event) => this.#heard(event));
    room.addEventListener('peer', (event) => this.#presence(detail(event)));
    room.addEventListener('state', () => this.#stateChanged());
    room.addEventListener('gap', () => this.gaps++);
    for (const peer of room.peers.values()) this.#meet(peer);
    this.#stateChanged();
  }

  get room() {
    return this.#room;
  }

  get name() {
    return this.#name;
  }

  /** @returns {Counts} of all, those included that have left */
  totals() {
    let total = this.#before;
    for (const { tally } of this.companions.values()) total = sum(total, tally.counts());
    for (const { tally } of this.#departed.values()) total = sum(total, tally.counts());
    return total;
  }

  /** @param {string} text */
  async chat(text) {
    const clean = cleanText(text);
    if (!clean) return;
    /** @type {Line} */
    const line = {
      whose: 'mine',
      name: this.#name,
      text: clean,
      time: new Date(),
      fate: 'sending',
      path: '',
    };
    this.#tell('line', line);
    try {
      const receipt = await this.outbox.send({ kind: 'chat', text: clean }, this.#audience);
      line.fate =
        receipt.missed.length > 0 ? 'missed' : receipt.delivered > 0 ? 'delivered' : 'alone';
      line.path = receipt.path;
    } catch {
      line.fate = 'missed';
    }
    this.#tell('fate', line);
  }

  /** @param {string} name a clean one */
  rename(name) {
    this.#name = name;
    this.#broadcast({ kind: 'name', name });
  }

  /** @param {Companion} companion */
  watch(companion) {
    this.watched = companion;
  }

  /**
   * @param {number} now
   */
  advance(now) {
    this.stream.advance(now);
    const { watched } = this;
    if (watched && watched.peer.state === 'here') {
      this.#roundTrips.advance(watched, this.stream.on || watched.tally.silence.listening, now);
    }
  }

  /** @param {object} said */
  #broadcast(said) {
    // A failure shows in the counters: what is missed is lost.
    this.outbox.send(said, this.#audience).catch(() => {});
  }

  /** @param {Event} event */
  #heard(event) {
    const { from, data } = /** @type {Event & { from: RoomPeer, data: unknown }} */ (event);
    const companion =
      this.companions.get(from.id) ?? this.#departed.get(from.id) ?? this.#meet(from);
    const said = parse(data);
    if (!companion || !said) return;
    const now = this.#now();
    if ('i' in said) this.#pinged(companion, said, now);
    else if (said.kind === 'hello') {
      companion.tally.inbound(said.run).announce(said.next);
      this.#named(companion, said.name);
    } else if (companion.tally.inbound(said.run).take(said.n) !== 'double')
      this.#numbered(companion, said, now);
  }

  /**
   * @param {Companion} companion
   * @param {import('./wire.js').Ping} said
   * @param {number} now
   */
  #pinged(companion, { kind, i }, now) {
    if (kind === 'ping') this.#roundTrips.answer(companion, i, now);
    else this.#roundTrips.answered(companion, i, now);
  }

  /**
   * @param {Companion} companion
   * @param {import('./wire.js').Chat | import('./wire.js').Tick | import('./wire.js').Rename} said
   * @param {number} now
   */
  #numbered(companion, said, now) {
    if (said.kind === 'tick') companion.tally.silence.heard(said.stream, said.last, now);
    else if (said.kind === 'name') this.#named(companion, said.name);
    else if (said.text) {
      /** @type {Line} */
      const line = {
        whose: 'theirs',
        name: companion.name,
        text: said.text,
        time: new Date(),
        fate: '',
        path: companion.kind,
      };
      this.#tell('line', line);
    }
  }

  /**
   * @param {Companion} companion
   * @param {string} name
   */
  #named(companion, name) {
    if (name && !this.#namesFromServer) companion.name = name;
  }

  /** @param {{ kind: string, peer: RoomPeer }} change */
  #presence({ kind, peer }) {
    if (kind === 'left') {
      this.#part(peer.id);
      return;
    }
    const known = this.companions.get(peer.id);
    const companion = known ?? this.#meet(peer);
    if (!companion) return;
    if (known && known.peer !== peer) this.#follow(known, peer);
    if (kind === 'back') this.#greet(companion);
    this.#tell('who', { kind, companion });
  }

  /**
   * @param {RoomPeer} peer
   * @returns {Companion | null} null when there are too many, or it left long ago
   */
  #meet(peer) {
    if (this.companions.size >= MAX_COMPANIONS || peer.state === 'gone') return null;
    const companion = this.#departed.get(peer.id) ?? new Companion(peer, this.#now());
    this.#departed.delete(peer.id);
    companion.returned(this.#now());
    this.companions.set(peer.id, companion);
    this.#audience = [...this.companions.values()];
    this.watched ??= companion;
    this.#follow(companion, peer);
    this.#greet(companion);
    return companion;
  }

  /**
   * @param {Companion} companion
   * @param {RoomPeer} peer
   */
  #follow(companion, peer) {
    companion.peer = peer;
    peer.addEventListener('pathchange', (event) => {
      if (companion.peer !== peer || companion.gone) return;
      companion.moved(detail(event), this.#now());
      this.#tell('move', { companion, move: companion.history.moves.at(-1) });
    });
  }

  /** @param {Companion} companion */
  #greet({ peer }) {
    const { run, next } = this.outbox;
    peer.send({ kind: 'hello', run, next, name: this.#name }).catch(() => {});
  }

  /** @param {string} id */
  #part(id) {
    const companion = this.companions.get(id);
    if (!companion) return;
    companion.left();
    this.companions.delete(id);
    this.#departed.set(id, companion);
    if (this.#departed.size > MAX_DEPARTED) this.#forget();
    this.#audience = [...this.companions.values()];
    if (this.watched === companion) this.watched = this.#audience[0] ?? null;
    this.#tell('who', { kind: 'left', companion });
  }

  #forget() {
    const [oldest] = this.#departed.values();
    if (!oldest) return;
    this.#before = sum(this.#before, oldest.tally.counts());
    this.#departed.delete(oldest.id);
  }

  #stateChanged() {
    if (this.#room.state === 'open') this.joinMs ??= this.#now() - this.#askedAt;
    if (this.#room.state === 'closed') this.stream.stop();
    this.#tell('state', this.#room.state);
  }

  /**
   * @param {string} type
   * @param {unknown} what
   */
  #tell(type, what) {
    this.dispatchEvent(new CustomEvent(type, { detail: what }));
  }
}

/** @param {Event} event */
function detail(event) {
  return /** @type {CustomEvent} */ (event).detail;
}
