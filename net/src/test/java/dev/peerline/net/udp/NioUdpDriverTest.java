package dev.peerline.net.udp;

import java.io.IOException;

final class NioUdpDriverTest extends UdpDriverContract {
    @Override
    UdpDriver open() throws IOException {
        return new NioUdpDriver();
    }
}
