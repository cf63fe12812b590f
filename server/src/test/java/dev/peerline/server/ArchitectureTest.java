package dev.peerline.server;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The rules of docs/architecture.md: who may use whom, and what protocol packages never touch. */
final class ArchitectureTest {
    private static final String ROOT = "dev.peerline.";

    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages("dev.peerline");

    /** Each module, by its package below the root, and the modules it may use. */
    private static final Map<String, List<String>> MAY_USE =
            Map.ofEntries(
                    Map.entry("fallback.link", List.of()),
                    Map.entry("fallback.http", List.of("fallback.link")),
                    Map.entry("fallback.grpc", List.of("fallback.link")),
                    Map.entry("fallback.disk", List.of("fallback.link")),
                    Map.entry("fallback.kafka", List.of("fallback.link")),
                    Map.entry("fallback.rabbitmq", List.of("fallback.link")),
                    Map.entry("fallback.rocketmq", List.of("fallback.link")),
                    Map.entry("signaling.messages", List.of()),
                    Map.entry(
                            "signaling.rooms",
                            List.of("signaling.messages", "fallback.link", "fallback.http")),
                    Map.entry("natlab", List.of()),
                    Map.entry("net", List.of()),
                    Map.entry("turn", List.of("net")),
                    Map.entry("datachannel", List.of("net")),
                    Map.entry(
                            "sdk", List.of("datachannel", "fallback.link", "signaling.messages")));

    /** State machines: they know bytes and time, and get both as parameters. */
    private static final String[] SANS_IO = {
        "..sctp..",
        "..dcep..",
        "..sdp..",
        "..link..",
        "..mailbox..",
        "..topic..",
        "..ladder..",
        "..room..",
        "..stun..",
        "..allocation..",
        ROOT + "datachannel.ice.turn..",
        ROOT + "signaling.messages.."
    };

    /** Modules that anybody can take along: they need the JDK and nothing else. */
    private static final String[] WITHOUT_DEPENDENCIES = {
        ROOT + "fallback.link..", ROOT + "signaling.messages.."
    };

    /** Packages of third parties (as prefixes of class names), and ours that may use them. */
    private static final Map<String, List<String>> BEHIND =
            Map.of(
                    "io\\.undertow\\.|org\\.xnio\\.", List.of("..http..", ROOT + "server.."),
                    "com\\.google\\.gson\\.",
                            List.of("..http..", ROOT + "server..", ROOT + "sdk.."),
                    "org\\.ice4j\\.", List.of("..datachannel.ice.."),
                    "org\\.bouncycastle\\.", List.of("..dtls..", "..certificate.."),
                    "com\\.nimbusds\\.", List.of("..server.token..", "..rooms.token.."),
                    "io\\.grpc\\.|com\\.google\\.(protobuf|rpc)\\.",
                            List.of(ROOT + "fallback.grpc.."),
                    "org\\.apache\\.kafka\\.", List.of("..fallback.kafka.."),
                    "com\\.rabbitmq\\.", List.of("..fallback.rabbitmq.."),
                    "org\\.apache\\.rocketmq\\.", List.of("..fallback.rocketmq.."));

    @Test
    void importsTheClassesItJudges() {
        assertTrue(CLASSES.contain(Main.class));
        assertTrue(CLASSES.containPackage("dev.peerline.fallback.link"));
        assertTrue(CLASSES.containPackage("dev.peerline.signaling.messages"));
        assertTrue(CLASSES.containPackage("dev.peerline.sdk"));
        assertTrue(CLASSES.containPackage("dev.peerline.fallback.grpc"));
    }

    @Test
    void everyClassBelongsToAModule() {
        List<String> packages = new ArrayList<>(List.of(ROOT + "server.."));
        MAY_USE.keySet().forEach(module -> packages.add(ROOT + module + ".."));
        check(classes().should().resideInAnyPackage(packages.toArray(String[]::new)));
    }

    @TestFactory
    Stream<DynamicTest> modulesUseOnlyWhatTheyMay() {
        return MAY_USE.keySet().stream()
                .map(module -> DynamicTest.dynamicTest(module, () -> usesOnlyWhatItMay(module)));
    }

    private static void usesOnlyWhatItMay(String module) {
        Stream<String> allowed =
                Stream.concat(Stream.of(module), MAY_USE.getOrDefault(module, List.of()).stream());
        String[] packages = allowed.map(name -> ROOT + name + "..").toArray(String[]::new);
        check(
                noClasses()
                        .that()
                        .resideInAPackage(ROOT + module + "..")
                        .should()
                        .dependOnClassesThat(
                                resideInAnyPackage("dev.peerline..")
                                        .and(not(resideInAnyPackage(packages)))));
    }

