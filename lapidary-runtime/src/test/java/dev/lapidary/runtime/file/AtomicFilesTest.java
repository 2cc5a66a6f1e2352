package dev.lapidary.runtime.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.safetensors.SafetensorsWriter;
import dev.lapidary.runtime.tensor.TensorView;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

final class AtomicFilesTest {
    @TempDir
    Path folder;

    @Test
    void writesAndReplacesAFile() throws IOException {
        Path file = folder.resolve("new/folder/file.txt");
        AtomicFiles.writeString(file, "one");
        AtomicFiles.writeString(file, "zwei, drei é");
        assertThat(Files.readString(file)).isEqualTo("zwei, drei é");
        assertThat(names(folder.resolve("new/folder"))).containsExactly("file.txt");
    }

    @Test
    void failureMidwayLeavesTheOldFileAndPassesUnchanged() throws IOException {
        Path file = folder.resolve("file");
        AtomicFiles.writeString(file, "old");
        IOException full = new IOException("No space left on device");
        assertThatThrownBy(() -> AtomicFiles.write(file, temporary -> {
                    Files.writeString(temporary, "half");
                    throw full;
                }))
                .isSameAs(full);
        IllegalStateException bug = new IllegalStateException("bug");
        assertThatThrownBy(() -> AtomicFiles.write(file, temporary -> {
                    throw bug;
                }))
                .isSameAs(bug);
        assertThat(Files.readString(file)).isEqualTo("old");
        assertThat(names(folder)).containsExactly("file");
    }

