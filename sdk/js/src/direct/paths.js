import { fromBase64url } from '../link/wire.js';
import { DirectConnection } from './connection.js';
import { Ladder } from './ladder.js';

/** @typedef {import('../link/wire.js').Member} Member */
/** @typedef {import('../link/signals.js').Signal} Signal */

/** The newcomer offers. The other waits so long for its offer. */
const COURTESY_MS = 3_000;
/** How long an attempt may take to open its channels. */
const ATTEMPT_MS = 20_000;
/** The polite one leaves it to the other to restart ICE, for so long. */
const RESTART_MS = 1_000;
/** A connection that ICE has given up is replaced if a restart does not mend it in time. */
const MEND_MS = 10_000;
/** Between attempts: the first wait, doubled by each failure, and the longest. */
const BACKOFF_MS = 2_000;
const MAX_BACKOFF_MS = 300_000;
/** A peer that declined is asked again after so long. */
const DECLINED_MS = 30_000;
/** Which path the packets take is looked up again at most so often. */
const PAIR_MS = 15_000;
/** Browsers answer from a report that may be 50 ms old: what is looked up is looked up again after so long. */
const REPORT_MS = 60;
/** A relayed path is tried directly anew after so long, doubled by each try in vain, and the longest. */
const UNRELAY_MS = 10_000;
const MAX_UNRELAY_MS = 300_000;
/** Activity halves in this time; a direct path younger than this is not taken from its peer. */
const ACTIVITY_MS = 30_000;

/**
 * What is known of the direct path to one peer.
 * @typedef {object} Way
 * @property {Member} member
 * @property {boolean} polite
 * @property {boolean} here
 * @property {Ladder} ladder
 * @property {number} number of its newest connection
 * @property {DirectConnection | null} connection
 * @property {boolean} open
 * @property {number} giveUpAt when this connection is replaced
 * @property {number} restartAt when ICE is restarted, unless the other side did
 * @property {number} startedAt
 * @property {number} retryAt
 * @property {number} failures
 * @property {boolean} refused the peer has no direct paths at all
 * @property {boolean} relayed as this side sees it
 * @property {boolean} relayedThere as the other side sees it
 * @property {number} pairAt when `relayed` was looked up
 * @property {number} pairAgainAt when it is looked up again
 * @property {number} unrelayAt when a relayed path is tried directly anew
 * @property {number} unrelayed so often in vain
 * @property {number} activeAt
 * @property {number} activity
 * @property {import('./evidence.js').Evidence | null} evidence of its last attempt
 */

/** The direct paths of one peer to all others: makes, watches, mends and ends them. Its driver gives it time. */
export class DirectPaths {
  /** @type {Map<string, Way>} */
  #ways = new Map();
  #driver;
  #most;
  #random;
  #deadline = Infinity;
  #stopped = false;

  /** @param {import('../driver.js').Driver} driver @param {number} most @param {() => number} random */
  constructor(driver, most, random) {
    this.#driver = driver;
    this.#most = most;
    this.#random = random;
  }

