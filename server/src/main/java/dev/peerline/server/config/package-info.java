/**
 * Where options come from (command line, environment, file, defaults) and the types of their
 * values.
 */
@NullMarked
package dev.peerline.server.config;

import org.jspecify.annotations.NullMarked;
