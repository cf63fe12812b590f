/** Time that only moves when told: callbacks in order of their hour, and among those of one hour as they came. */
export class Clock {
  now = 0;
  /** A heap: none is due before its parent. @type {{at: number, order: number, run: () => void}[]} */
  #heap = [];
  #order = 0;

  /** @param {number} ms @param {() => void} run */
  after(ms, run) {
    const heap = this.#heap;
    const event = { at: this.now + ms, order: this.#order++, run };
    let place = heap.length;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (isBefore(heap[parent], event)) break;
      heap[place] = heap[parent];
      place = parent;
    }
    heap[place] = event;
  }

  /** When the next event is. */
  get next() {
    return this.#heap.length ? this.#heap[0].at : Infinity;
  }

  /** To the next event. */
  step() {
    const event = this.#take();
    this.now = Math.max(this.now, event.at);
    event.run();
  }

  #take() {
    const heap = this.#heap;
    const [first] = heap;
    const last = /** @type {typeof first} */ (heap.pop());
    if (!heap.length) return first;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++;
      if (isBefore(last, heap[child])) break;
      heap[place] = heap[child];
      place = child;
    }
    heap[place] = last;
    return first;
  }

  /** @param {number} at */
  runUntil(at) {
    while (this.next <= at) this.step();
    this.now = at;
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
      const at = Math.min(this.next, Math.max(deadline(), this.now));
      if (at > end) break;
      this.now = at;
      while (this.next <= this.now) this.step();
      const before = deadline();
      advance();
      if (deadline() <= this.now && before <= this.now) throw new Error(`busy at ${this.now}`);
    }
    this.now = end;
  }
}

/** @param {{at: number, order: number}} a @param {{at: number, order: number}} b */
function isBefore(a, b) {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
