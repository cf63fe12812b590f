import { scenario } from './scenario.js';

/** To the other network and back, each time until messages flow and the path is as good as it gets. */
function roamAndReturn(/** @type {string[]} */ ...there) {
  return async (
    /** @type {import('./rig.js').Rig} */ { lab },
    /** @type {import('./peer.js').LabPeer[]} */ pages,
  ) => {
    await lab.act('roam alice mobile');
    await Promise.all(pages.map((page) => page.receives(200)));
    await Promise.all(pages.map((page) => page.onPath(...there)));
    await lab.act('roam alice wifi');
  };
}

scenario('who roams to mobile and back, each behind a firewall, loses nothing', {
  topology: ['alice=port', 'alice.mobile=port', 'bob=port'],
  happens: roamAndReturn('direct'),
});

scenario('who roams while the other has no firewall loses nothing', {
  topology: ['alice=port', 'alice.mobile=port', 'bob=none'],
  happens: roamAndReturn('direct'),
  slow: true,
});

scenario('who roams to where no direct path leads is carried by the server until it returns', {
  topology: ['alice=port', 'alice.mobile=sym', 'bob=port'],
  happens: roamAndReturn('websocket'),
  slow: true,
});

scenario('who roams to where UDP is blocked is carried by the server until it returns', {
  topology: ['alice=port', 'alice.mobile=port,noudp', 'bob=port'],
  happens: roamAndReturn('websocket'),
  slow: true,
});

scenario('who roams to where a relay is needed is relayed until it returns', {
  topology: ['alice=port', 'alice.mobile=sym', 'bob=port'],
  ice: 'coturn',
  happens: roamAndReturn('relayed'),
  slow: true,
});

scenario('a router that starts again, with another address, loses nothing', {
  topology: ['alice=port', 'bob=port'],
  happens: ({ lab }) => lab.act('rebind alice'),
});

scenario('both routers start again at once, and nothing is lost', {
  topology: ['alice=full', 'bob=addr'],
  happens: async ({ lab }) => {
    await lab.act('rebind alice');
    await lab.act('rebind bob');
  },
  slow: true,
});
