package dev.peerline.turn.server;

import dev.peerline.net.MutableAddress;
import dev.peerline.net.stun.StunAttribute;
import dev.peerline.net.stun.StunReader;
import dev.peerline.turn.allocation.Allocation;
import dev.peerline.turn.allocation.Channels;
import dev.peerline.turn.allocation.Client;

/** CreatePermission and ChannelBind (RFC 8656 §10, §12). Not thread-safe. */
final class PeerHandler {
    private final LoopState loop;
    private final Answers answers;
    private final PeerCheck check;
    private final MutableAddress peer = new MutableAddress();

    PeerHandler(LoopState loop, Answers answers, PeerCheck check) {
        this.loop = loop;
        this.answers = answers;
        this.check = check;
    }

    /** All addresses or none (§10.2). */
    void createPermission(
            StunReader request, Client client, Allocation allocation, Allocation.Owner owner) {
        int addresses = 0;
        for (int i = 0; i < request.attributeCount(); i++) {
            if (request.attributeType(i) != StunAttribute.XOR_PEER_ADDRESS) continue;
            addresses++;
            if (!isPermitted(request, i, client, allocation, owner)) return;
        }
        if (addresses == 0) {
            answers.error(request, client, owner, 400, "No XOR-PEER-ADDRESS");
            return;
        }
        for (int i = 0; i < request.attributeCount(); i++) {
            if (request.attributeType(i) != StunAttribute.XOR_PEER_ADDRESS) continue;
            request.xorAddress(i, peer);
            if (install(allocation)) continue;
            loop.counters.increment(Counter.QUOTA_REACHED);
            answers.error(request, client, owner, 508, "Too Many Permissions");
            return;
        }
        answers.success(request, client, owner, writer -> {});
    }

    private boolean install(Allocation allocation) {
        int limit = loop.settings().limits().maxPermissions();
        boolean own = check.isOwn(peer);
        return allocation.permissions().install(peer.high(), peer.low(), own, limit, loop.nowNanos);
    }

    private boolean isPermitted(
            StunReader request,
            int index,
            Client client,
            Allocation allocation,
            Allocation.Owner owner) {
        int family = request.xorAddress(index, peer);
        if (family == 0) {
            answers.error(request, client, owner, 400, "Malformed XOR-PEER-ADDRESS");
            return false;
        }
        String rule = check.forbids(family, peer, client);
        if (rule != null) {
            loop.counters.increment(Counter.FORBIDDEN_PEERS);
            loop.ground.note(
                    new Ground.Note.Forbidden(Names.clean(owner.account()), peer.toString(), rule));
            answers.error(request, client, owner, 403, "Forbidden");
            return false;
        }
        if (allocation.port(family == 4) == null) {
            answers.error(request, client, owner, 443, "Peer Address Family Mismatch");
            return false;
        }
        return true;
    }

    void channelBind(
            StunReader request, Client client, Allocation allocation, Allocation.Owner owner) {
        int number = request.find(StunAttribute.CHANNEL_NUMBER);
        int address = request.find(StunAttribute.XOR_PEER_ADDRESS);
        long word = number < 0 ? -1 : request.number(number);
        if (word < 0 || address < 0) {
            answers.error(request, client, owner, 400, "No CHANNEL-NUMBER or XOR-PEER-ADDRESS");
            return;
        }
        if (allocation.isTcp()) {
            answers.error(request, client, owner, 403, "No Channels over TCP");
            return;
        }
        int channel = (int) (word >>> 16);
        if (channel < Channels.FIRST || channel > Channels.LAST) {
            answers.error(request, client, owner, 400, "Channel out of Range");
            return;
        }
        if (!isPermitted(request, address, client, allocation, owner)) return;
        boolean own = check.isOwn(peer);
        if (own && check.isListener(peer)) {
            loop.counters.increment(Counter.FORBIDDEN_PEERS);
            answers.error(request, client, owner, 403, "Forbidden");
            return;
        }
        int limit = loop.settings().limits().maxChannels();
        Channels.Bound bound =
                allocation.channels().bind(channel, peer.toAddress(), own, limit, loop.nowNanos);
        if (bound == Channels.Bound.MISMATCH) {
            answers.error(request, client, owner, 400, "Channel or Peer bound otherwise");
        } else if (bound == Channels.Bound.TOO_MANY || !install(allocation)) {
            loop.counters.increment(Counter.QUOTA_REACHED);
            answers.error(request, client, owner, 508, "Too Many Channels");
        } else {
            answers.success(request, client, owner, writer -> {});
        }
    }
}
