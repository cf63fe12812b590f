package dev.peerline.fallback.grpc;

import dev.peerline.fallback.grpc.v1.PublishRequest;
import dev.peerline.fallback.grpc.v1.PublishStreamResponse;

import io.grpc.Metadata;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/** One {@code PublishStream}. */
final class PublishStream extends ServedStream<PublishStreamResponse>
        implements StreamObserver<PublishRequest> {
    /** How many were answered before the one that was refused. */
    private static final Metadata.Key<String> PUBLISHED =
            Metadata.Key.of("peerline-published", Metadata.ASCII_STRING_MARSHALLER);

    private final Upload upload;
    private long published;
    private String lastId = "";
    private boolean complete;

    PublishStream(
            PushService service,
            Hub hub,
            ServerCallStreamObserver<PublishStreamResponse> call,
            PushCaller caller,
            long untilMillis) {
        super(service, hub, call, untilMillis);
        upload = new Upload(service.publisher(), caller, hub);
    }

    void open() {
        begin();
        request(Upload.MAX_TAKEN);
    }

    @Override
    public void onNext(PublishRequest request) {
        hub().run(() -> upload.take(request, this::answered));
    }

    private void answered(Publisher.Outcome outcome) {
        switch (outcome) {
            case Publisher.Outcome.Refused(PushRefusal refusal) -> end(refusal, count());
            case Publisher.Outcome.Kept(String id) -> {
                published++;
                lastId = id;
                request(1);
                completeIfDone();
            }
        }
    }

    private Metadata count() {
        Metadata trailers = new Metadata();
        trailers.put(PUBLISHED, Long.toString(published));
        return trailers;
    }

    @Override
    public void onCompleted() {
        hub().run(
                        () -> {
                            complete = true;
                            completeIfDone();
                        });
    }

    private void completeIfDone() {
        if (!complete || !upload.isIdle() || isOver()) return;
        PublishStreamResponse.Builder sum = PublishStreamResponse.newBuilder();
        send(sum.setPublished(published).setLastId(lastId).build());
        complete();
    }

    /** The call is cancelled, which its other handler says too. */
    @Override
    public void onError(Throwable cause) {
        hub().run(this::gone);
    }

    @Override
    boolean isBehind() {
        return false;
    }

    @Override
    void writeOn() {}

    @Override
    void release() {
        upload.end();
    }
}
