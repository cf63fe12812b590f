import { PATHS } from '../paths.js';
import { byId, html, svg } from './dom.js';

/** What the colours, lines and words of the paths mean, from the best down to the last resort. */
export function drawLegend() {
  const entries = [...PATHS].map(([kind, { word, says }]) =>
    html(
      'li',
      { 'data-path': kind },
      swatch(),
      html('span', { class: 'path-word' }, word),
      html('span', { class: 'quiet' }, says),
    ),
  );
  byId('legend', HTMLOListElement).replaceChildren(...entries);
}

/** A piece of the line as it is on the stage and in the band. */
function swatch() {
  return svg(
    'svg',
    { class: 'swatch', viewBox: '0 0 44 18', width: 44, height: 18, 'aria-hidden': true },
    svg('rect', { class: 'band', width: 44, height: 18, rx: 3 }),
    svg('path', { class: 'band-line', d: 'M5 9H39' }),
  );
}