  /**
   * @param {Member} member
   * @param {boolean} here
   * @param {boolean} first whether this side came later, and so offers
   */
  joined(member, here, first) {
    const now = this.#driver.now();
    const known = this.#ways.get(member.id);
    if (known?.member.incarnation === member.incarnation) {
      known.here = here;
      return;
    }
    known?.connection?.close();
    this.#ways.set(member.id, {
      member: { ...member },
      polite: isBelow(this.#driver.id, member.id),
      here,
      ladder: new Ladder(),
      number: 0,
      connection: null,
      open: false,
      giveUpAt: Infinity,
      restartAt: Infinity,
      startedAt: 0,
      retryAt: first ? now : now + COURTESY_MS,
      failures: 0,
      refused: false,
      relayed: false,
      relayedThere: false,
      pairAt: -Infinity,
      pairAgainAt: Infinity,
      unrelayAt: Infinity,
      unrelayed: 0,
      activeAt: known?.activeAt ?? -Infinity,
      activity: known?.activity ?? 0,
      evidence: null,
    });
  }

  /** @param {string} id */
  away(id) {
    const way = this.#ways.get(id);
    if (way) way.here = false;
  }

  /** @param {string} id */
  left(id) {
    this.#ways.get(id)?.connection?.close();
    this.#ways.delete(id);
  }

  stop() {
    this.#stopped = true;
    for (const way of this.#ways.values()) way.connection?.close();
    this.#ways.clear();
  }

  /** The application sent to this peer, or heard from it. @param {string} id @param {number} now */
  used(id, now) {
    const way = this.#ways.get(id);
    if (!way) return;
    way.activity = 1 + activityOf(way, now);
    way.activeAt = now;
  }

  /** @param {string} id @returns {'direct' | 'relayed'} */
  kindOf(id) {
    const way = this.#ways.get(id);
    return way && this.#isRelayed(way) ? 'relayed' : 'direct';
  }

  /** @param {string} id */
  rttOf(id) {
    return this.#ways.get(id)?.ladder.rttMs ?? 0;
  }

  /** @param {string} id */
  connectionOf(id) {
    return this.#ways.get(id)?.connection ?? null;
  }

  /** What its present attempt shows, or, until that has seen all, the last. @param {string} id */
  evidenceOf(id) {
    const { connection, evidence } = this.#ways.get(id) ?? {};
    return connection?.evidence.ripe(this.#driver.now()) ? connection.evidence : (evidence ?? null);
  }

  /** @param {string} id */
  refusedBy(id) {
    return this.#ways.get(id)?.refused ?? false;
  }

  /** @param {string} id */
  writable(id) {
    return this.#ways.get(id)?.connection?.writable ?? false;
  }

  /** @param {string} id @param {Uint8Array} frames @param {boolean} loose */
  send(id, frames, loose) {
    this.#ways.get(id)?.connection?.send(frames, loose);
  }

  /** A probe came back over the data channel. @param {string} id @param {number} rttMs @param {number} now */
  echoed(id, rttMs, now) {
    this.#ways.get(id)?.ladder.echoed(now, rttMs);
  }

  /** The pair has moved. @param {string} id @param {'direct' | 'session'} path @param {number} now */
  moved(id, path, now) {
    this.#ways.get(id)?.ladder.moved(path, now);
  }

  /** The network is not what it was. */
  wake() {
    const now = this.#driver.now();
    for (const way of this.#ways.values()) {
      way.ladder.doubt(now);
      way.retryAt = Math.min(way.retryAt, now + this.#random() * RESTART_MS);
      way.unrelayed = 0;
      if (way.open) this.#restart(way);
    }
  }

  deadline() {
    return this.#deadline;
  }

  /** @param {number} now */
  advance(now) {
    if (this.#stopped) return;
    this.#deadline = Infinity;
    for (const way of this.#ways.values()) {
      this.#climb(way, now);
      if (now >= way.giveUpAt) this.#fail(way, now);
      if (now >= way.unrelayAt) this.#unrelay(way, now);
      if (now >= way.restartAt) this.#restart(way);
      if (now >= way.pairAgainAt) this.#lookUp(way, true);
      const { giveUpAt, restartAt, unrelayAt, pairAgainAt } = way;
      this.#by(Math.min(way.ladder.deadline, giveUpAt, restartAt, unrelayAt, pairAgainAt));
    }
    this.#fill(now);
  }

  /** @param {number} at */
  #by(at) {
    this.#deadline = Math.min(this.#deadline, at);
  }

  /** @param {Way} way @param {number} now */
  #climb(way, now) {
    const { ladder, member, activeAt } = way;
    const { endpoint, fallback } = this.#driver;
    // 1 ms ahead: what was sent just now is under way, too
    const silentMs = ladder.path === 'direct' ? endpoint.silentFor(member.id, now + 1) : 0;
    const { probe, use, reason } = ladder.observe(now, { silentMs, activeAt, fallback });
    if (use) this.#driver.use(member.id, use, reason ?? '');
    if (probe) {
      this.#driver.probe(member.id, way.relayed ? 2 : 1);
      // What this would fall to may be as dead: to know by then, it is asked now.
      if (silentMs >= ladder.patienceMs / 2) this.#driver.session.ping();
      if (way.open && now - way.pairAt >= PAIR_MS) this.#lookUp(way);
    }
  }

  // Who gets a direct path

  /** Starts what is due and there is room for. @param {number} now */
  #fill(now) {
    const waiting = [];
    let count = 0;
    for (const way of this.#ways.values()) {
      if (way.connection) count++;
      else if (way.here && !way.refused) waiting.push(way);
    }
    const due = waiting.filter((way) => way.retryAt <= now);
    due.sort((a, b) => activityOf(b, now) - activityOf(a, now) || this.#random() - 0.5);
    for (const way of due) {
      if (count < this.#most) count++;
      else if (!this.#evict(way, now)) break;
      this.#start(way, way.number + 1, now);
    }
    for (const way of waiting) if (way.retryAt > now) this.#by(way.retryAt);
    // With no room left, activity decides; it is looked at when somebody is active, and every now and then.
    if (due.some((way) => !way.connection)) this.#by(now + ACTIVITY_MS);
  }

  /**
   * Takes the direct path from the least active peer if this one is clearly more active.
   * @param {Way} way @param {number} now
   */
  #evict(way, now) {
    const least = [...this.#ways.values()]
      .filter(({ connection, startedAt }) => connection && now - startedAt >= ACTIVITY_MS)
      .sort((a, b) => activityOf(a, now) - activityOf(b, now))[0];
    if (!least || activityOf(way, now) < 2 * activityOf(least, now) + 3) return false;
    this.#decline(least.member, least.number, 'busy');
    this.#end(least, now);
    least.retryAt = now + DECLINED_MS;
    return true;
  }

  /** @param {Member} member @param {number} connection @param {string} reason */
  #decline(member, connection, reason) {
    this.#driver.signal(member, { connection, kind: 'decline', reason });
  }

  // One connection

  /** @param {Way} way @param {number} number @param {number} now */
  #start(way, number, now) {
    way.connection?.close();
    way.number = number;
    way.open = false;
    way.startedAt = now;
    way.giveUpAt = now + ATTEMPT_MS;
    way.restartAt = Infinity;
    way.pairAt = -Infinity;
    way.pairAgainAt = way.unrelayAt = Infinity;
    way.relayed = way.relayedThere = false;
    this.#by(way.giveUpAt);
    const driver = this.#driver;
    const { member } = way;
    const connection = new DirectConnection({
      now,
      iceServers: driver.iceServers,
      polite: way.polite,
      kinds: driver.kinds,
      faults: driver.faults,
      signal: (word) => driver.signal(member, { connection: number, ...word }),
      packet: (packet, loose) => this.#receive(way, packet, loose),
      writable: () => driver.changed(),
      changed: (state) => way.connection === connection && this.#changed(way, state),
    });
    way.connection = connection;
  }

  /** @param {Way} way @param {string} state */
  #changed(way, state) {
    const now = this.#driver.now();
    if (state === 'open' && !way.open) {
      way.open = true;
      way.giveUpAt = Infinity;
      way.failures = 0;
      this.#lookUp(way).then(() => {
        if (!way.open) return;
        way.ladder.opened(this.#driver.now());
        this.#driver.changed();
      });
    } else if (state === 'closed') {
      this.#fail(way, now);
    } else if (state === 'connected') {
      way.restartAt = Infinity;
      if (way.open) way.giveUpAt = Infinity;
      this.#lookUp(way);
    } else if (state === 'pair') {
      this.#lookUp(way);
    } else if (way.open) {
      // disconnected or failed: the ladder judges the path by itself; this mends it
      way.restartAt = now + (way.polite ? RESTART_MS : 0);
      if (state === 'failed') way.giveUpAt = Math.min(way.giveUpAt, now + MEND_MS);
    } else if (state === 'failed') {
      this.#fail(way, now);
    }
    this.#driver.changed();
  }

  /** @param {Way} way */
  #restart(way) {
    way.restartAt = Infinity;
    way.connection?.restart(this.#driver.iceServers);
  }

  /**
   * ICE forgets the direct pairs that failed for a while, and stays on the relay: it is asked for new ones.
   * @param {Way} way @param {number} now
   */
  #unrelay(way, now) {
    way.unrelayAt = Infinity;
    if (!way.open || !this.#isRelayed(way)) return;
    way.unrelayed++;
    this.#restart(way);
    this.#awaitDirect(way, now);
  }

  /** @param {Way} way @param {number} now */
  #awaitDirect(way, now) {
    const relayed = this.#isRelayed(way) && this.#driver.kinds.has('direct') && !way.polite;
    if (!relayed) {
      way.unrelayAt = Infinity;
      way.unrelayed = 0;
    } else if (way.unrelayAt === Infinity) {
      const most = Math.min(MAX_UNRELAY_MS, UNRELAY_MS * 2 ** way.unrelayed);
      way.unrelayAt = now + most * (0.5 + this.#random() / 2);
    }
    this.#by(way.unrelayAt);
  }

  /** @param {Way} way */
  #isRelayed(way) {
    return way.relayed || way.relayedThere;
  }

  /**
   * Whether its packets are relayed; both sides tell each other in their probes.
   * @param {Way} way @param {boolean} [again]
   */
  async #lookUp(way, again = false) {
    const { connection } = way;
    const now = this.#driver.now();
    way.pairAt = now;
    way.pairAgainAt = again ? Infinity : now + REPORT_MS;
    this.#by(way.pairAgainAt);
    const relayed = await connection?.relayed().catch(() => false);
    if (way.connection !== connection || way.relayed === relayed) return;
    way.relayed = relayed ?? false;
    way.ladder.doubt(this.#driver.now()); // a probe tells the other side
    this.#kindChanged(way);
  }

  /** @param {Way} way */
  #kindChanged(way) {
    this.#awaitDirect(way, this.#driver.now());
    this.#driver.kindChanged(way.member.id);
  }

  /** @param {Way} way @param {number} now */
  #fail(way, now) {
    this.#end(way, now);
    const most = Math.min(MAX_BACKOFF_MS, BACKOFF_MS * 2 ** way.failures++);
    way.retryAt = now + most * (0.5 + this.#random() / 2);
  }

  /** @param {Way} way @param {number} now */
  #end(way, now) {
    way.connection?.evidence.ended(now);
    if (way.connection?.evidence.ripe(now)) way.evidence = way.connection.evidence;
    way.connection?.close();
    way.connection = null;
    way.open = false;
    way.giveUpAt = way.restartAt = way.unrelayAt = way.pairAgainAt = Infinity;
    way.ladder.closed(now);
    this.#climb(way, now);
  }

  /** @param {Way} way @param {Uint8Array} packet @param {boolean} loose */
  #receive(way, packet, loose) {
    const now = this.#driver.now();
    way.ladder.heard(now);
    // A probe's first byte says what its sender takes the path for (docs/protocol.md, section 3).
    if (loose && packet[0] === 37 && way.relayedThere !== (packet[2] === 2)) {
      way.relayedThere = packet[2] === 2;
      this.#kindChanged(way);
    }
    this.#driver.received(way.member, packet);
  }

  /** @param {Member} from @param {Signal} signal */
  signal(from, signal) {
    const way = this.#ways.get(from.id);
    if (way?.member.incarnation !== from.incarnation || signal.connection < way.number) return;
    const now = this.#driver.now();
    if (signal.kind === 'decline') {
      way.number = signal.connection;
      way.refused = signal.reason === 'unsupported';
      this.#end(way, now);
      way.retryAt = now + DECLINED_MS * (1 + this.#random());
    } else if (way.connection && signal.connection === way.number) {
      if (signal.descriptionType === 'offer') way.restartAt = Infinity;
      way.connection.receive(signal);
    } else if (signal.descriptionType === 'offer') {
      this.#answer(way, signal, now);
    }
    this.#driver.changed();
  }

  /** @param {Way} way @param {Signal} signal of a connection that is not here yet @param {number} now */
  #answer(way, signal, now) {
    let others = 0;
    for (const other of this.#ways.values()) if (other.connection && other !== way) others++;
    if (others >= this.#most && !this.#evict(way, now)) {
      way.number = signal.connection;
      this.#decline(way.member, signal.connection, 'busy');
      return;
    }
    if (way.open) this.#end(way, now);
    this.#start(way, signal.connection, now);
    way.connection?.receive(signal);
  }
}

/** @param {Way} way @param {number} now */
function activityOf({ activity, activeAt }, now) {
  return activity && activity * 0.5 ** ((now - activeAt) / ACTIVITY_MS);
}

/** Whether an id, as bytes, is below another. @param {string} a @param {string} b */
function isBelow(a, b) {
  const left = fromBase64url(a);
  const right = fromBase64url(b);
  const at = left.findIndex((byte, i) => byte !== right[i]);
  return at >= 0 && left[at] < right[at];
}
