/** Errors of ICE servers that are kept. */
const MAX_ERRORS = 16;
/** Who has not answered after so long does not; Chromium says so after 40 s, when the attempt is over. */
const PATIENCE_MS = 8_000;

/** What the gathering of candidates shows of the network. */
export class Evidence {
  /** Types of the candidates of this side. @type {Set<string>} */
  types = new Set();
  complete = false;
  /** Addresses of this side are hidden behind names, so that what a server sees is always another candidate. */
  hidden = false;
  #beganAt;
  #endedAt = Infinity;
  /** @type {{url: string, code: number}[]} */
  errors = [];
  /** Of each own port, the ports that others see. @type {Map<string, Set<number>>} */
  #mapped = new Map();

  /** @param {number} now */
  constructor(now) {
    this.#beganAt = now;
  }

  /** Nothing is gathered any more. @param {number} now */
  ended(now) {
    this.#endedAt = Math.min(this.#endedAt, now);
  }

  /** Whether servers had time enough to answer. @param {number} now */
  ripe(now) {
    return this.complete || Math.min(now, this.#endedAt) - this.#beganAt >= PATIENCE_MS;
  }

  /** @param {RTCIceCandidate | null} candidate null: there are no more */
  gathered(candidate) {
    if (!candidate?.candidate) {
      this.complete = true;
      return;
    }
    // RFC 8839 §5.1: foundation, component, protocol, priority, address, port, "typ", type, "raddr", address, "rport", port
    const [, , protocol, , address, port, , type, , base, , basePort] =
      candidate.candidate.split(' ');
    this.types.add(type);
    this.hidden ||= /\.local$/.test(address);
    if (type !== 'srflx' || protocol.toLowerCase() !== 'udp') return;
    const key = `${base} ${basePort} ${address.includes(':') ? 6 : 4}`;
    this.#mapped.set(key, (this.#mapped.get(key) ?? new Set()).add(Number(port)));
  }

  /** @param {string} url @param {number} code of STUN, or 701: no answer */
  failed(url, code) {
    const known = this.errors.some((error) => error.url === url && error.code === code);
    if (!known && this.errors.length < MAX_ERRORS) this.errors.push({ url, code });
  }

  /** RFC 4787 §4.1: one own port is seen as another by each server. */
  get symmetric() {
    return [...this.#mapped.values()].some((ports) => ports.size > 1);
  }
}
