package dev.peerline.sdk;

import dev.peerline.sdk.driver.Loop;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * Looks from time to time which addresses this machine has, while somebody wants to know when they
 * change: the JVM tells nobody. Thread-safe; listeners are told on the loop.
 */
final class Networks {
    private static final long PERIOD_NANOS = Duration.ofSeconds(2).toNanos();

    private final Loop loop;
    private final Executor executor;
    private final Supplier<String> look;
    private final List<Runnable> listeners = new ArrayList<>();
    private @Nullable String seen;
    private boolean looking;

    /**
     * @param executor where is looked: it takes the system some time
     * @param look a name of the network, as of now
     */
    Networks(Loop loop, Executor executor, Supplier<String> look) {
        this.loop = loop;
        this.executor = executor;
        this.look = look;
    }

    /** Tells of changes from now on, until what it answers is run. */
    Runnable add(Runnable listener) {
        Runnable own = new Listener(listener);
        loop.execute(
                () -> {
                    listeners.add(own);
                    if (looking) return;
                    looking = true;
                    seen = null;
                    look();
                });
        return () -> loop.execute(() -> listeners.remove(own));
    }

    /** One registration, as distinct from another of the same. */
    private static final class Listener implements Runnable {
        private final Runnable told;

        Listener(Runnable told) {
            this.told = told;
        }

        @Override
        public void run() {
            told.run();
        }
    }

    private void look() {
        if (listeners.isEmpty()) {
            looking = false;
            return;
        }
        executor.execute(
                () -> {
                    String now = look.get();
                    loop.execute(() -> found(now));
                });
    }

    private void found(String now) {
        boolean news = seen != null && !seen.equals(now);
        seen = now;
        if (news) List.copyOf(listeners).forEach(Runnable::run);
        loop.at(loop.nowNanos() + PERIOD_NANOS, this::look);
    }

    /**
     * The addresses by which this machine may reach others, with the names of their interfaces.
     * Without those that reach no further than the next switch, which come and go with containers.
     */
    static String addresses() {
        Set<String> all = new TreeSet<>();
        try {
            for (NetworkInterface each : NetworkInterface.networkInterfaces().toList()) {
                if (!each.isUp() || each.isLoopback()) continue;
                each.inetAddresses()
                        .filter(address -> !address.isLinkLocalAddress())
                        .map(InetAddress::getHostAddress)
                        .forEach(address -> all.add(each.getName() + " " + address));
            }
        } catch (SocketException _) {
            // An interface went away while it was asked: the next look sees what is left.
            return "";
        }
        return all.toString();
    }
}
