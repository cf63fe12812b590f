import { randomRoom } from '../demo/names.js';
import { tabStorage, takeToken } from '../demo/place.js';
import { demoRoom, serverConfig } from '../demo/server-config.js';
import { payload } from '../demo/token.js';
import { Announcer } from '../demo/view/announcer.js';
import { byId, html, say } from '../demo/view/dom.js';
import { count, span } from '../demo/words.js';
import { roomOf, topicOf } from './access.js';
import { Comparison } from './comparison.js';
import { LaneView } from './lane-view.js';
import { LANES } from './lanes.js';
import { requestBytes } from './wire.js';

/** Four times a second: more is not read. */
const DRAW_MS = 250;
const CUT_MS = 3_000;
const CAPABILITIES = '/v1/compare';

const announcer = new Announcer();
const views = cards();

start().catch((problem) => {
  const notice = byId('notice', HTMLElement);
  notice.textContent = `This page could not start: ${problem?.message ?? problem}`;
  notice.hidden = false;
});

async function start() {
  const base = location.origin;
  const config = await serverConfig(base);
  const place = await find(base, config);
  if (!place) return;
  say(byId('topic', HTMLElement), place.topic);
  const { request, ...available } = await capabilities(base);
  const added = (request?.bytes ?? Number.NaN) - requestBytes(`${base}${CAPABILITIES}`, {});
  const comparison = new Comparison({ ...place, added }, available, () => performance.now());
  for (const view of views) view.follow(comparison.lane(view.kind));
  show(comparison);
  Object.defineProperty(window, 'peerlineCompare', { value: comparison });
}

/**
 * Where this page publishes, and by which right.
 *
 * @param {string} base
 * @param {import('../demo/server-config.js').ServerConfig} config
 * @returns {Promise<Omit<import('./comparison.js').Place, 'added'> | null>} null when there is none: the page says so
 */
async function find(base, { tokens, openDemo }) {
  const name = randomRoom();
  if (!tokens) return { base, token: null, room: name, topic: `compare.${name}` };
  let token = takeToken(location, history, tabStorage(), 'compare');
  if (!token && openDemo) {
    try {
      ({ token } = await demoRoom(base));
    } catch (problem) {
      return refuse(/** @type {Error} */ (problem).message);
    }
  }
  if (!token) return refuse('Open this page with a token that may publish to a topic and read it.');
  const said = /** @type {import('./access.js').Claims} */ (payload(token));
  const topic = topicOf(said, name);
  if (!topic) return refuse('This token names no topic that it may both publish to and read.');
  return { base, token, room: roomOf(said, name), topic };
}

/** @param {string} why @returns {null} */
function refuse(why) {
  say(byId('gate-says', HTMLElement), why);
  byId('gate', HTMLElement).hidden = false;
  document.body.classList.add('ended');
  byId('gate-title', HTMLElement).focus();
  return null;
}

/**
 * What the server relays of what no page can speak; and how long this request was, with what the browser added.
 *
 * @param {string} base
 * @returns {Promise<Record<string, any>>}
 */
async function capabilities(base) {
  const answer = await fetch(`${base}${CAPABILITIES}`, { cache: 'no-store' });
  return answer.ok ? await answer.json() : {};
}

/** Before anything is asked of the server: what comes later has its place. */
function cards() {
  const cards = LANES.map(
    (words) =>
      new LaneView(words, (lane) => {
        if (lane.state !== 'idle') announcer.say(`${words.name} is cut for 3 seconds.`);
        lane.cut(CUT_MS);
      }),
  );
  byId('lanes', HTMLElement).replaceChildren(...cards.map(({ element }) => element));
  const counts = LANES.filter((words) => words.counts).flatMap(({ kind, name, counts }) => [
    html('dt', { 'data-lane': kind }, name),
    html('dd', {}, counts),
  ]);
  byId('counts', HTMLElement).replaceChildren(...counts);
  return cards;
}

/** @param {Comparison} comparison */
function show(comparison) {
  for (const view of views)
    comparison
      .lane(view.kind)
      .addEventListener('back', () => announcer.say(`${view.name} is back.`));
  const draw = () => {
    const now = performance.now();
    for (const view of views) view.show(now, comparison.note(view.kind, now));
    const { publisher } = comparison;
    say(byId('published', HTMLElement), count(publisher.published));
    say(byId('publish-ms', HTMLElement), span(publisher.lastMs));
    say(byId('says', HTMLElement), comparison.says);
    stream.ariaPressed = String(comparison.running);
    say(stream, comparison.running ? 'Stop' : 'Start');
    pause.ariaPressed = String(publisher.paused);
    say(pause, publisher.paused ? 'Go on publishing' : 'Pause the publisher');
  };
  const stream = byId('stream', HTMLButtonElement);
  const pause = byId('pause', HTMLButtonElement);
  stream.disabled = false;
  stream.addEventListener('click', () => {
    if (comparison.running) comparison.stop('Stopped. Start goes on where every lane was.');
    else void comparison.start();
    draw();
  });
  pause.addEventListener('click', () => {
    comparison.publisher.paused = !comparison.publisher.paused;
    announcer.say(comparison.publisher.paused ? 'The publisher is silent.' : 'It publishes again.');
    draw();
  });
  byId('cut-all', HTMLButtonElement).addEventListener('click', () => {
    if (comparison.running) announcer.say('All lanes are cut for 3 seconds.');
    for (const lane of comparison.lanes) lane.cut(CUT_MS);
    draw();
  });
  for (const rate of document.querySelectorAll('input[name="rate"]'))
    rate.addEventListener('change', () => {
      comparison.publisher.perSecond = Number(/** @type {HTMLInputElement} */ (rate).value);
    });
  // Who does not look costs nobody anything; a hidden page's clocks are slow besides.
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) comparison.stop('Stopped while nobody looked.');
  });
  addEventListener('pagehide', () => comparison.stop('Stopped while nobody looked.'));
  setInterval(draw, DRAW_MS);
  draw();
}
