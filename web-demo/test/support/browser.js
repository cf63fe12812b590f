import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const MAC = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

/** No graphics card, no traffic of its own. */
const FLAGS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Starts the Chromium of this machine: PEERLINE_CHROMIUM, or what is on the path. PEERLINE_CHROMIUM_FLAGS adds flags.
 *
 * @param {string[]} flags more of them
 */
export function launchBrowser(...flags) {
  return launch(flags);
}

/** The same, but it keeps pages that are left, and brings them back, as browsers do that no test has started. */
export function launchBrowserThatKeepsPages() {
  return launch([], ['--disable-back-forward-cache']);
}

/** @param {string[]} flags @param {string[]} [ignoreDefaultArgs] */
function launch(flags, ignoreDefaultArgs) {
  const executablePath = findChromium();
  if (!executablePath) {
    throw new Error('No Chromium found: install it, or name it in PEERLINE_CHROMIUM');
  }
  // Chromium's sandbox refuses to run as root.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const more = (process.env.PEERLINE_CHROMIUM_FLAGS ?? '').split(' ').filter(Boolean);
  const args = [...FLAGS, ...sandbox, ...more, ...flags];
  return chromium.launch({ executablePath, args, ignoreDefaultArgs });
}

/** @returns {string | undefined} */
export function findChromium() {
  return process.env.PEERLINE_CHROMIUM || findProgram(NAMES, MAC);
}

/**
 * The first that is there, in the folders of PATH.
 *
 * @param {string[]} names
 * @param {string[]} otherwise paths that are tried last
 */
export function findProgram(names, ...otherwise) {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const paths = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [...paths, ...otherwise].find(isExecutable);
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
