/**
 * Sessions over HTTP: each carrier is a small reader of one log, on Undertow, which stays behind
 * this package.
 */
@NullMarked
package dev.peerline.fallback.http;

import org.jspecify.annotations.NullMarked;
