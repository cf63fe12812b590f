package dev.peerline.datachannel.dtls;

/** Who sends the ClientHello ({@code a=setup}: the active side is the client). */
public enum DtlsRole {
    CLIENT,
    SERVER
}
