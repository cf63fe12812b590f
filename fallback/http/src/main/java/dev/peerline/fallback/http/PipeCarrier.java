package dev.peerline.fallback.http;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.CarrierKind;
import dev.peerline.fallback.link.wire.ErrorCode;
import dev.peerline.fallback.link.wire.Hello;
import dev.peerline.fallback.link.wire.Id;

import org.jspecify.annotations.Nullable;

/**
 * A carrier over a {@link PacketPipe}. Whoever has the pipe tells it what happens there.
 * Thread-safe; {@link #packet} is for one thread at a time.
 */
public final class PipeCarrier {
    private final Carrying carrying;

    /** Who is at the other end, as was proven before. */
    record Client(Visitor visitor, Id id) {}

    PipeCarrier(LinkHandler link, Client client, CarrierKind kind, PacketPipe pipe) {
        carrying = new Carrying(link, client, kind, pipe);
    }

    /** The pipe is there. Once, before anything else; what comes of it may be its end. */
    public void open() {
        LinkHandler link = carrying.link();
        Ending refused = null;
        if (link.draining()) refused = Ending.move(link.returnMillis());
        else if (link.isFull()) refused = Ending.because(link.full());
        link.opened(carrying);
        if (refused == null) refused = carrying.door().follow(carrying.openedMillis());
        if (refused != null) carrying.end(refused);
    }

    /** A packet came. */
    public void packet(Bytes packet) {
        if (packet.length() > carrying.limits().maxPacketBytes()) carrying.tooLarge();
        else carrying.received(packet);
    }

    /** Something else came. */
    public void noPacket() {
        carrying.noPacket();
    }

    /** There is room for the next packet. */
    public void sent() {
        carrying.sent();
    }

    /** The packet did not leave. */
    public void broken() {
        carrying.broken();
    }

    /** The client has ended the pipe, or it broke. */
    public void closed() {
        carrying.closed();
    }

    private static final class Carrying extends DuplexCarrier {
        private final Id id;
        private final CarrierKind kind;
        private final PacketPipe pipe;

        Carrying(LinkHandler link, Client client, CarrierKind kind, PacketPipe pipe) {
            super(link, client.visitor());
            id = client.id();
            this.kind = kind;
            this.pipe = pipe;
        }

        @Override
        @Nullable Ending greet(Hello hello, long nowMillis) {
            if (hello.id().equals(id)) return super.greet(hello, nowMillis);
            return Ending.because(ErrorCode.BAD_HELLO, "The channel is somebody else's.");
        }

        @Override
        public CarrierKind kind() {
            return kind;
        }

        @Override
        void hand(Runnable task) {
            pipe.hand(task);
        }

        @Override
        void reading(boolean on) {
            pipe.reading(on);
        }

        @Override
        void send(Bytes packet) {
            pipe.send(packet);
        }

        @Override
        void hangUp(Ending why) {
            pipe.hangUp(why.closeCode());
        }

        @Override
        void cut() {
            pipe.cut();
        }
    }
}
