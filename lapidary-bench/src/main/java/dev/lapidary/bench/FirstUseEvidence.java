package dev.lapidary.bench;

import dev.lapidary.runtime.file.AtomicFiles;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a first use costs, for a sentence of the README: the libraries that are downloaded, and how long a start takes then. */
final class FirstUseEvidence implements Benchmark {
    static final String FILE = "docs/evidence/first-use.json";

    private static final int STARTS = 9;
    private static final double MEGABYTE = 1e6;

    @Override
    public String name() {
        return "evidence-first-use";
    }

    @Override
    public String summary() {
        return "the size of the libraries and the time of a start, for the README (10 seconds)";
    }

    @Override
    public Map<String, Object> run() {
        Path home = ProjectFiles.home();
        Map<String, Object> result = new LinkedHashMap<>();
        try {
            double[] seconds = new double[STARTS];
            start(home); // the first one may build
            for (int i = 0; i < STARTS; i++) {
                seconds[i] = start(home);
            }
            Arrays.sort(seconds);
            List<Path> libraries = libraries();
            long bytes = 0;
            for (Path library : libraries) {
                bytes += Files.size(library);
            }
            result.put("name", name());
            result.put("date", LocalDate.now(ZoneOffset.UTC).toString());
            result.put("processors", Runtime.getRuntime().availableProcessors());
            result.put("libraries", libraries.size());
            result.put("libraryBytes", bytes);
            result.put("starts", STARTS);
            result.put("medianStartSeconds", seconds[STARTS / 2]);
            String json = JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(result);
            AtomicFiles.writeString(home.resolve(FILE), json + "\n");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return result;
    }

    /** Starts the command line for its version, and returns the seconds until it has ended. */
    private static double start(Path home) throws IOException {
        long begin = System.nanoTime();
        Process process = new ProcessBuilder(home.resolve("lapidary").toString(), "--version")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        int status = process.onExit().join().exitValue();
        if (status != 0) {
            throw new IllegalStateException("lapidary --version must succeed; got exit status " + status);
        }
        return (System.nanoTime() - begin) / 1e9;
    }

    /** The jars of the class path that are not the project's. */
    private static List<Path> libraries() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .filter(path -> path.toString().endsWith(".jar"))
                .filter(path -> !String.valueOf(path.getFileName()).startsWith("lapidary-"))
                .toList();
    }

    /** What the README says of it. */
    static String sentence(Path home) throws IOException {
        JsonNode evidence = JsonMapper.shared().readTree(Files.readString(home.resolve(FILE)));
        return String.format(
                Locale.ROOT,
                "The first run downloads %.0f MB of libraries besides Maven's own plugins, and builds; after that a start takes %.1f s.",
                evidence.path("libraryBytes").doubleValue() / MEGABYTE,
                evidence.path("medianStartSeconds").doubleValue());
    }
}
