package dev.peerline.sdk;

import dev.peerline.datachannel.ice.IceServer;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Signal;
import dev.peerline.sdk.direct.Connection;
import dev.peerline.sdk.direct.Connector;
import dev.peerline.sdk.direct.Evidence;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.function.UnaryOperator;

/** Between a peer and its data channels: can be cut, so that nothing comes or goes any more. */
public final class Cable {
    private final UnaryOperator<List<IceServer>> servers;
    private volatile boolean cut;

    /** A cable that lets everything through. */
    public Cable() {
        this(UnaryOperator.identity());
    }

    /**
     * @param servers puts others in the place of those that the server names
     */
    public Cable(UnaryOperator<List<IceServer>> servers) {
        this.servers = servers;
    }

    /** From now on nothing comes or goes, without a word to anybody; or it does again. */
    public void cut(boolean yes) {
        cut = yes;
    }

    Connector guard(Connector connector) {
        return (plan, events) -> {
            Connector.Plan mine =
                    new Connector.Plan(
                            plan.offers(),
                            plan.polite(),
                            servers.apply(plan.iceServers()),
                            plan.kinds());
            return new Guarded(connector.open(mine, new Heard(events)));
        };
    }

    private final class Heard implements Connection.Events {
        private final Connection.Events events;

        Heard(Connection.Events events) {
            this.events = events;
        }

        @Override
        public void signal(Connection.Word word) {
            events.signal(word);
        }

        @Override
        public void packet(Bytes packet, boolean loose) {
            if (!cut) events.packet(packet, loose);
        }

        @Override
        public void writable() {
            events.writable();
        }

        @Override
        public void changed(Connection.Change change) {
            events.changed(change);
        }
    }

    private final class Guarded implements Connection {
        private final Connection on;

        Guarded(Connection on) {
            this.on = on;
        }

        @Override
        public boolean isOpen() {
            return on.isOpen();
        }

        @Override
        public boolean writable() {
            return on.writable();
        }

        @Override
        public boolean relayed() {
            return on.relayed();
        }

        @Override
        public @Nullable String pair() {
            return on.pair();
        }

        @Override
        public String iceState() {
            return on.iceState();
        }

        @Override
        public Evidence evidence() {
            return on.evidence();
        }

        @Override
        public void send(Bytes packet, boolean loose) {
            if (!cut) on.send(packet, loose);
        }

        @Override
        public void receive(Signal signal) {
            on.receive(signal);
        }

        @Override
        public void restart() {
            on.restart();
        }

        @Override
        public void close() {
            on.close();
        }
    }
}
