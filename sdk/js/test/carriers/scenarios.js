import { random } from '../direct/pair.js';
import { Rig } from './rig.js';

/** @typedef {import('../../src/carriers/ladder.js').Rung} Rung */
/** @type {Rung[]} */
const ALL = ['websocket', 'sse', 'long-poll', 'poll'];
/** @type {Rung[]} */
const WITH_CHANNEL = ['data-channel', ...ALL];

/** What is recorded in docs/vectors/carriers.json. @type {Record<string, {o?: any, play: (rig: Rig) => void}>} */
const SCENARIOS = {
  'a healthy network: one WebSocket': { o: { sendEveryMs: 4_000 }, play: (rig) => rig.run(30_000) },
  'WebSockets are eaten: the next rung is raced after a stagger, and the WebSocket tried again later':
    {
      play(rig) {
        rig.cut(true, 'websocket');
        rig.start();
        rig.run(60_000);
      },
    },
  'all but polling is eaten': {
    play(rig) {
      rig.cut(true, 'websocket', 'sse', 'long-poll');
      rig.start();
      rig.run(20_000);
    },
  },
  'WebSockets are refused': {
    play(rig) {
      rig.rules.websocket.refuse = 'lost';
      rig.start();
      rig.run(20_000);
    },
  },
  'the server is away, then there': {
    play(rig) {
      rig.rules.websocket.refuse = 'lost';
      for (const rung of ALL.slice(1)) rig.rules[rung].refuse = 'unreachable';
      rig.start();
      rig.run(30_000);
      for (const rung of ALL) rig.rules[rung].refuse = '';
      rig.run(15_000);
    },
  },
  'a server that comes back slowly is given time, and not dialled by every rung': {
    play(rig) {
      rig.start();
      rig.run(12_000);
      for (const rung of ALL) rig.rules[rung].refuse = 'unreachable';
      rig.tell('closed', { dial: rig.dials[rig.dials.length - 1].dial, end: 'lost' });
      rig.run(5_000);
      for (const rung of ALL) Object.assign(rig.rules[rung], { refuse: '', open: 3_000 });
      rig.run(15_000);
    },
  },
  'a carrier falls silent for good, and comes back': {
    o: { sendEveryMs: 97 },
    play(rig) {
      rig.start();
      rig.run(3_000);
      rig.cut(true, 'websocket');
      rig.run(6_000);
      rig.cut(false, 'websocket');
      rig.run(15_000);
    },
  },
  'silence of one connection only: the same rung anew': {
    o: { sendEveryMs: 97 },
    play(rig) {
      rig.start();
      rig.run(3_000);
      /** @type {any} */ (rig.present).cut = true;
      rig.run(3_000);
    },
  },
  'an alarm that was none': {
    o: { sendEveryMs: 53 },
    play(rig) {
      rig.start();
      rig.run(2_000);
      rig.rules.websocket.open = 400;
      const wire = /** @type {any} */ (rig.present);
      wire.cut = true;
      rig.run(190);
      wire.cut = false;
      rig.run(3_000);
    },
  },
  'a slow path': {
    o: { rttMs: 300, sendEveryMs: 500 },
    play(rig) {
      rig.start();
      rig.run(20_000);
      rig.cut(true, 'websocket', 'sse');
      rig.run(10_000);
    },
  },
  'everything dies young but long polls': {
    o: { sendEveryMs: 700 },
    play(rig) {
      rig.rules.websocket.dies = rig.rules.sse.dies = 3_000;
      rig.start();
      rig.run(60_000);
    },
  },
  'news of the network: what answers stays': {
    play(rig) {
      rig.start();
      rig.run(2_000);
      rig.tell('news');
      rig.run(100);
      rig.tell('news');
      rig.run(3_000);
    },
  },
  'news of the network: what does not answer is replaced': {
    play(rig) {
      rig.start();
      rig.run(12_000);
      /** @type {any} */ (rig.present).cut = true;
      rig.tell('news');
      rig.run(3_000);
    },
  },
  'news of the network while another attempt is waited for': {
    play(rig) {
      for (const rung of ALL) rig.rules[rung].refuse = 'lost';
      rig.start();
      rig.run(8_000);
      for (const rung of ALL) rig.rules[rung].refuse = '';
      rig.tell('news');
      rig.run(1_000);
    },
  },
  'a server that goes down, and one that names a wait': {
    play(rig) {
      rig.start();
      rig.run(11_000);
      rig.tell('defer', { ms: 2_000, leave: true });
      rig.run(4_000);
      rig.tell('defer', { ms: 5_000, leave: false });
      rig.tell('closed', { dial: rig.dials[rig.dials.length - 1].dial, end: 'lost' });
      rig.run(9_000);
    },
  },
  'pings after activity': {
    play(rig) {
      rig.start();
      rig.run(100);
      for (let i = 0; i < 20; i++) {
        rig.tell('heard', { active: true });
        rig.run(10);
      }
      rig.run(30_000);
    },
  },
  'what worked last is dialled first': { o: { remembered: 'sse' }, play: (rig) => rig.run(20_000) },
  'what worked last does not work any more': {
    o: { remembered: 'long-poll' },
    play(rig) {
      for (const rung of ALL.slice(1)) rig.rules[rung].refuse = 'lost';
      rig.start();
      rig.run(15_000);
    },
  },
  'one rung alone is allowed': {
    o: { rungs: ['long-poll'], sendEveryMs: 450 },
    play(rig) {
      rig.start();
      rig.run(2_000);
      rig.cut(true, 'long-poll');
      rig.run(3_000);
      rig.cut(false, 'long-poll');
      rig.run(6_000);
    },
  },
  'a thread that slept': {
    o: { sendEveryMs: 50 },
    play(rig) {
      rig.start();
      rig.run(1_000);
      for (const ms of [150, 400, 5_000]) {
        rig.sleep(ms);
        rig.run(400);
      }
    },
  },
  'two rungs connect and never speak: they do not keep the next from its trial': {
    o: { sendEveryMs: 700 },
    play(rig) {
      rig.rules.websocket.mute = rig.rules.sse.mute = true;
      rig.start();
      rig.run(20_000);
      rig.cut(true, 'long-poll');
      rig.run(5_000);
      rig.cut(false, 'long-poll');
      rig.run(40_000);
    },
  },
  'a data channel is offered: it is climbed to beside the WebSocket, falls silent, and is found again':
    {
      o: { rungs: WITH_CHANNEL, sendEveryMs: 450 },
      play(rig) {
        rig.rules['data-channel'].open = 160;
        rig.start();
        rig.tell('offer', { yes: true });
        rig.run(6_000);
        rig.cut(true, 'data-channel');
        rig.run(6_000);
        rig.cut(false, 'data-channel');
        rig.run(20_000);
        rig.cut(true, 'data-channel', 'websocket', 'sse');
        rig.run(8_000);
      },
    },
  'a data channel that is not offered is not tried; one that goes nowhere, ever more seldom': {
    o: { rungs: WITH_CHANNEL },
    play(rig) {
      rig.rules['data-channel'].open = Infinity;
      rig.start();
      rig.run(5_000);
      rig.tell('offer', { yes: true });
      rig.run(60_000);
      rig.tell('offer', { yes: false });
      rig.run(60_000);
    },
  },
  'a data channel alone is raced': {
    o: { rungs: ['data-channel'], sendEveryMs: 450 },
    play(rig) {
      rig.rules['data-channel'].open = 160;
      rig.start();
      rig.run(3_000);
      rig.cut(true, 'data-channel');
      rig.run(3_000);
      rig.cut(false, 'data-channel');
      rig.run(12_000);
    },
  },
  'a server that goes down sends a data channel away': {
    o: { rungs: WITH_CHANNEL },
    play(rig) {
      rig.start();
      rig.tell('offer', { yes: true });
      rig.run(3_000);
      rig.tell('defer', { ms: 500, leave: true });
      rig.run(3_000);
    },
  },
  'stopped, and started again': {
    play(rig) {
      rig.start();
      rig.run(1_000);
      rig.tell('stop');
      rig.run(1_000);
      rig.start();
      rig.run(1_000);
    },
  },
};

