package dev.peerline.net.stun;

/**
 * Methods and classes, as they stand in the first 16 bits of a message (RFC 8489 §5).
 *
 * <pre>
 *  0 0 M11..M7 C1 M6..M4 C0 M3..M0
 * </pre>
 */
public final class StunType {
    public static final int REQUEST = 0x000;
    public static final int INDICATION = 0x010;
    public static final int SUCCESS = 0x100;
    public static final int ERROR = 0x110;

    private static final int CLASS_MASK = 0x110;

    public static final int BINDING = 0x001;
    // RFC 8656 §17
    public static final int ALLOCATE = 0x003;
    public static final int REFRESH = 0x004;
    public static final int SEND = 0x006;
    public static final int DATA = 0x007;
    public static final int CREATE_PERMISSION = 0x008;
    public static final int CHANNEL_BIND = 0x009;
    // RFC 6062 §6.1
    public static final int CONNECT = 0x00a;
    public static final int CONNECTION_BIND = 0x00b;
    public static final int CONNECTION_ATTEMPT = 0x00c;

    private StunType() {}

    /** The 16 bits for a method (12 bits) and one of the four classes above. */
    public static int of(int method, int messageClass) {
        return (method & 0xf80) << 2 | (method & 0x070) << 1 | (method & 0x00f) | messageClass;
    }

    public static int method(int type) {
        return (type >> 2 & 0xf80) | (type >> 1 & 0x070) | (type & 0x00f);
    }

    public static int messageClass(int type) {
        return type & CLASS_MASK;
    }
}
