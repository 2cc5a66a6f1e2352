package dev.lapidary.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.integers;
import static org.quicktheories.generators.SourceDSL.longs;

import dev.lapidary.runtime.InputException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FoldsTest {
    private static int[][] tests(List<Fold> folds) {
        return folds.stream().map(Fold::test).toArray(int[][]::new);
    }

    @Test
    void testPartsShareNothingForAnyItemsAndTrainingIsTheRest() {
        qt().withExamples(200)
                .forAll(
                        integers().between(30, 150),
                        integers().between(20, 300),
                        integers().between(2, 6),
                        longs().between(0, 1L << 40))
                .checkAssert((size, groups, count, seed) -> {
                    GroupedItems items = GroupedItems.draw(size, 2000, groups, seed);
                    SplitUnits units = items.units();
                    if (units.count() < count) {
                        return;
                    }
                    for (List<Fold> folds : List.of(
                            Folds.random(units, count, seed), Folds.byQuantile(units, items.numbers(), count, seed))) {
                        assertThat(folds).hasSize(count);
                        items.requireSound(tests(folds));
                        folds.forEach(fold -> items.requireSound(fold.train(), fold.test()));
                    }
                });
    }

    @Test
    void sizesAndClassesDifferByOneItemAtMost() {
        qt().withExamples(200)
                .forAll(integers().between(40, 200), integers().between(2, 7), longs().between(0, 1L << 40))
                .checkAssert((size, count, seed) -> {
                    int[] labels = GroupedItems.draw(size, 1, 1, seed).labels();
                    if (IntStream.range(0, 3)
                            .anyMatch(k ->
                                    Arrays.stream(labels).filter(l -> l == k).count() < count)) {
                        return;
                    }
                    int[][] tests = tests(Folds.stratified(SplitUnits.distinct(size), labels, count, seed));
                    assertEven(
                            Arrays.stream(tests).mapToLong(test -> test.length).toArray());
                    for (int k = 0; k < 3; k++) {
                        int label = k;
                        assertEven(Arrays.stream(tests)
                                .mapToLong(test -> Arrays.stream(test)
                                        .filter(i -> labels[i] == label)
                                        .count())
                                .toArray());
                    }
                });
    }

    private static void assertEven(long[] sizes) {
        assertThat(Arrays.stream(sizes).max().orElseThrow()
                        - Arrays.stream(sizes).min().orElseThrow())
                .isLessThanOrEqualTo(1);
    }

    @Test
    void foldsOfGroupsHaveSimilarSharesOfClasses() {
        Random random = new Random(4);
        int[] labels = new int[1000];
        String[] groups = new String[1000];
        for (int i = 0; i < labels.length; i++) {
            int group = random.nextInt(100);
            groups[i] = "g" + group;
            labels[i] = random.nextInt(10) < group % 10 ? 1 : 0;
        }
        SplitUnits units = SplitUnits.distinct(1000).withGroups(List.of(groups));

        for (int[] test : tests(Folds.stratified(units, labels, 5, 1))) {
            assertThat(Arrays.stream(test).filter(i -> labels[i] == 1).count())
                    .isBetween(80L, 100L); // about 450 of all
            assertThat(test.length).isBetween(190, 210);
        }
    }

    @Test
    void oneItemAFoldLeavesOneOut() {
        List<Fold> folds = Folds.random(SplitUnits.distinct(200), 200, 3);

        assertThat(folds).allSatisfy(fold -> {
            assertThat(fold.test()).hasSize(1);
            assertThat(fold.train()).hasSize(199);
        });
    }

    @Test
    void sameSeedSameFoldsOtherSeedOthers() {
        SplitUnits units = SplitUnits.distinct(60);

        assertThat(tests(Folds.random(units, 5, 1))).isDeepEqualTo(tests(Folds.random(units, 5, 1)));
        assertThat(Arrays.deepEquals(tests(Folds.random(units, 5, 1)), tests(Folds.random(units, 5, 2))))
                .isFalse();
    }

    @Test
    void refusesWhatCannotBeDivided() {
        assertThatThrownBy(() -> Folds.random(SplitUnits.distinct(5), 1, 1))
                .isInstanceOf(InputException.class)
                .hasMessage("folds must be at least 2; got 1");
        assertThatThrownBy(() -> Folds.random(SplitUnits.distinct(4), 5, 1))
                .isInstanceOf(InputException.class)
                .hasMessage("there must be at least 5 units of equal contents or groups, one for each part; got 4");
        assertThatThrownBy(() -> Folds.stratified(SplitUnits.distinct(6), new int[] {0, 0, 0, 0, 1, 1}, 3, 1))
                .hasMessageContaining("got 2 of class 1");
    }
}
