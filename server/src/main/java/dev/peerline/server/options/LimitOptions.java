package dev.peerline.server.options;

import dev.peerline.fallback.http.LinkLimits;
import dev.peerline.server.config.DurationConverter;
import dev.peerline.server.config.Numbers;
import dev.peerline.server.http.HttpConfig;
import dev.peerline.signaling.rooms.RoomLimits;

import picocli.CommandLine.Option;

import java.time.Duration;

/** What anybody, and all together, may use. */
public final class LimitOptions {
    private static final String DEFAULT = "Default: ${DEFAULT-VALUE}.";
    private static final LinkLimits LINK = LinkLimits.DEFAULT;
    private static final RoomLimits ROOM = RoomLimits.DEFAULT;
    private static final int MIB = 1024 * 1024;
    private static final int FRAME_BURST_SECONDS = 4;
    private static final int BYTE_BURST_SECONDS = 2;

    @Option(
            names = "--max-rooms",
            converter = Numbers.Positive.class,
            paramLabel = "N",
            description = "Rooms. " + DEFAULT)
    int maxRooms = ROOM.maxRooms();

    @Option(
            names = "--max-peers-per-room",
            converter = Numbers.Positive.class,
            paramLabel = "N",
            description = "Peers a room, here and away. " + DEFAULT)
    int maxPeersPerRoom = ROOM.maxPeersPerRoom();

    @Option(
            names = "--max-connections",
            converter = Numbers.Positive.class,
            paramLabel = "N",
            description = "TCP connections, in all. " + DEFAULT)
    int maxConnections = LINK.maxConnections();

    @Option(
            names = "--connections-per-address",
            converter = Numbers.Positive.class,
            paramLabel = "N",
            description = "Connections from one address, or by one token. " + DEFAULT)
    int connectionsPerAddress = LINK.connectionsPerKey();

    @Option(
            names = "--connects-per-second",
            converter = Numbers.Positive.class,
            paramLabel = "N",
            description = "Sessions that one address may open a second. " + DEFAULT)
    int connectsPerSecond = LINK.connectsPerSecond();

    @Option(
            names = "--requests-per-second",
            converter = Numbers.Positive.class,
            paramLabel = "N",
            description = "API requests of one address a second. " + DEFAULT)
    int requestsPerSecond = 50;

    @Option(
            names = "--frames-per-second",
            converter = Numbers.Positive.class,
            paramLabel = "N",
            description = "Frames up on one connection a second. " + DEFAULT)
    int framesPerSecond = LINK.framesPerSecond();

    @Option(
            names = "--upload-mib-per-second",
            converter = Numbers.Mebibytes.class,
            paramLabel = "N",
            description = "What one connection may send up a second. " + DEFAULT)
    int uploadMibPerSecond = LINK.bytesPerSecond() / MIB;

    @Option(
            names = "--poll-after",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description =
                    "When who polls should ask again at the latest; longer when many do. Default:"
                            + " 2s.")
    Duration pollAfter = LINK.pollAfter();

    @Option(
            names = "--mailbox-mib",
            converter = Numbers.Mebibytes.class,
            paramLabel = "N",
            description = "What may wait for one peer. " + DEFAULT)
    int mailboxMib = ROOM.mailboxBytes() / MIB;

    @Option(
            names = "--all-mailboxes-mib",
            converter = Numbers.Positive.class,
            paramLabel = "N",
            description = "What may wait in all mailboxes together. " + DEFAULT)
    int allMailboxesMib = (int) (ROOM.allMailboxesBytes() / MIB);

    @Option(
            names = "--demo-tokens-per-hour",
            converter = Numbers.Positive.class,
            paramLabel = "N",
            description = "Rooms that --open-demo opens for one address. " + DEFAULT)
    int demoTokensPerHour = 20;

    /** The limits of HTTP. */
    public HttpConfig.Limits http() {
        return new HttpConfig.Limits(
                maxConnections, connectionsPerAddress, requestsPerSecond, demoTokensPerHour);
    }

    /** The limits of carriers; bursts keep their proportion to the rates. */
    public LinkLimits link() {
        return new LinkLimits(
                maxConnections,
                connectionsPerAddress,
                connectsPerSecond,
                Math.max(connectsPerSecond, LINK.connectBurst()),
                framesPerSecond,
                FRAME_BURST_SECONDS * framesPerSecond,
                uploadMibPerSecond * MIB,
                BYTE_BURST_SECONDS * uploadMibPerSecond * MIB,
                LINK.maxPacketBytes(),
                LINK.helloTimeout(),
                LINK.ping(),
                LINK.writeTimeout(),
                pollAfter);
    }

    /**
     * The limits of rooms.
     *
     * @param away how long a peer without a carrier is waited for
     */
    public RoomLimits rooms(Duration away) {
        return new RoomLimits(
                maxRooms,
                maxPeersPerRoom,
                mailboxMib * MIB,
                ROOM.mailboxEntries(),
                (long) allMailboxesMib * MIB,
                ROOM.awayAfter().compareTo(away) < 0 ? ROOM.awayAfter() : away,
                away);
    }
}
