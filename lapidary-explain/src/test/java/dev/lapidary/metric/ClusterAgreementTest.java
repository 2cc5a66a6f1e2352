package dev.lapidary.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ClusterAgreementTest {
    @Test
    void namesOfClustersDoNotMatter() {
        ClusterAgreement same = ClusterAgreement.of(new int[] {0, 0, 1, 1, 2}, new int[] {7, 7, -3, -3, 0});

        assertThat(same.normalisedMutualInformation()).isEqualTo(1, within(1e-15));
        assertThat(same.adjustedRand()).isEqualTo(1, within(1e-15));
        double entropy = -(0.8 * Math.log(0.4) + 0.2 * Math.log(0.2));
        assertThat(same.mutualInformation()).isEqualTo(entropy, within(1e-15));
    }

    @Test
    void figuresByHand() {
        // cells 2, 1 / 0, 1: entropies of 3:1 and 2:2
        ClusterAgreement some = ClusterAgreement.of(new int[] {0, 0, 0, 1}, new int[] {0, 0, 1, 1});

        double information = 0.5 * Math.log(4.0 / 3) + 0.25 * Math.log(2.0 / 3) + 0.25 * Math.log(2);
        double entropies = -(0.75 * Math.log(0.75) + 0.25 * Math.log(0.25)) + Math.log(2);
        assertThat(some.mutualInformation()).isEqualTo(information, within(1e-15));
        assertThat(some.normalisedMutualInformation()).isEqualTo(2 * information / entropies, within(1e-15));
        assertThat(some.adjustedRand()).isEqualTo((1 - 1.0) / (2.5 - 1), within(1e-15)); // pairs 1; 3 and 2 of 6
        // that of scikit-learn's documentation
        assertThat(ClusterAgreement.of(new int[] {0, 0, 1, 2}, new int[] {0, 0, 1, 1})
                        .adjustedRand())
                .isEqualTo(4.0 / 7, within(1e-15));
        assertThat(ClusterAgreement.of(new int[] {0, 0, 1, 1}, new int[] {0, 1, 0, 1})
                        .adjustedRand())
                .isEqualTo(-0.5, within(1e-15));
    }

    @Test
    void trivialDivisions() {
        int[] one = {4, 4, 4};
        int[] apart = {1, 2, 3};

        assertThat(ClusterAgreement.of(one, one)).isEqualTo(new ClusterAgreement(0, 1, 1));
        assertThat(ClusterAgreement.of(apart, apart).adjustedRand()).isEqualTo(1);
        assertThat(ClusterAgreement.of(one, apart)).isEqualTo(new ClusterAgreement(0, 0, 0));
        assertThat(ClusterAgreement.of(new int[] {1}, new int[] {2})).isEqualTo(new ClusterAgreement(0, 1, 1));
    }

    @Test
    void chanceHasAnAdjustedRandOfZeroOnAverage() {
        Random random = new Random(5);
        double sum = 0;
        for (int round = 0; round < 200; round++) {
            sum += ClusterAgreement.of(
                            random.ints(100, 0, 5).toArray(),
                            random.ints(100, 0, 5).toArray())
                    .adjustedRand();
        }
        assertThat(sum / 200).isEqualTo(0, within(0.005));
    }

    @Test
    void refusesOtherItems() {
        assertThatThrownBy(() -> ClusterAgreement.of(new int[2], new int[3]))
                .hasMessage("one division and the other must be of the same items, at least 1; got 2 and 3");
    }
}
