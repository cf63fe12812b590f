package dev.peerline.fallback.http;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.CarrierKind;

import io.undertow.websockets.core.CloseMessage;
import io.undertow.websockets.core.WebSocketCallback;
import io.undertow.websockets.core.WebSocketChannel;
import io.undertow.websockets.core.WebSockets;

import org.xnio.IoUtils;

/** One WebSocket. It is read on its I/O thread. Thread-safe; it has no lock of its own. */
final class WebSocketCarrier extends DuplexCarrier implements WebSocketCallback<Void> {
    private final WebSocketChannel channel;

    WebSocketCarrier(LinkHandler link, Visitor visitor, WebSocketChannel channel) {
        super(link, visitor);
        this.channel = channel;
    }

    @Override
    public CarrierKind kind() {
        return CarrierKind.WEBSOCKET;
    }

    /** Begins to read, unless the door stays shut. */
    void open() {
        channel.addCloseTask(_ -> closed());
        channel.getReceiveSetter().set(new PacketListener(this, limits().maxPacketBytes()));
        Ending refused =
                link().draining()
                        ? Ending.move(link().returnMillis())
                        : door().connect(openedMillis());
        if (refused != null) end(refused);
        channel.resumeReceives();
    }

    @Override
    void hand(Runnable task) {
        channel.getIoThread().execute(task);
    }

    @Override
    void reading(boolean on) {
        if (on) channel.resumeReceives();
        else channel.suspendReceives();
    }

    @Override
    void send(Bytes packet) {
        WebSockets.sendBinary(packet.buffer(), channel, this);
    }

    @Override
    void hangUp(Ending why) {
        WebSockets.sendClose(new CloseMessage(why.closeCode(), ""), channel, null);
    }

    @Override
    void cut() {
        IoUtils.safeClose(channel);
    }

    /** Undertow may hold the channel's lock here, as in {@link #onError}. */
    @Override
    public void complete(WebSocketChannel itself, Void context) {
        sent();
    }

    @Override
    public void onError(WebSocketChannel itself, Void context, Throwable problem) {
        broken();
    }
}
