/**
 * The length of an event, which is real time: a cut of 3 s takes 3 s.
 *
 * @param {number} seconds
 * @returns {Promise<void>}
 */
export function lasting(seconds) {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
