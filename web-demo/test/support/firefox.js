import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findProgram } from './browser.js';

const NAMES = ['firefox-esr', 'firefox'];
const MAC = '/Applications/Firefox.app/Contents/MacOS/firefox';
const START_MS = 120_000;

/** Relayed addresses on loopback count, and nothing is asked for or fetched at the start. */
const PREFERENCES = {
  'media.peerconnection.ice.loopback': true,
  'marionette.port': 0,
  'app.normandy.enabled': false,
  'app.update.disabledForTesting': true,
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.homepage_override.mstone': 'ignore',
  'datareporting.policy.dataSubmissionEnabled': false,
  'extensions.update.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'data:,#remote-settings-dummy/v1',
  'toolkit.telemetry.server': 'data:,',
};

/** @returns {string | undefined} the Firefox of this machine: PEERLINE_FIREFOX, or what is on the path */
export function findFirefox() {
  return process.env.PEERLINE_FIREFOX || findProgram(NAMES, MAC);
}

/** A Firefox without a window, driven by its own remote protocol (Marionette): JSON, each with its length in front. */
export class Firefox {
  #process;
  #profile;
  #socket;
  #received = Buffer.alloc(0);
  #id = 0;
  /** @type {Map<number, { resolve: (value: any) => void, reject: (error: Error) => void }>} */
  #waiting = new Map();

  /**
   * @param {import('node:child_process').ChildProcess} child
   * @param {string} profile
   * @param {import('node:net').Socket} socket
   */
  constructor(child, profile, socket) {
    this.#process = child;
    this.#profile = profile;
    this.#socket = socket;
    socket.on('data', (bytes) => this.#read(bytes));
    socket.on('error', () => {}); // and then it closes
    socket.on('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('Firefox is gone'));
    });
  }

  /**
   * Starts one with a profile of its own, which trusts every certificate.
   *
   * @param {string} executable
   */
  static async launch(executable) {
    const profile = mkdtempSync(join(tmpdir(), 'peerline-firefox-'));
    const lines = Object.entries(PREFERENCES).map(
      ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`,
    );
    writeFileSync(join(profile, 'user.js'), lines.join('\n'));
    const child = spawn(
      executable,
      ['--headless', '--marionette', '--no-remote', '--profile', profile],
      { stdio: 'ignore', env: { ...process.env, HOME: profile, MOZ_CRASHREPORTER_DISABLE: '1' } },
    );
    const socket = connect(await marionettePort(child, profile), '127.0.0.1');
    const firefox = new Firefox(child, profile, socket);
    await once(socket, 'connect');
    await firefox.ask('WebDriver:NewSession', {
      capabilities: { alwaysMatch: { acceptInsecureCerts: true } },
    });
    return firefox;
  }

  /** @param {string} url */
  async open(url) {
    await this.ask('WebDriver:Navigate', { url });
  }

  /**
   * What an async function answers in the page; its argument and result are JSON.
   *
   * @template A, R
   * @param {(argument: A) => Promise<R>} body
   * @param {A} argument
   * @param {number} patienceMs
   * @returns {Promise<R>}
   */
  async evaluate(body, argument, patienceMs) {
    await this.ask('WebDriver:SetTimeouts', { script: patienceMs });
    const script = `const [it, done] = arguments;
      (${body})(it).then((value) => done({ value }), (error) => done({ error: String(error) }));`;
    const { value } = await this.ask('WebDriver:ExecuteAsyncScript', { script, args: [argument] });
    if (value.error) throw new Error(value.error);
    return value.value;
  }

  /**
   * @param {string} command
   * @param {object} parameters
   * @returns {Promise<any>}
   */
  ask(command, parameters) {
    const id = ++this.#id;
    const text = JSON.stringify([0, id, command, parameters]);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#socket.write(`${Buffer.byteLength(text)}:${text}`);
    });
  }

  /** @param {Buffer} bytes */
  #read(bytes) {
    this.#received = Buffer.concat([this.#received, bytes]);
    for (;;) {
      const colon = this.#received.indexOf(':');
      const end = colon + 1 + Number(this.#received.subarray(0, Math.max(0, colon)));
      if (colon < 0 || this.#received.length < end) return;
      this.#take(JSON.parse(this.#received.subarray(colon + 1, end).toString()));
      this.#received = this.#received.subarray(end);
    }
  }

  /** @param {unknown} message the greeting, or type, id, error and result */
  #take(message) {
    if (!Array.isArray(message)) return;
    const [, id, error, result] = message;
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error) waiting?.reject(new Error(`${error.error}: ${error.message}`));
    else waiting?.resolve(result);
  }

  async close() {
    this.#socket.destroy();
    this.#process.kill('SIGKILL');
    if (this.#process.exitCode === null && this.#process.signalCode === null)
      await once(this.#process, 'exit');
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/**
 * Firefox writes the port that it chose into its profile, and says nothing when it has.
 *
 * @param {import('node:child_process').ChildProcess} child
 * @param {string} profile
 */
async function marionettePort(child, profile) {
  const file = join(profile, 'MarionetteActivePort');
  const until = Date.now() + START_MS;
  while (child.exitCode === null && Date.now() < until) {
    const port = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
    if (port) return port;
    await delay(50);
  }
  child.kill('SIGKILL');
  throw new Error(`Firefox did not start (exit code ${child.exitCode})`);
}
