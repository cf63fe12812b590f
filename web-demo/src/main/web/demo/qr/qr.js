/**
 * A QR code of a text: byte mode in UTF-8, error correction level M (about 15 % may be unreadable), versions 1 to 40.
 * ISO/IEC 18004.
 */

import { codewords, versionFor } from './codewords.js';
import { drawFormat, drawFunctionPatterns, isMasked, placeCodewords } from './modules.js';
import { penalty } from './penalty.js';

/** The light border that a reader needs around the symbol, in modules (§6.3.8). */
export const QUIET_ZONE = 4;

/**
 * @typedef {object} Symbol a square of modules
 * @property {number} side modules a side, without the quiet zone
 * @property {Uint8Array} dark row by row: 1 is a dark module
 * @property {Uint8Array} fixed row by row: 1 belongs to a function pattern, and is neither data nor masked
 */

/**
 * @param {string} text at most 2,331 bytes in UTF-8, else a RangeError
 * @param {number} [mask] 0 to 7; by default the one that reads best
 * @returns {Symbol}
 */
export function encode(text, mask) {
  const bytes = new TextEncoder().encode(text);
  const version = versionFor(bytes.length);
  const plain = drawFunctionPatterns(version);
  placeCodewords(plain, codewords(bytes, version));
  if (mask !== undefined) return masked(plain, mask);
  const candidates = [0, 1, 2, 3, 4, 5, 6, 7].map((each) => masked(plain, each));
  const penalties = candidates.map(penalty);
  return /** @type {Symbol} */ (candidates[penalties.indexOf(Math.min(...penalties))]);
}

/**
 * The dark modules as the `d` of an SVG path, a module being one unit, the quiet zone included.
 *
 * @param {Symbol} symbol
 * @returns {string}
 */
export function toPath({ side, dark }) {
  let path = '';
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const start = x;
      while (x < side && dark[y * side + x]) x++;
      if (x > start)
        path += `M${start + QUIET_ZONE} ${y + QUIET_ZONE}h${x - start}v1h${start - x}z`;
    }
  }
  return path;
}

/**
 * @param {Symbol} plain
 * @param {number} mask
 * @returns {Symbol}
 */
function masked(plain, mask) {
  const symbol = { ...plain, dark: plain.dark.slice() };
  const { side, dark, fixed } = symbol;
  for (let i = 0; i < dark.length; i++) {
    if (!fixed[i] && isMasked(mask, i % side, Math.floor(i / side))) dark[i] = dark[i] ? 0 : 1;
  }
  drawFormat(symbol, mask);
  return symbol;
}
