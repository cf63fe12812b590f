package dev.peerline.turn.allocation;

import dev.peerline.turn.policy.RateLimit;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many allocations there are, in all and for each account, and how many bytes an account may
 * relay. Accounts without an allocation take no memory. Thread-safe: shared by all loops.
 */
public final class Quotas {
    /** What one account has. */
    public static final class Account {
        private final RateLimit bandwidth;
        private int allocations;

        Account(RateLimit bandwidth) {
            this.bandwidth = bandwidth;
        }

        public RateLimit bandwidth() {
            return bandwidth;
        }
    }

    private final ConcurrentHashMap<String, Account> accounts = new ConcurrentHashMap<>();
    private final AtomicInteger total = new AtomicInteger();

    public int total() {
        return total.get();
    }

    public int accounts() {
        return accounts.size();
    }

    /**
     * Counts one more allocation.
     *
     * @param perAccount the most for this account; 0 for no limit
     * @param inAll the most for all; 0 for no limit
     * @return the account, or null if there are as many already
     */
    public @Nullable Account take(
            String name, int perAccount, int inAll, long bytesPerSecond, long nowNanos) {
        if (total.incrementAndGet() > inAll && inAll > 0) {
            total.decrementAndGet();
            return null;
        }
        boolean[] taken = {false};
        Account account =
                accounts.compute(
                        name,
                        (key, old) -> {
                            Account it =
                                    old != null
                                            ? old
                                            : new Account(
                                                    new RateLimit(
                                                            bytesPerSecond,
                                                            bytesPerSecond,
                                                            nowNanos));
                            taken[0] = perAccount == 0 || it.allocations < perAccount;
                            if (taken[0]) it.allocations++;
                            return it;
                        });
        if (!taken[0]) total.decrementAndGet();
        return taken[0] ? account : null;
    }

    public void release(String name) {
        total.decrementAndGet();
        accounts.computeIfPresent(name, (key, it) -> --it.allocations == 0 ? null : it);
    }
}
