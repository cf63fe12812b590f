package dev.peerline.server.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xnio.ChannelListeners;
import org.xnio.IoUtils;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.StreamConnection;
import org.xnio.Xnio;
import org.xnio.XnioIoThread;
import org.xnio.XnioWorker;
import org.xnio.channels.AcceptingChannel;
import org.xnio.conduits.ConduitStreamSourceChannel;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Clients that leave, on real sockets; when somebody looks whether others follow is the test's. */
final class DeparturesTest {
    private static final int PATIENCE_SECONDS = 30;
    private static final String END = "end";

    private final AtomicLong nanos = new AtomicLong();
    private final BlockingQueue<Look> looks = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final Departures departures =
            new Departures(nanos::get, (thread, task) -> looks.add(new Look(thread, task)));
    private XnioWorker worker;
    private AcceptingChannel<StreamConnection> server;

    /** Which threads told of an end, and what was run on the I/O thread in between. */
    private final Queue<String> tellers = new ConcurrentLinkedQueue<>();

    private record Look(XnioIoThread thread, Runnable task) {
        void run() {
            thread.execute(task);
        }
    }

    @BeforeEach
    void serve() throws IOException {
        worker = Xnio.getInstance().createWorker(OptionMap.create(Options.WORKER_IO_THREADS, 1));
        server =
                worker.createStreamConnectionServer(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        ChannelListeners.openListenerAdapter(departures.before(this::read)),
                        OptionMap.EMPTY);
        server.resumeAccepts();
    }

    @AfterEach
    void close() {
        IoUtils.safeClose(server);
        worker.shutdownNow();
    }

    private void read(StreamConnection connection) {
        ConduitStreamSourceChannel source = connection.getSourceChannel();
        source.setReadListener(
                _ -> {
                    ByteBuffer bytes = ByteBuffer.allocate(100);
                    int count;
                    try {
                        count = source.read(bytes);
                    } catch (IOException _) {
                        count = -1;
                    }
                    if (count > 0) {
                        heard.add(new String(bytes.array(), 0, count, StandardCharsets.US_ASCII));
                    } else if (count < 0) {
                        tellers.add(Thread.currentThread().getName());
                        connection.getIoThread().execute(() -> tellers.add("in between"));
                        heard.add(END);
                        IoUtils.safeClose(connection);
                    }
                });
        source.resumeReads();
    }

    private Socket client() throws Exception {
        InetSocketAddress address = server.getLocalAddress(InetSocketAddress.class);
        Socket client = new Socket(address.getAddress(), address.getPort());
        says(client, "hello");
        return client;
    }

    /** It is heard. */
    private void says(Socket client, String word) throws Exception {
        client.getOutputStream().write(word.getBytes(StandardCharsets.US_ASCII));
        assertEquals(word, heard());
    }

    private String heard() throws InterruptedException {
        String next = heard.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertNotNull(next);
        return next;
    }

    private Look look() throws InterruptedException {
        Look look = looks.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertNotNull(look);
        return look;
    }

    /** One is put aside, and another after it: what a third says twice after that comes later. */
    private Look twoLeave(Socket stays) throws Exception {
        Socket first = client();
        Socket second = client();
        first.close();
        Look look = look();
        second.close();
        says(stays, "still here");
        says(stays, "and once more");
        assertNull(heard.peek());
        return look;
    }

    @Test
    void oneWhoLeavesAloneIsToldOfAtTheFirstLook() throws Exception {
        try (Socket client = client()) {
            client.shutdownOutput();
            look().run();
            assertEquals(END, heard());
            assertEquals(-1, client.getInputStream().read());
        }
    }

    @Test
    void aCrowdIsToldOfWhenNobodyFollowsAnyMoreAndOthersAreServedMeanwhile() throws Exception {
        try (Socket stays = client()) {
            twoLeave(stays).run();
            look().run();
            assertEquals(END, heard());
            assertEquals(END, heard());
            says(stays, "last");
            assertNull(looks.peek());
        }
    }

    @Test
    void aCrowdIsToldOfOnAThreadOfItsOwnWhileItsIoThreadWaits() throws Exception {
        try (Socket stays = client()) {
            twoLeave(stays).run();
            look().run();
            assertEquals(END, heard());
            assertEquals(END, heard());
            says(stays, "served again");
        }
        String teller = tellers.remove();
        assertTrue(teller.startsWith("http departures-"), teller);
        assertEquals(List.of(teller, "in between", "in between"), List.copyOf(tellers));
    }

    @Test
    void whereSomebodyLeavesAllTheTimeNobodyIsKeptForLong() throws Exception {
        try (Socket stays = client()) {
            Look look = twoLeave(stays);
            nanos.set(TimeUnit.SECONDS.toNanos(1));
            look.run();
            assertEquals(END, heard());
            assertEquals(END, heard());
            says(stays, "last");
            assertNull(looks.peek());
        }
    }

    @Test
    void oneWhoIsCutOffIsToldOfLikeTheOthers() throws Exception {
        try (Socket client = client()) {
            // A reset, not an end.
            client.setSoLinger(true, 0);
        }
        look().run();
        assertEquals(END, heard());
    }

    @Test
    void whatCameBeforeTheEndIsReadFirst() throws Exception {
        try (Socket client = client()) {
            client.getOutputStream().write("last words".getBytes(StandardCharsets.US_ASCII));
        }
        assertEquals("last words", heard());
        look().run();
        assertEquals(END, heard());
    }
}
