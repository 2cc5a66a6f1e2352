package dev.lapidary.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.integers;
import static org.quicktheories.generators.SourceDSL.longs;

import dev.lapidary.runtime.InputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SplitsTest {
    private static Dataset data(int size, int contents, int classes, long seed) {
        Random random = new Random(seed);
        List<String> texts = new ArrayList<>();
        List<String> labels = new ArrayList<>();
        for (int k = 0; k < classes; k++) {
            for (int copy = 0; copy < 3; copy++) { // three that no other class has
                texts.add("own " + k + " " + copy);
                labels.add("class " + k);
            }
        }
        while (texts.size() < size) {
            texts.add("text " + random.nextInt(contents));
            labels.add("class " + random.nextInt(classes));
        }
        return Dataset.ofTexts(texts, labels);
    }

    @Test
    void partsAreDisjointExhaustiveAndShareNoContentForAnyData() {
        qt().withExamples(300)
                .forAll(
                        integers().between(12, 300),
                        integers().between(1, 400),
                        integers().between(2, 4),
                        longs().between(0, Long.MAX_VALUE))
                .checkAssert((size, contents, classes, seed) -> {
                    Dataset data = data(size, contents, classes, seed);
                    Split split = Splits.draw(data, seed, SplitShares.DEFAULT);
                    Map<Integer, String> partOf = new HashMap<>();
                    Map<Long, String> partOfContent = new HashMap<>();
                    Map<String, int[]> parts =
                            Map.of("train", split.train(), "validation", split.validation(), "test", split.test());
                    parts.forEach((name, rows) -> {
                        boolean[] classSeen = new boolean[classes];
                        for (int row : rows) {
                            assertThat(partOf.put(row, name)).isNull();
                            String before = partOfContent.put(data.contentHash(row), name);
                            assertThat(before == null || before.equals(name)).isTrue();
                            classSeen[data.label(row)] = true;
                        }
                        assertThat(classSeen).doesNotContain(false);
                    });
                    assertThat(partOf).hasSize(data.size());
                });
    }

    @Test
    void keepsTheSharesOfEveryClass() {
        List<String> texts = IntStream.range(0, 1100).mapToObj(i -> "text " + i).toList();
        List<String> labels = IntStream.range(0, 1100)
                .mapToObj(i -> i < 1000 ? "often" : "rare")
                .toList();
        Split split = Splits.draw(Dataset.ofTexts(texts, labels), 5, SplitShares.DEFAULT);
        assertThat(split.test()).hasSize(220);
        assertThat(split.validation()).hasSize(110);
        assertThat(split.train()).hasSize(770).isSorted();
        assertThat(Arrays.stream(split.test()).filter(i -> i >= 1000)).hasSize(20);
        assertThat(split.duplicates()).isEqualTo(new DuplicateReport(0, 0, 0, List.of()));
    }

    @Test
    void sameSeedSameSplitOtherSeedAnother() {
        Dataset data = data(200, 150, 3, 1);
        Split first = Splits.draw(data, 7, SplitShares.DEFAULT);
        assertThat(Splits.draw(data, 7, SplitShares.DEFAULT).test()).isEqualTo(first.test());
        assertThat(Splits.draw(data, 8, SplitShares.DEFAULT).test()).isNotEqualTo(first.test());
    }

    @Test
    void reportsDuplicatesAndConflictsFirst() {
        Dataset data = Dataset.ofTexts(
                List.of("a1", "A1 ", "a2", "a3", "b1", "b2", "b3", "b2", "a1"),
                List.of("a", "a", "a", "a", "b", "b", "b", "a", "a"));
        DuplicateReport report = Splits.draw(data, 1, SplitShares.DEFAULT).duplicates();
        assertThat(report).isEqualTo(new DuplicateReport(2, 5, 1, List.of("6 = 8", "1 = 2 = 9")));
    }

    @Test
    void aLargeGroupStaysInTraining() {
        List<String> texts =
                new ArrayList<>(IntStream.range(0, 50).mapToObj(i -> "same").toList());
        IntStream.range(0, 50).forEach(i -> texts.add("text " + i));
        List<String> labels = texts.stream().map(text -> "a").toList();
        for (long seed = 0; seed < 20; seed++) {
            Split split = Splits.draw(Dataset.ofTexts(texts, labels), seed, SplitShares.DEFAULT);
            assertThat(split.test()).hasSize(20);
            assertThat(split.train()).contains(0, 49);
        }
    }

    @Test
    void refusesAClassWithFewerThanThreeDistinctItems() {
        Dataset data =
                Dataset.ofTexts(List.of("a1", "a2", "a3", "b1", "b2", "B1"), List.of("a", "a", "a", "b", "b", "b"));
        assertThatThrownBy(() -> Splits.draw(data, 0, SplitShares.DEFAULT))
                .isInstanceOf(InputException.class)
                .hasMessage(
                        "every class must have at least 3 distinct items, one for each of train, validation and test;"
                                + " got 2 in class 'b'");
    }

    @Test
    void checkFindsLeaksOfEveryKind() {
        Dataset data = Dataset.ofTexts(List.of("x", "y", "z", "X"), List.of("a", "a", "a", "a"));
        DuplicateReport none = new DuplicateReport(0, 0, 0, List.of());
        assertThatThrownBy(() ->
                        SplitCheck.check(data, new Split(0, new int[] {0, 1}, new int[] {1}, new int[] {2, 3}, none)))
                .hasMessageContaining("disjoint; got item 2 twice");
        assertThatThrownBy(() ->
                        SplitCheck.check(data, new Split(0, new int[] {0}, new int[] {1}, new int[] {2, 3}, none)))
                .hasMessageContaining("content of item 4 in two parts");
        assertThatThrownBy(() ->
                        SplitCheck.check(data, new Split(0, new int[] {0, 3}, new int[] {1}, new int[] {}, none)))
                .hasMessageContaining("got 3 of 4");
    }

    @Test
    void recordHoldsIdsAndADigestPerPart() {
        Dataset data = data(60, 50, 2, 3);
        Split split = Splits.draw(data, 9, SplitShares.DEFAULT);
        SplitRecord stored = SplitRecord.of(data, split);
        assertThat(stored.test().ids())
                .isEqualTo(Arrays.stream(split.test()).mapToObj(data::id).toList());
        assertThat(stored.train().items()).isEqualTo(split.train().length);
        assertThat(List.of(
                        stored.train().digest(),
                        stored.test().digest(),
                        stored.validation().digest(),
                        data.digest()))
                .doesNotHaveDuplicates()
                .allMatch(digest -> digest.matches("[0-9a-f]{64}"));
        assertThat(SplitRecord.of(data, Splits.draw(data, 9, SplitShares.DEFAULT)))
                .isEqualTo(stored);
    }

    @Test
    void sharesMustSumToOne() {
        assertThatThrownBy(() -> new SplitShares(0.8, 0.2, 0.2))
                .hasMessage("shares must be positive and sum to 1; got train=0.8, validation=0.2, test=0.2");
        assertThatThrownBy(() -> new SplitShares(0.8, 0.2, 0)).hasMessageContaining("positive");
    }
}
