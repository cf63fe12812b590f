package dev.peerline.fallback.grpc;

import dev.peerline.fallback.link.topic.TopicPattern;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.util.concurrent.atomic.AtomicInteger;

/** Lets everybody in, and counts. */
final class OpenDoor implements PushAccess, PushMetrics {
    private static final Granted ALL = new Granted(null, Granted.NEVER, "all");

    private final AtomicInteger refusedConnections = new AtomicInteger();
    private int readers;

    /** Waits until there are so many readers. */
    synchronized void awaitReaders(int count) throws InterruptedException {
        while (readers != count) wait();
    }

    int refusedConnections() {
        return refusedConnections.get();
    }

    @Override
    public @Nullable PushRefusal knock(PushCaller caller, boolean limited) {
        return null;
    }

    @Override
    public String connectionsKey(InetAddress peer) {
        return "all";
    }

    @Override
    public Decision enter(PushCaller caller) {
        return ALL;
    }

    @Override
    public Decision read(PushCaller caller, TopicPattern pattern) {
        return ALL;
    }

    @Override
    public Decision publish(PushCaller caller, TopicPattern topic) {
        return ALL;
    }

    @Override
    public synchronized @Nullable PushRefusal open(@Nullable String limitsKey) {
        readers++;
        notifyAll();
        return null;
    }

    @Override
    public synchronized void close(@Nullable String limitsKey) {
        readers--;
        notifyAll();
    }

    @Override
    public void published(int bytes) {}

    @Override
    public void delivered(int messages) {}

    @Override
    public void gap() {}

    @Override
    public void opened() {}

    @Override
    public void closed() {}

    @Override
    public void refused(PushError error) {}

    @Override
    public void called(String method, String status) {}

    @Override
    public void tooManyConnections() {
        refusedConnections.incrementAndGet();
    }
}
