/**
 * Batched UDP: many sockets on one thread, several datagrams a system call. On Linux through the
 * FFM API (recvmmsg, sendmmsg, GRO, GSO), elsewhere through NIO, behind one interface.
 */
@NullMarked
package dev.peerline.net.udp;

import org.jspecify.annotations.NullMarked;
