/** Files that are read again while the process runs: when they change, or SIGHUP says so. */
@NullMarked
package dev.peerline.server.reload;

import org.jspecify.annotations.NullMarked;
