package dev.peerline.datachannel.ice;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;

/**
 * A thread that waits for the TCP connections of a loop, and tells the loop which are ready; it
 * reads and writes none of them. What was told of is not watched again until it is asked for.
 */
final class TcpReadiness implements AutoCloseable {
    private static final Logger LOG = System.getLogger(TcpReadiness.class.getName());
    private static final int READ_BYTES = 1 << 16;

    private final IceLoop loop;
    private final Selector selector;
    private final Thread thread;
    private final ByteBuffer incoming = ByteBuffer.allocateDirect(READ_BYTES);
    private volatile boolean closing;

    /** Who is told, on the loop's thread. */
    interface Ready {
        void ready();
    }

    TcpReadiness(IceLoop loop, String name) {
        this.loop = loop;
        try {
            selector = Selector.open();
        } catch (IOException e) {
            throw new UncheckedIOException("No selector to be had: " + e, e);
        }
        thread = Thread.ofPlatform().daemon().name(name).start(this::run);
    }

    /** Room to read into, for whoever runs on the loop's thread, until they return. */
    ByteBuffer incoming() {
        return incoming;
    }

    /** Watches a channel that does not block. */
    SelectionKey register(SelectableChannel channel, int operations, Ready ready)
            throws ClosedChannelException {
        SelectionKey key = channel.register(selector, operations, ready);
        selector.wakeup();
        return key;
    }

    /** Watches once more. */
    void watch(SelectionKey key, int operations) {
        try {
            key.interestOps(operations);
            selector.wakeup();
        } catch (CancelledKeyException _) {
            // closed
        }
    }

    /** A channel was closed: lets go of it, without which its socket stays. */
    void forget() {
        selector.wakeup();
    }

    private void run() {
        List<Ready> ready = new ArrayList<>();
        try (selector) {
            while (!closing) {
                selector.select(key -> take(key, ready));
                for (Ready each : ready) loop.execute(each::ready);
                ready.clear();
            }
            selector.keys().forEach(TcpReadiness::close);
        } catch (IOException e) {
            LOG.log(Level.ERROR, "thread=" + thread.getName() + " ended: " + e, e);
        }
    }

    private static void take(SelectionKey key, List<Ready> ready) {
        try {
            key.interestOps(0);
        } catch (CancelledKeyException _) {
            return;
        }
        if (key.attachment() instanceof Ready one) ready.add(one);
    }

    private static void close(SelectionKey key) {
        try {
            key.channel().close();
        } catch (IOException _) {
            // it is gone all the same
        }
    }

    /** Closes all channels, and waits for the thread, which waits for nobody. */
    @Override
    public void close() {
        closing = true;
        selector.wakeup();
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
