/** Best first. @type {import('./types.js').PathKind[]} */
export const KINDS = ['direct', 'relayed', 'websocket', 'sse', 'long-poll', 'poll'];
