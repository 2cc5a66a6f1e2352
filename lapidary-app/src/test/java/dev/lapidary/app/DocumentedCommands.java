package dev.lapidary.app;

import dev.lapidary.runtime.file.AtomicFiles;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Runs the commands that pages show, in the folder where this JVM was started and in the order of the pages, each as it is written but
 * for its sizes. Pages that belong together are one argument. Each such group starts in a folder with the demos' files alone and
 * ends at its first command that fails.
 */
final class DocumentedCommands {
    /** The sizes that commands get in place of their own, by how a command begins; the first one that fits counts. */
    private static final List<Map.Entry<String, String>> SIZES = List.of(
            Map.entry("concepts train", "--seeds 1"),
            Map.entry("images scenes", "--count 160 --side 32"),
            Map.entry("encoder train", "--side 16 --channels 4 --width 8 --epochs 1 --batch 16"),
            Map.entry("encoder adapt", "--epochs 1"),
            Map.entry("lm train", "--layers 1 --width 16 --heads 2 --vocab 300 --context 16 --steps 4"),
            Map.entry("mask learn", "--steps 2 --batch 2"),
            Map.entry("lm generate", "--max-tokens 4"),
            Map.entry("lm evaluate", "--context 16"));

    /** What is not run here: it builds, measures speed, takes minutes by what it is, or has a test of its own. */
    private static final List<String> LEFT = List.of("demo", "test", "package", "bench", "fuzz", "systems verify");

    /** The folders of the demos, which commands only read. */
    static final List<String> DEMOS = List.of("lapidary-demo", "lapidary-mask-demo");

    private static final Pattern SHELL = Pattern.compile("```sh\\n(.*?)```", Pattern.DOTALL);
    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|'([^']*)'|(\\S+)");
    private static final String LAUNCHER = "./lapidary ";

    private DocumentedCommands() {}

    /** Runs the commands of groups of pages, each the paths of its pages joined as those of a class path are. */
    public static void main(String[] groups) throws IOException, InterruptedException {
        for (String group : groups) {
            removeResults();
            boolean right = true;
            for (String page : group.split(File.pathSeparator)) {
                right = right && run(page);
            }
            System.out.println(ending(group, right));
        }
    }

    /** Returns the line that says how a group ended. */
    static String ending(String group, boolean right) {
        return (right ? "all ran of " : "not all ran of ") + group;
    }

    /** Leaves the demos' files alone. */
    private static void removeResults() throws IOException {
        try (Stream<Path> results = Files.list(Path.of("."))) {
            for (Path result : results.filter(
                            file -> !DEMOS.contains(file.getFileName().toString()))
                    .toList()) {
                AtomicFiles.deleteTree(result);
            }
        }
    }

    private static boolean run(String page) throws IOException, InterruptedException {
        for (String line : lines(Files.readString(Path.of(page)))) {
            long begin = System.nanoTime();
            int status = line.startsWith(LAUNCHER) ? lapidary(line.substring(LAUNCHER.length())) : shell(line);
            System.out.printf("%6.1f s  %s%n", (System.nanoTime() - begin) * 1e-9, line);
            if (status != 0) {
                System.out.println("status " + status + " on " + page + ": " + line);
                return false;
            }
        }
        return true;
    }

    /** Returns the lines of all shell blocks, without comments, those that go on joined. */
    static List<String> lines(String page) {
        List<String> lines = new ArrayList<>();
        Matcher blocks = SHELL.matcher(page);
        while (blocks.find()) {
            blocks.group(1)
                    .replaceAll("\\s*\\\\\\n\\s*", " ")
                    .lines()
                    .map(line -> line.replaceFirst("(^|\\s+)#.*", "").strip())
                    .filter(line -> !line.isEmpty())
                    .forEach(lines::add);
        }
        return lines;
    }

    private static int shell(String line) throws IOException, InterruptedException {
        return new ProcessBuilder("sh", "-c", line).inheritIO().start().waitFor();
    }

    private static int lapidary(String line) {
        if (LEFT.stream().anyMatch(line::startsWith)) {
            return 0;
        }
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        int status;
        try (PrintStream stream = new PrintStream(said, true, StandardCharsets.UTF_8)) {
            status = Main.run(words(line).toArray(String[]::new), stream, stream);
        }
        if (status != 0) {
            System.out.println(said.toString(StandardCharsets.UTF_8));
        }
        return status;
    }

    /** Returns the words of a command, with small sizes. */
    static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        Matcher matcher = WORD.matcher(line);
        while (matcher.find()) {
            words.add(
                    matcher.group(1) != null
                            ? matcher.group(1)
                            : matcher.group(2) != null ? matcher.group(2) : matcher.group(3));
        }
        for (Map.Entry<String, String> entry : SIZES) {
            if (line.startsWith(entry.getKey())) {
                List<String> sizes = Arrays.asList(entry.getValue().split(" "));
                for (int i = 0; i < sizes.size(); i += 2) {
                    set(words, sizes.get(i), sizes.get(i + 1));
                }
                return words;
            }
        }
        return words;
    }

    private static void set(List<String> words, String option, String value) {
        int at = words.indexOf(option);
        if (at >= 0) {
            words.set(at + 1, value);
        } else {
            words.addAll(List.of(option, value));
        }
    }
}
