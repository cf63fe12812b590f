package dev.peerline.sdk;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Who wants to hear of one kind of events. Thread-safe. */
final class Listeners<E> {
    private static final Logger LOG = System.getLogger(Listeners.class.getName());

    private final List<Consumer<? super E>> all = new CopyOnWriteArrayList<>();

    Subscription add(Consumer<? super E> listener) {
        // The same listener may be added twice, and is then removed one at a time.
        Consumer<E> own = listener::accept;
        all.add(own);
        return () -> all.remove(own);
    }

    boolean any() {
        return !all.isEmpty();
    }

    /** One that fails does not keep others from hearing of it. */
    void tell(E event) {
        for (Consumer<? super E> listener : all) {
            try {
                listener.accept(event);
            } catch (RuntimeException fault) {
                LOG.log(Level.WARNING, "event=listener-failed", fault);
            }
        }
    }
}
