/** What every failure of the SDK looks like: a stable `code` (docs/protocol.md, section 5), and what to do about it. */
export class PeerlineError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   * @param {{retriable?: boolean, hint?: string}} [details]
   */
  constructor(code, message, { retriable = false, hint = '' } = {}) {
    super(message);
    this.name = 'PeerlineError';
    this.code = code;
    this.retriable = retriable;
    this.hint = hint;
  }
}
