package dev.peerline.server;

import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.server.handlers.GracefulShutdownHandler;
import io.undertow.server.handlers.PathHandler;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;

/** Everything in one process. */
@Command(
        name = "serve",
        description = "Serves everything in one process, on loopback.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
final class ServeCommand implements Callable<Integer> {
    /** Below the 10 s in which the process ends after SIGTERM. */
    private static final Duration DRAIN_LIMIT = Duration.ofSeconds(8);

    @Option(
            names = "--port",
            defaultValue = "8080",
            paramLabel = "PORT",
            description = "HTTP port; 0 is any free one. Default: ${DEFAULT-VALUE}.")
    private int port;

    @Override
    public Integer call() throws Exception {
        String host = InetAddress.getLoopbackAddress().getHostAddress();
        GracefulShutdownHandler handler = Handlers.gracefulShutdown(routes());
        Undertow server = Undertow.builder().addHttpListener(port, host, handler).build();
        start(server);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> drain(server, handler), "drain"));

        InetSocketAddress bound =
                (InetSocketAddress) server.getListenerInfo().getFirst().getAddress();
        System.out.println("ready http://" + host + ":" + bound.getPort());
        new CountDownLatch(1).await(); // SIGTERM ends the process, through drain
        return 0;
    }

    private void start(Undertow server) throws BindException {
        try {
            server.start();
        } catch (RuntimeException problem) {
            if (!(problem.getCause() instanceof BindException)) throw problem;
            throw new BindException("Port " + port + " is in use: choose another with --port");
        }
    }

    private static PathHandler routes() {
        return Handlers.path()
                .addExactPath("/healthz", exchange -> exchange.getResponseSender().send("ok"));
    }

    private static void drain(Undertow server, GracefulShutdownHandler handler) {
        handler.shutdown();
        try {
            handler.awaitShutdown(DRAIN_LIMIT.toMillis());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        server.stop();
        // Being told to stop, and doing so in order, is success; the JVM would say 143.
        Runtime.getRuntime().halt(0);
    }
}
