/** The scale of the latency plots: logarithmic, with a line at each decade. Pure geometry. */

/** It begins here, in ms; what is quicker lies on the ground. */
const FLOOR_MS = 0.5;

/**
 * @param {number} topMs where it ends: a full decade
 * @param {number} ground the y of its beginning, in pixels
 * @param {number} top the y of its end
 * @returns {{ y: (ms: number) => number, ticks: { y: number, label: string }[] }} `y`: where a latency lies
 */
export function scale(topMs, ground, top) {
  const y = (/** @type {number} */ ms) => {
    const share = Math.log(Math.max(ms, FLOOR_MS) / FLOOR_MS) / Math.log(topMs / FLOOR_MS);
    return round(ground - (ground - top) * Math.min(1, share));
  };
  const ticks = [];
  for (let ms = 1; ms <= topMs; ms *= 10)
    ticks.push({ y: y(ms), label: ms < 1000 ? `${ms} ms` : `${ms / 1000} s` });
  return { y, ticks };
}

/** To a tenth of one. @param {number} pixels */
export function round(pixels) {
  return Math.round(pixels * 10) / 10;
}
