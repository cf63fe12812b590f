package dev.peerline.turn.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/**
 * TLS of one connection, server side, between bytes on the wire and bytes for the framer.
 * Signatures are made on another thread. Not thread-safe otherwise.
 */
final class TlsFilter {
    /** Where bytes for the wire go. */
    interface Wire {
        void write(ByteBuffer bytes) throws IOException;
    }

    /** Runs a task elsewhere and has the connection resumed afterwards. */
    interface Delegate {
        void run(Runnable task);
    }

    private final SSLEngine engine;
    private final Delegate delegate;
    private ByteBuffer encrypted;
    private final ByteBuffer plain;
    private boolean working;
    private boolean over;

    TlsFilter(SSLEngine engine, Delegate delegate) throws SSLException {
        this.engine = engine;
        this.delegate = delegate;
        engine.beginHandshake();
        encrypted = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        plain = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize());
    }

    boolean isOver() {
        return over;
    }

    /** Takes what came from the wire, gives plain bytes and answers. */
    void received(ByteBuffer wire, Consumer<ByteBuffer> reader, Wire out) throws IOException {
        if (encrypted.remaining() < wire.remaining()) {
            int needed = encrypted.position() + wire.remaining();
            encrypted =
                    ByteBuffer.allocate(Math.max(needed, encrypted.capacity()))
                            .put(encrypted.flip());
        }
        encrypted.put(wire);
        if (!working) turn(reader, out);
    }

    /** After a task: goes on with what came meanwhile. */
    void resume(Consumer<ByteBuffer> reader, Wire out) throws IOException {
        working = false;
        turn(reader, out);
    }

    private void turn(Consumer<ByteBuffer> reader, Wire out) throws IOException {
        while (!over) {
            HandshakeStatus status = engine.getHandshakeStatus();
            if (status == HandshakeStatus.NEED_TASK) {
                Runnable task = engine.getDelegatedTask();
                if (task == null) continue;
                working = true;
                delegate.run(task);
                return;
            }
            if (status == HandshakeStatus.NEED_WRAP) {
                wrap(ByteBuffer.allocate(0), out);
            } else if (!unwrap(reader, out)) {
                return;
            }
        }
    }

    private boolean unwrap(Consumer<ByteBuffer> reader, Wire out) throws IOException {
        encrypted.flip();
        plain.clear();
        SSLEngineResult result;
        try {
            result = engine.unwrap(encrypted, plain);
        } catch (SSLException e) {
            wrap(ByteBuffer.allocate(0), out); // the alert that says why
            throw e;
        } finally {
            encrypted.compact();
        }
        plain.flip();
        if (plain.hasRemaining()) reader.accept(plain);
        if (result.getStatus() == SSLEngineResult.Status.CLOSED) over = true;
        boolean moved = result.bytesConsumed() > 0;
        boolean asks =
                engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP
                        || engine.getHandshakeStatus() == HandshakeStatus.NEED_TASK;
        return result.getStatus() == SSLEngineResult.Status.OK && (moved || asks);
    }

    /** Encrypts; bytes that come before the handshake is done are an error of ours. */
    void send(ByteBuffer bytes, Wire out) throws IOException {
        while (bytes.hasRemaining() && !over) wrap(bytes, out);
    }

    private void wrap(ByteBuffer bytes, Wire out) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        SSLEngineResult result = engine.wrap(bytes, target);
        if (result.getStatus() == SSLEngineResult.Status.CLOSED) over = true;
        target.flip();
        if (target.hasRemaining()) out.write(target);
    }
}
