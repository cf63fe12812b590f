package dev.peerline.sdk.carrier;

import dev.peerline.fallback.link.wire.Bytes;

import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.function.Consumer;

/**
 * Reads server-sent events whose data are packets in base64 (WHATWG HTML, server-sent events). Its
 * body is complete, and empty, when the stream has ended. Called one at a time.
 */
final class EventStream implements BodySubscriber<byte[]> {
    private static final int MAX_LINE_BYTES = 2 * Requests.MAX_BODY_BYTES;
    private static final byte[] NOTHING = {};

    private final Executor loop;
    private final Consumer<Bytes> packets;
    private final CompletableFuture<byte[]> body = new CompletableFuture<>();
    private final StringBuilder line = new StringBuilder();
    private final StringBuilder data = new StringBuilder();
    private Flow.Subscription subscription =
            new Flow.Subscription() {
                @Override
                public void request(long n) {}

                @Override
                public void cancel() {}
            };

    /**
     * @param packets told on the loop; more is read when it has returned
     */
    EventStream(Executor loop, Consumer<Bytes> packets) {
        this.loop = loop;
        this.packets = packets;
    }

    @Override
    public CompletionStage<byte[]> getBody() {
        return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription its) {
        subscription = its;
        its.request(1);
    }

    @Override
    public void onNext(List<ByteBuffer> parts) {
        for (ByteBuffer part : parts) {
            // All that matters is ASCII.
            String text = StandardCharsets.ISO_8859_1.decode(part).toString();
            for (int i = 0; i < text.length(); i++) take(text.charAt(i));
        }
        if (line.length() + data.length() > MAX_LINE_BYTES) {
            subscription.cancel();
            body.completeExceptionally(new java.io.IOException("an event of more than 2 MiB"));
            return;
        }
        loop.execute(() -> subscription.request(1));
    }

    private void take(char character) {
        if (character == '\r') return;
        if (character != '\n') {
            line.append(character);
            return;
        }
        if (line.isEmpty()) dispatch();
        else if (line.indexOf("data:") == 0) data.append(line.substring(5).strip());
        line.setLength(0);
    }

    private void dispatch() {
        if (data.isEmpty()) return;
        String encoded = data.toString();
        data.setLength(0);
        try {
            Bytes packet = Bytes.of(Base64.getDecoder().decode(encoded));
            loop.execute(() -> packets.accept(packet));
        } catch (IllegalArgumentException problem) {
            subscription.cancel();
            body.completeExceptionally(problem);
        }
    }

    @Override
    public void onError(Throwable problem) {
        body.completeExceptionally(problem);
    }

    @Override
    public void onComplete() {
        body.complete(NOTHING);
    }
}
