package dev.peerline.server;

import static dev.peerline.server.GrpcClient.after;
import static dev.peerline.server.GrpcClient.message;
import static dev.peerline.server.GrpcClient.refusal;
import static dev.peerline.server.GrpcClient.text;
import static dev.peerline.server.GrpcClient.trailer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.fallback.grpc.v1.ConnectRequest;
import dev.peerline.fallback.grpc.v1.ConnectRequest.Acknowledge;
import dev.peerline.fallback.grpc.v1.ConnectRequest.Publish;
import dev.peerline.fallback.grpc.v1.ConnectRequest.Subscribe;
import dev.peerline.fallback.grpc.v1.ConnectRequest.Unsubscribe;
import dev.peerline.fallback.grpc.v1.ConnectResponse;
import dev.peerline.fallback.grpc.v1.PublishRequest;
import dev.peerline.fallback.grpc.v1.PublishStreamResponse;
import dev.peerline.fallback.grpc.v1.SubscribeRequest;
import dev.peerline.fallback.grpc.v1.SubscribeResponse;
import dev.peerline.server.GrpcClient.Received;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.Iterator;
import java.util.concurrent.TimeUnit;

/** Streams of gRPC: in order, at the pace of whoever is slower, and to their end. */
@Timeout(180)
final class GrpcStreamsTest {
    /** Together more than the buffers of two sockets, and than the log keeps. */
    private static final int MESSAGES = 500;

    private static final String LARGE = "x".repeat(60_000);

    @Test
    void aStreamOfMessagesIsPublishedInOrderAndItsEndAnswered() throws Exception {
        try (Serving serving = Serving.with("--grpc-port=0");
                GrpcClient client = new GrpcClient(serving.grpcPort())) {
            Received<PublishStreamResponse> answer = new Received<>();
            StreamObserver<PublishRequest> up = client.async().publishStream(answer);
            for (int i = 0; i < 1_000; i++) up.onNext(message("a.b" + i % 2, "m" + i, ""));
            up.onCompleted();
            PublishStreamResponse sum = answer.next();
            answer.completed();
            assertEquals(1_000, sum.getPublished());
            Iterator<SubscribeResponse> events = client.push().subscribe(after("a.>", "0"));
            assertTrue(events.next().hasStarted());
            String last = "";
            for (int i = 0; i < 1_000; i++) {
                SubscribeResponse event = events.next();
                assertEquals("m" + i, text(event));
                last = event.getMessage().getId();
            }
            assertEquals(last, sum.getLastId());
        }
    }

    @Test
    void aStreamEndsAtTheFirstThatIsRefusedAndTellsHowManyWereNot() throws Exception {
        try (Serving serving = Serving.with("--grpc-port=0");
                GrpcClient client = new GrpcClient(serving.grpcPort())) {
            Received<PublishStreamResponse> answer = new Received<>();
            StreamObserver<PublishRequest> up = client.async().publishStream(answer);
            up.onNext(message("a", "1", ""));
            up.onNext(message("a", "2", ""));
            up.onNext(message("a.*", "3", ""));
            StatusRuntimeException refused = (StatusRuntimeException) answer.problem();
            assertEquals("INVALID_ARGUMENT BAD_TOPIC", refusal(refused));
            assertEquals("2", trailer(refused, "peerline-published"));
        }
    }

    @Test
    void aStreamThatIsTooFastIsSlowedDownAndNotRefused() throws Exception {
        // Nobody on this machine is limited but with --public. 20 a second, 200 at once: 2 s.
        try (Serving serving =
                        Serving.with(
                                "--public",
                                "--listen=127.0.0.1",
                                "--grpc-port=0",
                                "--secret-file=" + GrpcPortTest.secret(),
                                "--publishes-per-second=20");
                GrpcClient client = new GrpcClient(serving.grpcPort())) {
            String token = GrpcPortTest.token();
            Received<PublishStreamResponse> answer = new Received<>();
            StreamObserver<PublishRequest> up = client.async(token).publishStream(answer);
            for (int i = 0; i < 240; i++) up.onNext(message("a", "m" + i, ""));
            up.onCompleted();
            assertEquals(240, answer.next().getPublished());
        }
    }

    private static ConnectRequest subscribe(int number, SubscribeRequest request, int window) {
        return ConnectRequest.newBuilder()
                .setSubscribe(
                        Subscribe.newBuilder()
                                .setSubscription(number)
                                .setRequest(request)
                                .setWindow(window))
                .build();
    }

