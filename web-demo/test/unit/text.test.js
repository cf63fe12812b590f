import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  cleanName,
  cleanText,
  MAX_LINES,
  MAX_NAME,
  MAX_TEXT,
} from '../../src/main/web/demo/text.js';

test('bidi controls cannot turn the page around', () => {
  assert.equal(cleanName('Ada\u202egpj.exe\u202c'), 'Adagpj.exe');
  assert.equal(cleanText('\u2066a\u2069\u200f\u061c\u202a\u202b\u202db'), 'ab');
});

test('control characters go, a line break in a text stays', () => {
  assert.equal(cleanText('a\u0000b\u0007c\u001b[31md\u009be'), 'abc[31mde');
  assert.equal(cleanText('one\r\ntwo\rthree\u2028four'), 'one\ntwo\nthreefour');
  assert.equal(cleanName('one\ntwo\tthree'), 'one two three');
});

test('characters that show nothing cannot make an empty name', () => {
  for (const nothing of [
    '\u200b',
    '\u2060',
    '\ufeff',
    '\u3164',
    '\u115f',
    '\u00ad',
    '\u{e0041}',
    '\u200d',
    ' \u00a0 ',
  ]) {
    assert.equal(cleanName(nothing), '', JSON.stringify(nothing));
  }
});

test('markup stays what it is: text', () => {
  assert.equal(cleanText('<img src=x onerror=alert(1)>'), '<img src=x onerror=alert(1)>');
});

test('scripts and emoji of the world stay whole', () => {
  for (const text of [
    'می‌خواهم',
    'שלום',
    'नमस्ते',
    '👩‍🚀 🏳️‍🌈',
    'Ångström',
    '日本語',
    '한국어',
    'Tiếng Việt',
  ]) {
    assert.equal(cleanText(text), text.normalize('NFC'));
  }
});

test('marks do not climb over the neighbours', () => {
  const tower = `e${'\u0321'.repeat(60)}`;
  assert.equal([...cleanText(tower)].length, 5);
});

test('length is bounded in code points, and no character is cut in half', () => {
  assert.equal(cleanName('x'.repeat(5000)).length, MAX_NAME);
  assert.equal([...cleanName('😀'.repeat(100))].length, MAX_NAME);
  assert.doesNotThrow(() => encodeURIComponent(cleanName(`x${'😀'.repeat(100)}`)));
  assert.equal(cleanText('y'.repeat(50_000)).length, MAX_TEXT);
  assert.equal(cleanText('z\n'.repeat(500)).split('\n').length, MAX_LINES);
});

test('halves of characters go', () => {
  assert.equal(cleanText('a\ud83d b'), 'a b');
});

test('what is no string is no text', () => {
  for (const value of [undefined, null, 7, {}, ['a'], { toString: () => 'x' }]) {
    assert.equal(cleanName(value), '');
    assert.equal(cleanText(value), '');
  }
});

test('cleaning twice is cleaning once', () => {
  for (const text of [
    'a\u200d\u200db',
    ' \u202e x ',
    'e\u0301\u0301\u0301\u0301\u0301\u0301',
    '\u200c\u00ad\u200c',
  ]) {
    assert.equal(cleanText(cleanText(text)), cleanText(text));
  }
});
