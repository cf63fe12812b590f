import { launch } from 'puppeteer-core';
import { findProgram } from './browser.js';

const NAMES = ['firefox-esr', 'firefox'];
const MAC = '/Applications/Firefox.app/Contents/MacOS/firefox';

/** Loopback counts as an address, addresses are no names, and nothing is asked for or fetched at the start. */
const PREFERENCES = {
  'media.peerconnection.ice.loopback': true,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  'app.normandy.enabled': false,
  'app.update.disabledForTesting': true,
  'datareporting.policy.dataSubmissionEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
};

/** Starts the Firefox of this machine, without a window; it trusts every certificate. */
export function launchFirefox() {
  const executablePath = findFirefox();
  if (!executablePath) {
    throw new Error('No Firefox found: install it, or name it in PEERLINE_FIREFOX');
  }
  return launch({
    browser: 'firefox',
    executablePath,
    acceptInsecureCerts: true,
    extraPrefsFirefox: PREFERENCES,
  });
}

/** @returns {string | undefined} the Firefox of this machine: PEERLINE_FIREFOX, or what is on the path */
export function findFirefox() {
  return process.env.PEERLINE_FIREFOX || findProgram(NAMES, MAC);
}
