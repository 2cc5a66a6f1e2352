package dev.lapidary.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.integers;
import static org.quicktheories.generators.SourceDSL.longs;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReservedSplitsTest {
    private static Dataset data(int size, int classes, long seed) {
        Random random = new Random(seed);
        List<String> texts = new ArrayList<>();
        List<String> labels = new ArrayList<>();
        for (int i = 0; i < 3 * classes; i++) {
            texts.add("own " + i);
            labels.add("class " + i % classes);
        }
        while (texts.size() < size) {
            texts.add("text " + random.nextInt(size)); // some occur more than once, perhaps under two labels
            labels.add("class " + random.nextInt(classes));
        }
        return Dataset.ofTexts(texts, labels);
    }

    @Test
    void everySeedTrainsOnWhatIsReservedAndOnEveryEqualOfIt() {
        qt().withExamples(200)
                .forAll(integers().between(6, 200), integers().between(2, 4), longs().between(0, 1 << 20))
                .checkAssert((size, classes, seed) -> {
                    Dataset data = data(size, classes, seed);
                    int[] reserved = Splits.reserved(data, seed, 0.2);
                    assertThat(reserved).isSorted().doesNotHaveDuplicates().hasSizeLessThan(data.size());
                    Set<Long> contents = new HashSet<>();
                    for (int row : reserved) {
                        contents.add(data.contentHash(row));
                    }
                    assertThat(IntStream.range(0, data.size())
                                    .filter(i -> contents.contains(data.contentHash(i)))
                                    .toArray())
                            .isEqualTo(reserved);
                    for (long other = seed; other < seed + 3; other++) {
                        Split split = Splits.draw(data, other, SplitShares.DEFAULT, reserved);
                        Set<Integer> train =
                                Arrays.stream(split.train()).boxed().collect(Collectors.toSet());
                        assertThat(Arrays.stream(reserved).allMatch(train::contains))
                                .isTrue();
                        for (int[] part : List.of(split.train(), split.validation(), split.test())) {
                            assertThat(Arrays.stream(part)
                                            .map(data::label)
                                            .distinct()
                                            .count())
                                    .isEqualTo((long) classes);
                        }
                    }
                });
    }

    @Test
    void theSharesHoldThoughSomeAreReserved() {
        Dataset data = Dataset.ofTexts(
                IntStream.range(0, 1000).mapToObj(i -> "text " + i).toList(),
                IntStream.range(0, 1000).mapToObj(i -> "class " + i % 2).toList());
        int[] reserved = Splits.reserved(data, 7, 0.2);
        assertThat(reserved).hasSize(200);
        assertThat(Arrays.stream(reserved).filter(i -> data.label(i) == 0)).hasSize(100);
        assertThat(Splits.reserved(data, 7, 0.2)).isEqualTo(reserved);
        assertThat(Splits.reserved(data, 8, 0.2)).isNotEqualTo(reserved);
        assertThat(Splits.reserved(data, 7, 0)).isEmpty();
        Split split = Splits.draw(data, 7, SplitShares.DEFAULT, reserved);
        assertThat(split.test()).hasSize(200);
        assertThat(split.validation()).hasSize(100);
        Split other = Splits.draw(data, 9, SplitShares.DEFAULT, reserved);
        assertThat(other.test()).isNotEqualTo(split.test());
    }

    @Test
    void somethingMustStayFree() {
        Dataset data = data(40, 2, 1);
        int[] all = IntStream.range(0, data.size()).toArray();
        assertThatThrownBy(() -> Splits.draw(data, 1, SplitShares.DEFAULT, all))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("got 0 free");
    }
}
