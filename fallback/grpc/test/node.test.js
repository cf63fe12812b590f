// A client that knows the server by its .proto alone, and one that knows nothing: it asks by reflection.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import * as grpc from '@grpc/grpc-js';
import { loadFileDescriptorSetFromObject, loadSync } from '@grpc/proto-loader';
import protobuf from 'protobufjs';
import descriptor from 'protobufjs/ext/descriptor/index.js';

import { whyNoServer } from '../../../sdk/js/test/support/server.js';
import { serve } from './serve.js';

const PROTO = new URL('../src/main/protobuf/peerline/v1/push.proto', import.meta.url);
const REFLECTION = new URL('reflection.proto', import.meta.url);
const GUIDE = new URL('../../../docs/grpc.md', import.meta.url);
const GRPCURL = /^grpcurl -plaintext -d '(.+)' \S+ peerline\.v1\.Push\/(\w+)$/gm;
const OPTIONS = { longs: String, enums: String, oneofs: true };

/** @typedef {Record<string, any>} Any */

const missing = await whyNoServer();
const skip = missing ? `no server: ${missing}` : false;

/** @type {Awaited<ReturnType<typeof serve>>} */
let server;
/** @type {Any[]} */
const clients = [];

before(async () => {
  if (skip) return;
  server = await serve();
});

after(async () => {
  for (const client of clients) client.close();
  await server?.stop();
});

/** @param {any} Service @returns {Any} */
function client(Service) {
  const made = new Service(`127.0.0.1:${server.grpc}`, grpc.credentials.createInsecure());
  clients.push(made);
  return made;
}

/** @param {URL} file @returns {Any} */
function load(file) {
  return grpc.loadPackageDefinition(loadSync(fileURLToPath(file), OPTIONS));
}

/** @returns {Any} */
function push() {
  return client(load(PROTO).peerline.v1.Push);
}

/** @param {Any} stub @param {string} method @param {Any} request @returns {Promise<Any>} */
function unary(stub, method, request) {
  return new Promise((resolve, reject) => {
    stub[method](request, (/** @type {Error | null} */ error, /** @type {Any} */ answer) =>
      error ? reject(error) : resolve(answer),
    );
  });
}

/** @param {string} topic @param {string} text */
function message(topic, text) {
  return { topic, type: 'text/plain', data: Buffer.from(text) };
}

/** The next of a stream. @param {AsyncIterator<Any>} events */
async function next(events) {
  const { value } = await events.next();
  return value;
}

test('a client made from the .proto publishes and reads, and goes on where it was', {
  skip,
}, async () => {
  const stub = push();
  const { id } = await unary(stub, 'publish', message('node.a', 'first'));
  await unary(stub, 'publish', message('node.b', 'second'));
  const call = stub.subscribe({ topic: 'node.*', after: '0' });
  const events = call[Symbol.asyncIterator]();
  assert.equal((await next(events)).event, 'started');
  const first = (await next(events)).message;
  assert.deepEqual([first.id, first.topic, String(first.data)], [id, 'node.a', 'first']);
  assert.equal(String((await next(events)).message.data), 'second');
  call.on('error', () => {});
  call.cancel();

  // The same cursor over HTTP.
  const answer = await fetch(`${server.url}/v1/topics/node.*?after=${id}`);
  const { messages } = await answer.json();
  assert.deepEqual(
    messages.map((/** @type {Any} */ it) => it.data),
    ['second'],
  );
});

