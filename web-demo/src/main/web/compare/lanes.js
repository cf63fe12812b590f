/** The lanes in words. */

/**
 * @typedef {object} LaneWords
 * @property {string} kind
 * @property {string} name
 * @property {string} how what happens on the wire
 * @property {string} choose when it is the right one
 * @property {string} breaks what it does when the line breaks
 * @property {string} counts what its bytes are
 */

/** As they stand on the page: the simplest first. @type {readonly LaneWords[]} */
export const LANES = [
  {
    kind: 'poll',
    name: 'Short poll',
    how: 'asks every second, news or not',
    choose:
      'Choose it when a second late is early enough and nothing else gets through: it works with anything that speaks HTTP.',
    breaks:
      'It cannot break: each request stands alone, and asks for what came after the last. Silence costs as much as news.',
    counts: 'heads of all requests; heads and bodies of all answers, empty ones too',
  },
  {
    kind: 'long-poll',
    name: 'Long poll',
    how: 'asks, and is answered when there is something',
    choose:
      'Choose it when messages are rare and proxies break streams: live, with plain requests. Each message costs one.',
    breaks:
      'A broken request is asked again with the cursor. While nothing is published it waits, and costs next to nothing.',
    counts: 'heads of all requests; heads and bodies of all answers',
  },
  {
    kind: 'sse',
    name: 'Server-sent events',
    how: 'one answer that does not end',
    choose:
      'Choose it first for pushing to pages: plain HTTP, and the browser itself comes back where it was.',
    breaks:
      'A broken stream is asked for again, with the cursor as Last-Event-ID or in after=. Proxies that collect answers delay it.',
    counts: 'the head of the request; one head, and the body in its chunks',
  },
  {
    kind: 'websocket',
    name: 'WebSocket',
    how: 'frames both ways on one connection',
    choose: 'Choose it when the page talks back as often as it listens: games, editors, chats.',
    breaks:
      'A broken socket is opened again with the cursor. Old proxies and some firewalls let none through.',
    counts: 'frames with their headers; the handshake is not seen, and nothing else goes up',
  },
  {
    kind: 'http2-push',
    name: 'HTTP/2 push',
    how: 'each message a pushed answer',
    choose:
      'Choose it between programs that have HTTP/2 and nothing else; browsers take no pushes any more.',
    breaks: 'A broken stream is asked for again with the cursor.',
    counts:
      'the bodies that the server’s own client took in; heads and frames are not seen by it, nor what it sends',
  },
  {
    kind: 'grpc',
    name: 'gRPC',
    how: 'typed messages on HTTP/2 streams',
    choose:
      'Choose it between services: types from one file, flow control and deadlines. Pages cannot speak it.',
    breaks:
      'A broken stream is asked for again with the cursor. It has a port of its own, which firewalls must let through.',
    counts: 'all that the server’s own gRPC client took in and sent at its socket',
  },
  {
    kind: 'queue',
    name: 'Message queues',
    how: 'Kafka, RabbitMQ, RocketMQ',
    choose:
      'Choose one when messages must outlive every server and many programs work on them, each at its pace.',
    breaks: 'A reader goes on from its offset, whichever server it asks.',
    counts: '',
  },
  {
    kind: 'webrtc',
    name: 'WebRTC',
    how: 'a data channel: from the server, or peer to peer',
    choose:
      'Choose it when peers talk to each other: the shortest way, and the server pays nothing for it. From the server, where the line is bad and UDP gets through.',
    breaks: '',
    counts:
      'all that this page’s transports took in and sent: DTLS records, acknowledgements too. Between two peers in this page both ways are one figure',
  },
];
