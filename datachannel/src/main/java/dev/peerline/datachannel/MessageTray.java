package dev.peerline.datachannel;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.function.Consumer;

/**
 * Messages for a listener; those that come before it are kept, within a limit. Lives in the tasks
 * of a {@link Dispatcher}.
 */
final class MessageTray {
    private final int maxBytes;
    private final ArrayDeque<Message> kept = new ArrayDeque<>();
    private int keptBytes;
    private @Nullable Consumer<Message> listener;

    MessageTray(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    void listener(Consumer<Message> next) {
        listener = next;
        while (!kept.isEmpty()) next.accept(kept.remove());
        keptBytes = 0;
    }

    void put(Message message) {
        if (listener != null) {
            listener.accept(message);
            return;
        }
        int bytes = Math.max(1, message.data().length);
        if (bytes > maxBytes - keptBytes) return;
        keptBytes += bytes;
        kept.add(message);
    }
}
