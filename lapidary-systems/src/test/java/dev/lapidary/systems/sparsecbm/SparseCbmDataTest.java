package dev.lapidary.systems.sparsecbm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.trial.Arm;
import dev.lapidary.trial.Outcome;
import dev.lapidary.trial.TrialRun;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SparseCbmDataTest {
    @TempDir
    Path folder;

    @Test
    void missingDataSaysWhatIsNeeded() {
        assertThatThrownBy(() -> UserData.file(null, "ag-news.csv", "news"))
                .isInstanceOf(InputException.class)
                .hasMessage(
                        "LAPIDARY_DATA must name a folder with ag-news.csv (news); got nothing: set it and try again");
        assertThatThrownBy(() -> UserData.file(folder.toString(), "ag-news.csv", "news"))
                .isInstanceOf(InputException.class)
                .hasMessageEndingWith("got no file at " + folder.resolve("ag-news.csv"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ag-news.txt", "cifar-10.txt", "cifar-10-captions.txt"})
    void listsAreThoseOfTheProject(String name) throws IOException {
        assertThat(ConceptLists.text(name))
                .isEqualTo(Files.readString(Path.of("../concepts").resolve(name)));
    }

    @Test
    void unpacksTheSameNumberOfImagesOfEveryClass() throws IOException {
        Path archive = folder.resolve("images.zip");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(archive))) {
            for (String name :
                    new String[] {"cat/0.jpg", "cat/1.jpg", "cat/2.jpg", "dog/0.jpg", "dog/1.jpg", "dog/2.jpg"}) {
                zip.putNextEntry(new ZipEntry(name));
                zip.write(name.getBytes(StandardCharsets.UTF_8));
                zip.closeEntry();
            }
        }
        Path into = Files.createDirectory(folder.resolve("into"));
        PhotoEncoder.unpack(archive, into, 1, 1);
        assertThat(Files.readString(into.resolve("cat/1.jpg"))).isEqualTo("cat/1.jpg");
        assertThat(Files.exists(into.resolve("dog/1.jpg"))).isTrue();
        assertThat(into.resolve("cat/0.jpg")).doesNotExist();
        assertThat(into.resolve("dog/2.jpg")).doesNotExist();
    }

    @Test
    void rowsAreDistinctAndDifferByTheSeed() {
        int[] rows = ConceptData.rows(1, 50, 20);
        assertThat(rows).doesNotHaveDuplicates().hasSize(20);
        assertThat(ConceptData.rows(2, 50, 20)).isNotEqualTo(rows);
        assertThatThrownBy(() -> ConceptData.rows(1, 5, 6)).hasMessage("there must be 6 items to draw from; got 5");
    }

    @Test
    void theSearchTellsWhetherWeightsChanged() {
        var planted = new PlantedData(new ConceptData.Sizes(20, 20, 60));
        Map<String, Outcome> outcomes = TrialRun.once(new SearchTrial(planted), 4, Progress.silent());
        assertThat(Objects.requireNonNull(outcomes.get("zero-shot")).figures()).containsOnlyKeys("accuracy");
        outcomes.remove("zero-shot");
        assertThat(outcomes.values())
                .allSatisfy(
                        outcome -> assertThat(outcome.figure("changedWeights")).isZero());
        AtomicInteger reads = new AtomicInteger();
        ConceptProblem real = planted.draw(4);
        var changing = new ConceptProblem(
                real.concepts(),
                real.classes(),
                real.randomWords(),
                real.train(),
                real.validation(),
                real.test(),
                () -> "digest " + reads.incrementAndGet());
        var drawn = new SearchTrial.Drawn(changing, changing.encoderDigest().get());
        Arm<SearchTrial.Drawn> search = new SearchTrial(planted).arms().getFirst();
        assertThat(search.runner().run(drawn, 4, Progress.silent()).figure("changedWeights"))
                .isEqualTo(1);
    }
}
