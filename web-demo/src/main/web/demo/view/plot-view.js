import { WINDOW_MS } from '../history.js';
import { pathKey } from '../paths.js';
import { inWords, layOut } from '../plot.js';
import { span } from '../words.js';
import { byId, dress, say, svg } from './dom.js';
import { scaleLines } from './scale-view.js';

/** @typedef {import('../companion.js').Companion} Companion */

const HEIGHT = 200;
const BAND_HEIGHT = 24;
/** The words beneath are renewed this often, in ms: no text that flickers. */
const WORDS_MS = 2000;

/** Draws the last minute with one companion. */
export class PlotView {
  #svg = byId('plot', SVGSVGElement);
  #says = byId('plot-says', HTMLElement);
  #now = byId('plot-now', HTMLElement);
  #width = 600;
  #saidAt = -Infinity;
  /** @type {Companion | null} */
  #saidOf = null;

  constructor() {
    new ResizeObserver(([entry]) => {
      this.#width = Math.max(240, Math.round(entry?.contentRect.width ?? 600));
    }).observe(/** @type {Element} */ (this.#svg.parentElement));
  }

  /**
   * @param {Companion | null} companion
   * @param {number} now
   */
  show(companion, now) {
    const frame = {
      width: this.#width,
      height: HEIGHT,
      left: 56,
      top: 22,
      bottom: BAND_HEIGHT + 26,
    };
    dress(this.#svg, {
      viewBox: `0 0 ${frame.width} ${HEIGHT}`,
      width: frame.width,
      height: HEIGHT,
    });
    const plot = companion ? layOut(companion.history, now, frame) : emptyPlot(frame);
    this.#svg.replaceChildren(...grid(plot, frame), ...lines(plot, frame));
    this.#words(companion, now);
  }

  /**
   * @param {Companion | null} companion
   * @param {number} now
   */
  #words(companion, now) {
    if (companion === this.#saidOf && now - this.#saidAt < WORDS_MS) return;
    this.#saidOf = companion;
    this.#saidAt = now;
    if (!companion) {
      say(this.#says, 'Nobody to measure with yet.');
      say(this.#now, '');
      return;
    }
    say(this.#says, inWords(companion.history, now, companion.name));
    const silence = companion.tally.silence.longest(now);
    say(this.#now, silence > 0 ? `longest silence in the stream ${span(silence)}` : '');
  }
}

/** @param {import('../plot.js').Frame} frame */
function emptyPlot(frame) {
  const nothing = { samples: [], moves: [], stretches: [] };
  return layOut(/** @type {any} */ (nothing), 0, frame);
}

/**
 * @param {import('../plot.js').Plot} plot
 * @param {import('../plot.js').Frame} frame
 */
function grid({ ticks, spanMs }, { width, height, left, bottom }) {
  const below = height - bottom + BAND_HEIGHT + 20;
  return [
    ...scaleLines(ticks, left, width),
    svg(
      'text',
      { class: 'tick', x: left, y: below },
      spanMs < WINDOW_MS ? `${Math.round(spanMs / 1000)} s ago` : 'a minute ago',
    ),
    svg('text', { class: 'tick', x: width, y: below, 'text-anchor': 'end' }, 'now'),
  ];
}

/**
 * @param {import('../plot.js').Plot} plot
 * @param {import('../plot.js').Frame} frame
 */
function lines({ traces, dots, bands, marks }, { width, height, top, bottom }) {
  const ground = height - bottom;
  const bandY = ground + 6;
  return [
    ...bands.flatMap(({ x, width, kind, word }) => [
      svg('rect', {
        class: 'band',
        x,
        y: bandY,
        width: Math.max(0, width - 1),
        height: BAND_HEIGHT,
        rx: 3,
        'data-path': pathKey(kind),
      }),
      // The same line as on the stage: a path is told by more than its colour.
      svg('path', {
        class: 'band-line',
        d: `M${x + 2} ${bandY + BAND_HEIGHT - 3}h${Math.max(0, width - 5)}`,
        'data-path': pathKey(kind),
      }),
      svg(
        'text',
        { class: 'band-word', x: x + 8, y: bandY + 14, 'data-path': pathKey(kind) },
        word,
      ),
    ]),
    ...marks.flatMap(({ x, stallWidth, label, width: wordWidth, to }) => [
      svg('rect', {
        class: 'stall',
        x: x - stallWidth,
        y: top,
        width: stallWidth,
        height: ground - top,
      }),
      svg('path', {
        class: 'mark-rule',
        d: `M${x} ${top - 6}V${ground + 6}`,
        'data-path': pathKey(to),
      }),
      svg(
        'text',
        {
          class: 'mark-word',
          ...beside(x, wordWidth, width),
          y: top - 8,
          'data-path': pathKey(to),
        },
        label && `→ ${label}`,
      ),
    ]),
    ...traces.map(({ kind, d }) => svg('path', { class: 'trace', d, 'data-path': pathKey(kind) })),
    ...dots.map(({ x, y, kind }) =>
      svg('circle', { class: 'sample', cx: x, cy: y, r: 1.7, 'data-path': pathKey(kind) }),
    ),
  ];
}

/**
 * To the right of its mark where there is room, else to the left.
 *
 * @param {number} x
 * @param {number} wordWidth
 * @param {number} width
 */
function beside(x, wordWidth, width) {
  return x + wordWidth <= width ? { x: x + 4 } : { x: x - 4, 'text-anchor': 'end' };
}
