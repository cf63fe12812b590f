/** A message that arrived. */
export class Message extends Event {
  /** @param {{from: import('./peer.js').Peer, data: any, channel: string, direct: boolean}} init */
  constructor({ from, data, channel, direct }) {
    super('message');
    this.from = from;
    /** As it was sent; binary data as Uint8Array. */
    this.data = data;
    /** The name of its channel, '' for that of `room.send` and `peer.send`. */
    this.channel = channel;
    /** Sent to this peer alone. */
    this.direct = direct;
  }
}

/** An EventTarget with `onmessage`. */
export class Emitter extends EventTarget {
  /** @type {((event: Message) => void) | null} */
  onmessage = null;

  constructor() {
    super();
    this.addEventListener('message', (event) => this.onmessage?.(/** @type {Message} */ (event)));
  }
}
