import assert from 'node:assert/strict';
import { test } from 'node:test';
import jsqr from 'jsqr';
import { codewords, padded, versionFor } from '../../src/main/web/demo/qr/codewords.js';
import { alignmentCentres, formatBits, versionBits } from '../../src/main/web/demo/qr/modules.js';
import { encode, QUIET_ZONE, toPath } from '../../src/main/web/demo/qr/qr.js';
import { generator, remainder } from '../../src/main/web/demo/qr/reed-solomon.js';

// A foreign decoder. Its types say that the function is the module; it is the module's default.
const decode = /** @type {typeof jsqr.default} */ (/** @type {unknown} */ (jsqr));

test('generator polynomials are those of ISO/IEC 18004 Annex A', () => {
  // Given there as powers of 2: α^87 α^229 α^146 α^149 α^238 α^102 α^21, and for ten codewords α^251 … α^45.
  const powers = powersOfTwo();
  assert.deepEqual(
    [...generator(7)].map((c) => powers.indexOf(c)),
    [87, 229, 146, 149, 238, 102, 21],
  );
  assert.deepEqual(
    [...generator(10)].map((c) => powers.indexOf(c)),
    [251, 67, 46, 61, 118, 70, 64, 94, 32, 45],
  );
});

test('error correction of the example "01234567" of ISO/IEC 18004 Annex I, 1-M', () => {
  const data = Uint8Array.of(
    0x10,
    0x20,
    0x0c,
    0x56,
    0x61,
    0x80,
    0xec,
    0x11,
    0xec,
    0x11,
    0xec,
    0x11,
    0xec,
    0x11,
    0xec,
    0x11,
  );
  const expected = [0xa5, 0x24, 0xd4, 0xc1, 0xed, 0x36, 0xc7, 0x87, 0x2c, 0x55];
  assert.deepEqual([...remainder(data, generator(10))], expected);
});

test('format information is that of ISO/IEC 18004 Annex C, level M', () => {
  const table = [0x5412, 0x5125, 0x5e7c, 0x5b4b, 0x45f9, 0x40ce, 0x4f97, 0x4aa0];
  assert.deepEqual([0, 1, 2, 3, 4, 5, 6, 7].map(formatBits), table);
});

test('version information is that of ISO/IEC 18004 Annex D', () => {
  assert.equal(versionBits(7), 0x07c94);
  assert.equal(versionBits(8), 0x085bc);
  assert.equal(versionBits(21), 0x15683);
  assert.equal(versionBits(40), 0x28c69);
});

test('alignment patterns are centred as in ISO/IEC 18004 Annex E', () => {
  assert.deepEqual(alignmentCentres(1), []);
  assert.deepEqual(alignmentCentres(2), [6, 18]);
  assert.deepEqual(alignmentCentres(7), [6, 22, 38]);
  assert.deepEqual(alignmentCentres(14), [6, 26, 46, 66]);
  assert.deepEqual(alignmentCentres(32), [6, 34, 60, 86, 112, 138]);
  assert.deepEqual(alignmentCentres(36), [6, 24, 50, 76, 102, 128, 154]);
  assert.deepEqual(alignmentCentres(40), [6, 30, 58, 86, 114, 142, 170]);
});

test('the capacity of each version is that of ISO/IEC 18004 table 7, byte mode, level M', () => {
  const capacity = {
    1: 14,
    2: 26,
    3: 42,
    4: 62,
    5: 84,
    6: 106,
    7: 122,
    8: 152,
    9: 180,
    10: 213,
    15: 412,
    20: 666,
    40: 2331,
  };
  for (const [version, bytes] of Object.entries(capacity)) {
    assert.equal(versionFor(bytes), Number(version));
    if (bytes < 2331) assert.equal(versionFor(bytes + 1), Number(version) + 1);
  }
  assert.throws(() => versionFor(2332), RangeError);
});

test('short data is padded with EC and 11 by turns after its terminator', () => {
  const bytes = new TextEncoder().encode('hi');
  assert.equal(Buffer.from(padded(bytes, 1)).toString('hex'), '40268690ec11ec11ec11ec11ec11ec11');
  assert.equal(codewords(bytes, 1).length, 26);
});

test('a full symbol has no room for a terminator', () => {
  const bytes = new Uint8Array(14).fill(0xff);
  assert.equal(Buffer.from(padded(bytes, 1)).toString('hex'), `40e${'f'.repeat(28)}0`);
});

test('a foreign decoder reads every version that an address needs, and the largest', () => {
  for (const length of [
    1, 14, 15, 26, 62, 84, 106, 122, 152, 180, 213, 214, 300, 412, 666, 1000, 1600, 2331,
  ]) {
    const text = 'http://192.168.1.20:8080/quiet-heron-7k3f2x#'
      .padEnd(length, 'abcXYZ09-_')
      .slice(0, length);
    assert.equal(read(encode(text)), text, `${length} bytes`);
  }
});

test('a foreign decoder reads each mask', () => {
  for (let mask = 0; mask < 8; mask++) assert.equal(read(encode('peerline', mask)), 'peerline');
});

test('text outside ASCII is UTF-8', () => {
  assert.equal(read(encode('http://löwe.example/日本')), 'http://löwe.example/日本');
});

test('a symbol is still read with a tenth of its data damaged', () => {
  const symbol = encode('http://127.0.0.1:8080/quiet-heron-7k3f2x');
  const { side, dark, fixed } = symbol;
  for (let y = 9; y < 15; y++)
    for (let x = 9; x < 15; x++) if (!fixed[y * side + x]) dark[y * side + x] = 1;
  assert.equal(read(symbol), 'http://127.0.0.1:8080/quiet-heron-7k3f2x');
});

test('the path draws each dark module once, inside the quiet zone', () => {
  const symbol = encode('x');
  const area = [...toPath(symbol).matchAll(/M(\d+) (\d+)h(\d+)/g)].map(([, x, y, width]) => {
    assert.ok(Number(x) >= QUIET_ZONE && Number(x) + Number(width) <= symbol.side + QUIET_ZONE);
    assert.ok(Number(y) >= QUIET_ZONE && Number(y) < symbol.side + QUIET_ZONE);
    return Number(width);
  });
  const drawn = area.reduce((a, b) => a + b, 0);
  assert.equal(
    drawn,
    symbol.dark.reduce((a, b) => a + b, 0),
  );
});

/** @param {import('../../src/main/web/demo/qr/qr.js').Symbol} symbol */
function read({ side, dark }) {
  const scale = 3;
  const pixels = (side + 2 * QUIET_ZONE) * scale;
  const image = new Uint8ClampedArray(pixels * pixels * 4).fill(255);
  for (let y = 0; y < side * scale; y++) {
    for (let x = 0; x < side * scale; x++) {
      if (!dark[Math.floor(y / scale) * side + Math.floor(x / scale)]) continue;
      const at = ((y + QUIET_ZONE * scale) * pixels + x + QUIET_ZONE * scale) * 4;
      image.fill(0, at, at + 3);
    }
  }
  return decode(image, pixels, pixels)?.data;
}

function powersOfTwo() {
  const powers = [1];
  for (let i = 1; i < 255; i++) {
    const doubled = /** @type {number} */ (powers[i - 1]) << 1;
    powers.push(doubled > 255 ? doubled ^ 0x11d : doubled);
  }
  return powers;
}
