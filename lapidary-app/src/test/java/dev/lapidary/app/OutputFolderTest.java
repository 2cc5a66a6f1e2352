package dev.lapidary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What commands replace: folders of their own kind alone. */
class OutputFolderTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "lm train --text none.txt --out        | a language model        | lapidary-mask               | a mask",
                "mask prune --method magnitude --model none --out         | a mask                  | lapidary-language-model     | a language model",
                "mask prune --method wanda --model none --text t --out    | a mask                  | lapidary-compressed-model   | a compressed language model",
                "mask learn --model none --text t --out| a mask                  | lapidary-masked-model       | a masked language model",
                "mask import --model none --npz n --out| a mask                  | lapidary-demo               | a demo of masks",
                "mask apply --model none --mask m --out| a masked language model | lapidary-concept-classifier | a concept classifier",
                "concepts train --data none.csv --out  | a concept classifier    | lapidary-language-model     | a language model",
                "demo --out                            | a concept classifier    | lapidary-mask               | a mask",
                "demo mask --out                       | a demo of masks         | lapidary-language-model     | a language model",
                "images scenes --count 1 --out         | a set of scenes         | lapidary-mask               | a mask",
            })
    void anotherKindIsRefusedAndStays(String command, String kind, String format, String other) throws IOException {
        Path marker = Files.writeString(folder.resolve("lapidary.json"), "{\"format\":\"" + format + "\"}");

        refused(command, "must be new, empty or " + kind + ", which is what would replace it; got " + other);
        assertThat(marker).hasContent("{\"format\":\"" + format + "\"}");
    }

    @Test
    void aMarkerThatNamesNoKindIsRefused() throws IOException {
        Path marker = folder.resolve("lapidary.json");
        for (String text : List.of("", "{}", "{\"format\":", "[3]", "\0\1")) {
            Files.writeString(marker, text);
            refused(
                    "mask prune --method magnitude --model none --out",
                    "or a mask, which is what would replace it; got a folder whose lapidary.json names no format");
        }
        Files.writeString(marker, "{\"format\":\"x\\ny\"}");
        refused("mask prune --method magnitude --model none --out", "names the format x\\u000ay");
        Files.writeString(marker, "{\"format\":[1]}");
        refused("mask prune --method magnitude --model none --out", "names no format");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "lm train --text none.txt --out                        | lapidary-language-model     | notes.txt",
                "mask prune --method magnitude --model none --out      | lapidary-mask               | law/mask.safetensors",
                "mask apply --model none --mask m --out                | lapidary-masked-model       | model.lapidary",
                "concepts train --data none.csv --out                  | lapidary-concept-classifier | .notes",
                "demo mask --out                                       | lapidary-demo               | model/README.md",
                "images scenes --count 1 --out                         | lapidary-scenes             | images/mine.png",
            })
    void filesOfTheUserAreNotReplaced(String command, String format, String name) throws IOException {
        Files.writeString(folder.resolve("lapidary.json"), "{\"format\":\"" + format + "\"}");
        Path file = folder.resolve(name);
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        Files.writeString(file, "mine");

        refused(command, " alone, since all that is in it would be replaced; got one with " + name);
        assertThat(file).hasContent("mine");
    }

    @Test
    void aLinkIsTheFolderThatItLeadsTo() throws IOException {
        Path mask = Files.createDirectory(folder.resolve("mask"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), mask);
        Files.writeString(mask.resolve("lapidary.json"), "{\"format\":\"lapidary-mask\"}");
        Files.writeString(mask.resolve("mask.safetensors"), "");
        String[] command = {"mask", "prune", "--method", "magnitude", "--model", "none", "--out"};
        assertReplaceable(link, "none", (Object[]) command);

        Files.writeString(mask.resolve("notes.txt"), "mine");
        List<Object> words = new ArrayList<>(Arrays.asList((Object[]) command));
        words.add(link);
        assertThat(CommandRun.of(words.toArray()).err()).contains("got one with notes.txt");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "lm train --text none.txt --out                   | lapidary-language-model",
                "mask prune --method magnitude --model none --out | lapidary-mask",
                "mask learn --model none --text t --out           | lapidary-mask",
                "mask import --model none --npz n --out           | lapidary-mask",
                "mask apply --model none --mask m --out           | lapidary-masked-model",
                "concepts train --data none.csv --out             | lapidary-concept-classifier",
                "concepts calibrate --model none --data d --out   | lapidary-concept-classifier",
            })
    void aFinishedResultStaysWithoutOverwrite(String command, String format) throws IOException {
        Path marker = Files.writeString(folder.resolve("lapidary.json"), "{\"format\":\"" + format + "\"}");

        refused(command, folder + ": must be new, or given with --overwrite to be replaced; got a finished result");
        assertThat(marker).hasContent("{\"format\":\"" + format + "\"}");
        List<Object> words =
                new ArrayList<>(Arrays.asList((Object[]) command.strip().split(" +")));
        words.addAll(List.of(folder, "--overwrite"));
        assertThat(CommandRun.of(words.toArray()).err()).doesNotContain("--overwrite");
    }

    @Test
    void aDemoDoesNotReplaceAClassifierThatSomebodyTrained() throws IOException {
        Files.writeString(folder.resolve("lapidary.json"), "{\"format\":\"lapidary-concept-classifier\"}");
        refused(
                "demo --out",
                "must be new, empty or what an earlier demo wrote; got a classifier without city-requests.csv");
    }

    @Test
    void aFolderThatAKilledProcessTookAwayIsBackForTheNextCommand() throws IOException {
        Path model = folder.resolve("model");
        Path taken = folder.resolve(".model.lapidary-11112222-3333-4444-55556666.old");
        Files.createDirectory(taken);
        Files.writeString(taken.resolve("config.json"), "{}");
        Files.setLastModifiedTime(taken, FileTime.from(Instant.now().minus(Duration.ofDays(2))));

        CommandRun run = CommandRun.of("lm", "evaluate", "--model", model, "--text", "none");

        assertThat(run.err()).doesNotContain("nothing at this path");
        assertThat(model.resolve("config.json")).exists();
    }

    @Test
    void aFolderBehindALinkToNothingIsRefusedBeforeTheWork() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("dangling"), folder.resolve("nowhere"));
        for (String command : List.of("images scenes --count 4 --out", "lm train --text none --out")) {
            List<Object> words = new ArrayList<>(List.of(command.split(" ")));
            words.add(link.resolve("a/b"));
            CommandRun run = CommandRun.of(words.toArray());
            assertThat(run.status()).isEqualTo(2);
            assertThat(run.err()).contains(link + ": must be no link to nothing; got one");
        }
    }

    @Test
    void itsOwnKindIsReplaced() throws IOException {
        Path text = SmallLanguageModel.writeText(folder.resolve("text.txt"), 40);
        Path model = SmallLanguageModel.write(folder.resolve("model"), text);
        Path mask = folder.resolve("mask");
        for (String pattern : List.of("2:4", "1:4")) {
            CommandRun run = CommandRun.of(
                    "mask",
                    "prune",
                    "--model",
                    model,
                    "--method",
                    "magnitude",
                    "--pattern",
                    pattern,
                    "--out",
                    mask,
                    "--overwrite",
                    "--json");
            assertThat(run.status()).as(run.err()).isZero();
            assertThat(mask.resolve("lapidary.json")).content().contains(pattern);
        }
        Path pruned = folder.resolve("pruned");
        for (String type : List.of("f32", "bf16")) {
            CommandRun run = CommandRun.of(
                    "mask",
                    "apply",
                    "--model",
                    model,
                    "--mask",
                    mask,
                    "--dtype",
                    type,
                    "--out",
                    pruned,
                    "--overwrite",
                    "--json");
            assertThat(run.status()).as(run.err()).isZero();
            assertThat(run.json("type").asString()).isEqualToIgnoringCase(type);
        }
    }

    /** Asserts that a folder may be replaced: a command that lacks an input finds nothing else to refuse. */
    static void assertReplaceable(Path written, String missing, Object... command) {
        List<Object> words = new ArrayList<>(Arrays.asList(command));
        words.add(written);
        words.add("--overwrite");
        CommandRun run = CommandRun.of(words.toArray());
        assertThat(run.status()).as(run.out()).isEqualTo(2);
        assertThat(run.err()).contains(missing).doesNotContain("replace");
    }

    private void refused(String command, String part) {
        List<Object> words =
                new ArrayList<>(Arrays.asList((Object[]) command.strip().split(" +")));
        words.add(folder);
        words.add("--json");
        CommandRun.refused(words.toArray(), part);
    }
}
