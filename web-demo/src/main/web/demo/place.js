import { randomName, randomRoom } from './names.js';
import { cleanName } from './text.js';
import { payload } from './token.js';

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
 * Reads the address. Without a room in it, makes one; takes the token out of it.
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
  const token = takeToken(location, history, storage, room);
  if (room !== given) history.replaceState(null, '', folder + room + location.search);
  return {
    base: location.origin + folder.replace(/\/$/, ''),
    room,
    token,
    paths: new URLSearchParams(location.search).get('paths')?.split(',') ?? null,
    made: room !== given,
  };
}

/**
 * The token in the address, which is taken out of it, for nobody to read it over a shoulder; else the one that this tab has.
 *
 * @param {Location} location
 * @param {History} history
 * @param {Storage | null} storage of this tab
 * @param {string} room or page that it is for
 * @returns {string | null}
 */
export function takeToken(location, history, storage, room) {
  const inAddress = new URLSearchParams(location.hash.slice(1)).get('token');
  if (inAddress) {
    keepToken(storage, room, inAddress);
    history.replaceState(null, '', location.pathname + location.search);
  }
  return inAddress ?? storage?.getItem(tokenKey(room)) ?? null;
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
  const { name } = payload(token);
  return typeof name === 'string' ? { name } : {};
}

/** @returns {Storage | null} null where the browser's settings forbid it */
export function tabStorage() {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}
