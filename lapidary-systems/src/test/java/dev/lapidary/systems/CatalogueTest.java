package dev.lapidary.systems;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lapidary.systems.CatalogueEntry.State;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CatalogueTest {
    private static final List<CatalogueEntry> ALL = Catalogue.load().entries();

    @Test
    void everyRowIsListedOnceByRow() {
        assertThat(ALL.stream().map(entry -> entry.row().row()))
                .containsExactlyElementsOf(IntStream.concat(IntStream.rangeClosed(1, 130), IntStream.of(900))
                        .boxed()
                        .toList());
        assertThat(ALL.stream().map(entry -> entry.row().id())).doesNotHaveDuplicates();
    }

    @Test
    void everyRowSaysWhatItIs() {
        for (CatalogueEntry entry : ALL) {
            SystemRow row = entry.row();
            assertThat(List.of(
                            row.title(),
                            row.paper(),
                            row.family(),
                            row.kind(),
                            row.summary(),
                            row.claim(),
                            row.check()))
                    .as("row " + row.row())
                    .allSatisfy(text -> assertThat(text).isNotBlank());
            assertThat(row.outOfReach() != null)
                    .as("row " + row.row())
                    .isEqualTo(row.tier().equals("D"));
        }
    }

    @Test
    void everyPublishedFigureHasAUnit() {
        for (CatalogueEntry entry : ALL) {
            Evidence evidence = entry.evidence();
            if (evidence != null) {
                assertThat(evidence.trials().stream().flatMap(trial -> Figures.names(trial).stream()))
                        .as(entry.row().id())
                        .allSatisfy(name ->
                                assertThat(entry.row().figure(name)).as(name).isPresent());
            }
        }
    }

    @Test
    void aNumberAtTheEndOfAFiguresNameIsOneOfMany() {
        SystemRow row = Catalogue.load().find("62").orElseThrow().row();
        assertThat(row.figure("ratio10"))
                .isEqualTo(row.figure("ratio3"))
                .get()
                .asString()
                .contains("N classes");
        assertThat(row.figure("ratio")).isEmpty();
    }

    @Test
    void isReadInEveryLanguage() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
            Catalogue catalogue = Catalogue.load();
            assertThat(SystemsPage.of(catalogue)).containsPattern("\\| 62 \\| \\[?Gumbel-Softmax estimator");
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void systemsAreFoundByIdAndByRow() {
        Catalogue catalogue = Catalogue.load();
        assertThat(catalogue.find("gumbel-softmax").orElseThrow().row().row()).isEqualTo(62);
        assertThat(catalogue.find("62").orElseThrow().row().id()).isEqualTo("gumbel-softmax");
        assertThat(catalogue.find("131")).isEmpty();
    }

    @Test
    void aSystemOfNewFilesIsListed() {
        CatalogueEntry coin = Catalogue.load().find("weighted-coin").orElseThrow();
        assertThat(coin.state()).isEqualTo(State.RUNS);
        assertThat(coin.row().title()).isEqualTo("Weighted coin");
    }

    @Test
    void aStateFollowsFromEvidence() {
        CatalogueEntry coin = Catalogue.load().find("weighted-coin").orElseThrow();
        SystemRow row = coin.row();
        Evidence held = new Evidence(900, "weighted-coin", true, List.of(1L), List.of(), List.of());
        Evidence lost = new Evidence(900, "weighted-coin", false, List.of(1L), List.of(), List.of());
        SystemRow survey = Catalogue.load().find("43").orElseThrow().row();
        assertThat(new CatalogueEntry(row, coin.system(), held, null).state()).isEqualTo(State.HELD);
        assertThat(new CatalogueEntry(row, coin.system(), lost, null).state()).isEqualTo(State.LOST);
        assertThat(new CatalogueEntry(survey, coin.system(), held, null).state())
                .isEqualTo(State.COUNTERPART);
        assertThat(new CatalogueEntry(row, null, null, null).state()).isEqualTo(State.NOT_BEGUN);
    }

    @Test
    void publishedEvidenceBelongsToItsRowAndReadsBackTheSame() {
        for (CatalogueEntry entry : ALL) {
            Evidence evidence = entry.evidence();
            if (evidence != null) {
                assertThat(evidence.row()).isEqualTo(entry.row().row());
                assertThat(evidence.id()).isEqualTo(entry.row().id());
                assertThat(entry.run()).isNotNull();
                assertThat(Evidence.read(evidence.json())).isEqualTo(evidence);
                assertThat(evidence.seeds()).allSatisfy(seed -> assertThat(seed).isGreaterThanOrEqualTo(1000));
            }
        }
    }
}
