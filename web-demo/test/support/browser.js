import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const MAC = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

/** Starts the Chromium of this machine: PEERLINE_CHROMIUM, or what is on the path. */
export function launchBrowser() {
  // Chromium's sandbox refuses to run as root.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: findChromium(), args });
}

/** @returns {string} */
function findChromium() {
  const { PEERLINE_CHROMIUM, PATH = '' } = process.env;
  if (PEERLINE_CHROMIUM) return PEERLINE_CHROMIUM;
  const folders = PATH.split(delimiter);
  const candidates = [...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))), MAC];
  const found = candidates.find(isExecutable);
  if (!found) throw new Error('No Chromium found: install it, or name it in PEERLINE_CHROMIUM');
  return found;
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
