import { scenario } from './scenario.js';
import { lasting } from './time.js';

/** @typedef {import('./rig.js').Rig} Rig @typedef {import('./peer.js').LabPeer} LabPeer @typedef {import('./rig.js').Client} Client */

/** Who is a JVM; the other is a browser. @type {[string, Client[]][]} */
const WHO = [
  ['a browser and a JVM', ['bob']],
  ['two JVMs', ['alice', 'bob']],
];
const STRANGERS = ['alice=sym', 'bob=sym'];

/** @param {number} seconds */
function cut(seconds) {
  return async (/** @type {Rig} */ { lab }) => {
    await lab.act('cut bob');
    await lasting(seconds);
    await lab.act('heal bob');
  };
}

/** Bob, who is a JVM in either case, goes to his other network and comes back. @param {string} there the path meanwhile */
function roamAndReturn(there) {
  return async (/** @type {Rig} */ { lab }, /** @type {LabPeer[]} */ peers) => {
    await lab.act('roam bob mobile');
    await Promise.all(peers.map((peer) => peer.receives(200)));
    await Promise.all(peers.map((peer) => peer.onPath(there)));
    await lab.act('roam bob wifi');
  };
}

for (const [who, jvms] of WHO) {
  const both = jvms.length === 2;

  scenario(`${who} talk directly, and a line cut for 3 s loses nothing`, {
    topology: ['alice=port', 'bob=port'],
    jvms,
    happens: cut(3),
    slow: both,
  });

  scenario(`${who}, one of whom roams to mobile and back, lose nothing`, {
    topology: ['alice=port', 'bob=port', 'bob.mobile=port'],
    jvms,
    happens: roamAndReturn('direct'),
    slow: true,
  });

  scenario(`${who}, one of whom roams to where a relay is needed and back, lose nothing`, {
    topology: ['alice=port', 'bob=port', 'bob.mobile=sym'],
    ice: 'own',
    jvms,
    happens: roamAndReturn('relayed'),
    slow: true,
  });

  scenario(`${who}, one of whom roams to where UDP is blocked and back, lose nothing`, {
    topology: ['alice=port', 'bob=port', 'bob.mobile=port,noudp'],
    jvms,
    happens: roamAndReturn('websocket'),
    slow: true,
  });

  scenario(`${who} are relayed by us, and a line cut for 10 s loses nothing`, {
    topology: STRANGERS,
    ice: 'own',
    first: ['relayed'],
    jvms,
    happens: cut(10),
    slow: true,
  });

  scenario(`${who} reach our relay over TCP where UDP is blocked`, {
    topology: ['alice=port,noudp', 'bob=port'],
    ice: 'own',
    first: ['relayed'],
    jvms,
    slow: true,
  });

  for (const rung of ['websocket', 'sse', 'long-poll', 'poll']) {
    scenario(`${who} on ${rung} alone lose nothing while a line is cut for 3 s`, {
      topology: ['alice=port', 'bob=port'],
      options: { paths: [rung] },
      first: [rung],
      jvms,
      happens: cut(3),
      slow: true,
    });
  }

  scenario(`${who}: the JVM’s router starts again, and nothing is lost`, {
    topology: ['alice=port', 'bob=port'],
    jvms,
    happens: ({ lab }) => lab.act('rebind bob'),
    slow: true,
  });

  scenario(`${who} at 50 ms with 2 % loss each way lose nothing`, {
    topology: ['alice=port,delay=50,loss=2', 'bob=port'],
    jvms,
    happens: () => lasting(10),
    slow: true,
  });
}
