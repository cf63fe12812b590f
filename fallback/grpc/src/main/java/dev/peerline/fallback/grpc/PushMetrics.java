package dev.peerline.fallback.grpc;

/** Where gRPC counts what it does. From any thread: it adds to a counter and nothing else. */
public interface PushMetrics {
    /** A message was taken, with so many bytes; a retry that was recognised counts. */
    void published(int bytes);

    /** So many messages were given to a reader. */
    void delivered(int messages);

    /** A reader was told of a gap. */
    void gap();

    /** A reader is there. */
    void opened();

    /** A reader is gone. */
    void closed();

    /** A call or a request was refused, or a stream ended, for this reason. */
    void refused(PushError error);

    /**
     * A call is over.
     *
     * @param method one of a closed set: the methods of Push, {@code other} for all else
     * @param status gRPC's name of it
     */
    void called(String method, String status);

    /** One connection too many. */
    void tooManyConnections();
}
