package dev.lapidary.synthetic.scene;

import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.Workers;
import dev.lapidary.runtime.file.AtomicFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Scenes as a folder of pictures and tables, the same bytes for the same settings.
 *
 * <p>{@code images/000001.png} and so on are the pictures, with another seed than 0 {@code images/SEED-000001.png}.
 * {@code scenes.csv} has the columns path, label and caption; {@code concepts.csv} path and a column of 0 and 1 for each concept; {@code concepts.txt} one concept a line; {@code lapidary.json} the
 * settings. Every file appears whole or not at all, so that writing can be stopped at any time and go on later.
 */
public final class SceneFolder {
    /** The format that the {@value AtomicFiles#MARKER} of such a folder names. */
    public static final String FORMAT = "lapidary-scenes";

    /** Table of paths, labels and captions. */
    public static final String SCENES = "scenes.csv";

    /** Table of the concepts that each scene has. */
    public static final String CONCEPTS = "concepts.csv";

    /** List of concepts. */
    public static final String NAMES = "concepts.txt";

    /** Folder of the pictures. */
    static final String IMAGES = "images";

    private static final Pattern LEFT_OVER =
            Pattern.compile("\\.((-?\\d+-)?\\d+\\.png|\\w+\\.(csv|txt|json))" + AtomicFiles.TEMPORARY);

    private static final int NOTED = 250; // pictures from one note of the speed to the next

    private final Path folder;
    private final SceneGenerator generator;
    private final Cancellation cancellation;

    private SceneFolder(Path folder, SceneSettings settings, Cancellation cancellation) {
        this.folder = folder;
        this.generator = new SceneGenerator(settings);
        this.cancellation = cancellation;
    }

    /**
     * Writes the scenes that are not there yet, on all cores.
     *
     * @param folder new, empty, or one that this wrote before with the same settings
     * @param cancellation stops between pictures; the same call goes on from there
     * @throws InputException where the folder holds something else, such as scenes of other settings
     */
    public static SceneReport write(Path folder, SceneSettings settings, Progress progress, Cancellation cancellation) {
        try {
            return new SceneFolder(folder, settings, cancellation).write(progress);
        } catch (IOException failure) {
            throw new UncheckedIOException(folder + " cannot be written", failure);
        }
    }

    private SceneReport write(Progress progress) throws IOException {
        prepare();
        long begin = System.nanoTime();
        int drawn = writeImages(progress);
        double seconds = Math.max(1e-9, (System.nanoTime() - begin) / 1e9);
        SceneTables tables = new SceneTables(generator);
        tables.writeScenes(ordinary(SCENES));
        tables.writeConcepts(ordinary(CONCEPTS));
        tables.writeNames(ordinary(NAMES));
        return new SceneReport(generator.settings().count(), drawn, drawn / seconds, tables.classes(), tables.shares());
    }

    /** Makes the folder, with its settings before all else. */
    private void prepare() throws IOException {
        SceneManifest wanted = new SceneManifest(generator.settings());
        Path marker = ordinary(AtomicFiles.MARKER);
        if (Files.exists(marker)) {
            SceneManifest found = SceneManifest.read(marker);
            if (!found.equals(wanted)) {
                throw new InputException(folder + ": must be new, empty or of the same scenes, " + wanted.describe()
                        + "; got " + found.describe());
            }
        } else {
            requireEmpty();
            AtomicFiles.writeString(marker, wanted.toJson());
        }
        Path images = folder.resolve(IMAGES);
        if (Files.exists(images, LinkOption.NOFOLLOW_LINKS) && !Files.isDirectory(images, LinkOption.NOFOLLOW_LINKS)) {
            throw new InputException(images + ": must be a folder; got something else");
        }
        Files.createDirectories(images);
        deleteLeftOver(folder);
        deleteLeftOver(images);
    }

    /** Deletes what a process that was killed had begun to write. */
    private static void deleteLeftOver(Path place) throws IOException {
        try (Stream<Path> entries = Files.list(place)) {
            for (Path entry : (Iterable<Path>) entries::iterator) {
                if (LEFT_OVER.matcher(entry.getFileName().toString()).matches()) {
                    Files.deleteIfExists(entry);
                }
            }
        }
    }

    private void requireEmpty() throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        if (!Files.isDirectory(folder)) {
            throw new InputException(folder + ": must be a folder; got a file");
        }
        try (Stream<Path> entries = Files.list(folder)) {
            Optional<Path> first = entries.findFirst();
            if (first.isPresent()) {
                throw new InputException(folder + ": must be new, empty or a folder of scenes; got one with "
                        + first.get().getFileName());
            }
        }
    }

    /** Returns how many pictures were drawn. */
    private int writeImages(Progress progress) {
        AtomicInteger next = new AtomicInteger();
        Speed speed = new Speed(System.nanoTime(), new AtomicInteger());
        int count = generator.settings().count();
        try (Progress.Task task = progress.start("scenes", count)) {
            Workers.run("drawing of scenes", Runtime.getRuntime().availableProcessors(), () -> {
                try {
                    for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
                        cancellation.check();
                        if (writeImage(i)) {
                            speed.count(task);
                        }
                        task.advance(1);
                    }
                } finally {
                    next.set(count); // the other threads end too
                }
                return null;
            });
        }
        return speed.drawn().get();
    }

    /** Pictures drawn since a time. */
    private record Speed(long begin, AtomicInteger drawn) {
        void count(Progress.Task task) {
            int now = drawn.incrementAndGet();
            if (now % NOTED == 0) {
                task.note(String.format(Locale.ROOT, "%.0f images/s", now / ((System.nanoTime() - begin) / 1e9)));
            }
        }
    }

    /** Draws a picture unless it is there, and returns whether it did. */
    private boolean writeImage(int index) {
        Path file = ordinary(SceneTables.image(generator.settings().seed(), index));
        if (Files.exists(file)) {
            return false;
        }
        try {
            PngFiles.write(file, generator.image(index));
            return true;
        } catch (IOException failure) {
            throw new UncheckedIOException(file + " cannot be written", failure);
        }
    }

    /** Where a file lies or will lie; a link could lead out of the folder. */
    private Path ordinary(String name) {
        Path file = folder.resolve(name);
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS) && !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new InputException(file + ": must be a file; got a link or something else");
        }
        return file;
    }
}
