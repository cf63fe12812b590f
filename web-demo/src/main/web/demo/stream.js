/** Sends numbered messages at a steady rate, as long as it is on. */

/** More unconfirmed than this, and the stream waits: the room is not to be drowned. */
const MAX_IN_FLIGHT = 3000;
/** After a pause of the machine, no more than this is made up for at once, in ms. */
const MAX_CATCH_UP_MS = 1000;

export class Stream {
  perSecond = 20;
  on = false;
  #id = 0;
  #dueAt = 0;
  #outbox;
  #say;

  /**
   * @param {{ readonly inFlight: number }} outbox
   * @param {(stream: number, last: boolean) => void} say sends one message
   */
  constructor(outbox, say) {
    this.#outbox = outbox;
    this.#say = say;
  }

  /** @param {number} now in ms */
  start(now) {
    if (this.on) return;
    this.on = true;
    this.#id++;
    this.#dueAt = now;
  }

  stop() {
    if (!this.on) return;
    this.on = false;
    this.#say(this.#id, true);
  }

  /**
   * Sends what is due. Called often, by a clock that does not sleep when the window is hidden.
   *
   * @param {number} now in ms
   */
  advance(now) {
    if (!this.on) return;
    const period = 1000 / this.perSecond;
    this.#dueAt = Math.max(this.#dueAt, now - MAX_CATCH_UP_MS);
    while (this.#dueAt <= now) {
      this.#dueAt += period;
      if (this.#outbox.inFlight < MAX_IN_FLIGHT) this.#say(this.#id, false);
    }
  }
}
