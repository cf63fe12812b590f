/** @typedef {import('../types.js').Carrier} Carrier */

/**
 * A carrier whose module is loaded first.
 * @param {Promise<() => Carrier>} loading
 * @param {Pick<import('../types.js').CarrierEvents, 'closed'>} events
 * @returns {Carrier}
 */
export function openLater(loading, events) {
  /** @type {Carrier | null} */
  let carrier = null;
  let closed = false;
  loading.then(
    (open) => {
      if (!closed) carrier = open();
    },
    () => closed || events.closed(1006, 'a module did not load', 'unreachable'),
  );
  return {
    get bufferedAmount() {
      return carrier?.bufferedAmount ?? 0;
    },
    send: (packet, last) => carrier?.send(packet, last),
    close() {
      closed = true;
      carrier?.close();
    },
  };
}
