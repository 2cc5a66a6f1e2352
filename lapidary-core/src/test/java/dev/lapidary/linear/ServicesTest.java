package dev.lapidary.linear;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Services;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** What the class path brings, by the kinds of linear layers. */
class ServicesTest {
    private static final List<String> NAMES = List.of("dense", "low-rank", "masked");

    @Test
    void aNameFindsItsOwn() {
        assertThat(Services.named("the kind", "low-rank", NAMES, Function.identity()))
                .isEqualTo("low-rank");
    }

    @Test
    void anUnknownNameIsAnsweredWithAllAndTheNearest() {
        assertThatThrownBy(() -> Services.named("the kind", "lowrank", NAMES, Function.identity()))
                .isInstanceOf(InputException.class)
                .hasMessage("the kind must be one of dense, low-rank, masked; got lowrank; did you mean low-rank?");
        assertThatThrownBy(() -> Services.named("the kind", "quantised-by-columns", NAMES, Function.identity()))
                .hasMessage("the kind must be one of dense, low-rank, masked; got quantised-by-columns");
    }

    @Test
    void implementationsComeInOrderOfTheirNames() {
        assertThat(Services.all(LinearKind.class, LinearKind::name))
                .extracting(LinearKind::name)
                .isSorted()
                .contains("dense", "low-rank", "masked");
    }

    @Test
    void twoOfOneNameAreRefused() {
        assertThatThrownBy(() -> Services.all(LinearKind.class, kind -> "same"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("must have distinct names; got same from dev.lapidary.");
    }
}
