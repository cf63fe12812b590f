import { pathKey, pathWords } from '../paths.js';
import { counted, span } from '../words.js';
import { byId, html } from './dom.js';

/**
 * @typedef {import('../companion.js').Companion} Companion
 * @typedef {import('../history.js').Move} Move
 */

const MAX_ENTRIES = 30;
const CLOCK = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

/** What happened to the paths, the newest first. */
export class MovesView {
  #list = byId('moves', HTMLOListElement);

  /**
   * @param {Companion} companion
   * @param {Move} move
   */
  add({ name }, move) {
    const to = html(
      'span',
      { class: 'path-word', 'data-path': pathKey(move.to) },
      pathWords(move.to).word,
    );
    const entry = html(
      'li',
      {},
      html('time', {}, CLOCK.format(new Date())),
      html('span', {}, html('bdi', {}, name), `: ${pathWords(move.from).word} → `, to, rest(move)),
    );
    this.#list.prepend(entry);
    while (this.#list.childElementCount > MAX_ENTRIES) this.#list.lastElementChild?.remove();
  }
}

/**
 * A move in one sentence, to be read aloud.
 *
 * @param {string} name
 * @param {Move} move
 */
export function moveWords(name, move) {
  return `${name}: now ${pathWords(move.to).word}${rest(move)}.`;
}

/** @param {Move} move */
function rest({ stalledMs, moved }) {
  const silent = stalledMs > 0 ? `, silent for ${span(stalledMs)}` : '';
  const carried = moved > 0 ? `, ${counted(moved, 'message', 'messages')} carried over` : '';
  return silent + carried;
}
