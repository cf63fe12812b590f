package dev.peerline.fallback.grpc;

import dev.peerline.fallback.grpc.v1.ConnectRequest;
import dev.peerline.fallback.grpc.v1.ConnectResponse;
import dev.peerline.fallback.grpc.v1.ConnectResponse.Delivery;
import dev.peerline.fallback.grpc.v1.ConnectResponse.Published;
import dev.peerline.fallback.grpc.v1.ConnectResponse.Unsubscribed;
import dev.peerline.fallback.link.topic.CursorText;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One {@code Connect}: subscriptions and messages up on one stream. A request is taken when there
 * is room for its answer, so a client that does not read is not read from either.
 */
final class ConnectStream extends ServedStream<ConnectResponse>
        implements StreamObserver<ConnectRequest> {
    private static final int MAX_SUBSCRIPTIONS = 256;
    private static final int MAX_WINDOW = 1_024;

    private final PushCaller caller;
    private final Upload upload;
    private final Map<Integer, Subscription> subscriptions = new LinkedHashMap<>();

    /** All readers, the one whose turn it is first. */
    private final Deque<Reader> turns = new ArrayDeque<>();

    /** Requests that were dealt with, and not replaced by new ones yet. */
    private int credits;

    private boolean complete;
    private boolean writing;

    private record Subscription(Reader reader, PushAccess.Granted granted) {}

    ConnectStream(
            PushService service,
            Hub hub,
            ServerCallStreamObserver<ConnectResponse> call,
            PushCaller caller,
            long untilMillis) {
        super(service, hub, call, untilMillis);
        this.caller = caller;
        upload = new Upload(service.publisher(), caller, hub);
    }

    void open() {
        begin();
        request(Upload.MAX_TAKEN);
    }

    @Override
    public void onNext(ConnectRequest request) {
        hub().run(() -> take(request));
    }

    private void take(ConnectRequest request) {
        if (isOver()) return;
        switch (request.getRequestCase()) {
            case SUBSCRIBE -> subscribe(request.getSubscribe());
            case UNSUBSCRIBE -> unsubscribe(request.getUnsubscribe().getSubscription());
            case ACKNOWLEDGE -> acknowledge(request.getAcknowledge());
            case PUBLISH -> {
                long number = request.getPublish().getRequest();
                upload.take(
                        request.getPublish().getMessage(), outcome -> answered(number, outcome));
                return; // its credit comes back with its answer
            }
            case REQUEST_NOT_SET -> refuse("A request asks for one thing that this server knows.");
        }
        dealtWith();
    }

    private void subscribe(ConnectRequest.Subscribe asked) {
        int number = asked.getSubscription();
        if (subscriptions.containsKey(number)) {
            refuse("This stream has a subscription %d.".formatted(number));
        } else if (asked.getWindow() < 0 || asked.getWindow() > MAX_WINDOW) {
            tell(
                    number,
                    PushRefusal.of(
                            PushError.BAD_REQUEST, "window is at most %d.".formatted(MAX_WINDOW)));
        } else if (subscriptions.size() == MAX_SUBSCRIPTIONS) {
            tell(
                    number,
                    PushRefusal.of(
                            PushError.TOO_MANY_READERS,
                            "A stream has at most %d subscriptions.".formatted(MAX_SUBSCRIPTIONS)));
        } else {
            switch (service().open(caller, asked.getRequest())) {
                case Subscriptions.Outcome.Refused(PushRefusal refusal) -> tell(number, refusal);
                case Subscriptions.Outcome.Opened opened -> begin(asked, opened);
            }
        }
    }

    private void begin(ConnectRequest.Subscribe asked, Subscriptions.Outcome.Opened opened) {
        int number = asked.getSubscription();
        Delivery.Builder delivery = Delivery.newBuilder().setSubscription(number);
        Reader reader =
                new Reader(
                        hub(),
                        opened.place(),
                        service().metrics(),
                        asked.getWindow(),
                        this::writeOn,
                        event ->
                                send(
                                        ConnectResponse.newBuilder()
                                                .setDelivery(delivery.setEvent(event).build())
                                                .build()));
        subscriptions.put(number, new Subscription(reader, opened.granted()));
        turns.add(reader);
        reader.begin();
        writeOn();
    }

    private void unsubscribe(int number) {
        Subscription ended = subscriptions.remove(number);
        if (ended != null) end(ended);
        Unsubscribed.Builder told = Unsubscribed.newBuilder().setSubscription(number);
        send(ConnectResponse.newBuilder().setUnsubscribed(told).build());
    }

    private void end(Subscription ended) {
        turns.remove(ended.reader());
        ended.reader().end();
        service().closed(ended.granted());
    }

    private void acknowledge(ConnectRequest.Acknowledge told) {
        Subscription subscription = subscriptions.get(told.getSubscription());
        // It may have ended meanwhile.
        if (subscription == null) return;
        if (!subscription.reader().acknowledge(CursorText.parse(told.getId()))) {
            refuse("What was never sent cannot be acknowledged.");
        }
        writeOn();
    }

    private void answered(long number, Publisher.Outcome outcome) {
        switch (outcome) {
            case Publisher.Outcome.Kept(String id) -> {
                Published.Builder published = Published.newBuilder().setRequest(number).setId(id);
                send(ConnectResponse.newBuilder().setPublished(published).build());
            }
            case Publisher.Outcome.Refused(PushRefusal refusal) ->
                    tell(refusal, ConnectResponse.Refused.newBuilder().setRequest(number));
        }
        dealtWith();
    }

    private void tell(int subscription, PushRefusal refusal) {
        tell(refusal, ConnectResponse.Refused.newBuilder().setSubscription(subscription));
    }

    private void tell(PushRefusal refusal, ConnectResponse.Refused.Builder told) {
        service().metrics().refused(refusal.error());
        told.setCode(refusal.error().name())
                .setDetail(refusal.detail())
                .setRetryAfterMs((int) Math.min(Integer.MAX_VALUE, refusal.retryAfterMillis()));
        send(ConnectResponse.newBuilder().setRefused(told).build());
    }

    /** The client does what no client of this protocol does. */
    private void refuse(String detail) {
        end(PushRefusal.of(PushError.BAD_REQUEST, detail));
    }

    private void dealtWith() {
        credits++;
        giveCredits();
        if (complete && upload.isIdle()) complete();
    }

    private void giveCredits() {
        if (credits == 0 || !isReady()) return;
        request(credits);
        credits = 0;
    }

    @Override
    public void onCompleted() {
        hub().run(
                        () -> {
                            complete = true;
                            if (upload.isIdle()) complete();
                        });
    }

    /** The call is cancelled, which its other handler says too. */
    @Override
    public void onError(Throwable cause) {
        hub().run(this::gone);
    }

    @Override
    boolean isBehind() {
        if (credits > 0) return true;
        for (Subscription each : subscriptions.values()) if (each.reader().isBehind()) return true;
        return false;
    }

    /** A step for each in turn, so that one with much to read does not hold up the others. */
    @Override
    void writeOn() {
        if (writing) return;
        writing = true;
        giveCredits();
        int idle = 0;
        while (idle < turns.size() && isReady()) {
            Reader next = turns.remove();
            turns.add(next);
            if (next.isBehind()) {
                next.step();
                idle = 0;
            } else {
                idle++;
            }
        }
        writing = false;
    }

    @Override
    void release() {
        upload.end();
        subscriptions.values().forEach(this::end);
        subscriptions.clear();
    }
}
