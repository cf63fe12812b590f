/**
 * The connections that the SDK makes in this page, which it keeps to itself: this page counts their bytes.
 */
export class WatchedConnections {
  /** @type {Set<RTCPeerConnection>} */
  #made = new Set();
  #counted = { received: 0, sent: 0 };

  constructor() {
    const made = this.#made;
    const Plain = globalThis.RTCPeerConnection;
    if (Plain)
      globalThis.RTCPeerConnection = class extends Plain {
        /** @param {RTCConfiguration} [configuration] */
        constructor(configuration) {
          super(configuration);
          made.add(this);
        }
      };
  }

  /**
   * What the transports took in and sent since this was asked last: DTLS records, headers included.
   *
   * @returns {Promise<{ received: number, sent: number }>} bytes
   */
  async taken() {
    const before = this.#counted;
    let [received, sent] = [0, 0];
    for (const connection of this.#made) {
      const stats = await connection.getStats();
      for (const entry of stats.values()) {
        if (entry.type !== 'transport') continue;
        received += entry.bytesReceived ?? 0;
        sent += entry.bytesSent ?? 0;
      }
    }
    // One that is closed is not asked again.
    this.#counted = {
      received: Math.max(received, before.received),
      sent: Math.max(sent, before.sent),
    };
    return {
      received: this.#counted.received - before.received,
      sent: this.#counted.sent - before.sent,
    };
  }

  forget() {
    this.#made.clear();
    this.#counted = { received: 0, sent: 0 };
  }
}
