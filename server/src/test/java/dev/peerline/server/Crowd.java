package dev.peerline.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Very many readers of one topic, streams and WebSockets in turns, on one thread: the caller's. The
 * messages are {@code #0#}, {@code #1#} …, and each reader has to get them one after the other.
 */
final class Crowd implements AutoCloseable {
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(4);

    private final Selector selector = Selector.open();
    private final List<Member> members = new ArrayList<>();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(64 * 1024);
    private int welcome;

    private static final class Member {
        private final SocketChannel channel;
        private final StringBuilder head = new StringBuilder();
        private boolean welcome;
        private int next;

        /** The number that is being read; -1 for none. */
        private int number = -1;

        private int digits;

        private Member(SocketChannel channel) {
            this.channel = channel;
        }

        private void take(int each) {
            if (!welcome) {
                head.append((char) each);
                return;
            }
            if (each == '#' && digits > 0) {
                if (number != next) throw new AssertionError(number + " instead of " + next);
                next++;
                number = -1;
                digits = 0;
            } else if (each == '#') {
                number = 0;
            } else if (number >= 0 && each >= '0' && each <= '9') {
                number = 10 * number + each - '0';
                digits++;
            } else {
                number = -1;
                digits = 0;
            }
        }
    }

    private Crowd() throws IOException {}

    /** Opens so many, and waits until all of them read from here on. */
    static Crowd of(int count, int port, String topic) throws IOException {
        Crowd crowd = new Crowd();
        InetSocketAddress server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        while (crowd.members.size() < count) {
            for (int i = 0; i < 100 && crowd.members.size() < count; i++) {
                crowd.open(server, topic);
            }
            crowd.awaitWelcome();
        }
        return crowd;
    }

    private void open(InetSocketAddress server, String topic) throws IOException {
        SocketChannel channel = SocketChannel.open(server);
        boolean socket = members.size() % 2 == 0;
        String wish =
                socket
                        ? """
                        Upgrade: websocket
                        Connection: Upgrade
                        Sec-WebSocket-Version: 13
                        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
                        """
                        : "Accept: text/event-stream\n";
        String request = "GET /v1/topics/%s HTTP/1.1\nHost: localhost\n%s\n".formatted(topic, wish);
        channel.write(ByteBuffer.wrap(request.replace("\n", "\r\n").getBytes(ISO_8859_1)));
        channel.configureBlocking(false);
        Member member = new Member(channel);
        members.add(member);
        channel.register(selector, SelectionKey.OP_READ, member);
    }

    private void awaitWelcome() throws IOException {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (welcome < members.size()) read(end);
    }

    /** Waits until each has read so many messages. */
    void await(int count) throws IOException {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (members.stream().anyMatch(member -> member.next < count)) read(end);
    }

    private void read(long endNanos) throws IOException {
        selector.select(1_000);
        for (SelectionKey key : selector.selectedKeys()) {
            Member member = (Member) key.attachment();
            int size = member.channel.read(buffer.clear());
            if (size < 0) throw new AssertionError("cut off after " + member.head);
            buffer.flip();
            while (buffer.hasRemaining()) {
                member.take(buffer.get());
                if (member.welcome || !member.head.toString().endsWith("\r\n\r\n")) continue;
                if (!member.head.toString().matches("(?s)HTTP/1.1 (101|200) .*")) {
                    throw new AssertionError(member.head);
                }
                member.welcome = true;
                welcome++;
            }
        }
        selector.selectedKeys().clear();
        if (System.nanoTime() - endNanos > 0) throw new AssertionError("waited in vain");
    }

    @Override
    public void close() throws IOException {
        for (Member member : members) member.channel.close();
        selector.close();
    }
}
