package dev.peerline.turn.io;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.function.Consumer;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/**
 * DTLS of one client, server side, between datagrams on the wire and datagrams for the handlers.
 * Signatures are made on another thread. Not thread-safe otherwise.
 */
final class DtlsFilter {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /** A record has at most 16 KiB of data, and some more of what protects it. */
    static final int RECORD_BYTES = 17 * 1024;

    /** A client's flight has a few; what comes on top it sends again. */
    private static final int MAX_WAITING = 16;

    /** No handshake takes more steps for one datagram. */
    private static final int MAX_STEPS = 100;

    private final SSLEngine engine;
    private final TlsFilter.Delegate delegate;
    private final Consumer<ByteBuffer> reader;
    private final DtlsFlights wire;
    private final ArrayDeque<ByteBuffer> waiting = new ArrayDeque<>();
    private final Room room;
    private boolean working;
    private boolean over;

    /** Where filters of one thread read and write: what lies there is used at once. */
    static final class Room {
        private final ByteBuffer plain = ByteBuffer.allocate(RECORD_BYTES);
        private final ByteBuffer sealed = ByteBuffer.allocate(RECORD_BYTES);
    }

    /**
     * A filter before its handshake.
     *
     * @param delegate runs a task elsewhere, and {@link #resume} afterwards
     * @param reader is given each datagram of the client, which is overwritten by the next
     * @param wire is given each datagram for the client, likewise
     */
    DtlsFilter(
            SSLEngine engine,
            Room room,
            TlsFilter.Delegate delegate,
            Consumer<ByteBuffer> reader,
            Consumer<ByteBuffer> wire)
            throws SSLException {
        this.engine = engine;
        this.room = room;
        this.delegate = delegate;
        this.reader = reader;
        this.wire = new DtlsFlights(wire);
        engine.beginHandshake();
    }

    /** Whether nothing comes any more: it was ended, by whomever, or failed. */
    boolean isOver() {
        return over;
    }

    /** Whether the handshake is done. */
    boolean isOpen() {
        return !over && !working && engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING;
    }

    /** Takes a datagram from the wire. */
    void received(ByteBuffer datagram) {
        if (over || waiting.size() >= MAX_WAITING) return;
        wire.heard();
        if (isOpen() && ClientHello.isHandshake(datagram)) {
            wire.resend();
            return;
        }
        waiting.add(ByteBuffer.allocate(datagram.remaining()).put(datagram).flip());
        if (!working) turn();
    }

    /** After a task: goes on with what came meanwhile. */
    void resume() {
        working = false;
        turn();
    }

    /** What was sent last may be lost: it is sent again (RFC 6347 §4.2.4). */
    void repeat() {
        boolean waits =
                !over && !working && engine.getHandshakeStatus() == HandshakeStatus.NEED_UNWRAP;
        if (!waits) return;
        try {
            wrap(NOTHING);
            turn();
        } catch (SSLException e) {
            over = true;
        }
    }

    /** Says goodbye, once. */
    void close() {
        if (over) return;
        engine.closeOutbound();
        try {
            wrap(NOTHING);
        } catch (SSLException e) {
            // it is over either way
        }
        over = true;
    }

    /** Sends one datagram; one that comes before the handshake is done is dropped. */
    void send(ByteBuffer datagram) {
        if (!isOpen()) return;
        try {
            wrap(datagram);
        } catch (SSLException e) {
            over = true;
        }
    }

    private void turn() {
        try {
            for (int i = 0; i < MAX_STEPS && !over && step(); i++) {
                // one after another
            }
        } catch (SSLException e) {
            fail();
        }
    }

    /** Whether there may be more to do. */
    private boolean step() throws SSLException {
        return switch (engine.getHandshakeStatus()) {
            case NEED_TASK -> {
                Runnable task = engine.getDelegatedTask();
                if (task == null) yield true;
                working = true;
                delegate.run(task);
                yield false;
            }
            case NEED_WRAP -> {
                wrap(NOTHING);
                yield true;
            }
            case NEED_UNWRAP_AGAIN -> {
                unwrap(NOTHING.duplicate());
                yield true;
            }
            default -> next();
        };
    }

    private boolean next() throws SSLException {
        ByteBuffer datagram = waiting.peek();
        if (datagram == null) return false;
        int before = datagram.remaining();
        unwrap(datagram);
        // What the engine does not take is nothing that it knows
        if (!datagram.hasRemaining() || datagram.remaining() == before) waiting.poll();
        return true;
    }

    private void unwrap(ByteBuffer datagram) throws SSLException {
        ByteBuffer plain = room.plain.clear();
        SSLEngineResult result = engine.unwrap(datagram, plain);
        if (plain.flip().hasRemaining()) {
            wire.confirmed();
            reader.accept(plain);
        }
        if (result.getStatus() == SSLEngineResult.Status.CLOSED) close();
    }

    private void wrap(ByteBuffer datagram) throws SSLException {
        ByteBuffer sealed = room.sealed.clear();
        SSLEngineResult result = engine.wrap(datagram, sealed);
        if (sealed.flip().hasRemaining()) wire.send(sealed);
        if (result.getStatus() == SSLEngineResult.Status.CLOSED) over = true;
    }

    /** Tells the client why: the alert that the engine has made. */
    private void fail() {
        try {
            wrap(NOTHING);
        } catch (SSLException e) {
            // the same as before
        }
        over = true;
    }

    /**
     * What an engine answers to a first ClientHello: a HelloVerifyRequest, or null for what is not
     * one. Nothing is kept of it (RFC 6347 §4.2.1).
     */
    static @Nullable ByteBuffer answer(SSLEngine engine, Room room, ByteBuffer hello) {
        ByteBuffer[] answer = new ByteBuffer[1];
        try {
            DtlsFilter once =
                    new DtlsFilter(
                            engine,
                            room,
                            Runnable::run,
                            it -> {},
                            it -> answer[0] = ByteBuffer.allocate(it.remaining()).put(it).flip());
            once.received(hello);
            while (once.working) once.resume();
        } catch (SSLException e) {
            return null;
        }
        return answer[0];
    }
}
