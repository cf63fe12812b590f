/** What went wrong, by a stable `code` (docs/protocol.md, section 5). */
export class PeerlineError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   * @param {{retriable?: boolean, hint?: string, cause?: unknown}} [details]
   */
  constructor(code, message, { retriable = false, hint = '', cause } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'PeerlineError';
    this.code = code;
    /** Whether the same may succeed later. */
    this.retriable = retriable;
    /** What to do about it. */
    this.hint = hint;
  }
}

/** @param {string} what @param {AbortSignal | undefined} signal */
export function aborted(what, signal) {
  return new PeerlineError('ABORTED', `The ${what} was given up`, { cause: signal?.reason });
}
