/**
 * Forgets what is too old, and then the oldest when there are too many.
 *
 * @param {{ at: number }[]} samples the newest last; changed in place
 * @param {number} start what came before is too old
 * @param {number} most how many may stay
 */
export function forget(samples, start, most) {
  const recent = samples.findIndex(({ at }) => at >= start);
  const old = recent < 0 ? samples.length : recent;
  samples.splice(0, Math.max(old, samples.length - most));
}
