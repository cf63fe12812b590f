import assert from 'node:assert/strict';
import { whyNoLab } from '../lab.js';
import { everyMessageCameOnce, longScenario, scenario, tell } from './scenario.js';
import { lasting } from './time.js';

const noDelay = await whyNoLab('delay');

scenario('where UDP is blocked from the start, the server carries every message', {
  topology: ['alice=port,noudp', 'bob=port'],
  first: ['websocket'],
});

scenario('where a firewall tells that UDP is forbidden, the server carries every message', {
  topology: ['alice=port,noudp,reject', 'bob=port'],
  first: ['websocket'],
  slow: true,
});

scenario('where only TCP 80 and 443 are open, the server carries every message', {
  topology: ['alice=port,web', 'bob=port,web'],
  first: ['websocket'],
  slow: true,
});

scenario('a long and lossy line, 50 ms and 2 % each way, loses nothing', {
  topology: ['alice=port,delay=50,jitter=10,loss=2', 'bob=port'],
  first: ['direct', 'websocket'],
  happens: () => lasting(5),
  unless: noDelay,
  slow: true,
});

scenario('a line that turns narrow, slow and lossy, and good again, loses nothing', {
  topology: ['alice=port', 'bob=port'],
  async happens({ lab }) {
    await lab.act('impair alice delay=200 loss=10 rate=1mbit');
    await lasting(10);
    await lab.act('impair alice');
  },
  unless: noDelay,
  slow: true,
});

const IDLE = 'an idle session keeps its connection to the server';
longScenario(IDLE, { topology: ['alice=port', 'bob=port'] }, async (rig) => {
  const pages = await rig.pair();
  await Promise.all(pages.map((page) => page.onPath('direct')));
  await lasting(60);
  for (const { events } of await Promise.all(pages.map((page) => page.diary()))) {
    const replaced = events.filter(({ what }) => what.startsWith('state '));
    assert.deepEqual(replaced, [], 'the network was well, and the connection was given up');
  }
});

const MAPPING = 'a mapping that lives for 30 s lives on under an idle link of 75 s';
const SHORT_LIVED = { topology: ['alice=sym,mapping=30', 'bob=full,mapping=30'] };
longScenario(MAPPING, SHORT_LIVED, async (rig, context) => {
  const pages = await rig.pair();
  await Promise.all(pages.map((page) => page.onPath('direct')));
  const begunAt = Date.now();
  await lasting(75);
  for (const { events } of await Promise.all(pages.map((page) => page.diary()))) {
    const falls = events.filter(({ at, what }) => at > begunAt && what.includes('direct >'));
    assert.deepEqual(falls, [], 'the idle path was left');
  }
  const wholeAt = Date.now();
  await Promise.all(pages.map((page) => page.stream(100)));
  await Promise.all(pages.map((page) => page.receives(200)));
  await Promise.all(pages.map((page) => page.settle()));
  await tell(context, pages, begunAt, wholeAt);
  await everyMessageCameOnce(pages);
});
