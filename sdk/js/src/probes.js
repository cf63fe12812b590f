/** A peer on the session is probed at most so often, and only while it is active. */
const PROBE_MS = 5_000;
/** Probes that are out, and peers whose round trip is known. */
const MAX_PROBES = 256;
const MAX_MEASURED = 256;

/** Round trips, measured by probes of five bytes: what this side takes the path for, and a number. */
export class Probes {
  #driver;
  #number = 0;
  /** When each was sent. @type {Map<number, number>} */
  #out = new Map();
  /** Over the session: the smoothed round trip, and when it was last asked for. @type {Map<string, {rttMs: number, at: number}>} */
  #measured = new Map();

  /** @param {import('./driver.js').Driver} driver */
  constructor(driver) {
    this.#driver = driver;
  }

  /** @param {string} id @param {'direct' | 'session'} path @param {number} view what this side takes the path for */
  send(id, path, view) {
    this.#number = (this.#number + 1) % 2 ** 32;
    remember(this.#out, this.#number, this.#driver.now(), MAX_PROBES);
    const bytes = new Uint8Array(5);
    bytes[0] = view;
    new DataView(bytes.buffer).setUint32(1, this.#number);
    this.#driver.endpoint.probe(id, path, bytes);
  }

  /** @param {{id: string, path: string, bytes: Uint8Array}} echo @param {number} now */
  echoed({ id, path, bytes }, now) {
    if (bytes.length !== 5) return;
    const number = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1);
    const sentAt = this.#out.get(number);
    if (sentAt === undefined || !this.#out.delete(number)) return;
    const rttMs = now - sentAt;
    const measured = this.#measured.get(id);
    if (path === 'direct') this.#driver.direct?.echoed(id, rttMs, now);
    else if (measured) measured.rttMs += (rttMs - measured.rttMs) / (measured.rttMs ? 4 : 1);
  }

  /** This peer, on the session, is active: how far it is becomes known. @param {string} id @param {number} now */
  measure(id, now) {
    const { rttMs, at } = this.#measured.get(id) ?? { rttMs: 0, at: -Infinity };
    if (now - at < PROBE_MS) return;
    remember(this.#measured, id, { rttMs, at: now }, MAX_MEASURED);
    this.send(id, 'session', 0);
  }

  /** @param {string} id */
  rttOf(id) {
    return this.#measured.get(id)?.rttMs ?? 0;
  }
}

/** @template K, V @param {Map<K, V>} map @param {K} key @param {V} value @param {number} most */
function remember(map, key, value, most) {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) if (map.size > most) map.delete(oldest);
}
