import { base64url, fromBase64url } from '../link/wire.js';

/** @typedef {import('./http.js').Http} Http */

const TYPE = 'text/event-stream';
/** A line holds one packet in base64. */
const MAX_LINE = 512 << 10;
/** An answer whose first event comes so late, and its end right after, was held back. */
const HELD_MS = 200;

/** The way down by one long answer. @param {Http} http @returns {() => void} what is to be done when it is closed */
export function openStream(http) {
  const seen = { headers: false, packets: 0 };
  const streams = 'body' in Response.prototype;
  /** @type {EventSource | null} */
  let source = null;
  if (streams) read(http, seen);
  else
    ticket(http, seen).then((opened) => {
      source = opened;
      if (http.over) opened?.close();
    });
  return () => {
    source?.close();
    if (seen.headers && !seen.packets && !http.over)
      http.events.seen('PROXY_BUFFERS_STREAM', 'headers came, and no event');
  };
}

/** @param {Http} http @param {{headers: boolean, packets: number}} seen */
async function read(http, seen) {
  const startedAt = performance.now();
  let firstAt = NaN;
  const response = await http.ask('', TYPE);
  if (http.over) return;
  if (!response) return http.end(1006, 'no answer', 'unreachable');
  if (!response.ok || !response.headers.get('content-type')?.startsWith(TYPE)) {
    return http.refused(response);
  }
  seen.headers = true;
  await events(http, /** @type {ReadableStream<Uint8Array>} */ (response.body), (data) => {
    if (!seen.packets++) firstAt = performance.now();
    http.events.packet(fromBase64url(data));
  });
  // What comes only with the end was kept until then.
  const late = firstAt - startedAt > HELD_MS && performance.now() - firstAt < HELD_MS / 2;
  if (late && !http.cut) http.events.seen('PROXY_BUFFERS_STREAM', 'all came with the end');
  if (http.over || http.cut) return;
  const ms = Math.round(performance.now() - startedAt);
  if (seen.packets && !late) http.events.seen('PROXY_CUTS_RESPONSES', `after ${ms} ms`, ms);
  else if (!late) http.events.seen('PROXY_BUFFERS_STREAM', 'it ended without an event');
  http.end(1006, 'the stream ended');
}

/**
 * The `data:` of each event; comments and ids say nothing here, for the packet tells its offsets.
 * @param {Http} http @param {ReadableStream<Uint8Array>} body @param {(data: string) => void} take
 */
async function events(http, body, take) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let data = '';
  let holed = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done || http.over) return;
      holed ||= Boolean(http.cut);
      if (holed) continue; // what came after the hole would be out of its order
      text += decoder.decode(value, { stream: true });
      const lines = text.split(/\r\n|\n|\r(?!$)/);
      text = lines.pop() ?? '';
      if (text.length > MAX_LINE) return;
      for (const line of lines) {
        if (line.startsWith('data:')) data += line.slice(5).trim();
        else if (!line && data) {
          take(data);
          data = '';
          if (http.over) return;
        }
      }
    }
  } catch {
    // it broke off
  }
}

/**
 * Where answers cannot be read as they come: EventSource, with a ticket for its lack of headers.
 * @param {Http} http @param {{headers: boolean, packets: number}} seen
 */
async function ticket(http, seen) {
  const { url, EventSource = globalThis.EventSource } = http.net;
  const response = await http.request('/../tickets', {
    method: 'POST',
    body: JSON.stringify({ resource: new URL(url).pathname }),
    headers: {
      'Content-Type': 'application/json',
      'Peerline-Hello': base64url(http.events.greet()),
    },
  });
  if (http.over) return null;
  if (!response) http.end(1006, 'no answer', 'unreachable');
  else if (response.status !== 201) await http.refused(response);
  if (http.over || !response) return null;
  const answer = await response.json().catch(() => ({}));
  const source = new EventSource(`${url}?ticket=${encodeURIComponent(answer.ticket)}`);
  source.onmessage = ({ data }) => {
    seen.packets++;
    if (!http.over && !http.cut) http.events.packet(fromBase64url(data));
  };
  source.onerror = () => {
    source.close(); // another is opened with a newer HELLO
    if (!http.cut) http.end(1006, 'the stream ended');
  };
  return source;
}
