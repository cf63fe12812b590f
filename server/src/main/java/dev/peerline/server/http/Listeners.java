package dev.peerline.server.http;

import dev.peerline.turn.RelayServer;

import io.undertow.UndertowOptions;
import io.undertow.connector.ByteBufferPool;
import io.undertow.protocols.ssl.UndertowXnioSsl;
import io.undertow.server.DefaultByteBufferPool;
import io.undertow.server.HttpHandler;
import io.undertow.server.protocol.http.AlpnOpenListener;
import io.undertow.server.protocol.http.HttpOpenListener;
import io.undertow.server.protocol.http2.Http2OpenListener;

import org.jspecify.annotations.Nullable;
import org.xnio.ChannelListener;
import org.xnio.ChannelListeners;
import org.xnio.IoUtils;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.StreamConnection;
import org.xnio.Xnio;
import org.xnio.XnioExecutor;
import org.xnio.XnioWorker;
import org.xnio.channels.AcceptingChannel;
import org.xnio.ssl.SslConnection;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.SSLContext;

/**
 * Sockets that listen for HTTP and HTTPS, on the I/O threads of one worker. What {@code
 * io.undertow.Undertow} assembles, assembled here so that each connection is counted before it is
 * read, and one port can be opened on several addresses. Used by one thread.
 */
final class Listeners implements AutoCloseable {
    private static final int BUFFER_BYTES = 16 * 1024;
    private static final int MAX_HEADER_BYTES = 32 * 1024;
    private static final int MAX_HEADERS = 64;
    private static final int MAX_PARAMETERS = 32;

    /** Streams that a client may take back: more of them in the time, and it is sent away. */
    private static final int MAX_RESETS = 200;

    private static final int RESETS_MILLIS = 10_000;

    /** Frames that wait for a client: when there are more, nothing is read of it. */
    private static final int MAX_QUEUED_FRAMES = 50;

    private static final long MAX_BODY_BYTES = 1024 * 1024;
    private static final int BACKLOG = 1024;
    private static final int SWEEP_MILLIS = 1000;

    private final XnioWorker worker;
    private final ByteBufferPool buffers = new DefaultByteBufferPool(true, BUFFER_BYTES);
    private final Connections connections;
    private final Departures departures = new Departures();
    private final OptionMap http;
    private final OptionMap http2;
    private final long headMillis;
    private final List<AcceptingChannel<?>> servers = new ArrayList<>();
    private final XnioExecutor.Key sweeping;

