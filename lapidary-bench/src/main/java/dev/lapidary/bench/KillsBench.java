package dev.lapidary.bench;

import dev.lapidary.app.Main;
import dev.lapidary.runtime.file.AtomicFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/**
 * Trainings and packing, each a child process that is killed (SIGKILL) at random times and started again until it finishes: the result
 * must have the bytes of an undisturbed run's, and nothing else may be left beside it. Kept in docs/evidence/kills.json.
 */
final class KillsBench implements Benchmark {
    static final String FILE = "docs/evidence/kills.json";

    private static final int KILLS = 10; // of each command
    private static final int KILLS_OF_A_RESULT = 3;
    private static final long SEED = 20;

    private final SplittableRandom random = new SplittableRandom(SEED);

    /** One command: its name, and its words but for the place of the result. */
    private record Work(String name, List<String> words) {}

    /** What became of one command. */
    private static final class Counts {
        private int kills;
        private int results;
        private int killedBehind;
        private final List<String> different = new ArrayList<>();
        private final List<String> left = new ArrayList<>();
    }

    @Override
    public String name() {
        return "kills";
    }

    @Override
    public String summary() {
        return "evidence, not speed: " + 6 * KILLS + " kills at random times over all trainings and packing, "
                + "and whether the results have the bytes of undisturbed runs (about fifteen minutes)";
    }

    @Override
    public Map<String, Object> run() {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("name", name());
        result.put("date", LocalDate.now(ZoneOffset.UTC).toString());
        result.put("seed", SEED);
        result.put("ignored", ResultBytes.IGNORED);
        int kills = 0;
        boolean equal = true;
        try {
            Path folder = Files.createTempDirectory("lapidary-kills");
            for (Work work : works(folder)) {
                Counts counts = measure(folder, work);
                kills += counts.kills;
                equal &= counts.different.isEmpty() && counts.left.isEmpty();
                Map<String, Object> entry = new LinkedHashMap<>();
                entry.put("kills", counts.kills);
                entry.put("results", counts.results);
                entry.put("killedWhenTheResultStood", counts.killedBehind);
                entry.put("different", counts.different);
                entry.put("left", counts.left);
                result.put(work.name(), entry);
                System.err.println(work.name() + ": " + entry);
                result.put("kills", kills);
                result.put("equal", equal);
                String json =
                        JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(result);
                AtomicFiles.writeString(ProjectFiles.home().resolve(FILE), json + "\n");
            }
            AtomicFiles.deleteTree(folder);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return result;
    }

    /** The first one's undisturbed result is the model of the others. */
    private static List<Work> works(Path folder) throws IOException {
        Path text = KillsInputs.text(folder);
        Path images = KillsInputs.images(folder);
        Path model = whole(folder, "lm train");
        return List.of(
                new Work(
                        "lm train",
                        words(
                                "lm train --layers 1 --width 16 --heads 2 --vocab 300 --context 16 --steps 400",
                                "--text",
                                text)),
                new Work("lm pack", words("lm pack --type int8", "--model", model)),
                new Work(
                        "mask learn",
                        words(
                                "mask learn --steps 60 --batch 4 --prior magnitude --compare none",
                                "--model",
                                model,
                                "--text",
                                text)),
                new Work(
                        "encoder train",
                        words(
                                "encoder train --side 16 --channels 4 --width 8 --epochs 12 --batch 8 --products f32",
                                "--images",
                                images,
                                "--captions",
                                KillsInputs.captions(folder))),
                new Work(
                        "encoder adapt",
                        words(
                                "encoder adapt --rank 2 --epochs 40 --batch 8 --products f32",
                                "--encoder",
                                whole(folder, "encoder train"),
                                "--images",
                                images,
                                "--concepts",
                                KillsInputs.colours(folder))),
                new Work(
                        "concepts train",
                        words(
                                "concepts train --seeds 2",
                                "--data",
                                KillsInputs.items(folder),
                                "--concepts",
                                KillsInputs.concepts(folder))));
    }

    private static List<String> words(String options, Object... more) {
        List<String> words = new ArrayList<>(List.of(options.split(" ")));
        Stream.of(more).map(Object::toString).forEach(words::add);
        return words;
    }

    private static Path whole(Path folder, String name) {
        return folder.resolve(name.replace(' ', '-')).resolve("whole/result");
    }

    private Counts measure(Path folder, Work work) throws IOException {
        Path whole = whole(folder, work.name());
        long begin = System.nanoTime();
        require(work, start(work, whole));
        long undisturbed = System.nanoTime() - begin;
        Counts counts = new Counts();
        while (counts.kills < KILLS) {
            Path out = whole.resolveSibling("../killed-" + counts.results)
                    .normalize()
                    .resolve("result");
            int most = Math.min(KILLS_OF_A_RESULT, KILLS - counts.kills);
            boolean finished = false;
            for (int i = 0; i < most && !finished; i++) {
                finished = kill(work, out, random.nextLong(undisturbed / 5, undisturbed));
                counts.kills += finished ? 0 : 1;
                if (!finished && Files.exists(out)) { // it was killed when the result stood there
                    counts.killedBehind++;
                    finished = true;
                }
            }
            if (!finished) {
                require(work, start(work, out));
            }
            counts.results++;
            counts.different.addAll(ResultBytes.differences(whole, out));
            counts.left.addAll(left(out));
        }
        return counts;
    }

    /** What lies beside a result. */
    private static List<String> left(Path out) throws IOException {
        try (Stream<Path> beside = Files.list(out.resolveSibling("."))) {
            return beside.map(path -> String.valueOf(path.getFileName()))
                    .filter(name -> !name.equals("result"))
                    .toList();
        }
    }

    private static Process start(Work work, Path out) throws IOException {
        Files.createDirectories(out.resolveSibling("."));
        List<String> words = new ArrayList<>(work.words());
        words.addAll(List.of("--quiet", "--out", out.toString()));
        return ChildJvm.builder(List.of(), Main.class, words)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /** Returns whether the process ended by itself before. */
    private static boolean kill(Work work, Path out, long nanos) throws IOException {
        Process process = start(work, out);
        CompletableFuture<Process> end = process.onExit().completeOnTimeout(process, nanos, TimeUnit.NANOSECONDS);
        end.join();
        if (process.isAlive()) {
            process.destroyForcibly().onExit().join();
            return false;
        }
        require(work, process);
        return true;
    }

    private static void require(Work work, Process process) {
        int status = process.onExit().join().exitValue();
        if (status != 0) {
            throw new IllegalStateException(work.name() + " must succeed; got exit status " + status);
        }
    }
}
