package dev.lapidary.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestTest {
    @Test
    void namesThatContainWhatWasTypedComeLast() {
        List<String> names = List.of("straight-through-gumbel", "gumbel-softmax", "gumbels", "chef");

        assertThat(Nearest.of("Gumbel", names, 3))
                .containsExactly("gumbels", "gumbel-softmax", "straight-through-gumbel");
        assertThat(Nearest.of("gumbel", List.of("gumbel-softmax"))).contains("gumbel-softmax");
        assertThat(Nearest.of("ef", List.of("chef-of-all"))).isEmpty(); // two letters say too little
        assertThat(Nearest.of("--of", List.of("--of-all-things"))).isEmpty();
    }

    @Test
    void countsLettersInsertedRemovedReplacedAndSwappedWhateverTheirCase() {
        List<String> names = List.of("train", "predict", "l1");
        assertThat(Nearest.of("TRAIN", names)).contains("train");
        assertThat(Nearest.of("trian", names)).contains("train");
        assertThat(Nearest.of("trai", names)).contains("train");
        assertThat(Nearest.of("strained", names)).isEmpty(); // three of eight letters
        assertThat(Nearest.of("straine", names)).contains("train"); // two
        assertThat(Nearest.of("l2", names)).contains("l1");
        assertThat(Nearest.of("x2", names)).isEmpty(); // all of its letters
    }

    @Test
    void theNearestComeFirstAndNoMoreThanAskedFor() {
        assertThat(Nearest.of("abcd", List.of("abxy", "abcx", "abcd", "zzzz"), 2))
                .containsExactly("abcd", "abcx");
        assertThat(Nearest.of("abcd", List.of("zzzz"), 2)).isEmpty();
    }
}
