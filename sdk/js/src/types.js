/**
 * The types of the SDK. Nothing of this is loaded: other modules name it in comments.
 *
 * @typedef {string | Uint8Array | ArrayBuffer | Blob | object} Data objects travel as JSON and arrive as objects; binary
 *   data arrives as Uint8Array
 *
 * @typedef {'direct' | 'relayed' | 'data-channel' | 'websocket' | 'sse' | 'long-poll' | 'poll'} PathKind best first; from
 *   `data-channel` on through the server
 *
 * @typedef {object} Path the way to a peer, the lower rung of both ends
 * @property {PathKind} kind
 * @property {number} rttMs smoothed round trip; 0 when it is not known yet
 * @property {number} since Unix ms
 * @property {number} queuedBytes sent by the application, not acknowledged by the peer
 *
 * @typedef {object} Stats
 * @property {number} messagesSent
 * @property {number} messagesReceived
 * @property {number} bytesSent payload
 * @property {number} bytesReceived payload
 * @property {number} moves changes of the path
 *
 * @typedef {object} SendOptions
 * @property {'exactly-once' | 'unreliable'} [reliability] exactly-once by default; unreliable: at most once, no order, no receipt
 * @property {AbortSignal} [signal] gives up what is not delivered: the send rejects with `ABORTED`
 * @property {number} [ttl] ms; what is not delivered by then is given up and counts as missed
 *
 * @typedef {object} Receipt
 * @property {number} delivered to how many peers
 * @property {string[]} missed ids of peers that were there at the call and did not get it
 * @property {PathKind} path a broadcast's is the lowest used
 * @property {number} ms from the call to the last acknowledgement
 *
 * @typedef {object} ChannelOptions
 * @property {import('./peer.js').Peer | string} [to] a channel to this peer alone; without, to everyone
 * @property {SendOptions['reliability']} [reliability] of each send that does not say
 *
 * @typedef {object} TopicOptions
 * @property {'now' | 'oldest' | string} [after] what comes from now on (the default), from the oldest that is kept, or after a cursor:
 *   the `id` of a message, or what `topic.cursor` was
 *
 * @typedef {object} PublishOptions
 * @property {string} [type] the media type; by default that of text, bytes or JSON
 * @property {string} [key] makes a repetition harmless: within ten minutes the same key on the same topic is the same message
 *
 * @typedef {object} TopicsOptions
 * @property {string | (() => string | Promise<string>)} [token] a function is asked again when the server wants another
 * @property {typeof globalThis.fetch} [fetch] instead of the global one
 *
 * @typedef {object} JoinOptions
 * @property {string} [name] shown to others, at most 64 characters
 * @property {string | (() => string | Promise<string>)} [token] a function is asked again before the token expires
 * @property {PathKind[]} [paths] the allowed kinds; all of them by default
 * @property {number} [maxDirect] at most so many direct paths; 8 by default
 * @property {Uint8Array | {key: Uint8Array, incarnation?: number}} [identity] a key of 32 random bytes that makes this
 *   peer's id; by default one a tab and room
 * @property {AbortSignal} [signal] ends the attempt to join; without, `join` tries until the server answers
 * @property {typeof globalThis.WebSocket} [WebSocket] where there is no global one (Node 20); without, sessions use fetch
 * @property {typeof globalThis.fetch} [fetch] instead of the global one
 *
 * @typedef {import('./errors.js').PeerlineError} Reason why a room is not open
 *
 * @typedef {object} Carrier moves packets one hop, and may lose the last of them when it dies
 * @property {number} bufferedAmount
 * @property {(packet: Uint8Array, last?: boolean) => void} send `last`: the page may be gone before an answer
 * @property {() => void} close nothing is told after it
 * @property {(on: boolean) => void} [pause] asks for nothing while another greets
 *
 * @typedef {object} CarrierEvents
 * @property {() => void} opened
 * @property {(packet: Uint8Array) => void} packet
 * @property {(code: number, reason: string, how?: 'lost' | 'unreachable') => void} closed `unreachable`: nobody answered
 *
 * @typedef {{[cut in PathKind]?: boolean}} Faults what is cut now, for tests and demonstrations: nothing passes, nobody is told
 */
export {};
