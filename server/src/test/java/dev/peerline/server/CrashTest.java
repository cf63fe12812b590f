package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.peerline.sdk.Gap;
import dev.peerline.sdk.JoinOptions;
import dev.peerline.sdk.Message;
import dev.peerline.sdk.Peerline;
import dev.peerline.sdk.PeerlineException;
import dev.peerline.sdk.Room;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import java.net.URI;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** {@code kill -9} of a server that has {@code --data}: what it acknowledged is there again. */
@Execution(ExecutionMode.CONCURRENT)
final class CrashTest {
    private static final int MESSAGES_A_SECOND = 100;

    @TempDir private Path folder;

    private ServerProcess start() throws Exception {
        return ServerProcess.start(
                folder.resolve("log"), "--data=" + folder.resolve("data"), "--away=5m");
    }

    @Test
    void threeCrashesInMidStreamLoseAndDoubleNothing() throws Exception {
        crash(3);
    }

    @Test
    @Tag("slow")
    void fiftyCrashesInMidStreamLoseAndDoubleNothing() throws Exception {
        crash(50);
    }

    private void crash(int times) throws Exception {
        long seed = System.nanoTime();
        System.out.println("CrashTest seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        ServerProcess server = start();
        ScheduledExecutorService traffic = Executors.newSingleThreadScheduledExecutor();
        try (TcpProxy proxy = new TcpProxy(server.port());
                Room ada =
                        Peerline.join(
                                proxy.url("lobby"), JoinOptions.named("Ada").withMaxDirect(0));
                Room bob =
                        Peerline.join(
                                proxy.url("lobby"), JoinOptions.named("Bob").withMaxDirect(0))) {
            Collector<Gap> gaps = new Collector<>();
            ada.onGap(gaps);
            bob.onGap(gaps);
            JavaCarriersTest.await(ada);
            JavaCarriersTest.await(bob);
            Talk there = new Talk(ada, bob);
            Talk back = new Talk(bob, ada);
            var _ =
                    traffic.scheduleAtFixedRate(
                            () -> {
                                there.say();
                                back.say();
                            },
                            0,
                            1_000_000 / MESSAGES_A_SECOND,
                            TimeUnit.MICROSECONDS);
            for (int i = 0; i < times; i++) {
                there.hear(20 + random.nextInt(100));
                server.kill();
                proxy.cut();
                server = start();
                proxy.target(server.port());
                back.hear(50);
            }
            traffic.shutdown();
            assertTrue(traffic.awaitTermination(60, TimeUnit.SECONDS));
            there.check();
            back.check();
            assertTrue(gaps.isEmpty(), "a gap");
        } finally {
            traffic.shutdownNow();
            server.close();
        }
    }

    @Test
    void aFullDiskIsToldAndLosesNothingAndAllGoesOnWhenThereIsRoomAgain() throws Exception {
        ServerProcess server = start();
        URI url = URI.create("http://127.0.0.1:" + server.port() + "/lobby");
        try (Room ada = Peerline.join(url, JoinOptions.named("Ada").withMaxDirect(0));
                Room bob = Peerline.join(url, JoinOptions.named("Bob").withMaxDirect(0))) {
            Collector<PeerlineException> errors = new Collector<>();
            ada.onError(errors);
            JavaCarriersTest.await(ada);
            JavaCarriersTest.await(bob);
            Talk talk = new Talk(ada, bob);
            talk.say();
            talk.hear(1);
            assumeTrue(server.limitFiles("1"), "no prlimit here: a full disk is not tried");
            PeerlineException told = null;
            while (told == null || !told.code().equals("STORAGE")) {
                talk.say();
                told = errors.within(100);
            }
            assertTrue(told.retriable());
            String metrics = RawHttp.get(server.port(), "/metrics").text();
            assertTrue(metrics.contains("peerline_storage_trouble 1"), metrics);
            assertTrue(server.limitFiles("unlimited"));
            for (int i = 0; i < 20; i++) talk.say();
            talk.check();
        } finally {
            server.close();
        }
    }

    @Test
    void whatTheServerTookForSomebodyAwayOutlivesItAndTheSender() throws Exception {
        ServerProcess server = start();
        try (TcpProxy near = new TcpProxy(server.port());
                TcpProxy far = new TcpProxy(server.port());
                Room bob =
                        Peerline.join(
                                far.url("lobby"), JoinOptions.named("Bob").withMaxDirect(0))) {
            Collector<Message> heard = new Collector<>();
            bob.onMessage(heard);
            Room ada = Peerline.join(near.url("lobby"), JoinOptions.named("Ada").withMaxDirect(0));
            JavaCarriersTest.await(ada);
            far.refuse(true);
            far.cut();
            for (int i = 0; i < 100; i++) {
                var _ = ada.send("n" + i);
            }
            ada.close(); // It leaves when the server has everything.
            server.kill();
            server = start();
            far.target(server.port());
            far.refuse(false);
            for (int i = 0; i < 100; i++) assertEquals("n" + i, heard.next().text());
        } finally {
            server.close();
        }
    }

    @Test
    void whoCameSpokeAndWentWhileSomebodyWasAwayIsHeardAfterARestart() throws Exception {
        ServerProcess server = start();
        try (TcpProxy far = new TcpProxy(server.port());
                Room bob =
                        Peerline.join(
                                far.url("lobby"), JoinOptions.named("Bob").withMaxDirect(0))) {
            Collector<Message> heard = new Collector<>();
            bob.onMessage(heard);
            far.refuse(true);
            far.cut();
            URI url = URI.create("http://127.0.0.1:" + server.port() + "/lobby");
            try (Room ada = Peerline.join(url, JoinOptions.named("Ada").withMaxDirect(0))) {
                for (int i = 0; i < 10; i++) {
                    var _ = ada.send("n" + i);
                }
            }
            server.stop();
            server = start();
            far.target(server.port());
            far.refuse(false);
            for (int i = 0; i < 10; i++) assertEquals("n" + i, heard.next().text());
        } finally {
            server.close();
        }
    }
}
