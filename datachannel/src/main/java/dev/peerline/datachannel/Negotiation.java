package dev.peerline.datachannel;

import dev.peerline.datachannel.dtls.DtlsRole;
import dev.peerline.datachannel.ice.IceCandidate;
import dev.peerline.datachannel.ice.IceParameters;
import dev.peerline.datachannel.ice.IceRole;
import dev.peerline.datachannel.ice.IceSession;
import dev.peerline.datachannel.sctp.SctpInit;
import dev.peerline.datachannel.sdp.DescriptionWriter;
import dev.peerline.datachannel.sdp.DescriptionWriter.Section;
import dev.peerline.datachannel.sdp.Fingerprint;
import dev.peerline.datachannel.sdp.ParsedDescription;
import dev.peerline.datachannel.sdp.SdpParser;
import dev.peerline.datachannel.sdp.SdpResult;
import dev.peerline.datachannel.sdp.Setup;
import dev.peerline.datachannel.sdp.TransportDescription;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Offers and answers of one connection (RFC 9429 §4.1, without provisional answers): which
 * description may come when, and what they settle. Belongs to the loop. What it refuses it refuses
 * with an exception, before anything has changed.
 */
final class Negotiation {
    /** What both descriptions have settled; told again after each exchange. */
    interface Owner {
        /** Begin, or go on with the peer's parameters of now. */
        void settled(TransportStack.Terms terms);

        /** Our INIT, for a description that takes the place of SCTP's handshake. */
        SctpInit localInit();

        void localCandidate(IceCandidate candidate, @Nullable String mid, int section);

        /** There are no more of them, until a restart. */
        void endOfLocalCandidates(@Nullable String mid, int section);
    }

    /** A description of ours, to be written anew when candidates have come. */
    private record Draft(
            SessionDescription.Type type,
            long version,
            List<Section> sections,
            Setup setup,
            IceParameters ice,
            @Nullable String sctpInit) {}

    private final IceSession ice;
    private final PeerConnectionOptions options;
    private final Fingerprint ownFingerprint;
    private final long sessionId;
    private final Owner owner;
    private final List<IceCandidate> localCandidates = new ArrayList<>();
    private volatile SignalingState state = SignalingState.STABLE;
    private @Nullable Draft created;
    private @Nullable Draft currentLocal;
    private @Nullable Draft pendingLocal;
    private @Nullable ParsedDescription currentRemote;
    private @Nullable ParsedDescription pendingRemote;
    private @Nullable SessionDescription remoteText;
    private @Nullable DtlsRole role;
    private @Nullable IceParameters appliedRemote;
    private TransportStack.@Nullable Terms terms;
    private boolean restartWanted;
    private boolean restarted;
    private boolean gathered;
    private boolean endHeld;
    private long version;

    Negotiation(
            IceSession ice,
            PeerConnectionOptions options,
            Fingerprint ownFingerprint,
            long sessionId,
            Owner owner) {
        this.ice = ice;
        this.options = options;
        this.ownFingerprint = ownFingerprint;
        this.sessionId = sessionId;
        this.owner = owner;
    }

    /** Any thread may ask. */
    SignalingState state() {
        return state;
    }

    void close() {
        state = SignalingState.CLOSED;
    }

    void wantRestart() {
        restartWanted = currentLocal != null;
    }

    // --- ours -----------------------------------------------------------------------------------

    SessionDescription createOffer() {
        requireOpen();
        if (restartWanted) {
            ice.restart();
            restarted = true;
            restartWanted = false;
        }
        created = draft(SessionDescription.Type.OFFER, offered(), Setup.ACTPASS);
        return written(created);
    }

    /** The sections of before keep their places (RFC 9429 §5.2.2). */
    private List<Section> offered() {
        Draft last = currentLocal;
        if (last == null) return List.of(Section.dataChannel("0"));
        List<Section> sections = new ArrayList<>(last.sections);
        if (sections.stream().noneMatch(Section::accepted))
            sections.add(Section.dataChannel("data" + sections.size()));
        return sections;
    }

