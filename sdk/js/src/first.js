/** @typedef {import('./types.js').Carrier} Carrier */

/**
 * The first WebSocket, dialled while the rest of what keeps carriers is loaded; where that does not come, it works alone. `Uplink`
 * takes its place, and the carrier with it.
 */
export class First {
  /** @type {Carrier | null} */ carrier = null;
  /** Of the session. */
  way = 0;
  /** How it ended. @type {[code: number, reason: string] | null} */
  over = null;
  /** No attempt before `retry`. */
  dropped = false;
  /** Of what it is there is no doubt. @type {null} */
  path = null;
  #session;

  /**
   * @param {import('./link/session.js').Session} session
   * @param {() => number} clock
   * @param {() => void} changed
   * @param {((events: import('./types.js').CarrierEvents) => Carrier) | null} open
   */
  constructor(session, clock, changed, open) {
    this.#session = session;
    this.at = clock();
    /** Whom the carrier tells. @type {import('./types.js').CarrierEvents} */
    this.on = {
      opened: () => {
        this.way = session.open(clock());
        changed();
      },
      packet: (packet) => {
        session.receive(packet, clock(), this.way);
        changed();
      },
      closed: (code, reason) => {
        this.over = [code, reason];
        session.closed(this.way);
        changed();
      },
    };
    if (open)
      this.carrier = open({
        opened: () => this.on.opened(),
        packet: (packet) => this.on.packet(packet),
        closed: (code, reason) => this.on.closed(code, reason),
      });
  }

  get open() {
    return this.#session.present > 0;
  }

  get bufferedAmount() {
    return this.carrier?.bufferedAmount ?? 0;
  }

  /** @param {number} now @returns {boolean} whether anything went */
  transmit(now) {
    const packet = this.way && this.#session.transmit(now, this.way);
    if (packet) this.carrier?.send(packet);
    return !!packet;
  }

  drop() {
    this.dropped = true;
    this.carrier?.close();
    this.#session.closed(this.way);
  }

  retry() {
    this.dropped = false;
  }

  stop() {
    this.drop();
  }

  deadline() {
    return Infinity;
  }

  // What the other can

  advance() {}
  defer() {}
  wake() {}
  measured() {}
  flush() {}
  silent() {
    return false;
  }
}
