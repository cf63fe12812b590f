import { svg } from './dom.js';

/**
 * A plot's scale: a line and a word for each tick.
 *
 * @param {{ y: number, label: string }[]} ticks
 * @param {number} left where the lines begin, in pixels
 * @param {number} width where they end
 */
export function scaleLines(ticks, left, width) {
  return ticks.flatMap(({ y, label }) => [
    svg('path', { class: 'grid', d: `M${left} ${y}H${width}` }),
    svg('text', { class: 'tick', x: left - 8, y: y + 4, 'text-anchor': 'end' }, label),
  ]);
}