    SessionDescription createAnswer() {
        requireOpen();
        ParsedDescription offer = pendingRemote;
        if (state != SignalingState.HAVE_REMOTE_OFFER || offer == null)
            throw new IllegalStateException("there is no offer to answer: " + state);
        List<Section> sections = DescriptionWriter.answering(offer);
        int data = offer.dataSection();
        Setup setup = Setup.ACTIVE;
        if (data >= 0) {
            TransportDescription remote = offer.transport(data);
            setup = answerTo(remote.setup());
            IceParameters theirs = parameters(remote);
            if (appliedRemote != null && !appliedRemote.equals(theirs) && !restarted) {
                ice.restart();
                restarted = true;
            }
        }
        created = draft(SessionDescription.Type.ANSWER, sections, setup);
        return written(created);
    }

    /** RFC 8842 §5.3; a connection that is up keeps its roles. */
    private Setup answerTo(@Nullable Setup offered) {
        // RFC 4145 §4.1: who does not say is active.
        if (offered == null || offered == Setup.ACTIVE) return Setup.PASSIVE;
        if (offered == Setup.PASSIVE) return Setup.ACTIVE;
        DtlsRole wanted = role == null ? options.answerRole() : role;
        return wanted == DtlsRole.CLIENT ? Setup.ACTIVE : Setup.PASSIVE;
    }

    private Draft draft(SessionDescription.Type type, List<Section> sections, Setup setup) {
        // In an answer to an offer that has one alone: else it says nothing to the peer.
        ParsedDescription offer = pendingRemote;
        boolean snap =
                type == SessionDescription.Type.OFFER
                        ? options.snap()
                        : offer != null && sctpInit(offer) != null;
        String init = snap ? owner.localInit().toString() : null;
        return new Draft(type, version++, sections, setup, ice.localParameters(), init);
    }

    private SessionDescription written(Draft draft) {
        String fragment = draft.ice.usernameFragment();
        List<String> lines =
                localCandidates.stream()
                        .filter(one -> fragment.equals(one.usernameFragment()))
                        .map(IceCandidate::toString)
                        .toList();
        boolean inUse = draft.equals(pendingLocal) || draft.equals(currentLocal);
        DescriptionWriter.Local local =
                new DescriptionWriter.Local(
                        fragment,
                        draft.ice.password(),
                        ownFingerprint,
                        draft.setup,
                        options.sctp().localPort(),
                        options.sctp().maxMessageBytes(),
                        draft.sctpInit,
                        inUse ? lines : List.of(),
                        inUse && gathered);
        return new SessionDescription(
                draft.type,
                DescriptionWriter.write(sessionId, draft.version, draft.sections, local));
    }

    /** The peer's INIT, where we go by it; one that is none refuses the description. */
    private @Nullable SctpInit sctpInit(ParsedDescription description) {
        int data = description.dataSection();
        String value = data < 0 ? null : description.media().get(data).sctpInit();
        if (value == null || !options.snap()) return null;
        SctpInit read = SctpInit.parse(value);
        if (read == null)
            throw new IllegalArgumentException("a=sctp-init must be an INIT chunk in Base64");
        return read;
    }

    /** What was set last, with the candidates of now; null when nothing was. */
    @Nullable SessionDescription localDescription() {
        Draft last = pendingLocal != null ? pendingLocal : currentLocal;
        return last == null ? null : written(last);
    }

    @Nullable SessionDescription remoteDescription() {
        return remoteText;
    }

    /** Takes what was created last, created now if need be (RFC 9429 §4.1.10). */
    void setLocal(@Nullable SessionDescription description) {
        requireOpen();
        SessionDescription.Type type =
                description != null
                        ? description.type()
                        : state == SignalingState.HAVE_REMOTE_OFFER
                                ? SessionDescription.Type.ANSWER
                                : SessionDescription.Type.OFFER;
        if (type == SessionDescription.Type.ROLLBACK) {
            rollback();
            return;
        }
        boolean offer = type == SessionDescription.Type.OFFER;
        boolean fits =
                offer
                        ? state == SignalingState.STABLE || state == SignalingState.HAVE_LOCAL_OFFER
                        : state == SignalingState.HAVE_REMOTE_OFFER;
        if (!fits) throw new IllegalStateException("no local " + type + " in " + state);
        if (created == null || created.type != type) {
            var _ = offer ? createOffer() : createAnswer();
        }
        Draft draft = Objects.requireNonNull(created);
        if (description != null && !description.sdp().isEmpty()) requireOwn(description, draft);
        pendingLocal = draft;
        created = null;
        ice.gather();
        if (offer) state = SignalingState.HAVE_LOCAL_OFFER;
        else stable();
        announceHeld();
    }

