package dev.peerline.datachannel;

/** What a channel needs of its connection. */
interface ChannelHost {
    /** Runs a task in the connection's loop; any thread may ask. */
    void execute(Runnable task);

    PeerConnectionOptions options();

    /** The longest message that the peer takes. */
    int maxMessageBytes();

    Dispatcher dispatcher();

    /** A listener has taken a message; any thread. */
    void messageTaken();

    /** The stream has something to send; in the loop. */
    void wantsToSend(ChannelStream stream);

    /** A channel that never got a stream is closed by its owner; in the loop. */
    void abandoned(DataChannel channel);
}
