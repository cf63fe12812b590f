import { join } from '/sdk/peerline.js';
import { BLOCKABLE, Blocks } from './blocks.js';
import { Conversation } from './conversation.js';
import { Page } from './page.js';
import { claims, find, keepToken, myName, tabStorage } from './place.js';
import { RoomFaults } from './room-faults.js';
import { demoRoom, serverConfig } from './server-config.js';

/**
 * @typedef {import('./place.js').Place} Place
 * @typedef {import('./server-config.js').ServerConfig} ServerConfig
 */

start().catch((problem) => {
  // Nothing is swallowed: what went wrong stands on the page.
  const notice = document.getElementById('notice');
  if (!notice) return;
  notice.textContent = `This page could not start: ${problem?.message ?? problem}`;
  notice.hidden = false;
});

async function start() {
  const storage = tabStorage();
  const place = find(location, history, storage);
  const page = new Page(storage);
  const given = place.token ? claims(place.token).name : undefined;
  const name = given ?? myName(storage);
  page.introduce({ room: place.room, name, nameFixed: given !== undefined });
  const config = await serverConfig(place.base);
  page.configure(config);
  try {
    if (config.tokens && !place.token) {
      await obtain(place, config, storage);
      page.introduce({ room: place.room, name, nameFixed: false });
    }
    page.links(links(place, config, given !== undefined));
    const namesFromServer = config.tokens && !config.openDemo;
    await enter(page, place, { name, namesFromServer, serverFaults: config.demoFaults });
  } catch (problem) {
    const { code = 'INTERNAL', message, hint } = /** @type {any} */ (problem);
    page.end({ code, message, hint });
  }
}

/**
 * A token for a page that came without: there is one for those who opened the server's front door, if at all.
 *
 * @param {Place} place
 * @param {ServerConfig} config
 * @param {Storage | null} storage
 */
async function obtain(place, { openDemo }, storage) {
  if (!openDemo || !place.made) throw Object.assign(new Error(), { code: 'UNAUTHORIZED' });
  const { room, token } = await demoRoom(place.base);
  place.room = room;
  place.token = token;
  keepToken(storage, room, token);
  history.replaceState(null, '', `${place.base}/${room}`);
}

/**
 * @param {Page} page
 * @param {Place} place
 * @param {{ name: string, namesFromServer: boolean, serverFaults: boolean }} me
 */
async function enter(
  page,
  { base, room: id, token, paths },
  { name, namesFromServer, serverFaults },
) {
  const now = () => performance.now();
  const askedAt = now();
  const room = await join(`${base}/${id}`, {
    name,
    ...(token ? { token } : {}),
    ...(paths ? { paths: /** @type {import('./blocks.js').PathKind[]} */ (paths) } : {}),
  });
  const options = { run: runName(), name: room.me.name ?? name, now, askedAt, namesFromServer };
  const conversation = new Conversation(room, options);
  const says = (/** @type {string} */ problem) => page.blockedHereAlone(problem);
  const faults = new RoomFaults(room, { base, atServer: serverFaults, says });
  const blocks = new Blocks(
    (kinds, forMs) => faults.set(kinds, forMs),
    now,
    setTimeout.bind(window),
  );
  page.follow(conversation, blocks);
  Object.defineProperty(window, 'peerlineDemo', {
    value: Object.freeze({
      get stats() {
        return page.report(conversation);
      },
      /** Why the path to each peer is what it is. */
      explain: () => Promise.all([...room.peers.values()].map((peer) => peer.explain())),
      /** These paths and no others. @param {string[]} kinds */
      block(kinds) {
        blocks.only(BLOCKABLE.filter((kind) => kinds.includes(kind)));
      },
    }),
  });
}

/**
 * @param {Place} place
 * @param {ServerConfig} config
 * @param {boolean} personal whether the token is for one person alone
 * @returns {import('./view/invite-view.js').Links}
 */
function links({ base, room, token }, { lanUrl, tokens }, personal) {
  const key = token && !personal ? `#token=${token}` : '';
  const here = `${base}/${room}${key}`;
  const elsewhere = lanUrl ? `${lanUrl.replace(/\/$/, '')}/${room}${key}` : here;
  const loopback = /^https?:\/\/(localhost|127\.|\[::1\])/.test(elsewhere);
  let caption = 'Scan with a phone';
  if (tokens && !key) caption = 'Others need an invite link of their own';
  else if (loopback)
    caption = 'For this computer. For a phone, start the server with -\u2060-\u2060lan.';
  return { elsewhere, here, caption };
}

/** New for each page load: what tells the numbers of a reloaded page from those before. */
function runName() {
  return [...crypto.getRandomValues(new Uint32Array(2))].map((word) => word.toString(36)).join('');
}
