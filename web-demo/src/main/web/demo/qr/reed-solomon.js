/** Reed-Solomon codes over GF(2^8), as QR codes use them (ISO/IEC 18004 §7.5.2, Annex A). */

/** x^8 + x^4 + x^3 + x^2 + 1 */
const FIELD_POLYNOMIAL = 0x11d;

/**
 * @param {number} a
 * @param {number} b
 * @returns {number} their product in the field
 */
function multiply(a, b) {
  let product = 0;
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ (product >> 7 ? FIELD_POLYNOMIAL : 0);
    if ((b >> bit) & 1) product ^= a;
  }
  return product;
}

/**
 * The generator polynomial (x − 2^0)(x − 2^1)…: its coefficients from the highest power down, the leading 1 left out.
 *
 * @param {number} degree
 * @returns {Uint8Array}
 */
export function generator(degree) {
  const result = new Uint8Array(degree);
  result[degree - 1] = 1;
  let root = 1;
  for (let i = 0; i < degree; i++) {
    for (let j = 0; j < degree; j++) {
      result[j] = multiply(result[j] ?? 0, root) ^ (result[j + 1] ?? 0);
    }
    root = multiply(root, 2);
  }
  return result;
}

/**
 * The error correction codewords: the remainder of the data divided by the generator.
 *
 * @param {Uint8Array} data
 * @param {Uint8Array} divisor of {@link generator}
 * @returns {Uint8Array} as many as the divisor has coefficients
 */
export function remainder(data, divisor) {
  const result = new Uint8Array(divisor.length);
  for (const byte of data) {
    const factor = byte ^ (result[0] ?? 0);
    result.copyWithin(0, 1);
    result[result.length - 1] = 0;
    divisor.forEach((coefficient, i) => {
      result[i] = (result[i] ?? 0) ^ multiply(coefficient, factor);
    });
  }
  return result;
}
