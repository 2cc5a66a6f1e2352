package dev.lapidary.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.integers;
import static org.quicktheories.generators.SourceDSL.longs;

import dev.lapidary.runtime.InputException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Random, stratified, quantile and temporal splits of items that are no data set. */
class SplitKindsTest {
    private static final SplitShares SHARES = SplitShares.DEFAULT;

    private static int[][] parts(Split split) {
        return new int[][] {split.train(), split.validation(), split.test()};
    }

    @Test
    void noContentAndNoGroupIsInTwoPartsForAnyItems() {
        qt().withExamples(300)
                .forAll(
                        integers().between(30, 200),
                        integers().between(1, 300),
                        integers().between(1, 300),
                        longs().between(0, 1L << 40))
                .checkAssert((size, contents, groups, seed) -> {
                    GroupedItems items = GroupedItems.draw(size, contents, groups, seed);
                    SplitUnits units = items.units();
                    if (units.count() < 3) {
                        assertThatThrownBy(() -> Splits.random(units, seed, SHARES))
                                .isInstanceOf(InputException.class);
                        return;
                    }
                    items.requireSound(parts(Splits.random(units, seed, SHARES)));
                    items.requireSound(parts(Splits.byQuantile(units, items.numbers(), seed, SHARES)));
                });
    }

    @Test
    void everyClassIsInEveryPartOrTheSplitIsRefused() {
        int[] drawn = {0};
        qt().withExamples(300)
                .forAll(integers().between(10, 150), integers().between(1, 200), longs().between(0, 1L << 40))
                .checkAssert((size, groups, seed) -> {
                    GroupedItems items = GroupedItems.draw(size, 500, groups, seed);
                    long classes = Arrays.stream(items.labels()).distinct().count(); // few items may be of two alone
                    try {
                        int[][] parts = parts(Splits.stratified(items.units(), items.labels(), seed, SHARES));
                        items.requireSound(parts);
                        for (int[] part : parts) {
                            assertThat(Arrays.stream(part)
                                            .map(i -> items.labels()[i])
                                            .distinct()
                                            .count())
                                    .isEqualTo(classes);
                        }
                        drawn[0]++;
                    } catch (InputException tooFew) {
                        assertThat(tooFew)
                                .hasMessageStartingWith("every ")
                                .hasMessageContaining(" units of equal contents");
                    }
                });
        assertThat(drawn[0]).isGreaterThan(100);
    }

    @Test
    void sharesAreKeptWhereUnitsAreSmall() {
        GroupedItems items = GroupedItems.draw(1000, 1_000_000, 1_000_000, 4);

        for (Split split : List.of(
                Splits.random(SplitUnits.distinct(1000), 1, SHARES),
                Splits.stratified(SplitUnits.distinct(1000), items.labels(), 1, SHARES),
                Splits.byQuantile(SplitUnits.distinct(1000), items.numbers(), 1, SHARES),
                Splits.temporal(
                        SplitUnits.distinct(1000), new Random(1).doubles(1000).toArray(), SHARES))) {
            assertThat((double) split.train().length).isEqualTo(700, within(2.0));
            assertThat((double) split.validation().length).isEqualTo(100, within(2.0));
            assertThat((double) split.test().length).isEqualTo(200, within(2.0));
        }
    }

    @Test
    void partsHaveTheirShareOfClassesAlsoWhereGroupsHoldSeveral() {
        Random random = new Random(9);
        int[] labels = new int[1200];
        String[] groups = new String[1200];
        for (int i = 0; i < labels.length; i++) {
            int group = random.nextInt(150);
            groups[i] = "patient " + group;
            labels[i] = random.nextInt(100) < 5 + group % 4 * 20 ? 1 : 0; // some patients have much of class 1
        }
        SplitUnits units = SplitUnits.distinct(1200).withGroups(List.of(groups));

        Split split = Splits.stratified(units, labels, 3, SHARES);

        double all = Arrays.stream(labels).average().orElseThrow();
        for (int[] part : parts(split)) {
            assertThat(Arrays.stream(part).map(i -> labels[i]).average().orElseThrow())
                    .isEqualTo(all, within(0.03));
        }
        assertThat((double) split.test().length).isEqualTo(240, within(15.0));
        assertThat((double) split.validation().length).isEqualTo(120, within(15.0));
    }

