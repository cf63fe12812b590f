/**
 * What the server tells its page.
 *
 * @typedef {object} ServerConfig
 * @property {string} version
 * @property {'loopback' | 'lan' | 'public'} mode
 * @property {boolean} tokens whether a room needs a token
 * @property {boolean} openDemo whether the page may fetch a room with a token by itself
 * @property {boolean} demoFaults whether the server takes part when a page blocks its own paths
 * @property {string | null} lanUrl the address for other devices in the local network
 *
 * @typedef {{ room: string, token: string }} DemoRoom
 */

/** @type {ServerConfig} */
const UNKNOWN = {
  version: '',
  mode: 'loopback',
  tokens: false,
  openDemo: false,
  demoFaults: false,
  lanUrl: null,
};

/**
 * @param {string} base the server's address
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

/**
 * A room for an hour, from a server that has them for everyone.
 *
 * @param {string} base
 * @returns {Promise<DemoRoom>} rejects with an object that has a code and a message
 */
export async function demoRoom(base) {
  const response = await fetch(`${base}/v1/demo-token`, { method: 'POST', cache: 'no-store' });
  const answer = await response.json();
  if (response.ok) return answer;
  const { code = 'INTERNAL', detail = '', title = '' } = answer;
  throw Object.assign(new Error(detail || title), { code });
}