test('streams up and both ways carry what they are given, in order', { skip }, async () => {
  const stub = push();
  /** @type {Promise<Any>} */
  const sum = new Promise((resolve, reject) => {
    const up = stub.publishStream((/** @type {Error | null} */ error, /** @type {Any} */ answer) =>
      error ? reject(error) : resolve(answer),
    );
    for (let i = 0; i < 200; i++) up.write(message('node.up', `m${i}`));
    up.end();
  });
  assert.equal((await sum).published, '200');

  const call = stub.connect();
  const answers = call[Symbol.asyncIterator]();
  call.write({ subscribe: { subscription: 1, request: { topic: 'node.up', after: '0' } } });
  assert.equal((await next(answers)).delivery.event.event, 'started');
  for (let i = 0; i < 200; i++) {
    const { delivery } = await next(answers);
    assert.equal(String(delivery.event.message.data), `m${i}`);
  }
  call.write({ publish: { request: 5, message: message('node.up', 'and one') } });
  const two = [await next(answers), await next(answers)];
  assert.deepEqual(two.map((it) => it.response).sort(), ['delivery', 'published']);
  call.end();
  assert.equal((await answers.next()).done, true);
});

test('what is refused has a status, a code in the trailers, and details', { skip }, async () => {
  const stub = push();
  await assert.rejects(unary(stub, 'publish', message('no..topic', 'x')), (error) => {
    const { code, metadata } = /** @type {grpc.ServiceError} */ (error);
    assert.equal(code, grpc.status.INVALID_ARGUMENT);
    assert.deepEqual(metadata.get('peerline-code'), ['BAD_TOPIC']);
    assert.equal(metadata.get('grpc-status-details-bin').length, 1);
    return true;
  });
  const call = stub.subscribe({ topic: 'a', after: 'yesterday' });
  call.resume();
  const [refused] = await once(call, 'error');
  assert.deepEqual(refused.metadata.get('peerline-code'), ['BAD_CURSOR']);
});

/** A client that knows nothing: it learns the service by reflection, as grpcurl does. */
async function reflected() {
  const reflection = client(load(REFLECTION).grpc.reflection.v1.ServerReflection);
  const call = reflection.serverReflectionInfo();
  const answers = call[Symbol.asyncIterator]();
  call.write({ listServices: '' });
  /** @type {string[]} */
  const services = (await next(answers)).listServicesResponse.service.map(
    (/** @type {Any} */ it) => it.name,
  );
  assert.ok(services.includes('peerline.v1.Push'), services.join());
  assert.ok(services.includes('grpc.health.v1.Health'), services.join());
  call.write({ fileContainingSymbol: 'peerline.v1.Push' });
  const found = (await next(answers)).fileDescriptorResponse.fileDescriptorProto;
  call.end();

  const file = found.map((/** @type {Buffer} */ it) => descriptor.FileDescriptorProto.decode(it));
  const set = descriptor.FileDescriptorSet.toObject(
    descriptor.FileDescriptorSet.create({ file }),
    protobuf.util.toJSONOptions,
  );
  /** @type {Any} */
  const described = grpc.loadPackageDefinition(loadFileDescriptorSetFromObject(set, OPTIONS));
  return client(described.peerline.v1.Push);
}

test('a client that knows nothing finds the service by reflection, and calls it', {
  skip,
}, async () => {
  const stub = await reflected();
  const { id } = await unary(stub, 'Publish', message('node.reflected', 'x'));
  assert.match(id, /^\d+-\d+$/);
});

test('what the guide asks by grpcurl works: the same JSON, by reflection', { skip }, async () => {
  /** @type {Any} */
  const asked = {};
  for (const [, json, method] of readFileSync(GUIDE, 'utf8').matchAll(GRPCURL))
    asked[/** @type {string} */ (method)] = JSON.parse(/** @type {string} */ (json));
  assert.deepEqual(Object.keys(asked), ['Publish', 'Subscribe']);
  const stub = await reflected();
  const { id } = await unary(stub, 'Publish', asked.Publish);
  const call = stub.Subscribe(asked.Subscribe);
  const events = call[Symbol.asyncIterator]();
  assert.ok((await next(events)).started);
  const { message: came } = await next(events);
  assert.deepEqual([came.id, came.topic, String(came.data)], [id, asked.Publish.topic, 'hello']);
  call.on('error', () => {});
  call.cancel();
});
