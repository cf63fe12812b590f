import { pause, Refused } from '../lane.js';
import { chunkBytes, EventParser, frameBytes, headBytes, requestBytes } from '../wire.js';

/**
 * The transports of `/v1/topics/…` that a page can speak, and the streams of `/v1/compare/…`.
 *
 * @typedef {import('../lane.js').Lane} Lane
 * @typedef {import('../lane.js').Carry} Carry
 * @typedef {{ base: string, topic: string, token: string | null, added: number }} Place `added`: bytes that the browser adds to
 *   the head of each request
 */

/** How often a short poll asks, in ms. */
export const POLL_MS = 1_000;
/** How long a long poll waits, in s: short of what proxies allow. */
const WAIT_S = 25;

/** @param {Place} place @returns {Carry} */
export function shortPoll(place) {
  return async (lane, signal) => {
    while (!signal.aborted) {
      await poll(lane, `${topicUrl(place)}?after=${lane.cursor}`, place, signal);
      await pause(POLL_MS, signal);
    }
  };
}

/** @param {Place} place @returns {Carry} */
export function longPoll(place) {
  return async (lane, signal) => {
    while (!signal.aborted) {
      const asked = poll(
        lane,
        `${topicUrl(place)}?after=${lane.cursor}&wait=${WAIT_S}`,
        place,
        signal,
      );
      // It is answered when there is something: the line stands as soon as the request is out.
      if (lane.state === 'connecting') lane.opened();
      await asked;
    }
  };
}

/**
 * @param {Lane} lane
 * @param {string} url
 * @param {Place} place
 * @param {AbortSignal} signal
 */
async function poll(lane, url, place, signal) {
  const answer = await get(lane, url, place, signal);
  const body = await answer.text();
  lane.counted(new TextEncoder().encode(body).length);
  if (lane.state !== 'open') lane.opened();
  const { messages, next, gap } = JSON.parse(body);
  if (gap) lane.gap(gap);
  for (const message of messages) lane.message(message);
  lane.cursor = next;
}

/** @param {Place} place @returns {Carry} */
export function serverSentEvents(place) {
  return (lane, signal) =>
    events(lane, `${topicUrl(place)}?after=${lane.cursor}`, place, signal, (length) =>
      lane.counted(chunkBytes(length)),
    );
}

/**
 * What the server reads by a protocol of its own, and passes on: it counts its bytes itself.
 *
 * @param {Place} place
 * @param {string} protocol
 * @param {(hopMs: number) => void} measured by the server, from its log to its client
 * @returns {Carry}
 */
export function relayed(place, protocol, measured) {
  return async (lane, signal) => {
    let [down, up] = [0, 0];
    const { base, topic } = place;
    const url = `${base}/v1/compare/${protocol}?topic=${topic}&after=${lane.cursor}`;
    await events(lane, url, place, signal, undefined, ({ hopMs, wireBytes, upBytes = NaN }) => {
      if (typeof hopMs === 'number') measured(hopMs);
      lane.counted(wireBytes - down, upBytes - up);
      [down, up] = [wireBytes, upBytes];
    });
  };
}

/**
 * @param {Lane} lane
 * @param {string} url
 * @param {Place} place
 * @param {AbortSignal} signal
 * @param {(length: number) => void} [piece] is told of each piece of the body
 * @param {(message: any) => void} [look] sees each message first
 */
async function events(lane, url, place, signal, piece, look) {
  const answer = await get(lane, url, place, signal, { Accept: 'text/event-stream' }, !!piece);
  lane.opened();
  const parser = new EventParser();
  const decoder = new TextDecoder();
  const reader = /** @type {ReadableStream<Uint8Array>} */ (answer.body).getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    piece?.(read.value.length);
    for (const { type, data } of parser.push(decoder.decode(read.value, { stream: true }))) {
      const said = JSON.parse(data);
      if (type === 'gap') lane.gap(said);
      if (type !== 'message') continue;
      look?.(said);
      lane.message(said);
    }
  }
}

/** @param {Place} place @returns {Carry} */
export function webSocket(place) {
  return async (lane, signal) => {
    const shown = place.token ? `&ticket=${await ticket(place, signal)}` : '';
    const url = `${topicUrl(place).replace(/^http/, 'ws')}?after=${lane.cursor}${shown}`;
    lane.asked(0); // the handshake is not seen, and nothing follows it
    await new Promise((/** @type {(done: void) => void} */ resolve, reject) => {
      if (signal.aborted) return resolve();
      const socket = new WebSocket(url);
      signal.addEventListener('abort', () => socket.close());
      socket.onopen = () => lane.opened();
      socket.onmessage = ({ data }) => {
        // Closing takes a round trip, and what comes meanwhile would come again.
        if (signal.aborted) return;
        lane.counted(frameBytes(data));
        const said = JSON.parse(data);
        if (said.gap) lane.gap(said.gap);
        else lane.message(said);
      };
      socket.onclose = ({ code }) => {
        if (signal.aborted) resolve();
        else reject(new Error(`The server closed the WebSocket (${code}).`));
      };
    });
  };
}

/**
 * @param {Place} place
 * @param {AbortSignal} signal
 */
async function ticket(place, signal) {
  const answer = await fetch(`${place.base}/v1/tickets`, {
    method: 'POST',
    headers: { ...authorization(place), 'Content-Type': 'application/json' },
    body: JSON.stringify({ resource: new URL(topicUrl(place)).pathname }),
    signal,
  });
  if (!answer.ok) throw await refusal(answer);
  return (await answer.json()).ticket;
}

/**
 * @param {Lane} lane
 * @param {string} url
 * @param {Place} place
 * @param {AbortSignal} signal
 * @param {Record<string, string>} [headers]
 * @param {boolean} [count] whether what comes back is this lane's
 */
async function get(lane, url, place, signal, headers = {}, count = true) {
  const own = { ...authorization(place), ...headers };
  lane.asked(count ? requestBytes(url, own) + place.added : 0);
  const answer = await fetch(url, { headers: own, cache: 'no-store', signal });
  if (!answer.ok) throw await refusal(answer);
  if (count) lane.counted(headBytes(answer));
  return answer;
}

/** @param {Response} answer */
export async function refusal(answer) {
  const { code = `HTTP ${answer.status}`, detail = '' } = await answer.json().catch(() => ({}));
  const sentence = `${detail} (${code})`.trim();
  const lasting = [401, 403, 404].includes(answer.status);
  return lasting ? new Refused(sentence) : new Error(sentence);
}

/** @param {Place} place */
export function topicUrl({ base, topic }) {
  return `${base}/v1/topics/${topic}`;
}

/** @param {Place} place @returns {Record<string, string>} */
export function authorization({ token }) {
  return token ? { Authorization: `Bearer ${token}` } : {};
}
