package dev.peerline.fallback.link.simulation;

import dev.peerline.fallback.link.client.ClientSession;
import dev.peerline.fallback.link.client.SessionEvent;
import dev.peerline.fallback.link.pair.Endpoint;
import dev.peerline.fallback.link.pair.PairEvent;
import dev.peerline.fallback.link.pair.PairLimits;
import dev.peerline.fallback.link.pair.PairOutput;
import dev.peerline.fallback.link.pair.PairPath;
import dev.peerline.fallback.link.pair.Writable;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.EntryBody;
import dev.peerline.fallback.link.wire.Id;
import dev.peerline.fallback.link.wire.Member;
import dev.peerline.fallback.link.wire.PeerRecord;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A page of a peer: session and pair links, and the simplest driver. */
final class SimulatedPeer {
    private final SimulatedNetwork network;
    private final String name;
    private final Bytes key;
    private final Member member;
    private final ClientSession session;
    private final Endpoint endpoint;
    private final Map<Id, OneWay> channels = new HashMap<>();

    /** Whom it knows: as its links do, those that a restarted server does not list included. */
    private final Map<Id, Long> known = new LinkedHashMap<>();

    private final List<Told> told = new ArrayList<>();
    private @Nullable Connection connection;
    private long timerNanos = Long.MAX_VALUE;
    private long wireBytes;
    private boolean closed;

    SimulatedPeer(SimulatedNetwork network, String name, Bytes key, long incarnation) {
        this.network = network;
        this.name = name;
        this.key = key;
        member = new Member(ServerModel.idOf(key), incarnation);
        session =
                new ClientSession(new ClientSession.Identity("room", key, incarnation, name), null);
        endpoint = new Endpoint(incarnation, PairLimits.DEFAULT);
    }

    /**
     * @param carrier the session's number for it
     */
    private record Connection(OneWay up, OneWay down, int carrier) {}

    /** An event, and when it was. */
    record Told(long atNanos, PairEvent event) {}

    String name() {
        return name;
    }

    Bytes key() {
        return key;
    }

    Member member() {
        return member;
    }

    Id id() {
        return member.id();
    }

    Endpoint endpoint() {
        return endpoint;
    }

    ClientSession session() {
        return session;
    }

    List<Told> told() {
        return told;
    }

    Map<Id, Long> known() {
        return known;
    }

    long wireBytes() {
        return wireBytes;
    }

    boolean isConnected() {
        return connection != null;
    }

    boolean isClosed() {
        return closed;
    }

    void connect() {
        VirtualClock clock = network.clock();
        disconnect(false);
        // Packets of a carrier that was replaced may still come; they are dropped here.
        OneWay[] down = new OneWay[1];
        down[0] = new OneWay(clock, network::delay, packet -> received(down[0], packet));
        ServerModel.Carrier server = network.server().connect(down[0]::send);
        int carrier = session.open(ClientSession.Way.SOCKET, clock.now());
        connection =
                new Connection(
                        new OneWay(clock, network::delay, server::receive), down[0], carrier);
        pump();
    }

    void reconnect() {
        if (!closed && connection == null) connect();
    }

    /**
     * @param tailLost whether what is on its way up dies too
     */
    void disconnect(boolean tailLost) {
        Connection present = connection;
        if (present == null) return;
        if (tailLost) present.up().die();
        connection = null;
        session.closed(present.carrier());
    }

    /** The page is closed. */
    void close(boolean tailLost) {
        disconnect(tailLost);
        closed = true;
    }

    private void received(OneWay from, Bytes packet) {
        Connection present = connection;
        if (closed || present == null || present.down() != from) return;
        session.receive(present.carrier(), packet, network.clock().now());
        pump();
    }

    void receivedDirectly(Member from, Bytes frames) {
        if (closed) return;
        long now = network.clock().now();
        if (!endpoint.receive(from, member.incarnation(), PairPath.DIRECT, frames, now)) {
            throw new AssertionError("malformed frames");
        }
        pump();
    }

    @Nullable OneWay channel(Id to) {
        return channels.get(to);
    }

    void channel(Id to, OneWay channel) {
        channels.put(to, channel);
    }

    void dropChannel(Id to) {
        channels.remove(to);
    }

    /** Everything that the state machines have to say goes where it belongs. */
    void pump() {
        if (closed) return;
        long now = network.clock().now();
        session.advance(now);
        for (SessionEvent event; (event = session.nextEvent()) != null; ) take(event, now);
        for (PairEvent event; (event = endpoint.nextEvent()) != null; ) {
            told.add(new Told(now, event));
        }
        for (PairOutput output; (output = endpoint.transmit(Writable.ALL, now)) != null; ) {
            route(output);
        }
        Connection present = connection;
        while (present != null) {
            Bytes packet = session.transmit(present.carrier(), now);
            if (packet == null) break;
            wireBytes += packet.length();
            present.up().send(packet);
        }
        long due = Math.max(now, Math.min(session.deadlineNanos(), endpoint.deadlineNanos()));
        if (due >= timerNanos) return;
        timerNanos = due;
        network.clock()
                .after(
                        due - now,
                        () -> {
                            timerNanos = Long.MAX_VALUE;
                            pump();
                        });
    }

    private void route(PairOutput output) {
        switch (output) {
            case PairOutput.Direct(Member to, Bytes frames, boolean _) -> {
                wireBytes += frames.length();
                OneWay channel = channels.get(to.id());
                if (channel != null) channel.send(frames);
            }
            case PairOutput.Envelope(List<Member> to, Bytes frames) -> session.envelope(to, frames);
            case PairOutput.Datagram(Member to, Bytes frames) ->
                    session.datagram(List.of(to), frames);
            case PairOutput.Acks(var list) -> session.acks(list);
        }
    }

    private void take(SessionEvent event, long now) {
        switch (event) {
            case SessionEvent.Envelope(Member from, long to, Bytes frames) ->
                    take(from, to, frames, now);
            case SessionEvent.Datagram(Member from, long to, Bytes frames) ->
                    take(from, to, frames, now);
            case SessionEvent.Roster(List<PeerRecord> peers) -> {
                endpoint.roster(peers, now);
                for (PeerRecord peer : peers) know(peer.member());
            }
            case SessionEvent.Presence(EntryBody.Presence presence) -> {
                endpoint.presence(presence, now);
                if (presence.change() == EntryBody.Change.LEFT) {
                    known.remove(presence.peer().member().id());
                } else {
                    know(presence.peer().member());
                }
            }
            case SessionEvent.Lost _ -> endpoint.sessionLost(now);
            case SessionEvent.Refused(var refusal) -> throw new AssertionError(refusal.toString());
            case SessionEvent.Topical _,
                    SessionEvent.Welcomed _,
                    SessionEvent.Signalled _,
                    SessionEvent.Moving _,
                    SessionEvent.RoundTrip _ -> {}
        }
    }

    private void know(Member other) {
        known.put(other.id(), other.incarnation());
    }

    private void take(Member from, long to, Bytes frames, long now) {
        if (!endpoint.receive(from, to, PairPath.SESSION, frames, now)) {
            throw new AssertionError("malformed envelope");
        }
    }
}
