import { dress, html, say, svg } from '../demo/view/dom.js';
import { scaleLines } from '../demo/view/scale-view.js';
import { count, span } from '../demo/words.js';
import { layOut } from './plot.js';
import { Tally, WINDOW_MS } from './tally.js';

/**
 * @typedef {import('./lane.js').Lane} Lane
 * @typedef {import('./lanes.js').LaneWords} LaneWords
 */

const HEIGHT = 104;
const FRAME = { height: HEIGHT, left: 52, top: 8, bottom: 8 };
/** What is said of the plot is renewed this often, in ms. */
const WORDS_MS = 3_000;

const NOTHING = new Tally();

/** @type {Record<import('./lane.js').LaneState, string>} */
const STATES = {
  idle: 'not connected',
  connecting: 'connecting',
  open: 'connected',
  cut: 'cut',
  retrying: 'trying again',
  off: 'not available',
};
/** The demo page's styles know these. @type {Record<string, string>} */
const DOTS = { open: 'open', connecting: 'connecting', cut: 'cut', retrying: 'retrying' };

/** One lane's card. Its elements stay: what changes are texts. */
export class LaneView {
  /** None before it is known what the server can do. @type {Lane | null} */
  #lane = null;
  #breaks;
  #plot = svg('svg', { role: 'img' });
  #width = 500;
  #saidAt = -Infinity;
  #state = html('span', { class: 'state' });
  #word = html('span');
  #note = html('p', { class: 'note quiet says' });
  #button;
  /** @type {Map<string, HTMLElement>} */
  #figures = new Map();

  /**
   * @param {LaneWords} words
   * @param {(lane: Lane) => void} cut
   */
  constructor({ kind, name, how, choose, breaks }, cut) {
    this.kind = kind;
    this.name = name;
    this.#breaks = breaks;
    const title = html('h2', { id: `lane-${kind}` }, name);
    this.#state.append(html('span', { class: 'dot', 'aria-hidden': 'true' }), this.#word);
    this.#button = html(
      'button',
      { type: 'button', class: 'button warn', 'aria-label': `Cut ${name} for 3 seconds` },
      'Cut for 3 s',
    );
    this.#button.addEventListener('click', () => this.#lane && cut(this.#lane));
    const space = html('div', { class: 'plot-space' }, this.#plot);
    this.element = html(
      'li',
      { class: 'card lane', 'data-lane': kind, 'aria-labelledby': `lane-${kind}` },
      html('header', {}, title, this.#state),
      html('p', { class: 'how quiet' }, how),
      space,
      this.#numbers(),
      this.#note,
      html('div', { class: 'foot-row' }, html('p', { class: 'choose' }, choose), this.#button),
    );
    new ResizeObserver(([entry]) => {
      this.#width = Math.max(200, Math.round(entry?.contentRect.width ?? 500));
      if (!this.#lane) this.#draw(NOTHING, [], 0);
    }).observe(space);
    say(this.#word, STATES.idle);
    say(this.#note, breaks);
  }

  /** @param {Lane} lane */
  follow(lane) {
    this.#lane = lane;
  }

  #numbers() {
    const list = html('dl', { class: 'figures', 'aria-label': `${this.name} in numbers` });
    for (const [key, word] of [
      ['p50', 'p50'],
      ['p99', 'p99'],
      ['requests', 'requests a message'],
      ['bytes', 'bytes a message, down + up'],
      ['lost', 'lost'],
      ['doubled', 'doubled'],
    ]) {
      const value = html('dd', { 'data-figure': /** @type {string} */ (key) }, '–');
      this.#figures.set(/** @type {string} */ (key), value);
      list.append(html('div', {}, html('dt', {}, /** @type {string} */ (word)), value));
    }
    return list;
  }

  /**
   * @param {number} now
   * @param {string} note what there is to say when the lane itself says nothing
   */
  show(now, note) {
    const lane = this.#lane;
    if (!lane) return;
    const { state, tally, path, cuts } = lane;
    dress(this.#state, { 'data-state': DOTS[state] ?? 'idle' });
    say(this.#word, path && state === 'open' ? `connected, ${path}` : STATES[state]);
    dress(this.element, { 'data-off': state === 'off' });
    if (this.#button.disabled !== (state === 'off')) this.#button.disabled = state === 'off';
    say(this.#note, lane.note || note || this.#breaks);
    this.#figure('p50', span(tally.quantile(0.5, now)));
    this.#figure('p99', span(tally.quantile(0.99, now)));
    this.#figure('requests', small(tally.requestsPerMessage));
    const [down, up] = [whole(tally.bytesPerMessage), whole(tally.upPerMessage)];
    this.#figure('bytes', tally.received ? `${down} + ${up}` : '–');
    this.#figure('lost', tally.received ? count(tally.lost) : '–', tally.lost > 0);
    this.#figure('doubled', tally.received ? count(tally.doubled) : '–', tally.doubled > 0);
    this.#draw(tally, cuts, now);
  }

  /**
   * @param {string} key
   * @param {string} text
   * @param {boolean} [alarming]
   */
  #figure(key, text, alarming = false) {
    const element = /** @type {HTMLElement} */ (this.#figures.get(key));
    say(element, text);
    dress(/** @type {Element} */ (element.parentElement), { 'data-some': alarming });
  }

  /**
   * @param {import('./tally.js').Tally} tally
   * @param {import('./lane.js').Cut[]} gone
   * @param {number} now
   */
  #draw(tally, gone, now) {
    const { dots, cuts, ticks } = layOut(tally.samples, gone, now, {
      ...FRAME,
      width: this.#width,
    });
    dress(this.#plot, { viewBox: `0 0 ${this.#width} ${HEIGHT}` });
    this.#plot.replaceChildren(
      ...scaleLines(ticks, FRAME.left, this.#width),
      ...cuts.map(({ x, width }) => svg('rect', { class: 'gone', x, y: 0, width, height: HEIGHT })),
      svg('path', { class: 'dots', d: dots }),
    );
    if (now - this.#saidAt < WORDS_MS) return;
    this.#saidAt = now;
    dress(this.#plot, { 'aria-label': inWords(this.name, tally, now) });
  }
}

/**
 * The plot for those who do not see it.
 *
 * @param {string} name
 * @param {import('./tally.js').Tally} tally
 * @param {number} now
 */
export function inWords(name, tally, now) {
  if (tally.samples.length === 0) return `Latency by ${name}: nothing measured yet.`;
  const [p50, p99] = [tally.quantile(0.5, now), tally.quantile(0.99, now)].map(span);
  const seconds = WINDOW_MS / 1000;
  return `Latency by ${name} in the last ${seconds} seconds: ${p50} in the middle, 99 of 100 within ${p99}.`;
}

/** @param {number} value */
function whole(value) {
  return Number.isFinite(value) ? count(Math.round(value)) : '–';
}

/** @param {number} value */
function small(value) {
  if (!Number.isFinite(value)) return '–';
  if (value === 0) return '0';
  return value < 0.995 ? value.toFixed(2) : value.toFixed(1);
}
