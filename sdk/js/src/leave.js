/** How long what was sent may take to arrive when this peer leaves, and the last bytes to go out. */
const DRAIN_MS = 5_000;
const FLUSH_MS = 1_000;
const TICK_MS = 20;

/**
 * Waits until what was sent is in others' hands, or the server's, and says goodbye.
 * @param {import('./driver.js').Driver} driver
 * @param {() => boolean} settled whether nothing waits for a receipt
 * @param {() => Iterable<import('./link/session.js').PeerInfo>} peers
 */
export async function leave(driver, settled, peers) {
  const { session, endpoint } = driver;
  const drained = () =>
    !session.upBytes &&
    !driver.uplink.bufferedAmount &&
    ![...peers()].some(
      ({ id, state }) => state === 'here' && endpoint.silentFor(id, driver.now() + 1),
    );
  await until(driver, () => settled() || drained(), DRAIN_MS);
  if (driver.closed) return;
  driver.bye(0);
  await until(driver, () => !driver.uplink.bufferedAmount, FLUSH_MS);
}

/** @param {import('./driver.js').Driver} driver @param {() => boolean} done @param {number} mostMs */
async function until(driver, done, mostMs) {
  for (let ms = 0; ms < mostMs && !driver.closed && !done(); ms += TICK_MS) {
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
}
