/** The HTTP face: listeners, routes, pages, problems. */
@NullMarked
package dev.peerline.server.http;

import org.jspecify.annotations.NullMarked;
