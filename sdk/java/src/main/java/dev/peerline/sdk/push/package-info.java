/** Topics over HTTP: requests, streams of events, and which way of reading to take. */
@NullMarked
package dev.peerline.sdk.push;

import org.jspecify.annotations.NullMarked;
