package dev.peerline.datachannel.ice;

import dev.peerline.datachannel.ice.CheckMessages.TransactionId;
import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;
import dev.peerline.net.stun.StunAttribute;
import dev.peerline.net.stun.StunReader;
import dev.peerline.net.stun.StunType;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/**
 * What STUN servers say the sockets of a port look like from outside: asked once for all sessions
 * that ask at about the same time. Used on the loop's thread alone.
 */
final class Reflexive {
    /** How long what a server said is believed without asking again. */
    private static final long FRESH_NANOS = 10_000_000_000L;

    /** RFC 8489 §6.2.1, for paths whose round trip is not known; doubles. */
    private static final long FIRST_WAIT_NANOS = 250_000_000;

    private static final int MAX_REQUESTS = 6;

    private final SharedPort port;
    private final Map<Key, Binding> bindings = new HashMap<>();
    private boolean closed;

    private record Key(HostEnd host, TransportAddress server) {}

    Reflexive(SharedPort port) {
        this.port = port;
    }

    /** Asks, or remembers; {@code then} is told null when there is no answer in some 16 s. */
    void ask(HostEnd host, TransportAddress server, Consumer<@Nullable TransportAddress> then) {
        Key key = new Key(host, server);
        Binding binding = bindings.get(key);
        if (binding != null && binding.isFresh(IceLoop.nowNanos())) {
            then.accept(binding.mapped);
            return;
        }
        if (binding == null || binding.done) {
            binding = new Binding(key);
            bindings.put(key, binding);
            binding.waiting.add(then);
            binding.send();
        } else {
            binding.waiting.add(then);
        }
    }

    void close() {
        closed = true;
        bindings.clear();
    }

    /** One transaction, and what came of it. */
    private final class Binding {
        private final Key key;
        private final TransactionId id;
        private final List<Consumer<@Nullable TransportAddress>> waiting = new ArrayList<>();
        private @Nullable TransportAddress mapped;
        private long atNanos;
        private int requests;
        private boolean done;

        Binding(Key key) {
            this.key = key;
            ThreadLocalRandom random = ThreadLocalRandom.current();
            id = new TransactionId(random.nextInt(), random.nextLong());
        }

        boolean isFresh(long nowNanos) {
            return done && mapped != null && nowNanos - atNanos < FRESH_NANOS;
        }

        void send() {
            if (done || closed) return;
            if (requests == MAX_REQUESTS) {
                finish(null);
                return;
            }
            if (requests == 0) port.expect(id, this::answered);
            key.host.send(port.messages().plainRequest(id), key.server);
            port.loop().schedule(FIRST_WAIT_NANOS << requests, this::send);
            requests++;
        }

        private void answered(StunReader answer, LocalEnd at, TransportAddress from) {
            if (done || !from.equals(key.server) || at != key.host) return;
            int index = answer.find(StunAttribute.XOR_MAPPED_ADDRESS);
            MutableAddress address = new MutableAddress();
            boolean good =
                    answer.messageClass() == StunType.SUCCESS
                            && index >= 0
                            && answer.xorAddress(index, address) != 0;
            finish(good ? address.toAddress() : null);
        }

        private void finish(@Nullable TransportAddress address) {
            done = true;
            mapped = address;
            atNanos = IceLoop.nowNanos();
            port.forget(id);
            if (address == null) bindings.remove(key, this);
            List<Consumer<@Nullable TransportAddress>> told = List.copyOf(waiting);
            waiting.clear();
            told.forEach(each -> each.accept(address));
        }
    }
}
