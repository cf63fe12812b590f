import { spawnSync } from 'node:child_process';
import { lasting, scenario } from './scenario.js';

const unless = spawnSync('turnserver', ['--version']).error ? 'coturn is needed' : null;
/** Two homes whose NATs let no direct path be. */
const STRANGERS = ['alice=sym', 'bob=sym'];
const RELAYED = { ice: /** @type {const} */ ('coturn'), first: ['relayed'], unless };

scenario('where no direct path leads, messages are relayed', { topology: STRANGERS, ...RELAYED });

for (const seconds of [3, 10, 40]) {
  scenario(`a relayed line cut for ${seconds} s loses nothing`, {
    topology: STRANGERS,
    ...RELAYED,
    async happens({ lab }) {
      await lab.act('cut alice');
      await lasting(seconds);
      await lab.act('heal alice');
    },
    slow: true,
  });
}

scenario('a relayed peer whose router starts again loses nothing', {
  topology: STRANGERS,
  ...RELAYED,
  happens: ({ lab }) => lab.act('rebind alice'),
  slow: true,
});

scenario('where UDP is blocked, the relay is reached over TCP', {
  topology: ['alice=port,noudp', 'bob=port'],
  ...RELAYED,
  slow: true,
});

scenario('where only TCP 80 and 443 are open, the relay is reached over TLS', {
  topology: ['alice=port,web', 'bob=port,web'],
  ...RELAYED,
  slow: true,
});
