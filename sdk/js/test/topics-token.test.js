import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { topics } from '../src/topics.js';

test('who gives tokens that have ended is told, and asked again after a wait', async () => {
  let asked = 0;
  let requests = 0;
  /** @type {typeof globalThis.fetch} */
  const refusing = async () => {
    requests++;
    const problem = { status: 401, code: 'TOKEN_EXPIRED', detail: 'The token has expired.' };
    return new Response(JSON.stringify(problem), { status: 401 });
  };
  const client = topics('http://127.0.0.1:1', { fetch: refusing, token: () => `${asked++}` });
  const topic = client.topic('a', { after: 'oldest' });
  topic.addEventListener('message', () => {});
  const [{ detail }] = await once(topic, 'error');
  assert.equal(detail.code, 'TOKEN_EXPIRED');
  assert.equal(detail.retriable, true);
  // Two for each attempt; the first is followed at once, the second by a wait.
  assert.equal(requests, 4);
  assert.equal(asked, 4);
  client.close();
});
