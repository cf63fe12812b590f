/**
 * The server's half of a session: a way up that is numbered, and a way down that is the reading of
 * a mailbox. State machines: who keeps sessions locks them and tells them the time.
 */
@NullMarked
package dev.peerline.fallback.link.session;

import org.jspecify.annotations.NullMarked;
