package dev.peerline.turn.server;

import dev.peerline.turn.allocation.Allocation;
import dev.peerline.turn.allocation.Client;

import org.jspecify.annotations.Nullable;

/** A client on a connection, which is its 5-tuple and so holds its allocation. */
public interface StreamClient extends Client {
    @Nullable Allocation allocation();

    void allocation(@Nullable Allocation allocation);

    @Override
    default boolean isReliable() {
        return true;
    }
}
