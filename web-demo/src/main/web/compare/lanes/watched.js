/**
 * The connections that the SDK makes in this page, which it keeps to itself: this page counts their bytes.
 */
export class WatchedConnections {
  /** @type {Set<RTCPeerConnection>} */
  #made = new Set();
  #counted = 0;

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

  /** What the transports took in since this was asked last: DTLS records, headers included. @returns {Promise<number>} bytes */
  async taken() {
    let bytes = 0;
    for (const connection of this.#made) {
      const stats = await connection.getStats();
      for (const entry of stats.values())
        if (entry.type === 'transport') bytes += entry.bytesReceived ?? 0;
    }
    const more = Math.max(0, bytes - this.#counted);
    this.#counted = Math.max(bytes, this.#counted);
    return more;
  }

  forget() {
    this.#made.clear();
    this.#counted = 0;
  }
}
