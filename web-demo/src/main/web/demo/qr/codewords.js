/** From bytes to the codewords of a QR code: byte mode, error correction level M (ISO/IEC 18004 §7.4 to §7.6). */

import { generator, remainder } from './reed-solomon.js';

/** Versions go from 1 (21 modules a side) to this (177). */
export const MAX_VERSION = 40;

// ISO/IEC 18004 table 9, level M, versions 1 to 40.
const CORRECTION_PER_BLOCK = [
  10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26, 28, 28, 28,
  28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28,
];
const BLOCKS = [
  1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20, 21, 23, 25, 26,
  28, 29, 31, 33, 35, 37, 38, 40, 43, 45, 47, 49,
];
const BYTE_MODE = 0b0100;
const PADDING = [0xec, 0x11];

/**
 * The smallest version that holds so many bytes.
 *
 * @param {number} length
 * @returns {number}
 */
export function versionFor(length) {
  for (let version = 1; version <= MAX_VERSION; version++) {
    const bits = 4 + lengthBits(version) + length * 8;
    if (bits <= dataCodewords(version) * 8) return version;
  }
  throw new RangeError(`length must be at most 2331 bytes, but is ${length}`);
}

/**
 * All codewords in the order in which they are placed: data and error correction, interleaved.
 *
 * @param {Uint8Array} bytes
 * @param {number} version one that holds them
 * @returns {Uint8Array}
 */
export function codewords(bytes, version) {
  return interleave(padded(bytes, version), version);
}

/**
 * The data codewords alone: mode, length, bytes, terminator, padding.
 *
 * @param {Uint8Array} bytes
 * @param {number} version
 * @returns {Uint8Array}
 */
export function padded(bytes, version) {
  const result = new Uint8Array(dataCodewords(version));
  let position = 0;
  /** @type {(value: number, width: number) => void} */
  const put = (value, width) => {
    for (let bit = width - 1; bit >= 0; bit--, position++) {
      const index = position >> 3;
      result[index] = (result[index] ?? 0) | (((value >> bit) & 1) << (7 - (position & 7)));
    }
  };
  put(BYTE_MODE, 4);
  put(bytes.length, lengthBits(version));
  for (const byte of bytes) put(byte, 8);
  // The terminator and the filling of its byte are zeros, which are there already.
  const used = Math.ceil(Math.min(position + 4, result.length * 8) / 8);
  for (let i = used; i < result.length; i++) result[i] = PADDING[(i - used) % 2] ?? 0;
  return result;
}

/**
 * Shorter blocks come first; the codewords of all blocks take turns (§7.6).
 *
 * @param {Uint8Array} data
 * @param {number} version
 */
function interleave(data, version) {
  const count = BLOCKS[version - 1] ?? 0;
  const correction = CORRECTION_PER_BLOCK[version - 1] ?? 0;
  const shortLength = Math.floor(data.length / count);
  const shortBlocks = count - (data.length % count);
  const divisor = generator(correction);
  const blocks = [];
  for (let i = 0, start = 0; i < count; i++) {
    const length = shortLength + (i < shortBlocks ? 0 : 1);
    const block = data.subarray(start, start + length);
    blocks.push({ data: block, correction: remainder(block, divisor) });
    start += length;
  }
  const result = [];
  for (let i = 0; i <= shortLength; i++)
    for (const { data: block } of blocks) if (i < block.length) result.push(block[i]);
  for (let i = 0; i < correction; i++) for (const block of blocks) result.push(block.correction[i]);
  return Uint8Array.from(/** @type {number[]} */ (result));
}

/** @param {number} version */
function lengthBits(version) {
  return version < 10 ? 8 : 16;
}

/** @param {number} version */
function dataCodewords(version) {
  const correction = (CORRECTION_PER_BLOCK[version - 1] ?? 0) * (BLOCKS[version - 1] ?? 0);
  return Math.floor(dataModules(version) / 8) - correction;
}

/**
 * The modules that are left for codewords once the function patterns are placed.
 *
 * @param {number} version
 */
function dataModules(version) {
  const side = version * 4 + 17;
  const finders = 3 * 64;
  const timing = 2 * (side - 16);
  const format = 31;
  if (version === 1) return side * side - finders - timing - format;
  const perSide = Math.floor(version / 7) + 2;
  // Three would lie on finders; those on a timing pattern share five modules with it.
  const alignment = 25 * (perSide * perSide - 3) - 5 * 2 * (perSide - 2);
  const versionInformation = version >= 7 ? 36 : 0;
  return side * side - finders - timing - format - alignment - versionInformation;
}
