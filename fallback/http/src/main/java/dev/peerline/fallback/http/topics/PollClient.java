package dev.peerline.fallback.http.topics;

/** Who waits for the one answer to a poll. On the I/O thread of its connection. */
interface PollClient {
    /** Runs a task that may answer or wait, once its request is through the doors. */
    void proceed(Runnable task);

    /** Answers that this cannot be. */
    void refuse(TopicRefusal refusal);

    /** Answers, at once or as fast as it reads. */
    void answer(Delivery delivery);

    /**
     * Looks after it while it waits.
     *
     * @param gone to be told once when it hangs up
     * @param closed to be told when it has its answer, or will never have one
     */
    void await(Runnable gone, Runnable closed);

    /** Whether it has hung up in a way that nobody tells. */
    boolean isGone();

    /** Closes its connection. */
    void cut();
}