    private static ConnectRequest publish(long number, String topic, String text) {
        return ConnectRequest.newBuilder()
                .setPublish(
                        Publish.newBuilder()
                                .setRequest(number)
                                .setMessage(message(topic, text, "")))
                .build();
    }

    private static ConnectRequest acknowledge(int number, String id) {
        return ConnectRequest.newBuilder()
                .setAcknowledge(Acknowledge.newBuilder().setSubscription(number).setId(id))
                .build();
    }

    private static ConnectRequest unsubscribe(int number) {
        return ConnectRequest.newBuilder()
                .setUnsubscribe(Unsubscribe.newBuilder().setSubscription(number))
                .build();
    }

    private static SubscribeResponse delivery(Received<ConnectResponse> answers, int number)
            throws InterruptedException {
        ConnectResponse answer = answers.next();
        assertEquals(number, answer.getDelivery().getSubscription(), answer.toString());
        return answer.getDelivery().getEvent();
    }

    @Test
    void oneStreamCarriesSubscriptionsMessagesAndTheirAnswers() throws Exception {
        try (Serving serving = Serving.with("--grpc-port=0");
                GrpcClient client = new GrpcClient(serving.grpcPort())) {
            client.publish("a", "before");
            Received<ConnectResponse> answers = new Received<>();
            StreamObserver<ConnectRequest> up = client.async().connect(answers);
            up.onNext(subscribe(1, after("a", "0"), 0));
            assertTrue(delivery(answers, 1).hasStarted());
            assertEquals("before", text(delivery(answers, 1)));
            up.onNext(subscribe(2, after("b.>", "now"), 0));
            assertTrue(delivery(answers, 2).hasStarted());
            up.onNext(publish(7, "b.c", "hello"));
            // The answer and the message may come in either order.
            ConnectResponse one = answers.next();
            ConnectResponse other = answers.next();
            ConnectResponse published = one.hasPublished() ? one : other;
            ConnectResponse delivered = one.hasPublished() ? other : one;
            assertEquals(7, published.getPublished().getRequest());
            assertEquals(2, delivered.getDelivery().getSubscription());
            assertEquals("hello", text(delivered.getDelivery().getEvent()));
            assertEquals(
                    published.getPublished().getId(),
                    delivered.getDelivery().getEvent().getMessage().getId());
            up.onNext(publish(8, "b.*", "refused"));
            ConnectResponse.Refused refused = answers.next().getRefused();
            assertEquals(8, refused.getRequest());
            assertEquals("BAD_TOPIC", refused.getCode());
            up.onNext(subscribe(3, after("a", "nonsense"), 0));
            refused = answers.next().getRefused();
            assertEquals(3, refused.getSubscription());
            assertEquals("BAD_CURSOR", refused.getCode());
            up.onNext(unsubscribe(2));
            assertEquals(2, answers.next().getUnsubscribed().getSubscription());
            client.publish("b.c", "to nobody");
            client.publish("a", "last");
            assertEquals("last", text(delivery(answers, 1)));
            up.onCompleted();
            answers.completed();
            assertEquals(0, serving.server().readers());
        }
    }

    @Test
    void aWindowHoldsMessagesBackUntilTheyAreAcknowledged() throws Exception {
        try (Serving serving = Serving.with("--grpc-port=0");
                GrpcClient client = new GrpcClient(serving.grpcPort())) {
            for (int i = 0; i < 7; i++) client.publish("a", "m" + i);
            Received<ConnectResponse> answers = new Received<>();
            StreamObserver<ConnectRequest> up = client.async().connect(answers);
            up.onNext(subscribe(1, after("a", "0"), 2));
            assertTrue(delivery(answers, 1).hasStarted());
            assertEquals("m0", text(delivery(answers, 1)));
            SubscribeResponse second = delivery(answers, 1);
            assertEquals("m1", text(second));
            // What is answered now comes before what waits for an acknowledgement.
            up.onNext(publish(1, "b", "x"));
            assertTrue(answers.next().hasPublished());
            up.onNext(acknowledge(1, second.getMessage().getId()));
            assertEquals("m2", text(delivery(answers, 1)));
            SubscribeResponse fourth = delivery(answers, 1);
            assertEquals("m3", text(fourth));
            up.onNext(publish(2, "b", "x"));
            assertTrue(answers.next().hasPublished());
            up.onNext(acknowledge(1, fourth.getMessage().getId()));
            assertEquals("m4", text(delivery(answers, 1)));
            assertEquals("m5", text(delivery(answers, 1)));
            up.onNext(acknowledge(1, "1-1"));
            assertEquals("INVALID_ARGUMENT BAD_REQUEST", refusal(answers.problem()));
        }
    }

