package dev.lapidary.systems;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lapidary.runtime.Progress;
import dev.lapidary.trial.TrialSeeds;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SystemsPageTest {
    @TempDir
    Path folder;

    private CatalogueEntry measured() {
        CatalogueEntry coin = Catalogue.load().find("weighted-coin").orElseThrow();
        Verification full =
                Verification.full(coin, new TrialSeeds(1000, 3), folder.resolve("coin"), false, Progress.silent());
        SystemRow row = coin.row();
        SystemRow renamed = new SystemRow(
                7,
                row.id(),
                "<script>|",
                row.paper(),
                null,
                row.kind(),
                row.family(),
                row.tier(),
                null,
                null,
                row.summary(),
                row.claim(),
                Map.of(),
                row.check(),
                List.of("no real coins"),
                row.figures());
        return new CatalogueEntry(renamed, coin.system(), full.evidence(), full.run());
    }

    @Test
    void thePageShowsClaimsFiguresAndSabotages() {
        String page = SystemsPage.of(new Catalogue(List.of(measured())));
        assertThat(page)
                .contains("| 7 | [<script>\\|](#weighted-coin) | tests | A | **held** |")
                .contains("**Held** over 3 seeds from 1000")
                .contains("Limit: no real coins")
                .contains("| the more frequent of 3 tosses is found | 0 | 0 | holds |")
                .contains("| arm | role | right |")
                .containsPattern("counting better than random-guess in right \\| 0\\.\\d{4} \\| \\[0")
                .containsPattern("\\| better \\| \\d+ % \\|")
                .contains("In the method's place: rarer-side fails.");
    }

    @Test
    void theReportEscapesTextAndRunsNothing() {
        String html = SystemsReport.of(new Catalogue(List.of(measured())));
        assertThat(html)
                .contains(
                        "<h2>&lt;script&gt;|</h2>",
                        "default-src 'none'",
                        "<circle",
                        "<td>the more frequent of 3 tosses is found</td><td class=\"n\">0</td>",
                        "digest of the measuring code: ",
                        "aria-label=\"counting better than")
                .doesNotContain("<script", "http://", "https://");
    }

    @Test
    void numbersHaveFourDigitsThatCount() {
        assertThat(List.of(Figures.number(0.12345), Figures.number(12.345), Figures.number(12345.6), Figures.number(3)))
                .containsExactly("0.1235", "12.35", "12346", "3");
        assertThat(Figures.number(1.25e-9)).isEqualTo("1.25e-09");
    }
}
