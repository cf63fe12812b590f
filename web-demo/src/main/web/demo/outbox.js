/**
 * @typedef {import('./companion.js').Companion} Companion
 * @typedef {import('./room-types.js').Receipt} Receipt
 */

/** Numbers what goes to the whole room, and learns from receipts what became of it. */
export class Outbox {
  /** What bears this page's numbers: a reload is another run. */
  run;
  /** The number of the next message. */
  next = 1;
  /** Sent, and neither delivered nor given up. */
  inFlight = 0;
  /** From `send` to the receipt of the first message, in ms. @type {number | null} */
  firstReceiptMs = null;
  #send;

  /**
   * @param {string} run
   * @param {(said: object) => Promise<Receipt>} send
   */
  constructor(run, send) {
    this.run = run;
    this.#send = send;
  }

  /**
   * @param {object} said
   * @param {readonly Companion[]} audience who is in the room
   * @returns {Promise<Receipt>}
   */
  async send(said, audience) {
    for (const companion of audience) companion.tally.sent++;
    this.inFlight++;
    const sending = this.#send({ ...said, run: this.run, n: this.next++ });
    try {
      const receipt = await sending;
      if (receipt.delivered > 0) this.firstReceiptMs ??= receipt.ms;
      this.#settle(audience, new Set(receipt.missed));
      return receipt;
    } catch (problem) {
      this.#settle(audience, new Set(audience.map(({ id }) => id)));
      throw problem;
    } finally {
      this.inFlight--;
    }
  }

  /**
   * @param {readonly Companion[]} audience
   * @param {ReadonlySet<string>} missed
   */
  #settle(audience, missed) {
    for (const { id, tally, gone } of audience) {
      if (!missed.has(id)) tally.delivered++;
      else if (gone) tally.left++;
      else tally.missed++;
    }
  }
}
