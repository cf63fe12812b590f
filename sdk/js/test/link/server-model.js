/**
 * @file A model of the server's half of docs/protocol.md in virtual time, as small as it can be: one room, mailboxes in memory. It is the other
 * side for tests of `Session` and `Endpoint`, written from the protocol alone.
 */

import { Reader, readFrames, Writer } from '../../src/link/wire.js';

/** @typedef {import('../../src/link/wire.js').Member} Member */
/** @typedef {(packet: Uint8Array) => void} Deliver */
/**
 * @typedef {object} Seat
 * @property {string} id
 * @property {Uint8Array} rawId
 * @property {number} incarnation
 * @property {string} name
 * @property {number} epoch
 * @property {Uint8Array[]} log
 * @property {number} forgotten how many entries were
 * @property {number} taken the way up
 * @property {Carrier | null} carrier
 * @property {number} posts the highest number of a POST
 */

/** One connection, from the server's side. */
export class Carrier {
  /** @type {Seat | null} */
  seat = null;
  /** @type {Map<number, Member[]>} */
  groups = new Map();
  read = 0;
  attempt = 0;
  /** A POST: it takes no reading, and what stands above a hole is dropped. @type {'' | 'new' | 'old'} */
  post = '';
  /** Whether its WELCOME says no more than the last one. */
  again = false;
  /** Told when a newer carrier reads. */
  ended = () => {};

  /** @param {ServerModel} server @param {Deliver} deliver to the client */
  constructor(server, deliver) {
    this.server = server;
    this.deliver = deliver;
  }

  /** @param {Uint8Array} packet */
  receive(packet) {
    const upBefore = this.seat?.taken;
    const good = readFrames(packet, (type, body) => {
      this.#frame(type, body);
      return true;
    });
    if (!good) throw new Error('the client sent a malformed packet');
    if (this.seat && this.seat.taken !== upBefore)
      this.deliver(new Writer().frame(19, new Writer().varint(this.seat.taken)).take());
  }

  /** @param {number} type @param {Reader} body */
  #frame(type, body) {
    if (type === 1) return this.post ? this.#posted(body) : this.#hello(body);
    const seat = this.seat;
    if (!seat) return void body.rest(); // replaced by a newer carrier: what it still brings comes again there
    if (type === 2)
      this.groups.set(
        body.varint(),
        Array.from({ length: body.varint() }, () => body.member()),
      );
    else if (type === 3) this.#up(seat, body.varint(), body);
    else if (type === 4 && this.post === 'old') body.rest();
    else if (type === 4) this.#send(seat, this.groups.get(body.varint()) ?? [], body.rest(), 20);
    else if (type === 5 && body.varint() === 0) this.#ack(seat, body.varint());
    else if (type === 6) this.deliver(new Writer().frame(22, new Writer().raw(body.rest())).take());
    else if (type === 7 && body.varint() === 0) this.server.leave(seat);
    else body.rest();
  }

  /** @param {Reader} body */
  #posted(body) {
    const fields = body.fields();
    const number = (/** @type {number} */ tag) =>
      new Reader(fields.get(tag) ?? Uint8Array.of(0)).varint();
    const rawId = /** @type {Uint8Array} */ (fields.get(3)).slice(0, 16);
    const seat = this.server.seatOf(rawId);
    if (seat?.incarnation !== number(4) || seat.epoch !== number(7)) return;
    this.seat = seat;
    this.post = number(12) > seat.posts ? 'new' : 'old';
    seat.posts = Math.max(seat.posts, number(12));
  }

  /** @param {Reader} body */
  #hello(body) {
    const fields = body.fields();
    const number = (/** @type {number} */ tag) =>
      fields.has(tag)
        ? new Reader(/** @type {Uint8Array} */ (fields.get(tag))).varint()
        : undefined;
    const rawId = /** @type {Uint8Array} */ (fields.get(3)).slice(0, 16);
    const name = new TextDecoder().decode(fields.get(6));
    this.attempt = number(10) ?? 0;
    if (this.server.overtaken(rawId, number(4) ?? 0, this.attempt)) return this.ended();
    const { seat, resumed } = this.server.sit(
      rawId,
      number(4) ?? 0,
      name,
      number(7),
      number(8) ?? 0,
      number(9) ?? 1,
    );
    if (seat.carrier) {
      seat.carrier.seat = null;
      seat.carrier.ended();
    }
    seat.carrier = this;
    this.seat = seat;
    if (resumed) this.#ack(seat, number(8) ?? 0);
    this.read = seat.forgotten;
    const welcome = new Writer().fields([
      [1, 1],
      [2, rawId],
      [3, name],
      [4, seat.epoch],
      [5, this.read],
      [6, seat.taken],
      [7, resumed ? 1 : 0],
      [8, 120000],
      [9, 15000],
      [10, 262144],
      [11, '{"iceServers":[]}'],
    ]);
    this.again = resumed && number(11) === 1;
    if (!this.again) this.deliver(new Writer().frame(17, welcome).take());
    if (!resumed) this.server.roster(seat);
    this.pump();
  }

  /** @param {Seat} seat @param {number} number @param {Reader} body */
  #up(seat, number, body) {
    const kind = body.varint();
    if (number > seat.taken + 1 && this.post) return void body.rest();
    if (number > seat.taken + 1) throw new Error(`way-up number ${number} after ${seat.taken}`);
    const content = body.rest();
    if (number <= seat.taken) return;
    seat.taken = number;
    const reader = new Reader(content);
    if (kind === 3) {
      for (let count = reader.varint(); count > 0; count--) {
        const member = reader.member();
        this.#send(seat, [member], reader.bytes(), 1);
      }
    } else {
      const members = this.groups.get(reader.varint());
      if (!members) throw new Error('unbound group');
      this.#send(seat, members, reader.rest(), kind);
    }
  }

  /** @param {Seat} from @param {Member[]} members @param {Uint8Array} frames @param {number} kind */
  #send(from, members, frames, kind) {
    for (const member of members) {
      const seat = this.server.seats.get(member.id);
      const body = new Writer().member(from).varint(member.incarnation).raw(frames).take();
      if (seat && kind === 20)
        seat.carrier?.deliver(new Writer().frame(20, new Writer().raw(body)).take());
      else if (seat) this.server.append(seat, kind, body);
    }
  }

  /** @param {Seat} seat @param {number} offset */
  #ack(seat, offset) {
    while (seat.forgotten < offset && seat.log.length) {
      seat.log.shift();
      seat.forgotten++;
    }
  }

  pump() {
    const seat = this.seat;
    while (seat && this.read < seat.forgotten + seat.log.length) {
      const entry = seat.log[this.read - seat.forgotten];
      this.read++;
      this.deliver(
        new Writer().frame(18, new Writer().varint(0).varint(this.read).raw(entry)).take(),
      );
    }
  }
}

