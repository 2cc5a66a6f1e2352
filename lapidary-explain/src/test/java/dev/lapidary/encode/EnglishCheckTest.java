package dev.lapidary.encode;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class EnglishCheckTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "German | Der Router geht seit gestern nicht mehr, bitte schicken Sie einen Techniker",
                "German | Die Rechnung ist falsch und wird auch nicht ge\u00e4ndert",
                "French | La facture est fausse et je ne peux pas la payer",
                "Spanish | El cliente no puede pagar la factura por un error del sistema",
                "Italian | Il router non funziona e la fattura \u00e8 sbagliata",
                "Portuguese | A fatura n\u00e3o est\u00e1 correta e o sistema tamb\u00e9m falhou para os clientes",
                "Dutch | Het modem doet het niet en ik wacht op een monteur",
                "Cyrillic script | \u0421\u0447\u0451\u0442 \u043d\u0435\u0432\u0435\u0440\u0435\u043d",
                "Cjk script | \u8def\u7531\u5668\u574f\u4e86",
                "Greek script | \u03a4\u03bf \u03c1\u03bf\u03cd\u03c4\u03b5\u03c1",
                "Arabic script | \u0627\u0644\u0641\u0627\u062a\u0648\u0631\u0629",
            })
    void tellsOtherLanguages(String language, String text) {
        assertThat(EnglishCheck.language(text)).contains(language);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "The router has not worked since yesterday, please send somebody",
                "Router offline",
                "Zurich to El Paso via Los Angeles and La Paz was late",
                "He visited the caf\u00e9 in Z\u00fcrich with Jos\u00e9",
                "Do not die in the hat of a man named Van Der Berg",
                "",
                "1234 !!",
                "int main() { return 0; }",
            })
    void leavesEnglishAlone(String text) {
        assertThat(EnglishCheck.language(text)).isEmpty();
    }

    @Test
    void warnsFromATenthOfTheTextsOn() {
        List<String> texts = new ArrayList<>(Collections.nCopies(18, "The bill is wrong"));
        texts.add("Die Rechnung ist nicht richtig");
        assertThat(EnglishCheck.warning(texts)).isEmpty();
        texts.add("Der Router ist kaputt und die Lampe auch");
        assertThat(EnglishCheck.warning(texts))
                .hasValue(
                        "2 of 20 texts looked at seem not to be English (German); the packaged encoder and WordNet know English only: "
                                + "use a multilingual encoder (--encoder DIR) and concepts of your own");
        assertThat(EnglishCheck.warning(List.of())).isEmpty();
    }
}
