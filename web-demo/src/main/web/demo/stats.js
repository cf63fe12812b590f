/**
 * Counting, apart from everything that sends or shows. Pure: time is a parameter, in milliseconds of one
 * monotonic clock.
 */

/** Holes remembered a sender. Beyond that the oldest is taken as lost for good, and can no longer be filled. */
const MAX_HOLES = 256;

/** What one numbered message was. @typedef {'next' | 'late' | 'double'} Arrival */

/** Counts what came of one run of one sender, whose messages bear the numbers 1, 2, 3, … */
export class Inbound {
  received = 0;
  doubled = 0;
  outOfOrder = 0;
  /** Of the holes that were dropped: they stay lost. */
  #lostForGood = 0;
  /** Half-open ranges of numbers that were owed and have not come, ascending. @type {[number, number][]} */
  #holes = [];
  /** The lowest number owed, once that is known. */
  #base = Infinity;
  /** The highest number that has come. */
  #highest = 0;

  /** Numbers that were owed and have not come, though later ones have. */
  get lost() {
    return this.#holes.reduce((sum, [from, to]) => sum + to - from, this.#lostForGood);
  }

  /**
   * The sender says which number we are owed first. Known already when a later one has come before it.
   *
   * @param {number} next
   */
  announce(next) {
    if (next >= this.#base) return;
    if (this.#highest > 0) this.#open(next, this.#base);
    this.#base = next;
  }

  /**
   * @param {number} n
   * @returns {Arrival}
   */
  take(n) {
    const arrival = this.#place(n);
    if (arrival === 'double') this.doubled++;
    else this.received++;
    if (arrival === 'late') this.outOfOrder++;
    return arrival;
  }

  /**
   * @param {number} n
   * @returns {Arrival}
   */
  #place(n) {
    // Sent to us before its sender announced what we are owed: then we were owed it all the same.
    this.announce(n);
    if (n > this.#highest) {
      this.#open(this.#highest > 0 ? this.#highest + 1 : this.#base, n);
      this.#highest = n;
      return 'next';
    }
    const at = this.#holes.findIndex(([from, to]) => from <= n && n < to);
    const hole = this.#holes[at];
    if (!hole) return 'double';
    const [from, to] = hole;
    /** @type {[number, number][]} */
    const rest = [
      [from, n],
      [n + 1, to],
    ];
    this.#holes.splice(at, 1, ...rest.filter(([low, high]) => low < high));
    return 'late';
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  #open(from, to) {
    if (from >= to) return;
    this.#holes.push([from, to]);
    this.#holes.sort(([a], [b]) => a - b);
    while (this.#holes.length > MAX_HOLES) {
      const [low, high] = /** @type {[number, number]} */ (this.#holes.shift());
      this.#lostForGood += high - low;
    }
  }
}

/** The longest wait between two messages of a stream that has not ended; begins anew with each stream. */
export class Silence {
  #stream = -1;
  #lastAt = 0;
  #longest = 0;
  #open = false;

  /**
   * @param {number} stream which stream the message is of
   * @param {boolean} last whether it is the stream's last
   * @param {number} now
   */
  heard(stream, last, now) {
    if (stream === this.#stream && this.#open)
      this.#longest = Math.max(this.#longest, now - this.#lastAt);
    else if (stream !== this.#stream) this.#longest = 0;
    this.#stream = stream;
    this.#lastAt = now;
    this.#open = !last;
  }

  /** The sender is gone or begins anew: nothing more is expected. */
  end() {
    this.#open = false;
  }

  /** Whether a stream is coming in. */
  get listening() {
    return this.#open;
  }

  /**
   * In milliseconds, the present silence included.
   *
   * @param {number} now
   */
  longest(now) {
    return this.#open ? Math.max(this.#longest, now - this.#lastAt) : this.#longest;
  }
}

/**
 * All that is counted with one peer.
 *
 * @typedef {object} Counts
 * @property {number} sent messages that were sent while the peer was in the room
 * @property {number} delivered of these, how many it confirmed
 * @property {number} missed of these, how many the SDK gave up on while the peer was in the room
 * @property {number} left of these, how many had not been confirmed when the peer left
 * @property {number} received messages that came from it, each counted once
 * @property {number} lost numbers that never came from it, and those `missed` by it
 * @property {number} doubled messages that came again
 * @property {number} outOfOrder messages that came after a later one
 */
export class Tally {
  sent = 0;
  delivered = 0;
  missed = 0;
  left = 0;
  moves = 0;
  silence = new Silence();
  #run = '';
  #inbound = new Inbound();
  /** Of the sender's earlier runs (it was reloaded). */
  #before = { received: 0, lost: 0, doubled: 0, outOfOrder: 0 };

  /**
   * The numbers of the sender's present run; a new run begins at 1 again.
   *
   * @param {string} run
   * @returns {Inbound}
   */
  inbound(run) {
    if (run !== this.#run) {
      this.#before = this.#arrived();
      this.#inbound = new Inbound();
      this.#run = run;
      this.silence.end();
    }
    return this.#inbound;
  }

  /** @returns {Counts} */
  counts() {
    const { received, lost, doubled, outOfOrder } = this.#arrived();
    const { sent, delivered, missed, left } = this;
    return { sent, delivered, missed, left, received, lost: lost + missed, doubled, outOfOrder };
  }

  #arrived() {
    const before = this.#before;
    const { received, lost, doubled, outOfOrder } = this.#inbound;
    return {
      received: before.received + received,
      lost: before.lost + lost,
      doubled: before.doubled + doubled,
      outOfOrder: before.outOfOrder + outOfOrder,
    };
  }
}

/** @returns {Counts} */
export function noCounts() {
  return {
    sent: 0,
    delivered: 0,
    missed: 0,
    left: 0,
    received: 0,
    lost: 0,
    doubled: 0,
    outOfOrder: 0,
  };
}

/**
 * @param {Counts} a
 * @param {Counts} b
 * @returns {Counts}
 */
export function sum(a, b) {
  return {
    sent: a.sent + b.sent,
    delivered: a.delivered + b.delivered,
    missed: a.missed + b.missed,
    left: a.left + b.left,
    received: a.received + b.received,
    lost: a.lost + b.lost,
    doubled: a.doubled + b.doubled,
    outOfOrder: a.outOfOrder + b.outOfOrder,
  };
}
