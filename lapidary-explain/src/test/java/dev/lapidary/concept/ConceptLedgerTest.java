package dev.lapidary.concept;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.concept.ConceptLedger.Measured;
import dev.lapidary.runtime.InputException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConceptLedgerTest {
    private static ConceptLedger ledger() {
        ConceptLedger ledger = new ConceptLedger();
        ledger.dropLine("", "list.txt", ConceptLedger.BLANK, "", 3);
        ledger.locate("dog", 4);
        ledger.drop(new Concept("dog", "list.txt"), new Measured(ConceptLedger.DUPLICATE, 0.95, 0.9, "hound"));
        ledger.drop(new Concept("tar", "corpus"), new Measured(ConceptLedger.ACTIVATION, 0.125, 0.25, ""));
        ledger.keep(new Concept("caf\u00e9 \"x\"", "corpus"), new Measured(ConceptLedger.DUPLICATE, 0.5, 0.9, "tea"));
        return ledger;
    }

    @Test
    void comesBackFromJsonUnchanged() {
        ConceptLedger ledger = ledger();
        ConceptLedger read = ConceptLedger.fromJson(ledger.toJson());
        assertThat(read.entries()).isEqualTo(ledger.entries());
        assertThat(read.toJson()).isEqualTo(ledger.toJson());
        assertThat(read.entries().get(1).line()).isEqualTo(4);
    }

    @Test
    void countsByRule() {
        ConceptLedger ledger = ledger();
        assertThat(ledger.droppedByRule()).isEqualTo(Map.of("blank", 1, "duplicate", 1, "activation", 1));
        assertThat(ledger.kept()).isOne();
        assertThat(ledger.dropped(ConceptLedger.LENGTH)).isZero();
    }

    @Test
    void summarisesInALineARule() {
        assertThat(ledger().summary()).isEqualTo("""
                        4 candidates: 1 kept, 3 dropped
                          activation: 1 ("tar" 0.13 below 0.25)
                          blank: 1 (line 3)
                          duplicate: 1 ("dog" 0.95 like "hound", from 0.90)""");
    }

    @Test
    void refusesJsonThatIsNotALedger() {
        String json = ledger().toJson();
        for (String bad : new String[] {
            "",
            "[]",
            "{\"entries\":null}",
            "{}",
            json.replaceFirst("\"kept\"", "\"kapt\""),
            json.replaceFirst("\"value\":1.0", "\"value\":null"),
            json + "x"
        }) {
            assertThatThrownBy(() -> ConceptLedger.fromJson(bad))
                    .as(bad)
                    .isInstanceOf(InputException.class)
                    .hasMessageStartingWith("a concept ledger must be JSON as Lapidary writes it; got ");
        }
    }

    @Test
    void nullAnywhereIsRefused() {
        for (String json : List.of(
                "null", "{\"entries\": null}", "{\"entries\": [null]}", "{}", "{\"entries\": [{\"concept\": null}]}")) {
            assertThatThrownBy(() -> ConceptLedger.fromJson(json))
                    .isInstanceOf(InputException.class)
                    .hasMessageStartingWith("a concept ledger must be JSON as Lapidary writes it; got");
        }
    }

    @Test
    void anErrorQuotesTwoHundredCharactersAtMost() {
        assertThatThrownBy(() -> ConceptLedger.fromJson("{\"" + "x".repeat(10_000) + "\": 1}"))
                .isInstanceOf(InputException.class)
                .message()
                .hasSizeLessThan(300);
    }
}
