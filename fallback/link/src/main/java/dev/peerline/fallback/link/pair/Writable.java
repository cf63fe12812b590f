package dev.peerline.fallback.link.pair;

import dev.peerline.fallback.link.wire.Id;

/** Which paths take more at present. */
public interface Writable {
    Writable ALL =
            new Writable() {
                @Override
                public boolean session() {
                    return true;
                }

                @Override
                public boolean direct(Id peer) {
                    return true;
                }
            };

    /** Whether the session takes more. */
    boolean session();

    /** Whether the data channel to this peer takes more. */
    boolean direct(Id peer);
}
