/** Time that only moves when told. */
export class Clock {
  now = 0;
  /** @type {{at: number, run: () => void}[]} */
  #events = [];

  /** @param {number} ms @param {() => void} run */
  after(ms, run) {
    this.#events.push({ at: this.now + ms, run });
  }

  /**
   * Lets time pass, event by event.
   * @param {number} ms
   * @param {() => number} deadline when `advance` wants to be called
   * @param {() => void} advance called after every event, and by the deadline
   */
  run(ms, deadline, advance) {
    const end = this.now + ms;
    for (;;) {
      this.#events.sort((a, b) => a.at - b.at);
      const at = Math.min(this.#events[0]?.at ?? Infinity, Math.max(deadline(), this.now));
      if (at > end) break;
      this.now = at;
      while (this.#events[0]?.at <= this.now) this.#events.shift()?.run();
      const before = deadline();
      advance();
      if (deadline() <= this.now && before <= this.now) throw new Error(`busy at ${this.now}`);
    }
    this.now = end;
  }
}
