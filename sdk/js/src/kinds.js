/** Best first. @type {import('./types.js').PathKind[]} */
export const KINDS = ['direct', 'relayed', 'data-channel', 'websocket', 'sse', 'long-poll', 'poll'];