    private void requireOwn(SessionDescription description, Draft draft) {
        if (!description.sdp().equals(written(draft).sdp()))
            throw new IllegalArgumentException(
                    "sdp must be what createOffer or createAnswer gave last, unchanged");
    }

    /** Takes an offer back, ours or theirs. */
    private void rollback() {
        if (state == SignalingState.STABLE)
            throw new IllegalStateException("there is no offer to take back");
        pendingLocal = null;
        pendingRemote = null;
        created = null;
        state = SignalingState.STABLE;
    }

    // --- theirs ---------------------------------------------------------------------------------

    void setRemote(SessionDescription description) {
        requireOpen();
        if (description.type() == SessionDescription.Type.ROLLBACK) {
            rollback();
            return;
        }
        ParsedDescription parsed = read(description.sdp());
        if (description.type() == SessionDescription.Type.OFFER) {
            // RFC 9429 §4.1.10.2: an offer that crosses ours takes its place.
            if (state == SignalingState.HAVE_LOCAL_OFFER) rollback();
            pendingRemote = parsed;
            created = null;
            state = SignalingState.HAVE_REMOTE_OFFER;
        } else {
            requireAnswer(parsed);
            pendingRemote = parsed;
            stable();
        }
        remoteText = description;
    }

    private ParsedDescription read(String sdp) {
        ParsedDescription parsed =
                switch (SdpParser.parse(sdp)) {
                    case SdpResult.Malformed malformed ->
                            throw new IllegalArgumentException(
                                    "sdp, line " + malformed.line() + ": " + malformed.reason());
                    case ParsedDescription read -> read;
                };
        int data = parsed.dataSection();
        if (data < 0) return parsed;
        TransportDescription transport = parsed.transport(data);
        var _ = parameters(transport);
        var _ = sctpInit(parsed);
        if (transport.fingerprints().isEmpty())
            throw new IllegalArgumentException("sdp has no a=fingerprint for the data channels");
        if (terms != null && !terms.fingerprints().equals(transport.fingerprints()))
            throw new IllegalArgumentException(
                    "sdp has another a=fingerprint than before: that takes a new connection");
        return parsed;
    }

    private void requireAnswer(ParsedDescription answer) {
        Draft offer = pendingLocal;
        if (state != SignalingState.HAVE_LOCAL_OFFER || offer == null)
            throw new IllegalStateException("there is no offer that this could answer: " + state);
        if (answer.media().size() != offer.sections.size())
            throw new IllegalArgumentException(
                    "the answer has "
                            + answer.media().size()
                            + " sections, the offer "
                            + offer.sections.size());
        int data = answer.dataSection();
        if (data < 0 || !offer.sections.get(data).accepted())
            throw new IllegalArgumentException("the answer rejects the data channels");
        if (answer.transport(data).setup() == Setup.ACTPASS)
            throw new IllegalArgumentException(
                    "the answer must say a=setup:active or passive (RFC 8842 §5.3)");
    }

    private static IceParameters parameters(TransportDescription transport) {
        String fragment = transport.ufrag();
        String password = transport.password();
        if (fragment == null || password == null)
            throw new IllegalArgumentException(
                    "sdp has no a=ice-ufrag and a=ice-pwd for the data channels");
        return new IceParameters(fragment, password);
    }

    // --- both -----------------------------------------------------------------------------------

    private void stable() {
        Draft local = Objects.requireNonNull(pendingLocal);
        ParsedDescription remote = Objects.requireNonNull(pendingRemote);
        boolean offerer = local.type == SessionDescription.Type.OFFER;
        currentLocal = local;
        currentRemote = remote;
        pendingLocal = null;
        pendingRemote = null;
        restarted = false;
        state = SignalingState.STABLE;
        int data = remote.dataSection();
        if (data >= 0) apply(remote, data, offerer, local.setup);
    }

    private void apply(ParsedDescription remote, int data, boolean offerer, Setup own) {
        TransportDescription transport = remote.transport(data);
        IceParameters theirs = parameters(transport);
        // RFC 8445 §6.1.1: a full agent controls a lite one.
        boolean controlling = offerer || remote.iceLite();
        ice.setRemote(theirs, controlling ? IceRole.CONTROLLING : IceRole.CONTROLLED);
        appliedRemote = theirs;
        for (String line : remote.media().get(data).candidates()) {
            IceCandidate candidate = IceCandidate.parse(line);
            if (candidate != null)
                ice.addRemoteCandidate(candidate.withUsernameFragment(theirs.usernameFragment()));
        }
        boolean all = remote.media().get(data).endOfCandidates() || !remote.trickle();
        if (all && !remote.media().get(data).candidates().isEmpty()) ice.endOfRemoteCandidates();
        if (role == null) role = roleOf(offerer ? transport.setup() : null, own);
        terms =
                new TransportStack.Terms(
                        role,
                        transport.fingerprints(),
                        remote.media().get(data).effectiveSctpPort(),
                        remote.media().get(data).effectiveMaxMessageBytes(),
                        sctpInit(remote));
        owner.settled(terms);
    }

