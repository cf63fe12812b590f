package dev.peerline.fallback.grpc;

import dev.peerline.fallback.grpc.PushAccess.Granted;
import dev.peerline.fallback.grpc.v1.ConnectRequest;
import dev.peerline.fallback.grpc.v1.ConnectResponse;
import dev.peerline.fallback.grpc.v1.PublishRequest;
import dev.peerline.fallback.grpc.v1.PublishResponse;
import dev.peerline.fallback.grpc.v1.PublishStreamResponse;
import dev.peerline.fallback.grpc.v1.PushGrpc;
import dev.peerline.fallback.grpc.v1.SubscribeRequest;
import dev.peerline.fallback.grpc.v1.SubscribeResponse;
import dev.peerline.fallback.link.topic.Topics;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;

/** {@code peerline.v1.Push}. No method waits; a reader that does costs no thread. Thread-safe. */
final class PushService extends PushGrpc.PushImplBase {
    private static final int MAX_HUBS = 4;

    private final PushAccess access;
    private final PushLimits limits;
    private final PushMetrics metrics;
    private final Publisher publisher;
    private final Subscriptions subscriptions;
    private final List<Hub> hubs = new ArrayList<>();
    private final AtomicInteger turn = new AtomicInteger();
    private volatile boolean draining;

    PushService(Topics topics, PushAccess access, PushLimits limits, PushMetrics metrics) {
        this.access = access;
        this.limits = limits;
        this.metrics = metrics;
        publisher = new Publisher(topics, access, limits, metrics, this::isDraining);
        subscriptions = new Subscriptions(topics, access);
        int count = Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, MAX_HUBS);
        for (int i = 0; i < count; i++) hubs.add(new Hub(topics, i));
    }

    PushLimits limits() {
        return limits;
    }

    PushMetrics metrics() {
        return metrics;
    }

    Publisher publisher() {
        return publisher;
    }

    boolean isDraining() {
        return draining;
    }

    private Hub nextHub() {
        return hubs.get(Math.floorMod(turn.getAndIncrement(), hubs.size()));
    }

    @Override
    public void publish(PublishRequest request, StreamObserver<PublishResponse> observer) {
        ServerCallStreamObserver<PublishResponse> call =
                (ServerCallStreamObserver<PublishResponse>) observer;
        // Whoever gives up may do so: the message is kept, or is not.
        call.setOnCancelHandler(() -> {});
        PushCaller caller = Calls.current().caller();
        publisher.publish(caller, request, nextHub(), outcome -> answer(call, outcome));
    }

    private void answer(ServerCallStreamObserver<PublishResponse> call, Publisher.Outcome outcome) {
        switch (outcome) {
            case Publisher.Outcome.Kept(String id) -> {
                call.onNext(PublishResponse.newBuilder().setId(id).build());
                call.onCompleted();
            }
            case Publisher.Outcome.Refused(PushRefusal refusal) -> refuse(call, refusal);
        }
    }

    private void refuse(StreamObserver<?> call, PushRefusal refusal) {
        metrics.refused(refusal.error());
        call.onError(refusal.exception());
    }

    @Override
    public void subscribe(SubscribeRequest request, StreamObserver<SubscribeResponse> observer) {
        ServerCallStreamObserver<SubscribeResponse> call =
                (ServerCallStreamObserver<SubscribeResponse>) observer;
        switch (open(Calls.current().caller(), request)) {
            case Subscriptions.Outcome.Refused(PushRefusal refusal) -> refuse(call, refusal);
            case Subscriptions.Outcome.Opened opened -> {
                Hub hub = nextHub();
                SubscribeStream stream = new SubscribeStream(this, hub, call, opened);
                hub.run(stream::open);
            }
        }
    }

    /** Counts a reader in; whoever gets one closes it. */
    Subscriptions.Outcome open(PushCaller caller, SubscribeRequest request) {
        if (draining) return new Subscriptions.Outcome.Refused(Publisher.goingAway());
        Subscriptions.Outcome outcome = subscriptions.open(caller, request);
        if (outcome instanceof Subscriptions.Outcome.Opened) metrics.opened();
        return outcome;
    }

    /** Counts a reader out. */
    void closed(Granted granted) {
        access.close(granted.limitsKey());
        metrics.closed();
    }

    @Override
    public StreamObserver<PublishRequest> publishStream(
            StreamObserver<PublishStreamResponse> observer) {
        return enter(
                observer,
                (call, granted) -> {
                    Hub hub = nextHub();
                    PublishStream stream =
                            new PublishStream(
                                    this,
                                    hub,
                                    call,
                                    Calls.current().caller(),
                                    granted.untilMillis());
                    hub.run(stream::open);
                    return stream;
                });
    }

    @Override
    public StreamObserver<ConnectRequest> connect(StreamObserver<ConnectResponse> observer) {
        return enter(
                observer,
                (call, granted) -> {
                    Hub hub = nextHub();
                    ConnectStream stream =
                            new ConnectStream(
                                    this,
                                    hub,
                                    call,
                                    Calls.current().caller(),
                                    granted.untilMillis());
                    hub.run(stream::open);
                    return stream;
                });
    }

    /** Lets a client in that sends a stream, or tells it why not. */
    private <Q, A> StreamObserver<Q> enter(
            StreamObserver<A> observer,
            BiFunction<ServerCallStreamObserver<A>, Granted, StreamObserver<Q>> opening) {
        ServerCallStreamObserver<A> call = (ServerCallStreamObserver<A>) observer;
        call.disableAutoRequest();
        PushAccess.Decision decision =
                draining
                        ? new PushAccess.Refused(Publisher.goingAway())
                        : access.enter(Calls.current().caller());
        return switch (decision) {
            case Granted granted -> opening.apply(call, granted);
            case PushAccess.Refused(PushRefusal refusal) -> {
                refuse(call, refusal);
                yield new Deaf<>();
            }
        };
    }

    /** Ends all streams, one after another within the time, and takes no new ones. */
    void drain(long spreadMillis) {
        draining = true;
        hubs.forEach(hub -> hub.drain(spreadMillis));
    }

    /** Ends its threads. */
    void close() {
        draining = true;
        hubs.forEach(Hub::close);
    }

    /** Takes what a refused client has sent already. */
    private static final class Deaf<Q> implements StreamObserver<Q> {
        @Override
        public void onNext(Q request) {}

        @Override
        public void onError(Throwable cause) {}

        @Override
        public void onCompleted() {}
    }
}
