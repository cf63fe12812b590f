package dev.peerline.fallback.http;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.ErrorCode;

import io.undertow.websockets.core.AbstractReceiveListener;
import io.undertow.websockets.core.BufferedBinaryMessage;
import io.undertow.websockets.core.CloseMessage;
import io.undertow.websockets.core.StreamSourceFrameChannel;
import io.undertow.websockets.core.WebSocketCallback;
import io.undertow.websockets.core.WebSocketChannel;
import io.undertow.websockets.core.WebSockets;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Puts a WebSocket's messages together, and no more of one than a packet may have. Runs on the
 * socket's I/O thread.
 */
final class PacketListener extends AbstractReceiveListener {
    /** Most packets fit; larger ones grow. */
    private static final int FIRST_BYTES = 1024;

    /** RFC 6455 §5.5: the payload of a control frame. */
    private static final int MAX_CONTROL_BYTES = 125;

    private final WebSocketCarrier carrier;
    private final int maxBytes;
    private final AtomicBoolean pongOnItsWay = new AtomicBoolean();

    PacketListener(WebSocketCarrier carrier, int maxBytes) {
        this.carrier = carrier;
        this.maxBytes = maxBytes;
    }

    @Override
    protected void onBinary(WebSocketChannel channel, StreamSourceFrameChannel message)
            throws IOException {
        new Message(message).read();
    }

    @Override
    protected void onText(WebSocketChannel channel, StreamSourceFrameChannel message)
            throws IOException {
        carrier.end(Ending.because(ErrorCode.BAD_FRAME, "Packets are binary messages."));
        new Message(message).drop();
    }

    @Override
    protected void onFullPingMessage(WebSocketChannel channel, BufferedBinaryMessage message) {
        ByteBuffer probe = ByteBuffer.allocate(MAX_CONTROL_BYTES);
        try (var data = message.getData()) {
            for (ByteBuffer part : data.getResource()) probe.put(part);
        }
        // One at a time: who pings and does not read must not fill our memory.
        if (pongOnItsWay.compareAndSet(false, true)) {
            WebSockets.sendPong(probe.flip(), channel, new PongSent());
        }
    }

    @Override
    protected void onCloseMessage(CloseMessage message, WebSocketChannel channel) {
        carrier.closedByClient();
    }

    @Override
    protected void onError(WebSocketChannel channel, Throwable error) {
        carrier.abort();
    }

    /** One message, as far as it came. */
    private final class Message {
        private final StreamSourceFrameChannel source;
        private byte[] array = new byte[FIRST_BYTES];
        private int size;
        private boolean dropping;

        Message(StreamSourceFrameChannel source) {
            this.source = source;
        }

        void read() throws IOException {
            if (readAvailable()) return;
            source.getReadSetter().set(_ -> readMore());
            source.resumeReads();
        }

        /** Reads it to its end for nothing. */
        void drop() throws IOException {
            dropping = true;
            read();
        }

        private void readMore() {
            try {
                readAvailable();
            } catch (IOException _) {
                carrier.abort();
            }
        }

        /** Returns false when there is more to come. */
        private boolean readAvailable() throws IOException {
            while (true) {
                if (dropping) size = 0;
                if (size == array.length) grow();
                int count = source.read(ByteBuffer.wrap(array, size, array.length - size));
                if (count == 0) return false;
                if (count < 0) {
                    if (!dropping) carrier.received(Bytes.view(array, 0, size));
                    return true;
                }
                size += count;
                if (size > maxBytes && !dropping) tooLarge();
            }
        }

        private void grow() {
            array = Arrays.copyOf(array, Math.min(size * 4, maxBytes + 1));
        }

        private void tooLarge() {
            dropping = true;
            carrier.end(
                    Ending.because(
                            ErrorCode.MESSAGE_TOO_LARGE,
                            "A packet has at most " + maxBytes + " bytes."));
        }
    }

    private final class PongSent implements WebSocketCallback<Void> {
        @Override
        public void complete(WebSocketChannel channel, Void context) {
            pongOnItsWay.set(false);
        }

        @Override
        public void onError(WebSocketChannel channel, Void context, Throwable problem) {
            carrier.broken();
        }
    }
}
