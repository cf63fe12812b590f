package dev.peerline.fallback.grpc;

import dev.peerline.fallback.grpc.v1.SubscribeResponse;

import io.grpc.stub.ServerCallStreamObserver;

/** One {@code Subscribe}. */
final class SubscribeStream extends ServedStream<SubscribeResponse> {
    private final Subscriptions.Outcome.Opened opened;
    private final Reader reader;

    SubscribeStream(
            PushService service,
            Hub hub,
            ServerCallStreamObserver<SubscribeResponse> call,
            Subscriptions.Outcome.Opened opened) {
        super(service, hub, call, opened.granted().untilMillis());
        this.opened = opened;
        reader = new Reader(hub, opened.place(), service.metrics(), 0, this::writeOn, this::send);
    }

    void open() {
        begin();
        reader.begin();
        writeOn();
    }

    @Override
    boolean isBehind() {
        return reader.isBehind();
    }

    @Override
    void writeOn() {
        while (isReady() && reader.isBehind()) reader.step();
    }

    @Override
    void release() {
        reader.end();
        service().closed(opened.granted());
    }
}
