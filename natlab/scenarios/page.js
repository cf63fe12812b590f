/**
 * What runs in the page of a scenario: a peer that streams numbered messages and writes down everything that happens.
 *
 * @typedef {object} Diary what the page has seen; all times are Unix ms, to the fraction
 * @property {string} id of this peer
 * @property {string} path the kind of the path to the first peer
 * @property {string} state of the room
 * @property {number} sent
 * @property {number} settled receipts that came
 * @property {number} missed peers that receipts name as missed, over all receipts
 * @property {string[]} failed codes of sends that were rejected
 * @property {{ from: string, n: number, at: number }[]} got
 * @property {{ at: number, what: string }[]} events path changes, states of the room, presence, gaps, errors, network
 * @property {{ from: number, to: number }[]} standstills when the page itself stood still
 */

/**
 * Joins, in the page; `window.lab` is its handle. Self-contained: Playwright carries its text.
 *
 * @param {{ url: string, name: string, options: object }} how
 */
export async function enter({ url, name, options }) {
  const { join } = await import(/** @type {any} */ ('/sdk/peerline.js'));
  const clock = () => performance.timeOrigin + performance.now();
  /** @type {Diary['got']} */
  const got = [];
  /** @type {Diary['events']} */
  const events = [];
  /** @type {Diary['standstills']} */
  const standstills = [];
  /** @type {string[]} */
  const failed = [];
  const counts = { sent: 0, settled: 0, missed: 0 };
  const note = (/** @type {string} */ what) => events.push({ at: clock(), what });

  const signal = AbortSignal.timeout(60_000);
  const room = await join(url, { name, signal, ...options });
  const followed = new WeakSet();
  const follow = (/** @type {any} */ peer) => {
    if (followed.has(peer)) return; // it left, and came back
    followed.add(peer);
    peer.addEventListener('pathchange', (/** @type {any} */ { detail }) =>
      note(`path ${detail.from} > ${detail.to} (${detail.reason})`),
    );
  };
  for (const peer of room.peers.values()) follow(peer);
  room.addEventListener('message', (/** @type {any} */ { from, data }) => {
    if (typeof data?.n === 'number') got.push({ from: from.id, n: data.n, at: clock() });
  });
  room.addEventListener('peer', (/** @type {any} */ { detail: { kind, peer } }) => {
    note(`peer ${kind}`);
    if (kind === 'joined') follow(peer);
  });
  room.addEventListener('state', (/** @type {any} */ { detail }) =>
    note(`state ${detail.state} ${detail.reason?.code ?? ''}`),
  );
  room.addEventListener('gap', (/** @type {any} */ { detail }) =>
    note(`gap ${detail.count} ${detail.reason}`),
  );
  room.addEventListener('error', (/** @type {any} */ { detail }) => note(`error ${detail.code}`));
  for (const type of ['online', 'offline', 'freeze', 'resume']) {
    addEventListener(type, () => note(type));
  }

  const say = () => {
    const n = counts.sent++;
    room.send({ n }).then(
      (/** @type {any} */ { missed }) => {
        counts.settled++;
        counts.missed += missed.length;
      },
      (/** @type {any} */ error) => failed.push(error.code),
    );
  };
  // One beat for the stream and for the watch over the page itself.
  const BEAT_MS = 10;
  const LATE_MS = 60;
  let period = 0;
  let due = 0;
  let beatDue = clock() + BEAT_MS;
  setInterval(() => {
    const now = clock();
    if (now - beatDue > LATE_MS) {
      standstills.push({ from: beatDue, to: now });
      due = Math.max(due, now - 1000); // what a sleeper has not said, it does not make up for
    }
    beatDue = now + BEAT_MS;
    for (; period && due <= now; due += period) say();
  }, BEAT_MS);

  Object.assign(window, {
    lab: {
      room,
      say,
      stream(/** @type {number} */ perSecond) {
        period = perSecond && 1000 / perSecond;
        due = clock();
      },
      /** @returns {Diary} */
      get diary() {
        const [peer] = room.peers.values();
        const path = peer?.path.kind ?? '';
        const { id } = room.me;
        return { id, path, state: room.state, ...counts, failed, got, events, standstills };
      },
      get present() {
        const states = [...room.peers.values()].map(({ state, path }) => ({
          state,
          path: path.kind,
        }));
        return { states, path: states[0]?.path ?? '', got: got.length, ...counts };
      },
    },
  });
}
