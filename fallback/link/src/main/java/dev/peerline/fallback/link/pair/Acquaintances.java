package dev.peerline.fallback.link.pair;

import dev.peerline.fallback.link.wire.Member;

import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** What is remembered of members that are not in the room; bounded. Not thread-safe. */
final class Acquaintances {
    private final int most;

    /** Of those that left, or that there is only what they sent to an older incarnation of ours. */
    private final Map<Member, Inbox> departed = new LinkedHashMap<>();

    /** Those whose frames came before they were known: they are asked to send again. */
    private final Set<Member> strangers = new LinkedHashSet<>();

    Acquaintances(int most) {
        this.most = most;
    }

    void remember(Member member, Inbox inbox) {
        departed.put(member, inbox);
        shorten(departed.keySet());
    }

    @Nullable Inbox find(Member member) {
        return departed.get(member);
    }

    void forget(Member member) {
        departed.remove(member);
    }

    Collection<Inbox> departed() {
        return departed.values();
    }

    void overhear(Member stranger) {
        strangers.add(stranger);
        shorten(strangers);
    }

    /** Whether something of a member that is known now was missed; asked once. */
    boolean missedSomethingOf(Member member) {
        return strangers.remove(member);
    }

    private void shorten(Set<Member> members) {
        for (Iterator<Member> oldest = members.iterator(); members.size() > most; ) {
            oldest.next();
            oldest.remove();
        }
    }
}
