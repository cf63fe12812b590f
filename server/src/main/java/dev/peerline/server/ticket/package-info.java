/** Tickets: what stands in a URL for clients that cannot send headers. */
@NullMarked
package dev.peerline.server.ticket;

import org.jspecify.annotations.NullMarked;
