/**
 * What this page uses of the SDK, in its shape: so that the parts below can be tried with something that is no network.
 *
 * @typedef {{ delivered: number, missed: string[], path: string, ms: number }} Receipt
 * @typedef {{ code: string, message: string, hint?: string | undefined }} Reason
 * @typedef {'connecting' | 'open' | 'recovering' | 'closed'} RoomState
 *
 * @typedef {EventTarget & {
 *   readonly id: string,
 *   readonly name?: string | undefined,
 *   readonly state: 'here' | 'away' | 'gone',
 *   readonly path: { readonly kind: string, readonly rttMs: number },
 *   send(data: object): Promise<Receipt>,
 *   explain(): Promise<{ findings: readonly { code: string, text: string, next?: string }[] }>,
 * }} RoomPeer
 *
 * @typedef {EventTarget & {
 *   readonly id: string,
 *   readonly me: { readonly id: string, readonly name?: string | undefined },
 *   readonly peers: ReadonlyMap<string, RoomPeer>,
 *   readonly state: RoomState,
 *   readonly reason: Reason | null,
 *   send(data: object): Promise<Receipt>,
 *   diagnose(): Promise<{ peers: readonly { id: string, code: string, text: string }[] }>,
 *   leave(): Promise<void>,
 * }} Room
 */

export {};
