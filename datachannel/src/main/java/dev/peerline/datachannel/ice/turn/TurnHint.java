package dev.peerline.datachannel.ice.turn;

/** What to do about an error response (RFC 8656 §19, RFC 8489 §14.8). */
final class TurnHint {
    static final String SILENT =
            "no answer: is the server up, and does a firewall let this transport through?";

    private TurnHint() {}

    static String of(int code) {
        return switch (code) {
            case 300 -> "the server refers to another one: list that one instead";
            case 400 -> "the server does not understand the request: is this a TURN server?";
            case 401 -> "username or credential is wrong, or has expired: get new ones";
            case 403 -> "the server forbids it: this peer's address, or this user";
            case 437 -> "the server has another allocation for this address: try again";
            case 438 -> "the server calls every nonce stale: is its clock or cluster all right?";
            case 440 -> "the server does not relay this address family";
            case 441 -> "the allocation was made with other credentials";
            case 442 -> "the server does not relay UDP";
            case 486 -> "this user has as many allocations as it may have: close some, or wait";
            case 500 -> "the server failed: try again, look at its log";
            case 508 -> "the server has no relay port left: raise its limit, or use another one";
            default -> "the server refused with " + code;
        };
    }
}
