package dev.peerline.fallback.link.pair;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Member;
import dev.peerline.fallback.link.wire.PairFrame;
import dev.peerline.fallback.link.wire.Resume;
import dev.peerline.fallback.link.wire.UpBody;
import dev.peerline.fallback.link.wire.WireWriter;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/** Makes packets of what is owed to other peers, each of them in turn. Not thread-safe. */
final class Packer {
    private final PairLimits limits;
    private int turn;

    Packer(PairLimits limits) {
        this.limits = limits;
    }

    /** The next thing to put on a carrier; null when there is nothing that a path would take. */
    @Nullable PairOutput next(List<Remote> remotes, Writable writable, long nowNanos) {
        boolean session = writable.session();
        turn++;
        for (int i = 0; i < remotes.size(); i++) {
            Remote remote = remotes.get(Math.floorMod(i + turn, remotes.size()));
            Remote.Loose loose = remote.loose().poll();
            if (loose != null) return once(remote, loose);
            if (session && remote.asksAside()) return aside(remote);
            boolean direct = remote.path() == PairPath.DIRECT;
            if (!(direct ? writable.direct(remote.id()) : session)) continue;
            PairOutput output = packet(remote, remotes, nowNanos);
            if (output != null) return output;
        }
        return session ? sessionAcks(remotes, nowNanos) : null;
    }

    private static PairOutput once(Remote remote, Remote.Loose loose) {
        return loose.path() == PairPath.DIRECT
                ? new PairOutput.Direct(remote.member(), loose.frame(), true)
                : new PairOutput.Datagram(remote.member(), loose.frame());
    }

    /** Asks over the session for what an old session may have held; the pair stays where it is. */
    private static PairOutput aside(Remote remote) {
        remote.askAside(false);
        return new PairOutput.Envelope(
                List.of(remote.member()), resume(remote, true, true).encode());
    }

    private @Nullable PairOutput packet(Remote remote, List<Remote> remotes, long nowNanos) {
        WireWriter out = new WireWriter();
        Remote.Greeting greeting = remote.greeting();
        if (greeting != Remote.Greeting.NONE) {
            out.frame(resume(remote, greeting == Remote.Greeting.ASK, false));
            remote.greeted();
        }
        boolean shared = out.size() == 0 && remote.path() == PairPath.SESSION;
        List<Remote> to = messages(out, remote, shared ? remotes : List.of(remote), nowNanos);
        boolean acksDue = nowNanos >= remote.ackAtNanos() && remote.path() == PairPath.DIRECT;
        if (to.size() == 1 && remote.owesAcks() && (out.size() > 0 || acksDue)) {
            remote.takeAcks().forEach(out::frame);
        }
        if (out.size() == 0) return null;
        return remote.path() == PairPath.DIRECT
                ? new PairOutput.Direct(remote.member(), out.take(), false)
                : new PairOutput.Envelope(members(to), out.take());
    }

    private static List<Member> members(List<Remote> remotes) {
        return remotes.stream().map(Remote::member).toList();
    }

    /**
     * Writes what comes next for a peer, a frame of each channel in turn. Those of the candidates
     * that want just the same share the packet: one upload, however many peers.
     *
     * @return whom the packet is for
     */
    private List<Remote> messages(
            WireWriter out, Remote remote, List<Remote> candidates, long nowNanos) {
        List<Remote> to = List.of(remote);
        boolean begun = false;
        int idle = 0;
        while (idle < remote.channelCount() && out.size() < limits.packetBytes()) {
            OutChannel channel = remote.channelInTurn();
            OutChannel.Piece piece = remote.next(channel, limits.windowBytes(remote.path()));
            if (piece == null) {
                idle++;
                remote.passTurn();
                continue;
            }
            List<Remote> same = sharing(remote, candidates, channel, piece);
            // Those who share the packet have to share all of it, and what many want is not sent to
            // one alone.
            if (begun && !same.equals(to)) break;
            to = same;
            begun = true;
            for (Remote other : to) other.went(channel, piece, nowNanos);
            out.raw(piece.frame());
            remote.passTurn();
            idle = 0;
        }
        return to;
    }

    private List<Remote> sharing(
            Remote remote, List<Remote> candidates, OutChannel channel, OutChannel.Piece piece) {
        if (candidates.size() == 1) return candidates;
        List<Remote> same = new ArrayList<>(candidates.size());
        for (Remote other : candidates) {
            if (other == remote || wants(other, channel, piece)) same.add(other);
        }
        return same;
    }

    private boolean wants(Remote other, OutChannel channel, OutChannel.Piece piece) {
        if (channel.to().scope() != Scope.ROOM
                || other.path() != PairPath.SESSION
                || other.greeting() != Remote.Greeting.NONE) {
            return false;
        }
        OutChannel.Piece its = other.next(channel, limits.sessionWindowBytes());
        return its != null && its.covers(piece);
    }

    private static Resume resume(Remote remote, boolean answer, boolean aside) {
        List<Resume.Channel> channels = new ArrayList<>(remote.channelCount());
        for (int i = 0; i < remote.channelCount(); i++) {
            OutChannel channel = remote.channel(i);
            channels.add(
                    new Resume.Channel(
                            channel.number(),
                            channel.to().scope().number(),
                            channel.name(),
                            remote.base(channel)));
        }
        return new Resume(remote.move(), answer, aside, channels, remote.inbox().progress());
    }

    /** Over a session, one frame up for all senders. */
    private static @Nullable PairOutput sessionAcks(List<Remote> remotes, long nowNanos) {
        List<Remote> owed = new ArrayList<>();
        boolean due = false;
        for (Remote remote : remotes) {
            if (remote.path() != PairPath.SESSION || !remote.owesAcks()) continue;
            owed.add(remote);
            due |= nowNanos >= remote.ackAtNanos();
        }
        if (!due) return null;
        return new PairOutput.Acks(
                owed.stream()
                        .map(each -> new UpBody.Acknowledgement(each.member(), acks(each)))
                        .toList());
    }

    private static Bytes acks(Remote remote) {
        WireWriter out = new WireWriter();
        for (PairFrame.Ack ack : remote.takeAcks()) out.frame(ack);
        return out.take();
    }
}
