package dev.peerline.fallback.link.pair;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Id;

import java.util.List;

/** What the links have to tell their owner. */
public sealed interface PairEvent {
    /**
     * A message, handed over once.
     *
     * @param channel empty for the one without a name
     * @param dataType 0 text, 1 binary, 2 JSON
     * @param payload a view of the packet where the message is one fragment
     * @param path the carrier that its last fragment came on
     * @param loose whether it was sent unreliably
     */
    record Message(
            Id from,
            Scope scope,
            String channel,
            int dataType,
            Bytes payload,
            PairPath path,
            boolean loose)
            implements PairEvent {}

    /**
     * Something will not come.
     *
     * @param count how many numbers
     */
    record Gap(Id from, Scope scope, String channel, long count, String reason)
            implements PairEvent {}

    /**
     * Nobody is left who has not acknowledged a message, or been given up.
     *
     * @param handle what {@link Endpoint#send} answered
     * @param delivered how many acknowledged it
     * @param path the lowest that it was acknowledged over
     */
    record Settled(long handle, int delivered, List<Id> missed, PairPath path)
            implements PairEvent {}

    /**
     * A pair changed its carrier.
     *
     * @param fragments how many are sent again
     * @param stalledNanos for how long acknowledgements had not advanced
     */
    record Moved(Id id, PairPath from, PairPath to, long fragments, long stalledNanos)
            implements PairEvent {}

    /** The bytes of a {@link Endpoint#probe} came back. */
    record Echo(Id id, PairPath path, Bytes bytes) implements PairEvent {}
}
