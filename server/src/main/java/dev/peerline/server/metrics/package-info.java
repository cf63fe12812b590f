/** Counters and gauges in the Prometheus text format. */
@NullMarked
package dev.peerline.server.metrics;

import org.jspecify.annotations.NullMarked;