    Listeners(Connections connections, HttpConfig.Timeouts timeouts) throws IOException {
        this.connections = connections;
        this.http = http(timeouts);
        // What HTTP/1.1 calls "no request" HTTP/2 does not know; long polls are shorter than this.
        this.http2 =
                OptionMap.builder()
                        .addAll(http)
                        .set(UndertowOptions.IDLE_TIMEOUT, (int) timeouts.idle().toMillis())
                        .set(UndertowOptions.HTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, Streams.MAX)
                        .set(UndertowOptions.MAX_RST_FRAMES_PER_WINDOW, MAX_RESETS)
                        .set(UndertowOptions.RST_FRAMES_TIME_WINDOW, RESETS_MILLIS)
                        .set(UndertowOptions.QUEUED_FRAMES_HIGH_WATER_MARK, MAX_QUEUED_FRAMES)
                        .getMap();
        this.headMillis = timeouts.head().toMillis();
        int threads = Math.max(2, Runtime.getRuntime().availableProcessors());
        this.worker =
                Xnio.getInstance(Listeners.class.getClassLoader())
                        .createWorker(
                                OptionMap.builder()
                                        .set(Options.WORKER_NAME, "http")
                                        .set(Options.WORKER_IO_THREADS, threads)
                                        .set(Options.WORKER_TASK_CORE_THREADS, 1)
                                        .set(Options.WORKER_TASK_MAX_THREADS, 2 * threads)
                                        .set(Options.TCP_NODELAY, true)
                                        .getMap());
        this.sweeping =
                worker.getIoThread()
                        .executeAtInterval(connections::sweep, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Runs a task, which must not wait, once a second until this is closed. */
    void everySecond(Runnable task) {
        XnioExecutor.Key _ =
                worker.getIoThread().executeAtInterval(task, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Opens a port for plain HTTP/1.1; the port it got. */
    int listen(InetSocketAddress address, HttpHandler handler) throws IOException {
        HttpOpenListener listener = new HttpOpenListener(buffers, http);
        listener.setRootHandler(handler);
        ChannelListener<AcceptingChannel<StreamConnection>> accept =
                ChannelListeners.openListenerAdapter(
                        connections.before(departures.before(listener)));
        return opened(
                address, () -> worker.createStreamConnectionServer(address, accept, sockets()));
    }

    /**
     * Opens a port for TLS, with HTTP/2 for those that speak it.
     *
     * @param relay for TURN clients that come to this port, or null
     * @return the port it got
     */
    int listen(
            InetSocketAddress address,
            SSLContext context,
            HttpHandler handler,
            @Nullable RelayServer relay)
            throws IOException {
        HttpOpenListener one = new HttpOpenListener(buffers, http);
        one.setRootHandler(handler);
        Http2OpenListener two = new Http2OpenListener(buffers, http2);
        two.setRootHandler(handler);
        AlpnOpenListener either =
                new AlpnOpenListener(buffers, http, relay == null ? one : aside(one, relay, false));
        // A client that asks for either gets HTTP: it asks for TURN alone when it means TURN
        if (relay != null) either.addProtocol(StunAside.PROTOCOL, aside(one, relay, true), 1);
        either.addProtocol(Http2OpenListener.HTTP2, two, 10);
        UndertowXnioSsl ssl =
                new UndertowXnioSsl(worker.getXnio(), OptionMap.EMPTY, buffers, context);
        ChannelListener<AcceptingChannel<StreamConnection>> accept =
                ChannelListeners.openListenerAdapter(
                        connections.before(departures.before(withHandshakeDeadline(either))));
        @SuppressWarnings({"unchecked", "rawtypes"}) // SslConnection is a StreamConnection
        ChannelListener<? super AcceptingChannel<org.xnio.ssl.SslConnection>> acceptSsl =
                (ChannelListener) accept;
        return opened(
                address,
                () -> ssl.createSslConnectionServer(worker, address, acceptSsl, sockets()));
    }

    private StunAside aside(HttpOpenListener http, RelayServer relay, boolean always) {
        return new StunAside(
                http,
                (connection, begin) -> RelayedStream.open(relay, connection, begin),
                always,
                buffers);
    }

    /** The layers above begin to count time when there is a request to wait for. */
    private ChannelListener<StreamConnection> withHandshakeDeadline(
            ChannelListener<StreamConnection> next) {
        return connection -> {
            XnioExecutor.Key deadline =
                    connection
                            .getIoThread()
                            .executeAfter(
                                    () -> IoUtils.safeClose(connection),
                                    headMillis,
                                    TimeUnit.MILLISECONDS);
            if (connection instanceof SslConnection ssl)
                ssl.getHandshakeSetter().set(_ -> deadline.remove());
            next.handleEvent(connection);
        };
    }

    private interface Opening {
        AcceptingChannel<?> open() throws IOException;
    }

    private int opened(InetSocketAddress address, Opening opening) throws IOException {
        AcceptingChannel<?> server;
        try {
            server = opening.open();
        } catch (BindException problem) {
            throw new BindException(
                    "Port %d on %s: %s"
                            .formatted(
                                    address.getPort(),
                                    address.getAddress().getHostAddress(),
                                    problem.getMessage()));
        }
        servers.add(server);
        server.resumeAccepts();
        return server.getLocalAddress(InetSocketAddress.class).getPort();
    }

    private static OptionMap sockets() {
        return OptionMap.builder()
                .set(Options.TCP_NODELAY, true)
                .set(Options.REUSE_ADDRESSES, true)
                .set(Options.BACKLOG, BACKLOG)
                .getMap();
    }

    /** Every socket that listens. */
    List<InetSocketAddress> places() {
        return servers.stream()
                .map(server -> server.getLocalAddress(InetSocketAddress.class))
                .toList();
    }

    /** Takes no further connections. */
    void stopAccepting() {
        servers.forEach(IoUtils::safeClose);
        servers.clear();
    }

    @Override
    public void close() {
        stopAccepting();
        sweeping.remove();
        connections.closeAll();
        worker.shutdownNow();
        buffers.close();
    }

    private static OptionMap http(HttpConfig.Timeouts timeouts) {
        return OptionMap.builder()
                .set(UndertowOptions.REQUEST_PARSE_TIMEOUT, (int) timeouts.head().toMillis())
                .set(UndertowOptions.NO_REQUEST_TIMEOUT, (int) timeouts.idle().toMillis())
                .set(UndertowOptions.MAX_HEADER_SIZE, MAX_HEADER_BYTES)
                .set(UndertowOptions.MAX_HEADERS, MAX_HEADERS)
                .set(UndertowOptions.MAX_PARAMETERS, MAX_PARAMETERS)
                .set(UndertowOptions.MAX_ENTITY_SIZE, MAX_BODY_BYTES)
                .set(UndertowOptions.ENABLE_HTTP2, true)
                .getMap();
    }
}
