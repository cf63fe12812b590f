import { count, counted } from '../demo/words.js';
import { Lane } from './lane.js';
import {
  authorization,
  longPoll,
  refusal,
  relayed,
  serverSentEvents,
  shortPoll,
  topicUrl,
  webSocket,
} from './lanes/http.js';
import { ServerPeer } from './lanes/server-peer.js';
import { TwoPeers } from './lanes/webrtc.js';
import { Publisher } from './publisher.js';
import { Tally } from './tally.js';

/**
 * @typedef {import('./lanes/http.js').Place & { room: string | null }} Place `room`: null for none that the token lets into
 * @typedef {{ ready: boolean, says?: string }} Capability what the server tells of a lane that it relays
 * @typedef {import('./lane.js').Carry} Carry
 */

/** A page that is forgotten stops by itself, in ms. */
const LIMIT_MS = 10 * 60_000;
/** So long it is said what a cut came to. */
const TELL_MS = 10_000;
const NOT_BUILT = 'Not in this build of the server.';

/** All lanes and their publisher. */
export class Comparison {
  running = false;
  says = 'Nothing is sent before you press Start.';
  #place;
  #now;
  /** What lanes know of the page. @type {ConstructorParameters<typeof Lane>[2]} */
  #page;
  /** What the server measured by itself. @type {Map<string, Tally>} */
  #hops = new Map();
  #timer = 0;
  /** @type {ServerPeer | null} */
  #serverPeer = null;
  /** @type {TwoPeers | null} */
  #peers = null;

  /**
   * @param {Place} place
   * @param {Record<string, Capability>} available
   * @param {() => number} now the page's clock
   */
  constructor(place, available, now) {
    this.#place = place;
    this.#now = now;
    this.#page = { now, publishedAt: (/** @type {number} */ n) => this.publisher.at(n) };
    const webrtc = this.#webrtc(available.webrtc?.ready ?? false);
    this.publisher = new Publisher(place, now, (message) => {
      if (!this.#serverPeer && !this.#peers?.send(message)) webrtc.tally.skip(message.n);
    });
    const lane = (/** @type {string} */ kind, /** @type {Carry} */ carry) =>
      new Lane(kind, carry, this.#page);
    this.lanes = [
      lane('poll', shortPoll(place)),
      lane('long-poll', longPoll(place)),
      lane('sse', serverSentEvents(place)),
      lane('websocket', webSocket(place)),
      ...['http2-push', 'grpc', 'queue'].map((kind) => this.#relayed(kind, available[kind])),
      webrtc,
    ];
  }

  /**
   * @param {string} kind
   * @param {Capability | undefined} capability
   */
  #relayed(kind, capability) {
    const hop = new Tally();
    this.#hops.set(kind, hop);
    let n = 0;
    const measured = (/** @type {number} */ ms) => hop.message(++n, ms, this.#now());
    const lane = new Lane(kind, relayed(this.#place, kind, measured), this.#page);
    if (!capability?.ready) lane.off(capability?.says ?? NOT_BUILT);
    return lane;
  }

  /** @param {boolean} offered whether the server is a peer itself @returns {Lane} */
  #webrtc(offered) {
    const page = this.#page;
    const { room } = this.#place;
    if (room === null) {
      const lane = new Lane('webrtc', never, page);
      lane.off('The token lets into no room, and a data channel takes one.');
      return lane;
    }
    if (offered && globalThis.RTCPeerConnection) {
      this.#serverPeer = new ServerPeer({ ...this.#place, room });
      return new Lane('webrtc', this.#serverPeer.carry, page);
    }
    const peers = new TwoPeers({ ...this.#place, room });
    this.#peers = peers;
    return new Lane('webrtc', peers.carry, page, (gone) => peers.block(gone));
  }

  /** @param {string} kind @returns {Lane} */
  lane(kind) {
    return /** @type {Lane} */ (this.lanes.find((lane) => lane.kind === kind));
  }

  /** What else there is to say of a lane; '' for nothing. @param {string} kind @param {number} now */
  note(kind, now) {
    const { back, tally } = this.lane(kind);
    if (back && now - back.at < TELL_MS)
      return (
        `Back: ${counted(back.caughtUp, 'message', 'messages')} had waited and came at once; ` +
        `${count(tally.lost)} lost, ${count(tally.doubled)} doubled.`
      );
    const hop = this.#hops.get(kind);
    if (hop?.samples.length)
      return (
        'Read by the server’s own client and passed on to this page. In the server, from the log to that client: ' +
        `p50 ${fine(hop.quantile(0.5, now))}, p99 ${fine(hop.quantile(0.99, now))}.`
      );
    if (kind === 'webrtc' && this.#serverPeer)
      return 'A data channel of the server, over UDP: the same topic by the same cursor, and one request to begin with.';
    if (kind === 'webrtc')
      return 'Two peers in this page and the data channel between them: this server is no peer itself. With serve --push-peer the lane reads the topic from it.';
    return '';
  }

  async start() {
    if (this.running) return;
    this.running = true;
    this.says =
      'Every lane reads the same topic. Cut one, or pause the publisher, and watch what it does.';
    try {
      const cursor = await this.#head();
      if (!this.running) return;
      for (const lane of this.lanes) if (lane.state !== 'off') void lane.start(cursor);
      this.publisher.start();
      clearTimeout(this.#timer);
      this.#timer = window.setTimeout(() => this.stop('Stopped after ten minutes.'), LIMIT_MS);
    } catch (problem) {
      this.stop(/** @type {Error} */ (problem).message);
    }
  }

  /** Where the topic ends: all lanes begin there, so that none misses the first message. */
  async #head() {
    const answer = await fetch(topicUrl(this.#place), {
      headers: authorization(this.#place),
      cache: 'no-store',
    });
    if (!answer.ok) throw await refusal(answer);
    return /** @type {string} */ ((await answer.json()).next);
  }

  /** Leaves everything; {@link start} goes on. @param {string} why */
  stop(why) {
    if (!this.running) return;
    this.running = false;
    this.says = why;
    clearTimeout(this.#timer);
    this.publisher.stop();
    for (const lane of this.lanes) lane.stop();
  }
}

/** @param {number} ms */
function fine(ms) {
  return `${ms < 10 ? ms.toFixed(2) : Math.round(ms)} ms`;
}

/** @type {Carry} */
async function never() {}
