package dev.peerline.net.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A network namespace with nothing but a loopback interface, whose MTU is small, for the time of
 * one task: Linux gives it to the task's thread alone. It takes root.
 */
@SuppressWarnings("restricted")
final class OwnNetwork {
    static final int MTU = 1300;
    private static final int CLONE_NEWNET = 0x40000000;

    private OwnNetwork() {}

    interface Task {
        void run() throws Exception;
    }

    static void run(Task task) throws Exception {
        assumeTrue(LinuxUdpDriver.isSupported(), "skipped: no Linux, or no native access");
        FutureTask<Void> inside =
                new FutureTask<>(
                        () -> {
                            boolean entered = unshare() == 0 && configure();
                            assumeTrue(entered, "skipped: no network namespace (root, iproute2)");
                            task.run();
                            return null;
                        });
        Thread thread = Thread.ofPlatform().start(inside);
        try {
            inside.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) throw cause;
            throw new AssertionError(e.getCause());
        } finally {
            thread.join();
        }
    }

    private static int unshare() throws IOException {
        Linker linker = Linker.nativeLinker();
        var function =
                linker.downcallHandle(
                        linker.defaultLookup().findOrThrow("unshare"),
                        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        try {
            return (int) function.invokeExact(CLONE_NEWNET);
        } catch (Throwable e) {
            throw new IOException(e);
        }
    }

    /** The command is started by this thread, so it sees this thread's network. */
    private static boolean configure() throws InterruptedException {
        try {
            Process ip =
                    new ProcessBuilder("ip", "link", "set", "lo", "up", "mtu", "" + MTU)
                            .inheritIO()
                            .start();
            assertEquals(0, ip.waitFor());
            return true;
        } catch (IOException e) {
            return false; // no such program
        }
    }
}
