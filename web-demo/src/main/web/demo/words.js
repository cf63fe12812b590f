/** Sentences: what the room's states and ends mean, and what one can do about them. */

/**
 * @typedef {import('./room-types.js').Reason} Reason
 * @typedef {import('./room-types.js').RoomState} RoomState
 * @typedef {object} Ending
 * @property {string} title
 * @property {string} says
 * @property {string} action the word on the button; '' when there is nothing to do here
 * @property {'reload' | 'new-room' | ''} does
 * @property {string} [command] what an operator can do
 */

/** @type {Record<RoomState, string>} */
const STATES = {
  connecting: 'connecting to the server',
  open: 'open',
  recovering: 'server out of reach, trying again',
  closed: 'closed',
};

/**
 * @param {RoomState} state
 * @returns {string}
 */
export function stateWords(state) {
  return STATES[state] ?? state;
}

/** @type {Record<string, Ending>} */
const ENDINGS = {
  REPLACED: {
    title: 'This place in the room was taken by a newer page',
    says: 'The same tab was opened again elsewhere, and the newer one has gone on as you.',
    action: 'Take it back here',
    does: 'reload',
  },
  UNAUTHORIZED: {
    title: 'You need an invite link',
    says: 'This server lets in those who have an invite link for this room. Ask the person who sent you here for one; it ends in “#token=…”.',
    action: '',
    does: '',
  },
  TOKEN_EXPIRED: {
    title: 'Your invite has run out',
    says: 'Ask for a fresh invite link, and open it.',
    action: '',
    does: '',
  },
  FORBIDDEN_ORIGIN: {
    title: 'This address is not one that the server answers to',
    says: 'Open the page under the address that the server printed when it started, or name this one with --allow-origin.',
    action: '',
    does: '',
  },
  ROOM_FULL: {
    title: 'This room is full',
    says: 'Somebody has to leave before you can come in, or you open a room of your own.',
    action: 'Open a new room',
    does: 'new-room',
  },
  VERSION: {
    title: 'This page is older than its server',
    says: 'The server has been renewed since the page was opened.',
    action: 'Reload the page',
    does: 'reload',
  },
};

const BUSY = {
  title: 'The server takes no more at present',
  action: 'Try again',
  does: /** @type {const} */ ('reload'),
};
const BUSY_CODES = new Set([
  'TOO_MANY_ROOMS',
  'TOO_MANY_CONNECTIONS',
  'RATE_LIMITED',
  'GOING_AWAY',
]);

/**
 * @param {Reason | null} reason why the room was closed
 * @param {boolean} [open] whether the server has rooms for everyone, without an invite
 * @returns {Ending}
 */
export function ending(reason, open = false) {
  const known = ENDINGS[reason?.code ?? ''];
  if (known && open && !known.does)
    return { ...known, action: 'Open a room of your own', does: 'new-room' };
  if (known) return known;
  const says = [reason?.message, reason?.hint].filter(Boolean).join(' ') || 'No reason was given.';
  const code = reason?.code ? ` (${reason.code})` : '';
  if (BUSY_CODES.has(reason?.code ?? '')) return { ...BUSY, says: says + code };
  return {
    title: 'The room is closed',
    says: says + code,
    action: 'Connect again',
    does: 'reload',
  };
}

/**
 * What stands on the page while the server is out of reach.
 *
 * @param {Reason | null} reason
 * @returns {string}
 */
export function recoveringWords(reason) {
  const because = reason?.message ? ` (${reason.message})` : '';
  return (
    `The server is out of reach${because}: trying again. Direct paths carry on; ` +
    'what waits for the server is sent when it is back.'
  );
}

/**
 * A time span as people say it: `0.8 ms`, `12 ms`, `1.4 s`.
 *
 * @param {number} ms
 * @returns {string}
 */
export function span(ms) {
  if (!Number.isFinite(ms)) return '–';
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  return `${(ms / 1000).toFixed(1)} s`;
}

/** @type {Intl.NumberFormat} */
const WHOLE = new Intl.NumberFormat('en');

/**
 * @param {number} value
 * @returns {string}
 */
export function count(value) {
  return WHOLE.format(value);
}

/**
 * @param {number} value
 * @param {string} one
 * @param {string} many
 * @returns {string}
 */
export function counted(value, one, many) {
  return `${count(value)} ${value === 1 ? one : many}`;
}
