package dev.lapidary.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A JVM of its own for a main class, on the tests' class path.
 *
 * @param flags of the JVM
 * @param classPath its entries
 * @param main what it runs
 * @param arguments of the main class
 */
public record OwnJvm(List<String> flags, List<String> classPath, Class<?> main, List<String> arguments) {
    /** Returns one without flags. */
    public static OwnJvm of(Class<?> main, Object... arguments) {
        String[] entries = System.getProperty("java.class.path").split(File.pathSeparator, -1);
        return new OwnJvm(
                List.of(),
                List.of(entries),
                main,
                Arrays.stream(arguments).map(Object::toString).toList());
    }

    /** Returns the lines that a main class prints; it must end well. */
    public static List<String> run(Class<?> main, String... flags) throws IOException, InterruptedException {
        Process process = of(main).flags(flags)
                .builder()
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        return out.lines().toList();
    }

    /** Returns this one with more flags. */
    public OwnJvm flags(String... more) {
        List<String> all = Stream.concat(flags.stream(), Stream.of(more)).toList();
        return new OwnJvm(all, classPath, main, arguments);
    }

    /** Returns this one without some entries of the class path, at least a number of them, so that a wrong pattern does not leave all of them in. */
    public OwnJvm without(Predicate<String> entry, int least) {
        List<String> left = classPath.stream().filter(entry.negate()).toList();
        assertThat(classPath.size() - left.size()).as("entries left out").isGreaterThanOrEqualTo(least);
        return new OwnJvm(flags, left, main, arguments);
    }

    /** Returns the words of the command line. */
    public List<String> command() {
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(flags);
        words.addAll(List.of("-cp", String.join(File.pathSeparator, classPath), main.getName()));
        words.addAll(arguments);
        return words;
    }

    /** Returns what starts it. */
    public ProcessBuilder builder() {
        return new ProcessBuilder(command());
    }
}