    /** The answer decides: theirs to our offer, or our own. */
    private static DtlsRole roleOf(@Nullable Setup answered, Setup own) {
        if (own == Setup.ACTIVE) return DtlsRole.CLIENT;
        if (own == Setup.PASSIVE) return DtlsRole.SERVER;
        return answered == Setup.PASSIVE ? DtlsRole.CLIENT : DtlsRole.SERVER;
    }

    // --- candidates -----------------------------------------------------------------------------

    void onLocalCandidate(IceCandidate candidate) {
        localCandidates.add(candidate);
        if (isAnnounced(candidate)) announce(candidate);
    }

    void onGathered(boolean complete) {
        gathered = complete;
        endHeld = complete;
        tellEnd();
    }

    /** After the candidates that wait for their description. */
    private void tellEnd() {
        Draft last = lastLocal();
        if (!endHeld || last == null || !last.ice.equals(ice.localParameters())) return;
        endHeld = false;
        owner.endOfLocalCandidates(dataMid(), dataIndex());
    }

    /** Those of a restart wait until its description is set: before, nobody knows its name. */
    private boolean isAnnounced(IceCandidate candidate) {
        Draft last = pendingLocal != null ? pendingLocal : currentLocal;
        if (last == null) return false;
        return last.ice.usernameFragment().equals(candidate.usernameFragment());
    }

    private void announceHeld() {
        Draft last = pendingLocal != null ? pendingLocal : currentLocal;
        if (last == null) return;
        localCandidates.removeIf(one -> isStale(one, last));
        for (IceCandidate candidate : List.copyOf(localCandidates))
            if (isAnnounced(candidate)) announce(candidate);
        tellEnd();
    }

    private boolean isStale(IceCandidate candidate, Draft last) {
        String fragment = candidate.usernameFragment();
        return !Objects.equals(fragment, last.ice.usernameFragment())
                && !Objects.equals(fragment, ice.localParameters().usernameFragment());
    }

    private void announce(IceCandidate candidate) {
        owner.localCandidate(candidate, dataMid(), dataIndex());
    }

    private @Nullable Draft lastLocal() {
        return pendingLocal != null ? pendingLocal : currentLocal;
    }

    @Nullable String dataMid() {
        Draft last = lastLocal();
        int index = dataIndex();
        return last == null || index < 0 ? null : last.sections.get(index).mid();
    }

    int dataIndex() {
        Draft last = lastLocal();
        if (last == null) return -1;
        for (int i = 0; i < last.sections.size(); i++)
            if (last.sections.get(i).accepted()) return i;
        return -1;
    }

    /**
     * A candidate of the peer.
     *
     * @return false when it is for a section that is not ours
     */
    boolean addRemote(IceCandidateInit init) {
        requireOpen();
        if (!isForData(init)) return false;
        if (init.candidate().isEmpty()) {
            ice.endOfRemoteCandidates();
            return true;
        }
        IceCandidate candidate = IceCandidate.parse(init.candidate());
        if (candidate == null)
            // RFC 8839 §5.1: kinds and transports that are not known are ignored.
            return false;
        String fragment = init.usernameFragment();
        ice.addRemoteCandidate(
                fragment == null ? candidate : candidate.withUsernameFragment(fragment));
        return true;
    }

    private boolean isForData(IceCandidateInit init) {
        ParsedDescription remote = pendingRemote != null ? pendingRemote : currentRemote;
        int data = remote == null ? -1 : remote.dataSection();
        if (remote == null || data < 0) return true;
        if (init.sdpMid() != null && remote.media().get(data).mid() != null)
            return init.sdpMid().equals(remote.media().get(data).mid());
        return init.sdpMLineIndex() < 0 || init.sdpMLineIndex() == data;
    }

    private void requireOpen() {
        if (state == SignalingState.CLOSED)
            throw new IllegalStateException("the connection is closed");
    }
}
