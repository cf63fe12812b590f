/** @typedef {'data-channel' | 'websocket' | 'sse' | 'long-poll' | 'poll'} Rung what a session may run on */
/**
 * One carrier that is being opened, or is in use.
 * @typedef {object} Dial
 * @property {number} id
 * @property {Rung} rung
 * @property {number} at
 * @property {number} openedAt the HELLO of a duplex one went out; NaN while it has not
 * @property {number} welcomedAt
 * @property {number} endedAt the server ended it for another that is not welcome yet; NaN while it has not
 * @property {boolean} replaces it was begun because the present one was silent
 */

/** Best first. @type {Rung[]} */
export const RUNGS = ['data-channel', 'websocket', 'sse', 'long-poll', 'poll'];

/** Whether a rung is better than another. @param {Rung} rung @param {Rung} other */
export function outranks(rung, other) {
  return RUNGS.indexOf(rung) < RUNGS.indexOf(other);
}

/** Whether it carries packets both ways, and its HELLO goes when it is open; else a request is the HELLO. @param {Rung} rung */
export function isDuplex(rung) {
  return rung === 'data-channel' || rung === 'websocket';
}

/** Whether the server may have read its HELLO. @param {Dial} dial */
export function greets({ rung, openedAt }) {
  return !isDuplex(rung) || !Number.isNaN(openedAt);
}