export class ServerModel {
  /** @type {Map<string, Seat>} */
  seats = new Map();
  epochs = 0;

  /** @param {Deliver} deliver */
  connect(deliver) {
    return new Carrier(this, deliver);
  }

  /** @param {Uint8Array} rawId */
  seatOf(rawId) {
    return this.seats.get(idOf(rawId));
  }

  /** Loses everything, as a restart without a disk does. */
  restart() {
    for (const seat of this.seats.values()) if (seat.carrier) seat.carrier.seat = null;
    this.seats.clear();
  }

  /** Whether somebody newer is here: a later carrier of the same page, or a reloaded page. @param {Uint8Array} rawId @param {number} incarnation @param {number} attempt */
  overtaken(rawId, incarnation, attempt) {
    const seat = this.seats.get(idOf(rawId));
    if (!seat || incarnation > seat.incarnation) return false;
    return incarnation < seat.incarnation || (seat.carrier?.attempt ?? 0) > attempt;
  }

  /**
   * @param {Uint8Array} rawId
   * @param {number} incarnation
   * @param {string} name
   * @param {number | undefined} epoch
   * @param {number} offset
   * @param {number} base
   */
  sit(rawId, incarnation, name, epoch, offset, base) {
    const id = idOf(rawId);
    const known = this.seats.get(id);
    const seat = known ?? {
      id,
      rawId,
      incarnation,
      name,
      epoch: ++this.epochs,
      log: [],
      forgotten: 0,
      taken: 0,
      carrier: null,
      posts: 0,
    };
    const resumed =
      seat === known &&
      incarnation === known.incarnation &&
      // Without one it was written before another carrier was welcomed.
      (epoch === undefined || (epoch === known.epoch && offset >= known.forgotten));
    const change = known ? 3 : 1;
    if (!known || incarnation > known.incarnation) {
      seat.incarnation = incarnation;
      this.seats.set(id, seat);
      this.present(seat, change);
    }
    if (!resumed) seat.taken = base - 1;
    return { seat, resumed };
  }

  /** @param {Seat} seat @param {number} change */
  present(seat, change) {
    const body = new Writer()
      .varint(change)
      .member(seat)
      .varint(1)
      .varint(3)
      .text(seat.name)
      .take();
    for (const other of this.seats.values()) if (other !== seat) this.append(other, 4, body);
  }

  /** @param {Seat} seat */
  leave(seat) {
    this.seats.delete(seat.id);
    if (seat.carrier) seat.carrier.seat = null;
    this.present(seat, 4);
  }

  /** @param {Seat} seat */
  roster(seat) {
    const others = [...this.seats.values()].filter((other) => other !== seat);
    const body = new Writer().varint(others.length);
    for (const other of others) body.member(other).varint(1).varint(3).text(other.name);
    this.append(seat, 3, body.take());
  }

  /** @param {Seat} seat @param {number} kind @param {Uint8Array} body */
  append(seat, kind, body) {
    seat.log.push(new Writer().varint(kind).raw(body).take().slice());
    seat.carrier?.pump();
  }
}

/** @param {Uint8Array} rawId */
function idOf(rawId) {
  return new Reader(new Writer().raw(rawId).varint(0).take()).member().id;
}
