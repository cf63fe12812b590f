package dev.peerline.fallback.http.topics;

import dev.peerline.fallback.link.topic.TopicFilter;

import java.util.ArrayList;
import java.util.List;

/**
 * Readers of one I/O thread that read the same. Readers may leave while they are given something.
 */
final class Group {
    /** Fewer are written to without further ado. */
    private static final int MANY = 8;

    private final TopicFilter filter;
    private final List<Reader> readers = new ArrayList<>(2);

    Group(TopicFilter filter) {
        this.filter = filter;
    }

    TopicFilter filter() {
        return filter;
    }

    boolean isEmpty() {
        return readers.isEmpty();
    }

    void add(Reader reader) {
        reader.index = readers.size();
        readers.add(reader);
    }

    void remove(Reader reader) {
        int index = reader.index;
        if (index < 0) return;
        Reader last = readers.removeLast();
        if (index < readers.size()) {
            readers.set(index, last);
            last.index = index;
        }
        reader.index = -1;
    }

    /** Gives all of them the same. */
    void deliver(Delivery delivery, Hub hub) {
        if (readers.size() >= MANY) delivery.shareAt(hub);
        // Backwards: whoever leaves is replaced by the last, which has been here already.
        for (int i = readers.size() - 1; i >= 0; i--) {
            if (i < readers.size()) readers.get(i).deliver(delivery);
        }
    }

    /** Has all of them read on by themselves. */
    void catchUp() {
        for (int i = readers.size() - 1; i >= 0; i--) {
            if (i < readers.size()) readers.get(i).catchUp();
        }
    }
}
