package dev.lapidary.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lapidary.app.LauncherSandbox.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Runs the launcher on made-up machines. */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {
    @TempDir
    Path folder = Path.of("");

    private LauncherSandbox sandbox;

    @BeforeEach
    void makeSandbox() throws Exception {
        sandbox = new LauncherSandbox(folder);
    }

    @Test
    void withoutJdkSaysInOneSentenceHowToGetOne() throws Exception {
        sandbox.checkout().jdk("usr/lib/jvm/old", "17.0.15");

        var outcome = sandbox.run("train", "--json");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.errors())
                .singleElement()
                .asString()
                .startsWith("lapidary: Lapidary needs a JDK 25 or newer and found none: install one")
                .contains("LAPIDARY_JAVA_HOME");
        assertThat(outcome.output())
                .singleElement()
                .asString()
                .startsWith("{\"error\": \"Lapidary needs a JDK 25")
                .endsWith("\"status\": 1}");
        assertThat(sandbox.builds()).isEmpty();
    }

    @Test
    void passesOverJavaHomeAndPathThatAreTooOld() throws Exception {
        var old = sandbox.checkout().jdk("elsewhere/jdk-17", "17.0.15");
        var java8 = sandbox.jdk("usr/lib/jvm/java-8", "1.8.0_402");
        var fit = sandbox.jdk("usr/lib/jvm/temurin-25", "25.0.3");
        sandbox.set("JAVA_HOME", old)
                .set("PATH", java8.resolve("bin") + ":" + sandbox.root().resolve("bin"));

        var outcome = sandbox.run("train");

        assertThat(outcome.values("java"))
                .containsExactly(fit.resolve("bin/java").toString());
        assertThat(sandbox.builds()).singleElement().asString().startsWith("JAVA_HOME=" + fit + " ");
    }

    @Test
    void findsJdksOfTheHomeFolderAndEarlyAccessReleases() throws Exception {
        var fit = sandbox.release().jdk("home/.sdkman/candidates/java/26.ea", "26-ea");

        assertThat(sandbox.run("train").values("java"))
                .containsExactly(fit.resolve("bin/java").toString());
    }

    @Test
    void takesJavaOnPathThroughSymbolicLinks() throws Exception {
        var fit = sandbox.release().jdk("elsewhere/jdk-25", "25");
        Files.createSymbolicLink(sandbox.root().resolve("bin/java"), fit.resolve("bin/java"));

        assertThat(sandbox.run("train").values("java"))
                .containsExactly(fit.resolve("bin/java").toString());
    }

    @Test
    void refusesItsOwnVariableWhenItNamesAnOldJdk() throws Exception {
        var old = sandbox.checkout().jdk("elsewhere/jdk-17", "17.0.15");
        sandbox.jdk("usr/lib/jvm/temurin-25", "25.0.3");

        var outcome = sandbox.set("LAPIDARY_JAVA_HOME", old).run("train");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.errors())
                .containsExactly(
                        "lapidary: LAPIDARY_JAVA_HOME must be a JDK 25 or newer; got " + old + " (release 17)");
    }

    @Test
    void worksFromAnyFolderThroughSymbolicLinks() throws Exception {
        sandbox.checkout().jdk("usr/lib/jvm/temurin-25", "25.0.3");
        var elsewhere = Files.createDirectories(sandbox.root().resolve("some where/else"));
        Files.createSymbolicLink(elsewhere.resolve("first"), Path.of("../../a project/lapidary"));
        var second = Files.createSymbolicLink(elsewhere.resolve("second"), Path.of("first"));

        var outcome = Outcome.of(sandbox.start(elsewhere, second, "train", "--out", "my folder", ""));

        assertThat(outcome.status()).isZero();
        assertThat(outcome.values("folder")).containsExactly(elsewhere.toString());
        assertThat(outcome.values("argument"))
                .containsSubsequence("dev.lapidary.app.Main", "train", "--out", "my folder", "")
                .contains("-Dlapidary.home=" + sandbox.project())
                .contains(sandbox.project() + "/lapidary-app/target/lapidary-app.jar:" + sandbox.project()
                        + "/app-needs.jar");
    }

    @Test
    void becomesTheJvmSoThatSignalsReachIt() throws Exception {
        sandbox.release().jdk("usr/lib/jvm/temurin-25", "25.0.3");

        var process = sandbox.start(sandbox.project(), sandbox.project().resolve("lapidary"), "train");

        assertThat(Outcome.of(process).values("pid")).containsExactly(Long.toString(process.pid()));
    }

    @Test
    void passesJvmOptionsBeforeTheMainClass() throws Exception {
        sandbox.release().jdk("usr/lib/jvm/temurin-25", "25.0.3");

        var outcome = sandbox.set("LAPIDARY_OPTS", "-Xmx8g -Dx=*").run("train");

        assertThat(outcome.values("argument")).containsSubsequence("-Xmx8g", "-Dx=*", "dev.lapidary.app.Main", "train");
    }

    @Test
    void buildsOnceThenOnlyWhatIsStale() throws Exception {
        sandbox.checkout().jdk("usr/lib/jvm/temurin-25", "25.0.3");
        sandbox.run("train");
        var second = sandbox.run("train");
        assertThat(sandbox.builds()).hasSize(1);
        assertThat(second.errors()).isEmpty();

        var stamp = sandbox.project().resolve("target/launcher/stamp");
        Files.setLastModifiedTime(stamp, FileTime.from(Instant.EPOCH));
        var third = sandbox.run("train");
        assertThat(sandbox.builds()).hasSize(2);
        assertThat(third.errors()).containsExactly("lapidary: building what changed");

        Files.delete(sandbox.project().resolve("lapidary-core/target/lapidary-core.jar"));
        sandbox.run("train");
        assertThat(sandbox.builds()).hasSize(3);
    }

    @Test
    void benchmarksHaveTheirOwnMainClass() throws Exception {
        sandbox.checkout().jdk("usr/lib/jvm/temurin-25", "25.0.3");

        assertThat(sandbox.run("bench", "embed", "--json").values("argument"))
                .containsSubsequence("dev.lapidary.bench.Main", "embed", "--json")
                .contains(sandbox.project() + "/lapidary-bench/target/lapidary-bench.jar:" + sandbox.project()
                        + "/bench-needs.jar")
                .doesNotContain("bench");
    }

    @Test
    void failedBuildShowsItsLogAndIsTriedAgain() throws Exception {
        sandbox.checkout().jdk("usr/lib/jvm/temurin-25", "25.0.3");
        Files.createFile(sandbox.project().resolve("broken"));

        var broken = sandbox.run("train", "--json");

        assertThat(broken.status()).isEqualTo(1);
        assertThat(broken.errors())
                .contains("[ERROR] it does not compile")
                .last()
                .asString()
                .startsWith("lapidary: the build failed; the whole log is ");
        assertThat(broken.output()).singleElement().asString().startsWith("{\"error\": \"the build failed");
        Files.delete(sandbox.project().resolve("broken"));
        assertThat(sandbox.run("train").status()).isZero();
    }

    @Test
    void launchersAtOnceBuildOnce() throws Exception {
        sandbox.checkout().jdk("usr/lib/jvm/temurin-25", "25.0.3");
        var launcher = sandbox.project().resolve("lapidary");
        var processes = List.of(
                sandbox.start(sandbox.project(), launcher, "train"),
                sandbox.start(sandbox.project(), launcher, "train"),
                sandbox.start(sandbox.project(), launcher, "bench"));

        for (var process : processes) {
            assertThat(Outcome.of(process).status()).isZero();
        }
        assertThat(sandbox.builds()).hasSize(1);
    }

    @Test
    void removesTheLockOfADeadProcess() throws Exception {
        sandbox.checkout().jdk("usr/lib/jvm/temurin-25", "25.0.3");
        var gone = sandbox.start(sandbox.project(), sandbox.root().resolve("bin/uname"));
        gone.waitFor();
        var lock = Files.createDirectories(sandbox.project().resolve("target/launcher/lock"));
        Files.writeString(lock.resolve("owner"), gone.pid() + "\n");

        var outcome = sandbox.run("train");

        assertThat(outcome.status()).isZero();
        assertThat(sandbox.builds()).hasSize(1);
        assertThat(lock).doesNotExist();
    }

    @Test
    void testsPassArgumentsToMavenAndItsStatusBack() throws Exception {
        sandbox.checkout().jdk("usr/lib/jvm/temurin-25", "25.0.3");

        assertThat(sandbox.run("test", "-Dtest=A B").status()).isZero();
        assertThat(sandbox.builds()).singleElement().asString().endsWith(" verify -Dtest=A B");
        Files.createFile(sandbox.project().resolve("broken"));
        assertThat(sandbox.run("test").status()).isEqualTo(1);
    }

    @Test
    void helpOfACommandOfTheCheckoutRunsNothing() throws Exception {
        sandbox.checkout();
        for (String command : List.of("test", "package", "bench", "fuzz")) {
            var outcome = sandbox.run(command, "--json", "--help");

            assertThat(outcome.status()).isZero();
            assertThat(outcome.output()).first().asString().startsWith("Usage: lapidary " + command);
            assertThat(outcome.output()).contains("Examples:");
        }
        assertThat(sandbox.builds()).isEmpty();
    }

    @Test
    void aBenchmarkSaysItselfWhatItDoes() throws Exception {
        sandbox.checkout().jdk("usr/lib/jvm/temurin-25", "25.0.3");

        assertThat(sandbox.run("bench", "embed", "--help").values("argument"))
                .containsSubsequence("dev.lapidary.bench.Main", "embed", "--help");
    }

    @Test
    void anArchiveHasNoCommandsOfTheCheckout() throws Exception {
        sandbox.release().jdk("a project/jre", "25.0.3");

        for (String command : List.of("test", "package", "bench", "fuzz")) {
            var outcome = sandbox.run(command, "--help");
            assertThat(outcome.status()).isEqualTo(1);
            assertThat(outcome.errors())
                    .singleElement()
                    .asString()
                    .startsWith("lapidary: " + command + " needs the source checkout");
        }
    }

    @Test
    void packagedArchiveRunsWhereverItIsUnpacked() throws Exception {
        sandbox.checkout().jdk("usr/lib/jvm/temurin-25", "25.0.3");
        var archive = Path.of(sandbox.run("package").output().getLast());
        var elsewhere = Files.createDirectories(sandbox.root().resolve("else where"));
        var tar = sandbox.root().resolve("bin/tar");
        assertThat(Outcome.of(sandbox.start(elsewhere, tar, "-xzf", archive.toString()))
                        .status())
                .isZero();
        var unpacked = elsewhere.resolve(archive.getFileName().toString().replace(".tar.gz", ""));

        var outcome = Outcome.of(sandbox.start(elsewhere, unpacked.resolve("lapidary"), "train"));

        assertThat(archive.getFileName().toString()).startsWith("lapidary-1-");
        assertThat(outcome.values("argument"))
                .contains(unpacked + "/lib/lapidary-app.jar:" + unpacked + "/lib/app-needs.jar");
        assertThat(unpacked.resolve("lib/app-needs.jar")).exists();
        assertThat(unpacked).isDirectoryContaining("glob:**/{LICENSE,NOTICE,README.md,concepts}");
        assertThat(sandbox.builds()).hasSize(1);
    }

    @Test
    void packageRefusesAnUnknownArgument() throws Exception {
        sandbox.checkout().jdk("usr/lib/jvm/temurin-25", "25.0.3");

        var outcome = sandbox.run("package", "--jrr");

        assertThat(outcome.errors()).containsExactly("lapidary: package takes no argument but --jre; got --jrr");
        assertThat(sandbox.builds()).isEmpty();
    }

    @Test
    void releaseNeedsNoSourcesAndHasNoBenchmarks() throws Exception {
        var java = sandbox.release().jdk("a project/jre", "25.0.3");
        Files.delete(java.resolve("bin/javac"));

        var start = sandbox.run("train");
        var bench = sandbox.run("bench", "--json");

        assertThat(start.values("java"))
                .containsExactly(java.resolve("bin/java").toString());
        assertThat(start.values("argument"))
                .contains(sandbox.project() + "/lib/b.jar:" + sandbox.project() + "/lib/a.jar");
        assertThat(bench.status()).isEqualTo(1);
        assertThat(bench.errors()).singleElement().asString().contains("packaged release", "no benchmarks");
        assertThat(bench.output()).singleElement().asString().endsWith("\"status\": 1}");
    }
}