    @Test
    void quantileSplitsHaveSmallAndLargeTargetsInEveryPart() {
        double[] targets =
                IntStream.range(0, 100).mapToDouble(i -> Math.exp(i / 5.0)).toArray();

        Split split = Splits.byQuantile(SplitUnits.distinct(100), targets, 2, SHARES);

        for (int range = 0; range < 10; range++) {
            int from = 10 * range;
            assertThat(Arrays.stream(split.test()).filter(i -> i / 10 == from / 10))
                    .hasSize(2);
            assertThat(Arrays.stream(split.validation()).filter(i -> i / 10 == from / 10))
                    .hasSize(1);
        }
    }

    @Test
    void trainingSeesNothingOfTheTimeThatIsTested() {
        qt().withExamples(300)
                .forAll(integers().between(20, 150), integers().between(1, 300), longs().between(0, 1L << 40))
                .checkAssert((size, groups, seed) -> {
                    GroupedItems items = GroupedItems.draw(size, 1000, groups, seed);
                    SplitUnits units = items.units();
                    Split split;
                    try {
                        split = Splits.temporal(units, items.numbers(), SHARES);
                    } catch (InputException tooFew) {
                        assertThat(tooFew).hasMessageContaining("at least 3 different times");
                        return;
                    }
                    items.requireSound(parts(split));
                    double trained = items.latest(split.train());
                    double chosen = items.latest(split.validation());
                    assertThat(trained).isLessThan(items.earliestUnit(split.validation()));
                    assertThat(chosen).isLessThan(items.earliestUnit(split.test()));
                });
    }

    @Test
    void timesByHand() {
        double[] times = {5, 1, 2, 3, 4, 9, 8, 7, 6, 10};
        Split split = Splits.temporal(SplitUnits.distinct(10), times, SHARES);

        assertThat(split.train()).containsExactly(0, 1, 2, 3, 4, 7, 8);
        assertThat(split.validation()).containsExactly(6);
        assertThat(split.test()).containsExactly(5, 9);
        // an early item of a late group comes late with it
        Split grouped = Splits.temporal(
                SplitUnits.distinct(10).withGroups(List.of(0, "late", 2, 3, 4, 5, 6, 7, 8, "late")), times, SHARES);
        assertThat(grouped.train()).containsExactly(0, 2, 3, 4, 6, 7, 8);
        assertThat(grouped.validation()).containsExactly(5);
        assertThat(grouped.test()).containsExactly(1, 9);
        assertThatThrownBy(() -> Splits.temporal(SplitUnits.distinct(4), new double[] {1, 1, 2, 2}, SHARES))
                .isInstanceOf(InputException.class)
                .hasMessage(
                        "items must have at least 3 different times, one for each of train, validation and test; got 2");
    }

    @Test
    void sameSeedSameSplitOtherSeedAnother() {
        SplitUnits units = SplitUnits.distinct(100);
        int[] labels = new Random(2).ints(100, 0, 2).toArray();

        assertThat(Splits.random(units, 5, SHARES).test())
                .isEqualTo(Splits.random(units, 5, SHARES).test());
        assertThat(Splits.random(units, 5, SHARES).test())
                .isNotEqualTo(Splits.random(units, 6, SHARES).test());
        assertThat(Splits.stratified(units, labels, 5, SHARES).test())
                .isEqualTo(Splits.stratified(units, labels, 5, SHARES).test())
                .isNotEqualTo(Splits.stratified(units, labels, 6, SHARES).test());
        assertThat(Splits.random(units, 5, SHARES).seed()).isEqualTo(5);
    }