    /** Takes what comes one by one, when it is told to. */
    private static final class Slow
            implements ClientResponseObserver<SubscribeRequest, SubscribeResponse> {
        private final Received<SubscribeResponse> received = new Received<>();
        private @Nullable ClientCallStreamObserver<SubscribeRequest> call;

        @Override
        public void beforeStart(ClientCallStreamObserver<SubscribeRequest> stream) {
            call = stream;
            stream.disableAutoRequestWithInitial(1);
        }

        @Override
        public void onNext(SubscribeResponse event) {
            received.onNext(event);
        }

        @Override
        public void onError(Throwable problem) {
            received.onError(problem);
        }

        @Override
        public void onCompleted() {
            received.onCompleted();
        }

        SubscribeResponse next() throws InterruptedException {
            SubscribeResponse event = received.next();
            goOn();
            return event;
        }

        void goOn() {
            ClientCallStreamObserver<SubscribeRequest> here = call;
            assertNotNull(here);
            here.request(1);
        }
    }

    @Test
    void aReaderThatDoesNotReadHoldsUpNobodyAndIsToldWhatItMissed() throws Exception {
        try (Serving serving = Serving.with("--grpc-port=0", "--topic-mib=4");
                GrpcClient client = new GrpcClient(serving.grpcPort());
                GrpcClient idle = new GrpcClient(serving.grpcPort())) {
            Slow slow = new Slow();
            idle.async().subscribe(after("a", "0"), slow);
            assertTrue(slow.received.next().hasStarted());
            Iterator<SubscribeResponse> quick = client.push().subscribe(after("a", "0"));
            assertTrue(quick.next().hasStarted());
            for (int i = 0; i < MESSAGES; i++) {
                client.publish("a", i + LARGE);
                assertEquals(i + LARGE, text(quick.next()));
            }
            slow.goOn();
            int next = 0;
            boolean gap = false;
            boolean everGap = false;
            while (next < MESSAGES) {
                SubscribeResponse event = slow.next();
                if (event.hasGap()) {
                    assertEquals("BYTES", event.getGap().getReason().name());
                    gap = true;
                    everGap = true;
                    continue;
                }
                String data = text(event);
                int number = Integer.parseInt(data.substring(0, data.indexOf('x')));
                assertTrue(number == next || (gap && number > next), number + " after " + next);
                gap = false;
                next = number + 1;
            }
            assertTrue(everGap, "the sockets took everything: publish more");
        }
    }

    @Test
    void aDeadlineEndsAStreamOnBothSides() throws Exception {
        try (Serving serving = Serving.with("--grpc-port=0");
                GrpcClient client = new GrpcClient(serving.grpcPort())) {
            Iterator<SubscribeResponse> events =
                    client.push().withDeadlineAfter(2, TimeUnit.SECONDS).subscribe(after("a", ""));
            assertTrue(events.next().hasStarted());
            assertEquals(1, serving.server().readers());
            StatusRuntimeException end = assertThrows(StatusRuntimeException.class, events::next);
            assertEquals(Status.Code.DEADLINE_EXCEEDED, end.getStatus().getCode());
            while (serving.server().readers() > 0) Thread.onSpinWait();
        }
    }

    @Test
    void whenTheServerGoesDownStreamsAreToldToMoveAndGoOnElsewhere() throws Exception {
        try (Serving serving = Serving.with("--grpc-port=0");
                GrpcClient client = new GrpcClient(serving.grpcPort())) {
            client.publish("a", "before");
            Received<SubscribeResponse> events = new Received<>();
            client.async().subscribe(after("a", "0"), events);
            assertTrue(events.next().hasStarted());
            assertEquals("before", text(events.next()));
            Received<ConnectResponse> answers = new Received<>();
            StreamObserver<ConnectRequest> up = client.async().connect(answers);
            up.onNext(publish(1, "a", "kept"));
            assertTrue(answers.next().hasPublished());
            assertEquals("kept", text(events.next()));
            serving.server().drain();
            for (Received<?> each : new Received<?>[] {events, answers}) {
                StatusRuntimeException end = (StatusRuntimeException) each.problem();
                assertEquals("UNAVAILABLE GOING_AWAY", refusal(end));
                assertNotNull(trailer(end, "grpc-retry-pushback-ms"));
            }
        }
    }
}
