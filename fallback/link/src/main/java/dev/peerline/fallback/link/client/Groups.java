package dev.peerline.fallback.link.client;

import dev.peerline.fallback.link.wire.Member;
import dev.peerline.fallback.link.wire.UpFrame;
import dev.peerline.fallback.link.wire.WireWriter;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The group numbers that are bound on the present carrier. Not thread-safe. */
final class Groups {
    private final Map<List<Member>, Integer> numbers = new HashMap<>();

    /** The number of a group, which is bound before it is used. */
    int bind(WireWriter out, List<Member> members) {
        Integer known = numbers.get(members);
        if (known != null) return known;
        // A room that comes and goes makes many groups; numbers may be bound anew, so their count
        // is
        // bounded.
        if (numbers.size() == UpFrame.MAX_GROUPS) numbers.clear();
        int number = numbers.size();
        numbers.put(members, number);
        out.frame(new UpFrame.Bind(number, members));
        return number;
    }

    void clear() {
        numbers.clear();
    }
}
