/** A laboratory with our own server in it, and a Chromium with a peer behind each NAT. */

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { findChromium } from '../../web-demo/test/support/browser.js';
import { Lab, SERVER } from '../lab.js';
import { LabJvm } from './jvm.js';
import { enter } from './page.js';
import { LabPeer, PATIENCE_MS } from './peer.js';

/**
 * @typedef {import('./page.js').Diary} Diary
 * @typedef {import('playwright-core').Browser} Browser
 * @typedef {import('playwright-core').BrowserContext} Context
 * @typedef {import('playwright-core').Page} Page
 * @typedef {'alice' | 'bob'} Client
 *
 * @typedef {object} Setting
 * @property {string[]} topology in the words of `natlab up`
 * @property {'stun' | 'coturn' | 'own'} [ice] who tells the peers their public addresses: a STUN server unless said otherwise;
 *   coturn and our own server relay, too
 * @property {boolean} [serves] whether there is a server of ours; there is unless said otherwise
 * @property {string[]} [flags] of Chromium
 * @property {object} [options] of `join`
 * @property {Client[]} [proxied] whose browser uses its router's proxy
 * @property {Client[]} [jvms] who is no browser, but a peer in a JVM
 */

export const LAUNCHER = fileURLToPath(new URL('../../peerline', import.meta.url));
const STUN = fileURLToPath(new URL('../laboratory/daemons/stun.py', import.meta.url));
const STUN_PORT = 3490;
/** @typedef {{ urls: string, username?: string, credential?: string }} IceServer */

const COTURN = { username: 'ada', credential: 'lovelace' };
/** No graphics card, no traffic of its own; root has no sandbox; nothing waits because a window is covered. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
  '--ignore-certificate-errors',
];

/** A peer in a page. */
export class LabPage extends LabPeer {
  /** @param {Page} page */
  constructor(page) {
    super();
    this.page = page;
  }

  /** @param {Page} page @param {string} room @param {string} name @param {object} [options] */
  static async enter(page, room, name, options = {}) {
    page.setDefaultTimeout(PATIENCE_MS);
    await page.goto(`http://${SERVER.name}/lab-page`);
    await page.evaluate(enter, { url: `http://${SERVER.name}/${room}`, name, options });
    return new LabPage(page);
  }

  /** @param {number} perSecond @override */
  async stream(perSecond) {
    await this.page.evaluate((rate) => /** @type {any} */ (window).lab.stream(rate), perSecond);
  }

  /** One message, now. */
  async say() {
    await this.page.evaluate(() => /** @type {any} */ (window).lab.say());
  }

  /** @override @returns {Promise<Diary>} */
  diary() {
    return this.page.evaluate(() => /** @type {any} */ (window).lab.diary);
  }

  /** @override */
  present() {
    return this.page.evaluate(() => /** @type {any} */ (window).lab.present);
  }
}

/** Everything that one scenario needs, and that ends with it. */
export class Rig {
  /** Those that are there for the peers; IPv4 first, then the same over IPv6. @type {IceServer[]} */
  iceServers = [];
  /** @type {Browser[]} */
  #browsers = [];

  /** @param {Lab} lab @param {Setting} setting */
  constructor(lab, setting) {
    this.lab = lab;
    this.setting = setting;
  }

  /** @param {Setting} setting */
  static async start(setting) {
    const lab = await Lab.up(...setting.topology);
    const rig = new Rig(lab, setting);
    try {
      await rig.#serve();
      return rig;
    } catch (error) {
      await rig.stop();
      throw error;
    }
  }

