package dev.lapidary.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lapidary.concept.bottleneck.BottleneckMethod;
import dev.lapidary.concept.vocabulary.ConceptFilters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What holds for every command, whatever it does. */
class CommandTreeTest {
    @TempDir
    private Path folder;

    @Test
    void helpNamesWhatTheLauncherRuns() {
        CommandRun run = CommandRun.of("--help");

        assertThat(run.status()).isZero();
        assertThat(run.out()).contains("concepts", "demo", "bench", "test", "package", "Exit status");
    }

    @Test
    void helpOfAnArchiveNamesOnlyWhatWorksThere() throws IOException {
        String before = System.getProperty("lapidary.home");
        try {
            System.setProperty("lapidary.home", folder.toString());
            assertThat(CommandRun.of("--help").out())
                    .contains("concepts", "demo", "doctor", "Exit status", "Examples:")
                    .doesNotContain("bench", "fuzz", "  test ", "package");
            Files.writeString(folder.resolve("pom.xml"), "<project/>");
            assertThat(CommandRun.of("--help").out()).contains("  bench ", "  fuzz ", "  test ", "  package ");
        } finally {
            if (before == null) {
                System.clearProperty("lapidary.home");
            } else {
                System.setProperty("lapidary.home", before);
            }
        }
    }

    @Test
    void helpNamesTheDefaultsOfTheFilters() {
        var defaults = ConceptFilters.Settings.defaults();
        String help = CommandRun.of("concepts", "train", "--help").out().replaceAll("\\s+", " ");

        assertThat(help)
                .contains(
                        "above 1: none. Default: " + defaults.classCutoff() + ";",
                        "above 1: none. Default: " + defaults.duplicateCutoff() + ";",
                        "-1: none. Default: " + defaults.activationCutoff() + ";");
    }

    @Test
    void helpListsTheMethodsOfTheClassPath() {
        String help = CommandRun.of("concepts", "train", "--help").out().replaceAll("\\s+", " ");

        assertThat(BottleneckMethod.all())
                .hasSizeGreaterThanOrEqualTo(7)
                .allSatisfy(method -> assertThat(help).contains(method.id() + " (" + method.summary() + ")"));
    }

    @Test
    void versionIsOneLine() {
        CommandRun run = CommandRun.of("--version");

        assertThat(run.status()).isZero();
        assertThat(run.out().lines()).singleElement().asString().startsWith("lapidary ");
    }

    @Test
    void missingCommandShowsTheUsage() {
        CommandRun run = CommandRun.of();

        assertThat(run.status()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains("Usage: lapidary", "got nothing");
    }

    @Test
    void unknownOptionSuggestsTheNearest() {
        CommandRun run = CommandRun.of("concepts", "train", "--data", "x.csv", "--concept", "list.txt", "--json");

        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err().lines()).singleElement().asString().contains("'--concept'", "did you mean --concepts");
        assertThat(run.json().propertyNames()).containsExactlyInAnyOrder("error", "status");
        assertThat(run.number("status")).isEqualTo(2);
    }

    @Test
    void unknownCommandSuggestsTheNearest() {
        assertThat(CommandRun.of("concepts", "trian").err()).contains("did you mean train");
        assertThat(CommandRun.of("dmeo").err()).contains("did you mean demo");
        assertThat(CommandRun.of("dmeo").status()).isEqualTo(2);
        assertThat(CommandRun.of("serve").err()).contains("'serve'").doesNotContain("did you mean");
    }

    @Test
    void missingOptionAndBadNumberAreBadInput() {
        CommandRun missing = CommandRun.of("concepts", "predict", "--input", "x");
        CommandRun number = CommandRun.of("concepts", "train", "--data", "x.csv", "--seeds", "many", "--json");

        assertThat(missing.status()).isEqualTo(2);
        assertThat(missing.err()).contains("--model");
        assertThat(number.status()).isEqualTo(2);
        assertThat(number.json("error").stringValue()).contains("--seeds", "many");
    }

    @Test
    void helpLoadsNoNativesEncodersOrWordNets() throws IOException, InterruptedException {
        Path log = folder.resolve("classes.log");
        ProcessBuilder java = ForkedJvm.of(Main.class, "--help");
        java.environment().put("JDK_JAVA_OPTIONS", "-Xlog:class+load:file=" + log);

        Process process = java.redirectErrorStream(true)
                .redirectOutput(folder.resolve("out.log").toFile())
                .start();

        assertThat(process.waitFor()).isZero();
        assertThat(Files.readString(log))
                .contains("dev.lapidary.app.command.RootCommand")
                .doesNotContain("org.bytedeco")
                .doesNotContain("ai.onnxruntime")
                .doesNotContain("ai.djl")
                .doesNotContain("net.sf.extjwnl");
    }
}