    @Test
    void failureOfANewFileLeavesNothing() {
        assertThatThrownBy(() -> AtomicFiles.write(folder.resolve("file"), temporary -> {
                    Files.writeString(temporary, "half");
                    assertThat(folder.resolve("file")).doesNotExist();
                    throw new IOException("No space left on device");
                }))
                .hasMessage("No space left on device");
        assertThat(folder.toFile().list()).isEmpty();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void realFullDeviceIsAnIOException() {
        Path full = Path.of("/dev/full");
        TensorView tensor = TensorView.of("t", new float[1000], 1000);
        assertThatThrownBy(() -> SafetensorsWriter.write(full, List.of(tensor), Map.of()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("No space left on device");
        assertThat(full).exists();
        assertThatThrownBy(() -> AtomicFiles.writeFolder(folder.resolve("model"), temporary -> {
                    Files.writeString(temporary.resolve("half"), "half");
                    Files.writeString(full, "rest", StandardOpenOption.WRITE);
                }))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("No space left on device");
        assertThat(folder.toFile().list()).isEmpty();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void devicesAreWrittenInPlace() throws IOException {
        AtomicFiles.writeString(Path.of("/dev/null"), "gone");
        assertThat(Files.isRegularFile(Path.of("/dev/null"))).isFalse();
        assertThat(Path.of("/dev/null")).exists();
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void symbolicLinksAreFollowed() throws IOException {
        Path real = Files.writeString(folder.resolve("real"), "old");
        Path link = Files.createSymbolicLink(folder.resolve("link"), real);
        AtomicFiles.writeString(link, "new");
        assertThat(Files.isSymbolicLink(link)).isTrue();
        assertThat(Files.readString(real)).isEqualTo("new");
    }

    @Test
    void aFolderIsNoFile() {
        assertThatThrownBy(() -> AtomicFiles.writeString(folder, "text"))
                .isInstanceOf(InputException.class)
                .hasMessage(folder + ": must be a file; got a folder");
    }

    @Test
    void writesAFolderAndReplacesLapidarysOwn() throws IOException {
        Path model = folder.resolve("a/model");
        AtomicFiles.writeFolder(model, temporary -> {
            assertThat(model).doesNotExist();
            Files.writeString(temporary.resolve(AtomicFiles.MARKER), "{}");
            Files.createDirectories(temporary.resolve("deep/er"));
            Files.writeString(temporary.resolve("deep/er/old"), "1");
        });
        AtomicFiles.writeFolder(model, temporary -> {
            assertThat(model.resolve("deep/er/old")).exists();
            Files.writeString(temporary.resolve(AtomicFiles.MARKER), "{}");
        });
        assertThat(names(model)).containsExactly(AtomicFiles.MARKER);
        assertThat(names(folder.resolve("a"))).containsExactly("model");
    }

    @Test
    void aFolderIsNeverGoneWhileItIsReplaced() throws Exception {
        Path target = folder.resolve("result");
        AtomicFiles.writeFolder(target, temporary -> Files.writeString(temporary.resolve(AtomicFiles.MARKER), "0"));
        Path one = Files.createDirectory(folder.resolve("one"));
        Path other = Files.createDirectory(folder.resolve("other"));
        Files.writeString(one.resolve("a"), "");
        assumeTrue(FolderExchange.exchange(one, other), "the file system exchanges folders");
        assertThat(other.resolve("a")).exists();
        assertThat(one).isEmptyDirectory();
        assertThat(FolderExchange.exchange(one, folder.resolve("none"))).isFalse();

        AtomicBoolean done = new AtomicBoolean();
        CompletableFuture<Long> gone = CompletableFuture.supplyAsync(() -> {
            long missing = 0;
            while (!done.get()) {
                missing += Files.exists(target.resolve(AtomicFiles.MARKER)) ? 0 : 1;
            }
            return missing;
        });
        for (int i = 0; i < 100; i++) {
            String text = "" + i;
            AtomicFiles.writeFolder(
                    target, temporary -> Files.writeString(temporary.resolve(AtomicFiles.MARKER), text));
        }
        done.set(true);

        assertThat(gone.get(10, TimeUnit.SECONDS)).isZero();
        assertThat(target.resolve(AtomicFiles.MARKER)).hasContent("99");
        assertThat(Objects.requireNonNull(folder.toFile().list())).containsExactlyInAnyOrder("result", "one", "other");
    }

    @Test
    void replacesAnEmptyFolder() throws IOException {
        Path model = Files.createDirectory(folder.resolve("model"));
        AtomicFiles.writeFolder(model, temporary -> Files.writeString(temporary.resolve("a"), "1"));
        assertThat(names(model)).containsExactly("a");
        assertThat(names(folder)).containsExactly("model");
    }

    @Test
    void refusesSomebodyElsesFolderBeforeAnyWork() throws IOException {
        Path other = Files.createDirectory(folder.resolve("photos"));
        Files.writeString(other.resolve("holiday.jpg"), "1");
        assertThatThrownBy(() -> AtomicFiles.writeFolder(other, temporary -> {
                    throw new AssertionError("must not run");
                }))
                .isInstanceOf(InputException.class)
                .hasMessage(other + ": must be new, empty or a folder that Lapidary wrote (with lapidary.json);"
                        + " got one with holiday.jpg");
        Path file = other.resolve("holiday.jpg");
        assertThatThrownBy(() -> AtomicFiles.writeFolder(file, temporary -> {}))
                .isInstanceOf(InputException.class)
                .hasMessage(file + ": must be a folder; got a file");
        assertThat(names(folder)).containsExactly("photos");
    }

    @Test
    void refusesAFolderThatFilledMeanwhile() throws IOException {
        Path model = folder.resolve("model");
        assertThatThrownBy(() -> AtomicFiles.writeFolder(model, temporary -> {
                    Files.createDirectory(model);
                    Files.writeString(model.resolve("mine"), "1");
                }))
                .isInstanceOf(InputException.class);
        assertThat(names(model)).containsExactly("mine");
        assertThat(names(folder)).containsExactly("model");
    }

    @Test
    void failureLeavesTheOldFolder() throws IOException {
        Path model = folder.resolve("model");
        AtomicFiles.writeFolder(model, temporary -> Files.writeString(temporary.resolve(AtomicFiles.MARKER), "old"));
        IOException full = new IOException("No space left on device");
        assertThatThrownBy(() -> AtomicFiles.writeFolder(model, temporary -> {
                    Files.writeString(temporary.resolve(AtomicFiles.MARKER), "half");
                    throw full;
                }))
                .isSameAs(full);
        assertThat(Files.readString(model.resolve(AtomicFiles.MARKER))).isEqualTo("old");
        assertThat(names(folder)).containsExactly("model");
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> children = Files.list(folder)) {
            return children.map(child -> child.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }

    /** The hidden name that a process which is dead would have used. */
    private static String left(String of, String ending) {
        return LeftOvers.name(of, ending).replaceFirst("(lapidary-[0-9a-f]+)-[0-9a-f]+-", "$1-3fffff-");
    }

    @Test
    void aFolderThatAKilledProcessTookAwayComesBack() throws IOException {
        Path old = Files.createDirectory(folder.resolve(left("model", "old")));
        Files.writeString(old.resolve("a"), "kept");
        Path half = Files.createDirectory(folder.resolve(left("model", "tmp")));
        Files.writeString(half.resolve("a"), "half");

        AtomicFiles.repair(folder.resolve("model"));

        assertThat(folder.resolve("model/a")).hasContent("kept");
        assertThat(names(folder)).containsExactly("model");
    }

    @Test
    void whatKilledProcessesLeftIsDeleted() throws IOException {
        Files.createDirectory(folder.resolve("model"));
        Files.writeString(
                Files.createDirectory(folder.resolve(left("model", "old"))).resolve("a"), "old");
        Files.writeString(folder.resolve(left("file", "tmp")), "half");
        String alive = LeftOvers.name("file", "tmp");
        String elsewhere = left("file", "tmp").replaceFirst("lapidary-[0-9a-f]{8}", "lapidary-00000000");
        for (String name : List.of(alive, elsewhere, ".mine.tmp", ".a.tmp")) {
            Files.writeString(folder.resolve(name), "stays");
        }
        Path aged =
                Files.writeString(folder.resolve(elsewhere.replace("00000000", "00000001")), "from another machine");
        Files.setLastModifiedTime(aged, FileTime.from(Instant.now().minus(Duration.ofDays(2))));
        String others = ".a.01234567-89ab-cdef-0123-456789abcdef.tmp";
        Files.setLastModifiedTime(
                Files.writeString(folder.resolve(others), "another program's"),
                FileTime.from(Instant.now().minus(Duration.ofDays(2))));

        AtomicFiles.writeString(folder.resolve("file"), "new");

        assertThat(names(folder))
                .containsExactlyInAnyOrder("model", "file", alive, elsewhere, ".mine.tmp", ".a.tmp", others);
    }

    @Test
    void whereNothingCanBeWrittenTheGivenNameIsNamed() {
        Path file = Path.of("/proc/x"); // in which not even root makes files
        assumeTrue(Files.isDirectory(Path.of("/proc")));
        assertThatThrownBy(() -> AtomicFiles.writeString(file, "text"))
                .isInstanceOfSatisfying(
                        FileSystemException.class, e -> assertThat(e.getFile()).isEqualTo("/proc/x"));
        assertThatThrownBy(() -> AtomicFiles.writeFolder(file, temporary -> {}))
                .isInstanceOfSatisfying(
                        FileSystemException.class, e -> assertThat(e.getFile()).isEqualTo("/proc/x"));
    }

    @Test
    void aLinkToNothingIsRefused() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("none"));
        assertThatThrownBy(() -> AtomicFiles.writeString(link, "text"))
                .isInstanceOf(InputException.class)
                .hasMessage(link + ": must be no link to nothing; got one");
        assertThatThrownBy(() -> AtomicFiles.writeFolder(link, temporary -> {})).isInstanceOf(InputException.class);
        assertThat(Files.isSymbolicLink(link)).isTrue();
    }
}
