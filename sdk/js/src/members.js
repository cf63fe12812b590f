/** @typedef {import('./link/session.js').PeerInfo} PeerInfo */
/** @typedef {'joined' | 'away' | 'back' | 'left'} Change that the application is told */

/** Who is in the room: what the server tells, put into the pair links, the direct paths and the application's words. */
export class Members {
  /** When one that the server does not know is given up: `leaveAt`. @type {Map<string, PeerInfo & {leaveAt: number}>} */
  #all = new Map();
  #driver;
  #tell;
  /** Whether the server has said who is there. */
  complete = false;

  /** @param {import('./driver.js').Driver} driver @param {(change: Change, peer: PeerInfo) => void} tell */
  constructor(driver, tell) {
    this.#driver = driver;
    this.#tell = tell;
  }

  get all() {
    return this.#all.values();
  }

  /** @param {string} id */
  carrierOf(id) {
    return this.#all.get(id)?.carrier ?? 'none';
  }

  /** @param {string} id */
  has(id) {
    return this.#all.has(id);
  }

  /** @param {PeerInfo[]} peers @param {number} now @param {number} awayMs how long one may stay away */
  roster(peers, now, awayMs) {
    for (const peer of peers) this.#meet(peer, !this.complete || !this.has(peer.id));
    // A server that was restarted learns of the others as they return: for now they are away.
    for (const id of this.#driver.endpoint.roster(peers, now)) {
      const member = this.#all.get(id);
      if (!member) continue;
      member.leaveAt = Math.min(member.leaveAt, now + awayMs);
      if (member.state === 'here') this.#change('away', { ...member, state: 'away' });
    }
    this.complete = true;
  }

  /** @param {Change | 'carrier'} change @param {PeerInfo} peer @param {number} now */
  presence(change, peer, now) {
    const { endpoint } = this.#driver;
    if (change === 'left') return this.#leave(peer.id);
    if (change === 'away') endpoint.away(peer.id, now);
    else if (change === 'back') endpoint.back(peer, now);
    else if (change === 'joined') endpoint.joined(peer, peer.state, now);
    this.#meet(peer, false);
  }

  deadline() {
    let at = Infinity;
    for (const { leaveAt } of this.#all.values()) at = Math.min(at, leaveAt);
    return at;
  }

  /** @param {number} now */
  advance(now) {
    for (const [id, { leaveAt }] of this.#all) if (now >= leaveAt) this.#leave(id);
  }

  /** @param {PeerInfo} peer @param {boolean} first whether it was there before this client */
  #meet(peer, first) {
    const known = this.#all.get(peer.id);
    this.#all.set(peer.id, { ...peer, leaveAt: Infinity });
    this.#driver.direct?.joined(peer, peer.state === 'here', first);
    if (!known) this.#change('joined', peer);
    else if (peer.incarnation > known.incarnation) this.#change('back', peer);
    else if (known.state !== peer.state) {
      this.#change(peer.state === 'away' ? 'away' : 'back', peer);
    }
    if (known && known.carrier !== peer.carrier) this.#driver.carried([peer], 'peer');
  }

  /** @param {Change} change @param {PeerInfo} peer */
  #change(change, peer) {
    const known = this.#all.get(peer.id);
    if (known) known.state = peer.state;
    if (change === 'away') this.#driver.direct?.away(peer.id);
    this.#tell(change, peer);
  }

  /** @param {string} id */
  #leave(id) {
    const peer = this.#all.get(id);
    this.#all.delete(id);
    this.#driver.endpoint.left(id);
    this.#driver.direct?.left(id);
    if (peer) this.#change('left', peer);
  }
}
