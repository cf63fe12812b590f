import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { openHttp } from '../../src/carriers/http.js';

/** Promises settle. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A poll in virtual time, of a server that has nothing to say. */
function polling() {
  mock.timers.enable({ apis: ['setTimeout'] });
  /** @type {string[]} */
  const asked = [];
  const fetch = async (
    /** @type {string} */ _url,
    /** @type {RequestInit} */ { method = 'GET' },
  ) => {
    asked.push(method);
    return method === 'GET' ? new Response(null, { status: 204 }) : new Promise(() => {});
  };
  const events = {
    ...{ opened() {}, packet() {}, closed() {}, posted() {}, seen() {} },
    greet: () => new Uint8Array(1),
  };
  const net = { url: 'http://host/v1/link', fetch: /** @type {any} */ (fetch), faults: {} };
  const carrier = openHttp('poll', net, events);
  return {
    carrier,
    asked,
    /** @param {number} ms */
    async pass(ms) {
      for (let passed = 0; passed < ms; passed += 50) {
        await settled();
        mock.timers.tick(50);
      }
      await settled();
    },
  };
}

test('a page that has said goodbye polls no more, whatever else goes on in it, until it says something again', async (t) => {
  const { carrier, asked, pass } = polling();
  t.after(() => {
    carrier.close();
    mock.timers.reset();
  });
  await pass(1_000);
  const before = asked.length;
  assert.ok(before > 2, 'it polls');
  carrier.send(new Uint8Array(1), true);
  carrier.pause?.(true);
  carrier.pause?.(false);
  await pass(10_000);
  assert.deepEqual(asked.slice(before), ['POST']);
  carrier.send(new Uint8Array(1));
  await pass(1_000);
  assert.ok(asked.slice(before + 1).includes('GET'), 'it is back from the cache of pages');
});
