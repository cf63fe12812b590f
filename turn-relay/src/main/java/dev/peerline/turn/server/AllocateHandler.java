package dev.peerline.turn.server;

import dev.peerline.net.TransportAddress;
import dev.peerline.net.stun.StunAttribute;
import dev.peerline.net.stun.StunReader;
import dev.peerline.net.stun.StunWriter;
import dev.peerline.turn.allocation.Allocation;
import dev.peerline.turn.allocation.Client;
import dev.peerline.turn.allocation.Quotas;
import dev.peerline.turn.allocation.RelayPort;
import dev.peerline.turn.policy.RateLimit;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.TimeUnit;

/** Allocate and Refresh (RFC 8656 §7, §8). Not thread-safe. */
final class AllocateHandler {
    private static final int UDP = 17;
    private static final int TCP = 6;
    private static final int FAMILY_IPV4 = 1;
    private static final int FAMILY_IPV6 = 2;

    /** The number in draft-martinsen-tram-ssoda, which coturn's clients still use. */
    private static final int DRAFT_ADDITIONAL_ADDRESS_FAMILY = 0x8032;

    private final LoopState loop;
    private final Answers answers;
    private final RelayPorts ports;
    private final Mobility mobility;

    AllocateHandler(LoopState loop, Answers answers) {
        this.loop = loop;
        this.answers = answers;
        ports = new RelayPorts(loop);
        mobility = new Mobility(loop, answers, this);
    }

    Mobility mobility() {
        return mobility;
    }

    /** What an Allocate asks for. A code other than 0 refuses it. */
    private record Wish(
            int code,
            String reason,
            boolean ipv4,
            boolean ipv6,
            boolean both,
            boolean even,
            boolean reserve,
            long token,
            boolean tcp) {
        static Wish refused(int code, String reason) {
            return new Wish(code, reason, false, false, false, false, false, 0, false);
        }

        Wish overTcp() {
            return new Wish(code, reason, ipv4, ipv6, both, even, reserve, token, true);
        }
    }

    void allocate(
            StunReader request,
            Client client,
            @Nullable Allocation existing,
            Allocation.Owner owner) {
        if (existing != null) {
            boolean again =
                    !client.isReliable()
                            && existing.madeBy(request.transactionHigh(), request.transactionLow());
            if (again) confirm(request, client, existing, owner, 0);
            else answers.error(request, client, owner, 437, "Allocation Mismatch");
            return;
        }
        Wish wish = read(request, client);
        if (wish.code != 0) {
            answers.error(request, client, owner, wish.code, wish.reason);
            return;
        }
        if (isOwnRelay(client)) { // see RelayPath.isOwnRelay
            answers.error(request, client, owner, 403, "Forbidden");
            return;
        }
        if (redirects(request, client, owner)) return;
        Quotas.Account account = takeQuota(request, client, owner);
        if (account != null) create(request, client, owner, wish, account);
    }

    private boolean isOwnRelay(Client client) {
        TransportAddress remote = client.remote();
        return !client.isReliable()
                && loop.shared.own().isLive(remote.high(), remote.low(), remote.port());
    }

    /** RFC 8489 §10: a server that will not take the client names another. */
    private boolean redirects(StunReader request, Client client, Allocation.Owner owner) {
        Settings settings = loop.settings();
        TransportAddress other = settings.alternateServer();
        if (other != null) {
            answers.alternate(request, client, owner, other);
            return true;
        }
        if (settings.draining()) {
            answers.error(request, client, owner, 508, "Shutting Down");
            return true;
        }
        return false;
    }

    private Quotas.@Nullable Account takeQuota(
            StunReader request, Client client, Allocation.Owner owner) {
        Limits limits = loop.settings().limits();
        Quotas.Account account =
                loop.shared
                        .quotas()
                        .take(
                                owner.account(),
                                limits.maxAllocationsPerUser(),
                                limits.maxAllocations(),
                                limits.bandwidth().userBytesPerSecond(),
                                loop.nowNanos);
        if (account == null) {
            loop.counters.increment(Counter.QUOTA_REACHED);
            refuse(request, client, owner, 486, "Allocation Quota Reached");
        }
        return account;
    }

    private void refuse(
            StunReader request, Client client, Allocation.Owner owner, int code, String why) {
        loop.ground.note(new Ground.Note.Refused(Names.clean(owner.account()), code, why));
        answers.error(request, client, owner, code, why);
    }

