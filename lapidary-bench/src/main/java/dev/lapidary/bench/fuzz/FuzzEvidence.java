package dev.lapidary.bench.fuzz;

import dev.lapidary.runtime.file.AtomicFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The counts by format, as JSON: what was read, refused and found, of which seeds, at which commit and date. */
final class FuzzEvidence {
    private FuzzEvidence() {}

    /** Writes the counts of one format into the file, in the place of those that it had. */
    static void add(Path file, FuzzRun run, long firstSeed) throws IOException {
        JsonMapper mapper = JsonMapper.shared();
        ObjectNode all =
                Files.exists(file) ? (ObjectNode) mapper.readTree(Files.readString(file)) : mapper.createObjectNode();
        ObjectNode format = mapper.createObjectNode();
        format.put("inputs", run.count());
        format.put("read", run.read());
        format.put("refused", run.refused());
        format.put("found", run.found().size());
        format.put("firstSeed", firstSeed);
        format.put("lastSeed", firstSeed + run.count() - 1);
        format.put("slowestMillis", run.slowestMillis());
        format.put("commit", commit());
        format.put("date", LocalDate.now(ZoneOffset.UTC).toString());
        all.set(run.name(), format);
        AtomicFiles.writeString(file, mapper.writerWithDefaultPrettyPrinter().writeValueAsString(all) + "\n");
    }

    private static String commit() throws IOException {
        Process git = new ProcessBuilder("git", "rev-parse", "--short=12", "HEAD")
                .directory(Path.of(System.getProperty("lapidary.home", ".")).toFile())
                .start();
        return new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    }
}
