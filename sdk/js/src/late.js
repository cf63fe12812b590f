import { Signals } from './direct/signals.js';
import { watchPage } from './page.js';
import { Probes } from './probes.js';

/**
 * What joining, sending and receiving do not need.
 * @param {import('./driver.js').Driver} driver
 * @param {import('./identity.js').Identity} identity
 * @param {number} maxDirect 0: no direct paths are wanted
 * @param {import('./members.js').Members} members
 * @param {{from: import('./link/wire.js').Member, fields: Uint8Array}[]} early signals that came before
 */
export async function load(driver, identity, maxDirect, members, early) {
  if (driver.closed) return;
  driver.probes = new Probes(driver);
  if ('addEventListener' in globalThis) driver.unwatch = watchPage(driver, identity);
  const direct = maxDirect > 0 ? await import('./direct/paths.js') : undefined;
  if (driver.closed) return;
  driver.signals = new Signals(driver);
  if (direct) driver.direct = new direct.DirectPaths(driver, maxDirect, Math.random);
  for (const peer of members.all) driver.direct?.joined(peer, peer.state === 'here', true);
  for (const event of early.splice(0)) driver.signals.take(event);
  driver.changed();
}
