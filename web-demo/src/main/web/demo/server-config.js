/**
 * What the server tells its page.
 *
 * @typedef {object} ServerConfig
 * @property {'loopback' | 'lan' | 'public'} mode
 * @property {string | null} lanUrl the address for other devices in the local network
 * @property {boolean} tokenNeeded
 * @property {boolean} openDemo the page may fetch a token for its room by itself
 * @property {string} version
 */

/** @type {ServerConfig} */
const UNKNOWN = {
  mode: 'loopback',
  lanUrl: null,
  tokenNeeded: false,
  openDemo: false,
  version: '',
};

/**
 * @param {string} base
 * @returns {Promise<ServerConfig>} what is usual, when the server does not tell
 */
export async function serverConfig(base) {
  try {
    const response = await fetch(`${base}/v1/config`, { cache: 'no-store' });
    return response.ok ? { ...UNKNOWN, ...(await response.json()) } : UNKNOWN;
  } catch {
    return UNKNOWN;
  }
}
