package dev.peerline.turn.server;

import dev.peerline.net.stun.StunAttribute;
import dev.peerline.net.stun.StunReader;
import dev.peerline.net.stun.StunWriter;
import dev.peerline.net.udp.UdpSocket;
import dev.peerline.turn.allocation.Allocation;
import dev.peerline.turn.allocation.Client;
import dev.peerline.turn.allocation.RelayPort;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Allocations that go on at another 5-tuple (RFC 8016). A ticket is a random number that is good
 * with the credentials of its owner alone, for as long as the allocation lives.
 *
 * <p>The new 5-tuple may come to another loop, for the system shares clients out by it. Then the
 * allocation moves there, with its sockets: the loop that has it gives it up, and the other takes
 * it, each on its own thread. Not thread-safe otherwise.
 */
final class Mobility {
    /** Two numbers in hexadecimal digits: some clients take a ticket for text. */
    private static final int TICKET_CHARS = 32;

    private static final HexFormat HEX = HexFormat.of();

    private final LoopState loop;
    private final Answers answers;
    private final AllocateHandler allocations;

    Mobility(LoopState loop, Answers answers, AllocateHandler allocations) {
        this.loop = loop;
        this.answers = answers;
        this.allocations = allocations;
    }

    /** A number that nobody guesses. */
    record Ticket(long high, long low) {}

    /**
     * Where an allocation is.
     *
     * @param home null while it is on its way
     */
    record Place(@Nullable Mobility home, Allocation allocation) {}

    /** Gives an allocation a ticket. */
    void issue(Allocation allocation) {
        Ticket ticket = new Ticket(loop.random.nextLong(), loop.random.nextLong());
        allocation.ticket(ticket);
        loop.shared.tickets().put(ticket, new Place(this, allocation));
    }

    static void write(StunWriter writer, Allocation allocation) {
        if (!(allocation.ticket() instanceof Ticket ticket)) return;
        String text = HEX.toHexDigits(ticket.high) + HEX.toHexDigits(ticket.low);
        writer.text(StunAttribute.MOBILITY_TICKET, text);
    }

    /** Whose 5-tuple this is to become, or null if the request has no good ticket. */
    @Nullable Place find(StunReader request) {
        int index = request.find(StunAttribute.MOBILITY_TICKET);
        if (index < 0 || request.valueLength(index) != TICKET_CHARS) return null;
        String text = request.text(index);
        // Of what is no UTF-8 there may be fewer
        boolean digits =
                text.length() == TICKET_CHARS && text.chars().allMatch(HexFormat::isHexDigit);
        if (!digits) return null;
        int half = TICKET_CHARS / 2;
        Ticket ticket =
                new Ticket(
                        HexFormat.fromHexDigitsToLong(text, 0, half),
                        HexFormat.fromHexDigitsToLong(text, half, TICKET_CHARS));
        return loop.shared.tickets().get(ticket);
    }

    /** A Refresh with a ticket, from a 5-tuple without an allocation (§3.2.2). */
    void refresh(StunReader request, Client client, Allocation.Owner owner) {
        Place place = find(request);
        // Of somebody else, or of nobody: it is not told which
        boolean good =
                place != null && place.allocation.owner().username().equals(owner.username());
        if (place == null || !good) {
            answers.error(request, client, owner, 400, "Bad Request");
            return;
        }
        // A socket of the one kind of loops is nothing to the other
        if (place.allocation.client().isReliable() != client.isReliable()) {
            answers.error(request, client, owner, 405, "Mobility Forbidden");
            return;
        }
        Mobility home = place.home;
        if (home == null) return; // what the client sends again finds it
        if (home.loop == loop) {
            loop.unlist(place.allocation);
            settle(request, new Arrival(client, owner), place.allocation);
            return;
        }
        byte[] copy = new byte[request.length()];
        request.buffer().get(request.offset(), copy);
        Allocation allocation = place.allocation;
        Arrival arrival = new Arrival(client, owner);
        home.loop.ground.execute(() -> home.giveUp(allocation, this, arrival, copy));
    }

    /** Who has come, and how he proved who he is. */
    private record Arrival(Client client, Allocation.Owner owner) {}

    private void settle(StunReader request, Arrival arrival, Allocation allocation) {
        Client client = arrival.client;
        allocation.client(client);
        if (client instanceof StreamClient stream) stream.allocation(allocation);
        else loop.table.add(allocation);
        loop.counters.increment(Counter.ALLOCATIONS_MOVED);
        allocations.refresh(request, client, allocation, arrival.owner);
    }

    /** On the thread that has the allocation. */
    private void giveUp(Allocation allocation, Mobility to, Arrival arrival, byte[] request) {
        // It has moved or ended meanwhile: what the client sends again finds it, or is told
        if (!isHere(allocation)) return;
        List<UdpSocket.Detached> sockets = new ArrayList<>(2);
        for (RelayPort port : ports(allocation)) {
            UdpSocket.Detached socket = loop.ground.detach(port);
            if (socket == null) {
                to.loop.ground.execute(() -> to.refuse(arrival, request));
                return;
            }
            sockets.add(socket);
        }
        // Who asks meanwhile, here or there, must not get it a second time
        if (allocation.ticket() instanceof Ticket ticket)
            loop.shared.tickets().put(ticket, new Place(null, allocation));
        loop.unlist(allocation);
        loop.deadlines.remove(allocation);
        to.loop.ground.execute(() -> to.takeOver(allocation, sockets, arrival, request));
    }

    private boolean isHere(Allocation allocation) {
        if (!(allocation.ticket() instanceof Ticket ticket)) return false;
        Place place = loop.shared.tickets().get(ticket);
        return place != null && place.home == this;
    }

    private static List<RelayPort> ports(Allocation allocation) {
        List<RelayPort> ports = new ArrayList<>(2);
        for (boolean ipv4 : new boolean[] {true, false}) {
            RelayPort port = allocation.port(ipv4);
            if (port != null) ports.add(port);
        }
        return ports;
    }

    /** On the thread that the client has come to. */
    private void takeOver(
            Allocation allocation,
            List<UdpSocket.Detached> sockets,
            Arrival arrival,
            byte[] request) {
        List<RelayPort> old = ports(allocation);
        for (int i = 0; i < old.size(); i++)
            allocation.replace(loop.ground.attach(old.get(i), sockets.get(i)));
        if (allocation.ticket() instanceof Ticket ticket)
            loop.shared.tickets().put(ticket, new Place(this, allocation));
        loop.deadlines.add(allocation, allocation.expiresAtNanos());
        settle(parsed(request), arrival, allocation);
    }

    /** The allocation cannot leave its loop. */
    private void refuse(Arrival arrival, byte[] request) {
        answers.error(parsed(request), arrival.client, arrival.owner, 405, "Mobility Forbidden");
    }

    private static StunReader parsed(byte[] request) {
        StunReader reader = new StunReader();
        reader.parse(ByteBuffer.wrap(request), 0, request.length);
        return reader;
    }

    /** Whether this request wants a ticket; an Allocate asks with an empty one. */
    static boolean isWanted(StunReader request) {
        int index = request.find(StunAttribute.MOBILITY_TICKET);
        return index >= 0 && request.valueLength(index) == 0;
    }
}
