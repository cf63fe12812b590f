/** A worker that keeps time: browsers slow down the timers of a hidden page to one a second, but not a worker's. */

const BEAT_MS = 5;

setInterval(() => self.postMessage(0), BEAT_MS);