/** A network that does as it likes. @param {number} seed @param {Rung[]} [rungs] */
function hostile(seed, rungs = ALL) {
  const next = random(seed);
  const rig = new Rig({
    seed,
    rungs,
    rttMs: Math.round(1 + next() * 100),
    sendEveryMs: 331,
    record: true,
  });
  rig.start();
  if (rungs !== ALL) rig.tell('offer', { yes: true });
  while (rig.now < 40_000) {
    const rung = rungs[Math.floor(next() * rungs.length)];
    const dice = next();
    if (dice < 0.4) rig.cut(next() < 0.5, rung);
    else if (dice < 0.55)
      rig.rules[rung].dies = next() < 0.5 ? Math.round(next() * 5_000) : Infinity;
    else if (dice < 0.65) rig.rules[rung].refuse = next() < 0.5 ? 'lost' : '';
    else if (dice < 0.7) rig.tell('news');
    else if (dice < 0.73) rig.tell('defer', { ms: 500, leave: next() < 0.5 });
    rig.run(Math.round(50 + next() * 3_000));
  }
  return rig;
}

/** @param {string} name @param {Rung[]} rungs @param {Rig} rig @param {string} [remembered] */
function shown(name, rungs, rig, remembered) {
  return { name, rungs, random: rig.draws, ...(remembered && { remembered }), steps: rig.steps };
}

/** Plays all of them. @returns {any[]} */
export function scenarios() {
  const all = Object.entries(SCENARIOS).map(([name, { o = {}, play }]) => {
    const rig = new Rig({ ...o, record: true });
    if (play.length && !/rig\.start\(\)/.test(String(play))) rig.start();
    play(rig);
    return shown(name, o.rungs ?? ALL, rig, o.remembered);
  });
  for (const seed of [1, 2, 3, 4, 5])
    all.push(shown(`a hostile network, ${seed}`, ALL, hostile(seed)));
  for (const seed of [6, 7]) {
    const rig = hostile(seed, WITH_CHANNEL);
    all.push(shown(`a hostile network and a data channel, ${seed}`, WITH_CHANNEL, rig));
  }
  return all;
}