  async stop() {
    await Promise.all(this.#browsers.map((browser) => browser.close().catch(() => {})));
    await this.lab.down();
  }

  /** A browser of that host, with no page yet. @param {Client} client */
  async context(client) {
    const proxied = this.setting.proxied?.includes(client);
    const unit = client === 'alice' ? 1 : 2;
    const proxy = proxied ? [`--proxy-server=http://192.168.${unit}.1:3128`] : [];
    const browser = await chromium.launch({
      executablePath: this.lab.chromium(client),
      args: [...FLAGS, ...proxy, ...(this.setting.flags ?? [])],
      timeout: PATIENCE_MS,
      env: { ...process.env, PEERLINE_CHROMIUM: findChromium() ?? 'chromium' },
    });
    this.#browsers.push(browser);
    const context = await browser.newContext();
    // An empty page of the server's origin: what is loaded over the network is the SDK alone.
    const body = '<!doctype html><title>lab</title>';
    await context.route('**/lab-page', (route) =>
      route.fulfill({ contentType: 'text/html', body }),
    );
    return context;
  }

  /**
   * Both clients, in one room, each with the other.
   *
   * @returns {Promise<LabPeer[]>} pages, unless the setting says otherwise
   */
  async pair() {
    const peers = await Promise.all([this.#enter('alice'), this.#enter('bob')]);
    for (const peer of peers) {
      await peer.until('the other', ({ states }) => states[0]?.state === 'here');
    }
    return peers;
  }

  /** @param {Client} client */
  async #enter(client) {
    const { options, jvms } = this.setting;
    if (jvms?.includes(client)) return LabJvm.enter(this.lab, client, 'lab', options);
    const context = await this.context(client);
    return LabPage.enter(await context.newPage(), 'lab', client, options);
  }

  async #serve() {
    const { ice = 'stun', serves = true } = this.setting;
    if (ice === 'stun') this.iceServers = await this.#stun();
    if (ice === 'coturn') this.iceServers = await this.#coturn();
    if (!serves) return;
    const options = ['--listen', SERVER.address, '--hostname', SERVER.name, '--port', '80'];
    if (ice === 'own') options.push('--turn-listen', SERVER.address);
    for (const { urls, username, credential } of this.iceServers) {
      if (urls.includes('[')) continue; // scenarios have IPv4 alone
      const login = username ? `,user=${username},password=${credential}` : '';
      options.push('--ice-server', urls + login);
    }
    await this.#ready('peerline', LAUNCHER, ['serve', ...options]);
  }

  /** @returns {Promise<IceServer[]>} */
  async #stun() {
    const where = [SERVER.address, SERVER.second, `${STUN_PORT}`];
    await this.#ready('STUN', 'python3', [STUN, 'serve', ...where]);
    return [{ urls: `stun:${SERVER.address}:${STUN_PORT}` }];
  }

  /** Debian's relay: UDP and TCP on 3478, and TLS where firewalls let it pass. */
  async #coturn() {
    const { address, second, address6, second6 } = SERVER;
    const [key, certificate] = ['turn.key', 'turn.pem'].map((name) => join(this.lab.folder, name));
    const subject = ['-subj', '/CN=lab', '-addext', `subjectAltName=IP:${second}`];
    const how = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2'];
    await promisify(execFile)('openssl', [
      ...['req', ...how, ...subject, '-keyout', key, '-out', certificate],
    ]);
    const listen = [address, second, address6, second6].flatMap((each) => ['-L', each]);
    const { username, credential } = COTURN;
    await this.#ready(
      'coturn',
      'turnserver',
      [
        ...['-n', '--no-cli', ...listen, '-a', '-u', `${username}:${credential}`],
        ...['-r', 'lab', '--tls-listening-port', '443', '--cert', certificate, '--pkey', key],
        ...['--log-file', 'stdout', '--simple-log', '--pidfile', join(this.lab.folder, 'turn.pid')],
      ],
      /IO method \(admin thread\)/, // the last of its threads; the listeners are open by then
    );
    return [
      [address, second],
      [`[${address6}]`, `[${second6}]`],
    ].flatMap(([one, other]) => [
      { urls: `stun:${one}:3478` },
      { urls: `turn:${other}:3478?transport=udp`, ...COTURN },
      { urls: `turn:${other}:3478?transport=tcp`, ...COTURN },
      { urls: `turns:${other}:443?transport=tcp`, ...COTURN },
    ]);
  }

  /**
   * Starts a program on the server, which says `ready` when it serves.
   *
   * @param {string} what
   * @param {string} program
   * @param {string[]} args
   * @param {RegExp} [word] or says this
   */
  async #ready(what, program, args, word = /^ready/) {
    const child = this.lab.exec('server', program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let errors = '';
    child.stderr?.on('data', (text) => {
      errors = (errors + text).slice(-2000);
    });
    const lines = createInterface({ input: /** @type {any} */ (child.stdout) });
    const ready = new Promise((resolve) =>
      lines.on('line', (line) => word.test(line) && resolve(line)),
    );
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`${what} ended with ${code}: ${errors}`);
    });
    ended.catch(() => {}); // it is told only while somebody waits
    await Promise.race([ready, ended]);
  }
}
