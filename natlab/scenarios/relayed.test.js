import { spawnSync } from 'node:child_process';
import { LAUNCHER } from './rig.js';
import { scenario } from './scenario.js';
import { lasting } from './time.js';

const { stdout: help } = spawnSync(LAUNCHER, ['serve', '--help'], { encoding: 'utf8' });
/** Who may relay, and a reason why not. */
const RELAYS = {
  coturn: spawnSync('turnserver', ['--version']).error ? 'coturn is needed' : null,
  own: help.includes('--turn-listen') ? null : 'serve has no relay yet',
};
/** Two homes whose NATs let no direct path be. */
const STRANGERS = ['alice=sym', 'bob=sym'];

for (const ice of /** @type {const} */ (['coturn', 'own'])) {
  const relayed = { ice, first: ['relayed'], unless: RELAYS[ice] };
  const relay = ice === 'own' ? 'our own relay' : 'coturn';

  scenario(`where no direct path leads, ${relay} carries every message`, {
    topology: STRANGERS,
    ...relayed,
  });

  for (const seconds of [3, 10, 40]) {
    scenario(`a line to ${relay} cut for ${seconds} s loses nothing`, {
      topology: STRANGERS,
      ...relayed,
      async happens({ lab }) {
        await lab.act('cut alice');
        await lasting(seconds);
        await lab.act('heal alice');
      },
      slow: true,
    });
  }

  scenario(`a peer of ${relay} whose router starts again loses nothing`, {
    topology: STRANGERS,
    ...relayed,
    happens: ({ lab }) => lab.act('rebind alice'),
    slow: true,
  });

  scenario(`where UDP is blocked, ${relay} is reached over TCP`, {
    topology: ['alice=port,noudp', 'bob=port'],
    ...relayed,
    slow: true,
  });
}

scenario('where only TCP 80 and 443 are open, coturn is reached over TLS', {
  topology: ['alice=port,web', 'bob=port,web'],
  ice: 'coturn',
  first: ['relayed'],
  unless: RELAYS.coturn,
  slow: true,
});
