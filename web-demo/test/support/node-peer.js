import { join } from 'peerline';
import WebSocket from 'ws';
import { Conversation } from '../../src/main/web/demo/conversation.js';

/**
 * A peer without a browser, which talks and counts as the demo page does.
 *
 * @param {import('node:test').TestContext} context of the test that it leaves with
 * @param {string} url of the room
 * @param {string} name
 */
export async function nodePeer(context, url, name) {
  const askedAt = performance.now();
  const room = await join(url, { name, WebSocket: /** @type {any} */ (WebSocket) });
  context.after(() => room.leave());
  const run = Math.random().toString(36).slice(2, 10);
  return new Conversation(room, {
    run,
    name,
    now: () => performance.now(),
    askedAt,
    namesFromServer: false,
  });
}

/**
 * Resolves when the condition holds; looks whenever something arrives, and 20 times a second.
 *
 * @param {() => boolean} condition
 * @param {string} what it is, for the message when it never does
 * @param {number} [timeoutMs]
 */
export async function eventually(condition, what, timeoutMs = 20_000) {
  const end = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`Waited ${timeoutMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
