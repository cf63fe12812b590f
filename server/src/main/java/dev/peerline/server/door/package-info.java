/** Who may come in: hosts, origins, client addresses, quotas. */
@NullMarked
package dev.peerline.server.door;

import org.jspecify.annotations.NullMarked;
