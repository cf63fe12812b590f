import { randomName, randomRoom } from './names.js';
import { cleanName } from './text.js';

/**
 * Where this page is: its room, its server, the token it was given.
 *
 * @typedef {object} Place
 * @property {string} base the server's address, without a slash at the end
 * @property {string} room
 * @property {string | null} token from an invite link
 * @property {string[] | null} paths the kinds that alone are allowed here, of `?paths=relayed,websocket`
 * @property {boolean} made whether the address had no room in it
 */

const ROOM = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * Reads the address. Without a room in it, makes one; takes the token out of it, for nobody to read it over a shoulder.
 *
 * @param {Location} location
 * @param {History} history
 * @param {Storage | null} storage of this tab: the token is there after a reload
 * @returns {Place}
 */
export function find(location, history, storage) {
  const given = location.pathname.slice(location.pathname.lastIndexOf('/') + 1);
  const room = ROOM.test(given) ? given : randomRoom();
  const folder = location.pathname.slice(0, location.pathname.length - given.length);
  const inAddress = new URLSearchParams(location.hash.slice(1)).get('token');
  if (inAddress) keepToken(storage, room, inAddress);
  if (inAddress || room !== given) history.replaceState(null, '', folder + room + location.search);
  return {
    base: location.origin + folder.replace(/\/$/, ''),
    room,
    token: inAddress ?? storage?.getItem(tokenKey(room)) ?? null,
    paths: new URLSearchParams(location.search).get('paths')?.split(',') ?? null,
    made: room !== given,
  };
}

/**
 * @param {Storage | null} storage
 * @param {string} room
 * @param {string} token
 */
export function keepToken(storage, room, token) {
  storage?.setItem(tokenKey(room), token);
}

/** @param {string} room */
function tokenKey(room) {
  return `peerline.token/${room}`;
}

/**
 * My name in this tab: the one I chose, or a friendly one.
 *
 * @param {Storage | null} storage of this tab
 * @returns {string}
 */
export function myName(storage) {
  const kept = cleanName(storage?.getItem('peerline.name'));
  const name = kept || randomName();
  if (!kept) keepName(storage, name);
  return name;
}

/**
 * @param {Storage | null} storage
 * @param {string} name
 */
export function keepName(storage, name) {
  storage?.setItem('peerline.name', name);
}

/**
 * What an invite says of itself; whether it is true is the server's business.
 *
 * @param {string} token a JWT
 * @returns {{ name?: string }}
 */
export function claims(token) {
  try {
    const middle = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    const bytes = Uint8Array.from(atob(middle), (letter) => letter.charCodeAt(0));
    const { name } = JSON.parse(new TextDecoder().decode(bytes));
    return typeof name === 'string' ? { name } : {};
  } catch {
    return {};
  }
}