    @Test
    void theLaboratoryIsForTestsAlone() {
        assertTrue(CLASSES.containPackage(ROOT + "natlab"));
        check(
                noClasses()
                        .that()
                        .resideOutsideOfPackage(ROOT + "natlab..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage(ROOT + "natlab.."));
    }

    @Test
    void pureModulesNeedTheJdkAlone() {
        check(
                classes()
                        .that()
                        .resideInAnyPackage(WITHOUT_DEPENDENCIES)
                        .should()
                        .onlyDependOnClassesThat()
                        .resideInAnyPackage("java..", "org.jspecify..", "dev.peerline.."));
    }

    @TestFactory
    Stream<DynamicTest> thirdPartiesStayBehindTheirPackage() {
        return BEHIND.entrySet().stream()
                .map(
                        entry ->
                                DynamicTest.dynamicTest(
                                        entry.getKey(),
                                        () -> staysBehind(entry.getKey(), entry.getValue())));
    }

    private static void staysBehind(String prefixes, List<String> packages) {
        check(
                noClasses()
                        .that()
                        .resideOutsideOfPackages(packages.toArray(String[]::new))
                        .should()
                        .dependOnClassesThat(nameMatching("(" + prefixes + ").*")));
    }

    @Test
    void protocolsKnowNoSocket() {
        protocolsNeverUse(
                resideInAnyPackage("java.nio.channels..", "java.net.http..", "javax.net..")
                        .or(nameMatching("java\\.net\\..*Socket.*"))
                        .or(oneOf("java.net.URLConnection", "java.net.NetworkInterface")));
    }

    @Test
    void protocolsKnowNoThread() {
        protocolsNeverUse(
                oneOf("java.lang.Thread", "java.lang.ThreadLocal", "java.util.Timer")
                        .or(oneOf("java.util.concurrent.Executors"))
                        .or(assignableTo("java.util.concurrent.Executor"))
                        .or(assignableTo("java.util.concurrent.Future"))
                        .or(resideInAnyPackage("java.util.concurrent.locks")));
    }

    @Test
    void protocolsAreToldTheTime() {
        protocolsNeverUse(oneOf("java.time.Clock"));
        protocolsNeverAccess("java\\.lang\\.System\\.(nanoTime|currentTimeMillis)");
        protocolsNeverAccess("java\\.time\\.\\w+\\.now");
    }

    @Test
    void protocolsAreGivenTheirRandomness() {
        protocolsNeverUse(
                oneOf(
                        "java.util.Random",
                        "java.util.SplittableRandom",
                        "java.util.concurrent.ThreadLocalRandom",
                        "java.security.SecureRandom"));
        protocolsNeverAccess("java\\.lang\\.(Strict)?Math\\.random");
        protocolsNeverAccess("java\\.util\\.UUID\\.randomUUID");
    }

    @Test
    void protocolsDoNotLog() {
        protocolsNeverUse(
                resideInAnyPackage("java.util.logging..", "org.slf4j..", "org.jboss.logging..")
                        .or(nameMatching("java\\.lang\\.System\\$Logger.*")));
        protocolsNeverAccess("java\\.lang\\.System\\.(out|err|getLogger)");
    }

    private static void protocolsNeverUse(DescribedPredicate<JavaClass> types) {
        check(noClasses().that().resideInAnyPackage(SANS_IO).should().dependOnClassesThat(types));
    }

    /** Fields, calls and method references whose full name matches. */
    private static void protocolsNeverAccess(String regex) {
        Predicate<String> matches = Pattern.compile(regex).asMatchPredicate();
        DescribedPredicate<JavaAccess<?>> member =
                DescribedPredicate.describe(
                        "the target is " + regex,
                        access -> {
                            AccessTarget target = access.getTarget();
                            return matches.test(
                                    target.getOwner().getName() + "." + target.getName());
                        });
        check(noClasses().that().resideInAnyPackage(SANS_IO).should().accessTargetWhere(member));
    }

    private static DescribedPredicate<JavaClass> oneOf(String... names) {
        List<String> list = Arrays.asList(names);
        return DescribedPredicate.describe(
                String.join(" or ", list), type -> list.contains(type.getName()));
    }

    private static void check(ArchRule rule) {
        // Modules that are not there yet have rules already.
        rule.allowEmptyShould(true).check(CLASSES);
    }
}
