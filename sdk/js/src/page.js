/** How long others see a page that is being left as away: a reload is back before that. */
const GRACE_MS = 10_000;

/**
 * Tells the driver what happens to the page, or worker, and its network.
 * @param {import('./driver.js').Driver} driver
 * @param {import('./identity.js').Identity} identity
 * @returns {() => void} ends it
 */
export function watchPage(driver, identity) {
  const { document, navigator } = globalThis;
  const ended = new AbortController();
  /** @param {EventTarget | undefined} target @param {string} type @param {(event: any) => void} listener */
  const on = (target, type, listener) =>
    target?.addEventListener(type, listener, { signal: ended.signal });
  const wake = () => driver.wake();
  on(globalThis, 'online', wake);
  on(globalThis, 'offline', wake);
  on(/** @type {any} */ (navigator)?.connection, 'change', wake);
  on(document, 'visibilitychange', () => {
    // What a frozen page missed is asked for at once.
    if (document.visibilityState === 'visible') driver.uplink.wake();
    driver.changed();
  });
  on(globalThis, 'pagehide', () => {
    identity.keep(false);
    driver.bye(GRACE_MS);
  });
  on(globalThis, 'pageshow', ({ persisted }) => {
    if (!persisted) return;
    identity.keep(true);
    driver.wake();
  });
  return () => ended.abort();
}
