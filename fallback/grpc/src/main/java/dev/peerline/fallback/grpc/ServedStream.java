package dev.peerline.fallback.grpc;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;

import java.util.concurrent.TimeoutException;

/**
 * A call that lasts. It is written to while its client keeps up (gRPC says so), ends with its token
 * or the server, and is cut off when its client takes nothing for too long. Its hub's thread alone
 * touches it.
 *
 * @param <T> what it is answered with
 */
abstract class ServedStream<T> implements Hub.Stream {
    private final Hub hub;
    private final PushService service;
    private final ServerCallStreamObserver<T> call;
    private final Context context;
    private long untilMillis;
    private long endAtMillis = Long.MAX_VALUE;

    /** Since when something waits that its client does not take; 0 for not. */
    private long stuckSinceMillis;

    private boolean over;

    /** On the thread of the call. */
    ServedStream(PushService service, Hub hub, ServerCallStreamObserver<T> call, long untilMillis) {
        this.service = service;
        this.hub = hub;
        this.call = call;
        context = Calls.current().context();
        this.untilMillis = untilMillis;
        call.setOnReadyHandler(() -> hub.run(this::writeOn));
        call.setOnCancelHandler(() -> hub.run(this::gone));
    }

    /** Whether something waits for its client. */
    abstract boolean isBehind();

    /** Writes while its client is ready. */
    abstract void writeOn();

    /** Gives back what it had; it is over. */
    abstract void release();

    final PushService service() {
        return service;
    }

    final Hub hub() {
        return hub;
    }

    /** It has its place on the hub from now on. */
    final void begin() {
        hub.add(this);
        // It came in while the door was closing.
        if (service.isDraining()) endAt(Hub.nowMillis());
    }

    final boolean isOver() {
        return over;
    }

    final boolean isReady() {
        return !over && call.isReady();
    }

    final void send(T answer) {
        stuckSinceMillis = 0;
        if (!over) call.onNext(answer);
    }

    /** Takes so many further requests. */
    final void request(int count) {
        if (!over && count > 0) call.request(count);
    }

    @Override
    public final void endAt(long millis) {
        endAtMillis = Math.min(endAtMillis, millis);
    }

    @Override
    public final void sweep(long nowMillis) {
        if (over) return;
        if (!isBehind() || call.isReady()) stuckSinceMillis = 0;
        else if (stuckSinceMillis == 0) stuckSinceMillis = nowMillis;
        long stuck = stuckSinceMillis == 0 ? 0 : nowMillis - stuckSinceMillis;
        if (stuck > service.limits().writeTimeout().toMillis()) {
            cut();
        } else if (untilMillis != PushAccess.Granted.NEVER
                && System.currentTimeMillis() >= untilMillis) {
            end(PushRefusal.of(PushError.TOKEN_EXPIRED, "The token has expired."));
        } else if (nowMillis >= endAtMillis) {
            end(Publisher.goingAway());
        }
    }

    /** Ends well. */
    final void complete() {
        if (over) return;
        call.onCompleted();
        gone();
    }

    /** Ends, and tells why. */
    final void end(PushRefusal why) {
        end(why, new Metadata());
    }

    /** Ends, and tells why, and something more. */
    final void end(PushRefusal why, Metadata trailers) {
        if (over) return;
        service.metrics().refused(why.error());
        call.onError(why.exception(trailers));
        gone();
    }

    /** Ends without waiting for its client to take what is on its way. */
    private void cut() {
        // gRPC resets a stream whose deadline is over, and lets any other ending wait in line.
        if (context instanceof Context.CancellableContext own) {
            own.cancel(new TimeoutException("nothing was taken"));
        } else {
            call.onError(Status.ABORTED.withDescription("nothing was taken").asException());
        }
        gone();
    }

    /** It is over, whoever ended it. */
    final void gone() {
        if (over) return;
        over = true;
        hub.remove(this);
        release();
    }
}
