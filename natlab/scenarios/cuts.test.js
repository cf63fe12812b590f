import { scenario } from './scenario.js';
import { lasting } from './time.js';

const HOMES = ['alice=port', 'bob=port'];

/** @param {string} where `alice`, `alice up` @param {number} seconds */
function cut(where, seconds) {
  return async (/** @type {import('./rig.js').Rig} */ { lab }) => {
    await lab.act(`cut ${where}`);
    await lasting(seconds);
    await lab.act(`heal ${where.split(' ')[0]}`);
  };
}

for (const [seconds, slow] of /** @type {const} */ ([
  [3, false],
  [10, true],
  [40, true],
])) {
  scenario(`a line cut for ${seconds} s loses nothing`, {
    topology: HOMES,
    happens: cut('alice', seconds),
    slow,
  });
}

scenario('a line cut one way, from the client, for 3 s loses nothing', {
  topology: HOMES,
  happens: cut('alice up', 3),
});

scenario('a line cut one way, to the client, for 3 s loses nothing', {
  topology: HOMES,
  happens: cut('alice down', 3),
  slow: true,
});

for (const direction of ['up', 'down']) {
  scenario(`a line cut one way (${direction}) for 40 s loses nothing`, {
    topology: HOMES,
    happens: cut(`alice ${direction}`, 40),
    slow: true,
  });
}

scenario('the other one’s line cut for 10 s loses nothing', {
  topology: HOMES,
  happens: cut('bob', 10),
  slow: true,
});

scenario('three short cuts, one after the other, lose nothing', {
  topology: HOMES,
  async happens(rig) {
    for (const _ of [1, 2, 3]) {
      await cut('alice', 2)(rig);
      await lasting(1.5);
    }
  },
  slow: true,
});

scenario('a line unplugged for 3 s loses nothing', {
  topology: HOMES,
  async happens({ lab }) {
    await lab.act('unplug alice');
    await lasting(3);
    await lab.act('plug alice');
  },
  slow: true,
});
