/** Bytes that an endpoint holds. @param {import('../../src/link/endpoint.js').Endpoint} endpoint */
export function held({ inside: { outbox, remotes } }) {
  let behindHoles = 0;
  for (const { inbox } of remotes.values()) behindHoles += inbox.heldBytes;
  return { unacknowledged: outbox.bytes, behindHoles };
}
