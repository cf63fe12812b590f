import { count, span } from '../words.js';
import { byId, dress, html, say } from './dom.js';

/**
 * @typedef {import('../stats.js').Counts} Counts
 * @typedef {import('../companion.js').Companion} Companion
 */

/** @type {readonly (keyof Counts)[]} */
const TOTALS = ['sent', 'delivered', 'received', 'lost', 'doubled', 'outOfOrder'];
const MAX_ROWS = 100;

/** The numbers that are always in view, and the table of them peer by peer. */
export class CountersView {
  #cells = TOTALS.map((name) => byId(`count-${name}`, HTMLElement));
  #rows = byId('peer-rows', HTMLTableSectionElement);
  #details = byId('peer-numbers', HTMLDetailsElement);

  /** @param {Counts} totals */
  totals(totals) {
    TOTALS.forEach((name, i) => {
      const cell = /** @type {HTMLElement} */ (this.#cells[i]);
      say(cell, count(totals[name]));
      dress(/** @type {Element} */ (cell.parentElement), { 'data-some': totals[name] > 0 });
    });
  }

  /**
   * @param {Companion[]} companions
   * @param {number} now
   */
  peers(companions, now) {
    if (!this.#details.open) return;
    const listed = companions.slice(0, MAX_ROWS);
    while (this.#rows.rows.length > listed.length) this.#rows.deleteRow(-1);
    listed.forEach((companion, i) => {
      const values = cells(companion, now);
      const row = this.#rows.rows[i] ?? this.#rows.appendChild(newRow(values.length));
      values.forEach((value, column) => {
        const cell = row.cells[column]?.firstElementChild;
        if (cell) say(cell, value);
      });
    });
  }
}

/**
 * @param {Companion} companion
 * @param {number} now
 */
function cells({ name, tally, moves }, now) {
  const counts = tally.counts();
  const numbers = TOTALS.map((key) => count(counts[key]));
  return [name, ...numbers, span(tally.silence.longest(now)), count(moves)];
}

/** @param {number} columns */
function newRow(columns) {
  const row = html('tr');
  row.append(html('th', { scope: 'row' }, html('bdi')));
  for (let i = 1; i < columns; i++) row.append(html('td', {}, html('span')));
  return row;
}
