/**
 * One window with the demo page, and what a test asks of it. It watches for what must never happen (errors, violations
 * of the content security policy), and keeps a record of every message that the SDK hands to the page: a second pair of
 * eyes, which does not trust the page's own counters.
 */

import assert from 'node:assert/strict';

/**
 * @typedef {import('../../src/main/web/demo/report.js').Report} Report
 * @typedef {import('playwright-core').Page} Page
 * @typedef {import('playwright-core').BrowserContext} Context
 * @typedef {{ from: string, run: string, n: number, at: number }} Seen `at`: Unix time in ms, to the fraction
 * @typedef {{ from: number, to: number }} Standstill likewise
 */

const PATIENCE_MS = 15_000;
const LOOK_MS = 40;

export class DemoPage {
  /** What went wrong in this window. @type {string[]} */
  troubles = [];

  /** @param {Page} page */
  constructor(page) {
    this.page = page;
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('console', (message) => {
      if (message.type() === 'error') this.troubles.push(`console: ${message.text()}`);
    });
    page.on('pageerror', (error) => this.troubles.push(`error: ${error.message}`));
  }

  /**
   * A window of its own, as on another device, at that address.
   *
   * @param {import('playwright-core').Browser} browser
   * @param {string} url
   * @param {import('playwright-core').BrowserContextOptions} [options]
   */
  static async open(browser, url, options) {
    const context = await browser.newContext(options);
    await watch(context);
    const demo = new DemoPage(await context.newPage());
    await demo.page.goto(url);
    await demo.ready();
    return demo;
  }

  /** The page is in a room. */
  async ready() {
    await this.page.waitForFunction(() => 'peerlineDemo' in window);
    return this;
  }

  get url() {
    return this.page.url();
  }

  /** @returns {Promise<Report>} every number that the page shows */
  stats() {
    return this.page.evaluate(() => /** @type {any} */ (window).peerlineDemo.stats);
  }

  /**
   * Waits until the page's numbers are so.
   *
   * @param {(stats: Report) => boolean} so
   * @param {number} [timeout] in ms
   */
  async until(so, timeout = PATIENCE_MS) {
    const end = performance.now() + timeout;
    for (let stats = await this.stats(); !so(stats); stats = await this.stats()) {
      if (performance.now() > end) {
        const why = await this.page.evaluate(() =>
          /** @type {any} */ (window).peerlineDemo.explain(),
        );
        throw new Error(
          `Waited ${timeout} ms in vain for ${so}; now ${JSON.stringify({ stats, why }, null, 1)}`,
        );
      }
      await this.page.waitForTimeout(LOOK_MS);
    }
  }

  /** All others are here, and on that path. @param {string} kind @param {number} [others] @param {number} [timeout] in ms */
  async onPath(kind, others = 1, timeout = PATIENCE_MS) {
    await this.until(
      ({ peers }) =>
        peers.length === others &&
        peers.every(({ path, state }) => path === kind && state === 'here'),
      timeout,
    );
  }

  /** Takes these paths away in this window, and no others. @param {string[]} kinds */
  block(kinds) {
    return this.page.evaluate(
      (blocked) => /** @type {any} */ (window).peerlineDemo.block(blocked),
      kinds,
    );
  }

  /** @param {string} text */
  async say(text) {
    await this.page.fill('#text', text);
    await this.page.press('#text', 'Enter');
  }

  /** @param {string} text a line of the chat */
  async hears(text) {
    await this.page.waitForFunction(
      (wanted) =>
        [...document.querySelectorAll('#chat .text')].some(
          ({ textContent }) => textContent === wanted,
        ),
      text,
    );
  }

  /** The page is drawn five times a second: what it shows follows what it knows. @param {string} selector @param {string | RegExp} text */
  async shows(selector, text) {
    await this.page.locator(selector).filter({ hasText: text }).first().waitFor();
  }

  /** @param {number} perSecond 20, 100 or 200 */
  async stream(perSecond) {
    // Never by force: such a click goes where the control was, though the page has moved it meanwhile.
    await this.page.check(`input[name="rate"][value="${perSecond}"]`);
    await this.page.click('#stream[aria-checked="false"]');
  }

  /** @param {number} more messages from now on @param {number} [timeout] in ms */
  async receives(more, timeout = PATIENCE_MS) {
    const { received } = (await this.stats()).totals;
    await this.until(({ totals }) => totals.received >= received + more, timeout);
  }

  /** Stops the stream, and waits until all of it is confirmed. @param {number} [timeout] in ms */
  async settle(timeout = PATIENCE_MS) {
    const streaming = await this.page.getAttribute('#stream', 'aria-checked');
    if (streaming === 'true') await this.page.click('#stream');
    await this.until(({ inFlight }) => inFlight === 0, timeout);
  }

  /** @param {number} [from] leaves out so many @returns {Promise<Seen[]>} each numbered message that the SDK handed to the page, as it came */
  seen(from = 0) {
    return this.page.evaluate((n) => /** @type {any} */ (window).seenByTest.slice(n), from);
  }

  /** @returns {Promise<Standstill[]>} when the page itself stood still: the machine was busy with others */
  standstills() {
    return this.page.evaluate(() => /** @type {any} */ (window).standstills);
  }

  /** Nothing happened in this window that must never happen. */
  async assertCalm() {
    const violations = await this.page.evaluate(() => /** @type {any} */ (window).violations);
    assert.deepEqual(violations, [], 'violations of the content security policy');
    assert.deepEqual(this.troubles, []);
  }

  async close() {
    await this.page.context().close();
  }
}

/**
 * Installs the record, and the watch for violations and for standstills, in all pages of a context, before their own code.
 *
 * @param {Context} context
 */
export async function watch(context) {
  await context.addInitScript(
    ([beatMs, lateMs]) => {
      const { dispatchEvent } = EventTarget.prototype;
      /** @type {string[]} */
      const violations = [];
      /** @type {Seen[]} */
      const seenByTest = [];
      /** @type {Standstill[]} */
      const standstills = [];
      Object.assign(window, { violations, seenByTest, standstills });
      const clock = () => performance.timeOrigin + performance.now();
      let due = clock() + beatMs;
      setInterval(() => {
        const now = clock();
        if (now - due > lateMs) standstills.push({ from: due, to: now });
        due = now + beatMs;
      }, beatMs);
      addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
        violations.push(`${violatedDirective} ${blockedURI}`);
      });
      EventTarget.prototype.dispatchEvent = function (/** @type {any} */ event) {
        const { data, from } = event;
        // The room alone: the same message is told to its sender's peer as well.
        if (event.type === 'message' && 'peers' in this && data?.n) {
          seenByTest.push({ from: from.id, run: data.run, n: data.n, at: clock() });
        }
        return dispatchEvent.call(this, event);
      };
    },
    [10, 20],
  );
}

/**
 * What came from one sender, counted with nothing but a list.
 *
 * @param {Seen[]} seen
 */
export function tally(seen) {
  const numbers = seen.map(({ n }) => n);
  const distinct = new Set(numbers);
  const span = numbers.length ? Math.max(...numbers) - Math.min(...numbers) + 1 : 0;
  let disordered = 0;
  /** @type {Standstill} the longest silence */
  let silence = { from: 0, to: 0 };
  seen.forEach(({ n, at }, i) => {
    const before = seen[i - 1];
    if (!before) return;
    if (n < before.n) disordered++;
    if (at - before.at > silence.to - silence.from) silence = { from: before.at, to: at };
  });
  return {
    received: numbers.length,
    lost: span - distinct.size,
    doubled: numbers.length - distinct.size,
    disordered,
    silence,
  };
}
