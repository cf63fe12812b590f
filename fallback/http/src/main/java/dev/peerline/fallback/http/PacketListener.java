package dev.peerline.fallback.http;

import dev.peerline.fallback.link.wire.Bytes;

import io.undertow.websockets.core.AbstractReceiveListener;
import io.undertow.websockets.core.BufferedBinaryMessage;
import io.undertow.websockets.core.CloseMessage;
import io.undertow.websockets.core.StreamSourceFrameChannel;
import io.undertow.websockets.core.WebSocketCallback;
import io.undertow.websockets.core.WebSocketChannel;
import io.undertow.websockets.core.WebSockets;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Puts a WebSocket's messages together, and no more of one than a packet may have. Runs on the
 * socket's I/O thread.
 */
final class PacketListener extends AbstractReceiveListener {
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
    protected void onBinary(WebSocketChannel channel, StreamSourceFrameChannel message) {
        message(message).read();
    }

    @Override
    protected void onText(WebSocketChannel channel, StreamSourceFrameChannel message) {
        carrier.noPacket();
        message(message).drop();
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

    private PacketBody message(StreamSourceFrameChannel message) {
        return new PacketBody(message, maxBytes, new Message());
    }

    private final class Message implements PacketBody.Receiver {
        @Override
        public void whole(Bytes packet) {
            carrier.received(packet);
        }

        @Override
        public void tooLarge() {
            carrier.tooLarge();
        }

        @Override
        public void failed() {
            carrier.abort();
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
