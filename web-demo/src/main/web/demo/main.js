import { join } from '/sdk/peerline.js';
import { Conversation } from './conversation.js';
import { Page } from './page.js';
import { claims, find, myName } from './place.js';
import { serverConfig } from './server-config.js';

start().catch((problem) => {
  // Nothing is swallowed: what went wrong stands on the page.
  const says = document.getElementById('notice');
  if (!says) return;
  says.textContent = `This page could not start: ${problem?.message ?? problem}`;
  says.hidden = false;
});

async function start() {
  const storage = tabStorage();
  const place = find(location, history, storage);
  const page = new Page(storage);
  const given = place.token ? claims(place.token).name : undefined;
  const name = given ?? myName(storage);
  page.introduce({ room: place.room, name, nameFixed: given !== undefined });
  const config = await serverConfig(place.base);
  page.links(links(place, config, given !== undefined));
  if (config.tokenNeeded && !place.token && !config.openDemo) {
    page.end({ code: 'UNAUTHORIZED', message: '' });
    return;
  }
  await enter(page, place, name);
}

/**
 * @param {Page} page
 * @param {import('./place.js').Place} place
 * @param {string} name
 */
async function enter(page, place, name) {
  const askedAt = performance.now();
  const room = await join(`${place.base}/${place.room}`, {
    name,
    ...(place.token ? { token: place.token } : {}),
  });
  const now = () => performance.now();
  const conversation = new Conversation(room, { run: runName(), name, now, askedAt });
  page.follow(conversation, room.faults ?? null);
  Object.defineProperty(window, 'peerlineDemo', {
    value: Object.freeze({
      get stats() {
        return page.report(conversation);
      },
    }),
  });
}

/**
 * @param {import('./place.js').Place} place
 * @param {import('./server-config.js').ServerConfig} config
 * @param {boolean} personal whether the token is for one person alone
 */
function links({ base, room, token }, { lanUrl, tokenNeeded, openDemo }, personal) {
  const key = token && !personal ? `#token=${token}` : '';
  const here = `${base}/${room}${key}`;
  const elsewhere = lanUrl ? `${lanUrl}/${room}${key}` : here;
  const loopback = /^https?:\/\/(localhost|127\.|\[::1\])/.test(elsewhere);
  let caption = 'Scan with a phone';
  if (tokenNeeded && !openDemo && !key) caption = 'Others need an invite link of their own';
  else if (loopback)
    caption = 'For this computer. For a phone, start the server with -\u2060-\u2060lan.';
  return { elsewhere, here, caption };
}

/** New for each page load: what tells the numbers of a reloaded page from those before. */
function runName() {
  return [...crypto.getRandomValues(new Uint32Array(2))].map((word) => word.toString(36)).join('');
}

function tabStorage() {
  try {
    return sessionStorage;
  } catch {
    return null; // forbidden by the browser's settings: nothing is kept
  }
}