    private Wish read(StunReader request, Client client) {
        int transport = request.find(StunAttribute.REQUESTED_TRANSPORT);
        if (transport < 0 || request.valueLength(transport) != 4) {
            return Wish.refused(400, "No REQUESTED-TRANSPORT");
        }
        long protocol = request.number(transport) >>> 24;
        if (protocol == TCP) return readTcp(request, client);
        if (protocol != UDP) return Wish.refused(442, "Unsupported Transport Protocol");
        int even = request.find(StunAttribute.EVEN_PORT);
        int token = request.find(StunAttribute.RESERVATION_TOKEN);
        int family = request.find(StunAttribute.REQUESTED_ADDRESS_FAMILY);
        int additional = request.find(StunAttribute.ADDITIONAL_ADDRESS_FAMILY);
        if (additional < 0) additional = request.find(DRAFT_ADDITIONAL_ADDRESS_FAMILY);
        boolean reserve =
                even >= 0
                        && request.valueLength(even) == 1
                        && request.buffer().get(request.valueOffset(even)) < 0;
        if (even >= 0 && request.valueLength(even) != 1) return Wish.refused(400, "EVEN-PORT");
        if (token >= 0 && (even >= 0 || family >= 0 || additional >= 0)) {
            return Wish.refused(400, "RESERVATION-TOKEN stands alone");
        }
        if (token >= 0 && request.valueLength(token) != 8) {
            return Wish.refused(400, "RESERVATION-TOKEN has 8 bytes");
        }
        if (additional >= 0 && (family >= 0 || reserve)) {
            return Wish.refused(400, "ADDITIONAL-ADDRESS-FAMILY stands alone");
        }
        long tokenValue = token < 0 ? 0 : request.buffer().getLong(request.valueOffset(token));
        return families(request, family, additional, even >= 0, reserve, tokenValue);
    }

    /** RFC 6062 §5.1. */
    private Wish readTcp(StunReader request, Client client) {
        boolean good =
                client.isReliable()
                        && !request.has(StunAttribute.EVEN_PORT)
                        && !request.has(StunAttribute.RESERVATION_TOKEN)
                        && !request.has(StunAttribute.DONT_FRAGMENT)
                        && !request.has(StunAttribute.ADDITIONAL_ADDRESS_FAMILY);
        if (!good) return Wish.refused(400, "Not with TCP");
        int family = request.find(StunAttribute.REQUESTED_ADDRESS_FAMILY);
        return families(request, family, -1, false, false, 0).overTcp();
    }

    private Wish families(
            StunReader request,
            int family,
            int additional,
            boolean even,
            boolean reserve,
            long token) {
        if (additional >= 0) {
            if (request.number(additional) >>> 24 != FAMILY_IPV6) {
                return Wish.refused(400, "ADDITIONAL-ADDRESS-FAMILY is IPv6");
            }
            return new Wish(0, "", true, true, true, even, false, 0, false);
        }
        long wanted = family < 0 ? FAMILY_IPV4 : request.number(family) >>> 24;
        boolean ipv6 = wanted == FAMILY_IPV6;
        if (!ipv6 && wanted != FAMILY_IPV4)
            return Wish.refused(440, "Address Family not Supported");
        return new Wish(0, "", !ipv6, ipv6, false, even, reserve, token, false);
    }

    private void create(
            StunReader request,
            Client client,
            Allocation.Owner owner,
            Wish wish,
            Quotas.Account account) {
        RelayPort ipv4 = null;
        RelayPort ipv6 = null;
        long reservation = wish.reserve ? loop.random.nextLong() | 1 : 0; // 0 stands for none
        if (wish.token != 0) {
            ipv4 = ports.reserved(wish.token, owner.account());
            if (ipv4 != null && !ipv4.local().isIpv4()) {
                ipv6 = ipv4;
                ipv4 = null;
            }
        } else {
            var kind = new RelayPorts.Kind(wish.even, wish.tcp, reservation, owner.account());
            if (wish.ipv4) ipv4 = ports.open(true, client, kind);
            if (wish.ipv6) ipv6 = ports.open(false, client, kind);
        }
        if (ipv4 == null && ipv6 == null) {
            noPort(request, client, owner, wish);
            return;
        }
        Allocation allocation =
                new Allocation(
                        owner,
                        client,
                        ipv4,
                        ipv6,
                        request.transactionHigh(),
                        request.transactionLow());
        if (loop.settings().limits().bandwidth().userBytesPerSecond() > 0) {
            RateLimit bandwidth = account.bandwidth();
            allocation.bandwidth(bandwidth);
        }
        allocation.reservationToken(reservation);
        if (Mobility.isWanted(request)) mobility.issue(allocation);
        install(allocation, client);
        allocation.expiresAtNanos(loop.nowNanos + lifetimeNanos(request));
        loop.deadlines.add(allocation, allocation.expiresAtNanos());
        loop.ground.note(
                new Ground.Note.Allocated(
                        Names.clean(owner.account()),
                        client.remote().toString(),
                        LoopState.relayed(allocation)));
        confirm(request, client, allocation, owner, wish.both ? missing(ipv4, ipv6) : 0);
    }