    @Test
    void everyItemIsTestedAboutAsOften() {
        int[] tested = new int[50];
        for (int seed = 0; seed < 1000; seed++) {
            Arrays.stream(Splits.random(SplitUnits.distinct(50), seed, SHARES).test())
                    .forEach(i -> tested[i]++);
        }
        assertThat(Arrays.stream(tested)).allMatch(times -> times >= 140 && times <= 260); // 200, deviation 12.6
    }

    @Test
    void equalContentsAreReportedWithTheirLabels() {
        SplitUnits units = SplitUnits.of(List.of("a", "b", "c", "d", "a", "e", "f", "b"));

        assertThat(Splits.random(units, 1, SHARES).duplicates())
                .isEqualTo(new DuplicateReport(2, 4, 0, List.of("1 = 5", "2 = 8")));
        assertThat(Splits.stratified(units, new int[] {0, 0, 1, 1, 0, 1, 0, 1}, 1, SHARES)
                        .duplicates()
                        .conflicting())
                .isEqualTo(1);
    }

    @Test
    void anUnlabelledDataSetIsDividedByItsContents() {
        Dataset data =
                Dataset.ofTexts(List.of("one", "ONE ", "two", "three", "four"), List.of("x", "x", "x", "x", "x"));
        SplitUnits units = SplitUnits.of(data);

        assertThat(units.items()).isEqualTo(5);
        assertThat(units.count()).isEqualTo(4);
        assertThat(Splits.random(units, 1, SHARES).duplicates().exampleIds()).containsExactly("1 = 2");
    }

    @Test
    void rowsOfNumbersAreEqualEntryForEntry() {
        SplitUnits units = SplitUnits.ofRows(new double[][] {{1, 2}, {1, 3}, {1, 2}, {Double.NaN, 0}, {Double.NaN, 0}});

        assertThat(units.count()).isEqualTo(3);
    }

    @Test
    void groupsConnectItemsThroughOthers() {
        SplitUnits units = SplitUnits.of(List.of("a", "b", "a", "c", "d")).withGroups(List.of(1, 2, 3, 3, 2));

        assertThat(units.count()).isEqualTo(2); // 0, 2 by content, 2, 3 by group; 1, 4 by group
    }

    @Test
    void refusesWhatCannotBeDivided() {
        assertThatThrownBy(() -> Splits.random(SplitUnits.distinct(2), 1, SHARES))
                .isInstanceOf(InputException.class)
                .hasMessage("there must be at least 3 units of equal contents or groups, one for each part; got 2");
        assertThatThrownBy(() -> Splits.stratified(SplitUnits.distinct(5), new int[] {0, 0, 0, 2, 2}, 1, SHARES))
                .isInstanceOf(InputException.class)
                .hasMessage("every class must have items in at least 3 units of equal contents or groups, one for each"
                        + " part; got 2 of class 2");
        // the first two classes put the third and fourth group into one part, where the last class cannot have both
        SplitUnits knot = SplitUnits.distinct(9).withGroups(List.of(1, 1, 2, 2, 3, 3, 4, 4, 5));
        assertThatThrownBy(() -> Splits.stratified(knot, new int[] {0, 1, 0, 1, 0, 2, 1, 2, 2}, 1, SHARES))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("every part must have items of every class; got none of class ")
                .hasMessageEndingWith(" for its 3 items lie in 3 units of equal contents or groups");
    }

    @Test
    void refusesSizesThatDoNotFit() {
        SplitUnits units = SplitUnits.distinct(4);
        assertThatThrownBy(() -> Splits.stratified(units, new int[3], 1, SHARES))
                .hasMessage("every item must have a label; got 3 for 4 items");
        assertThatThrownBy(() -> Splits.stratified(units, new int[] {0, 0, 0, -1}, 1, SHARES))
                .hasMessage("labels must be at least 0; got -1");
        assertThatThrownBy(() -> Splits.byQuantile(units, new double[] {1, 2, Double.NaN, 3}, 1, SHARES))
                .isInstanceOf(InputException.class)
                .hasMessage("values to divide by must be finite; got NaN for item 3");
        assertThatThrownBy(() -> units.withGroups(List.of(1)))
                .hasMessage("every item must have a group; got 1 groups for 4 items");
    }
}