    private void noPort(StunReader request, Client client, Allocation.Owner owner, Wish wish) {
        loop.shared.quotas().release(owner.account());
        if (wish.token == 0 && loop.settings().relay(wish.ipv4, client.local()) == null) {
            answers.error(request, client, owner, 440, "Address Family not Supported");
            return;
        }
        loop.counters.increment(Counter.NO_PORT);
        refuse(request, client, owner, 508, "Insufficient Capacity");
    }

    private void install(Allocation allocation, Client client) {
        loop.counters.increment(Counter.ALLOCATIONS_MADE);
        if (client instanceof StreamClient stream) stream.allocation(allocation);
        else loop.table.add(allocation);
    }

    private static int missing(@Nullable RelayPort ipv4, @Nullable RelayPort ipv6) {
        if (ipv4 == null) return FAMILY_IPV4;
        return ipv6 == null ? FAMILY_IPV6 : 0;
    }

    private static long lifetimeNanos(StunReader request) {
        int index = request.find(StunAttribute.LIFETIME);
        long seconds = index < 0 ? -1 : request.number(index);
        if (seconds < Limits.DEFAULT_LIFETIME_SECONDS) seconds = Limits.DEFAULT_LIFETIME_SECONDS;
        return TimeUnit.SECONDS.toNanos(Math.min(seconds, Limits.MAX_LIFETIME_SECONDS));
    }

    private long secondsLeft(Allocation allocation) {
        long nanos = allocation.expiresAtNanos() - loop.nowNanos;
        return Math.max(0, TimeUnit.NANOSECONDS.toSeconds(nanos));
    }

    /**
     * @param missingFamily of two that were asked for, the one that could not be had; or 0
     */
    private void confirm(
            StunReader request,
            Client client,
            Allocation allocation,
            Allocation.Owner owner,
            int missingFamily) {
        answers.success(
                request,
                client,
                owner,
                writer -> {
                    relayed(writer, allocation.ipv4());
                    relayed(writer, allocation.ipv6());
                    writer.number(StunAttribute.LIFETIME, secondsLeft(allocation));
                    writer.xorAddress(StunAttribute.XOR_MAPPED_ADDRESS, client.remote());
                    long token = allocation.reservationToken();
                    if (token != 0) writer.longNumber(StunAttribute.RESERVATION_TOKEN, token);
                    if (missingFamily != 0) {
                        // RFC 8656 §18.12: family, then class and number as in ERROR-CODE
                        long value = (long) missingFamily << 24 | 4 << 8 | 40;
                        writer.number(StunAttribute.ADDRESS_ERROR_CODE, value);
                    }
                    Mobility.write(writer, allocation);
                });
    }

    private static void relayed(StunWriter writer, @Nullable RelayPort port) {
        if (port != null) writer.xorAddress(StunAttribute.XOR_RELAYED_ADDRESS, port.relayed());
    }

    void refresh(StunReader request, Client client, Allocation allocation, Allocation.Owner owner) {
        int family = request.find(StunAttribute.REQUESTED_ADDRESS_FAMILY);
        boolean ipv4 = family >= 0 && request.number(family) >>> 24 == FAMILY_IPV4;
        if (family >= 0 && allocation.port(ipv4) == null) {
            answers.error(request, client, owner, 443, "Peer Address Family Mismatch");
            return;
        }
        int index = request.find(StunAttribute.LIFETIME);
        boolean release = index >= 0 && request.number(index) == 0;
        if (release) {
            if (family >= 0 && allocation.port(!ipv4) != null) drop(allocation, ipv4);
            else loop.end(allocation, "released");
            answers.success(
                    request, client, owner, writer -> writer.number(StunAttribute.LIFETIME, 0));
            return;
        }
        allocation.expiresAtNanos(loop.nowNanos + lifetimeNanos(request));
        answers.success(
                request,
                client,
                owner,
                writer -> {
                    writer.number(StunAttribute.LIFETIME, secondsLeft(allocation));
                    Mobility.write(writer, allocation);
                });
    }

    /** Ends one of two families; the other goes on. */
    private void drop(Allocation allocation, boolean ipv4) {
        RelayPort port = allocation.port(ipv4);
        if (port == null) return;
        allocation.drop(ipv4);
        port.close();
        loop.shared.own().releasePort(port.local());
    }
}
