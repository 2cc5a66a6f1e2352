package dev.lapidary.concept.bottleneck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.concept.classifier.NamedMap;
import dev.lapidary.runtime.Cancellation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class DialTest {
    private static final int STRIDE = GoldenRows.CONCEPTS + 1;
    private static final double[] START = new double[GoldenRows.CLASSES];
    private static GoldenRows rows;
    private static Dial dial;
    private static Dial.Path path;

    @BeforeAll
    static void walk() {
        rows = new GoldenRows();
        dial = new Dial(rows.train, rows.test::judge, Dial.Settings.forItems(4000), new Cancellation());
        path = dial.walk(START, null, 2.5, 500);
    }

    @AfterAll
    static void close() {
        rows.close();
    }

    @Test
    void everyPointKeepsWithinItsStopAndPresentsItsParameters() {
        List<Double> necs = path.dial().stream().map(f -> f.point().nec()).toList();
        assertThat(necs).isSortedAccordingTo((a, b) -> Double.compare(b, a)).doesNotHaveDuplicates();
        assertThat(necs).contains(1.0, 2.0, 2.5, 3.0, 9.0); // every stop that the path's end allows is reached
        assertThat(necs.getFirst()).isLessThanOrEqualTo(GoldenRows.CONCEPTS);
        for (Dial.Fitted f : path.dial()) {
            NamedMap map = DialFit.map(f.parameters(), GoldenRows.CLASSES);
            assertThat(map.nec()).isEqualTo(f.point().nec());
            Dial.Quality again = rows.test.judge(f.parameters());
            assertThat(again.accuracy()).isEqualTo(f.point().validationAccuracy());
            assertThat(again.loss()).isEqualTo(f.point().validationLoss(), within(1e-6));
            for (int e = 0; e < f.support().length; e++) {
                double w = f.parameters()[e / GoldenRows.CONCEPTS * STRIDE + e % GoldenRows.CONCEPTS];
                assertThat(f.support()[e] || w == 0).isTrue();
            }
        }
    }

    @Test
    void supportsAreNested() {
        for (int p = 1; p < path.dial().size(); p++) {
            boolean[] more = path.dial().get(p - 1).support();
            boolean[] fewer = path.dial().get(p).support();
            for (int e = 0; e < more.length; e++) {
                assertThat(more[e] || !fewer[e])
                        .as("entry " + e + " of point " + p)
                        .isTrue();
            }
        }
    }

    @Test
    void takesTheMostConceptsWithinTheAllowance() {
        assertThat(path.at(2.5).point().nec()).isEqualTo(2.5);
        assertThat(path.at(2.9).point().nec()).isEqualTo(2.5);
        assertThat(path.at(1).point().nec()).isEqualTo(1);
        assertThat(path.at(1e9)).isSameAs(path.dial().getFirst());
        assertThatThrownBy(() -> path.at(0.5)).hasMessageContaining("0.5");
    }

    @Test
    void lessPenaltyFitsBetterAlongThePath() {
        List<Dial.Point> net = path.elasticNet();
        assertThat(net).hasSizeGreaterThan(5);
        for (int p = 1; p < net.size(); p++) {
            assertThat(net.get(p).lambda()).isLessThan(net.get(p - 1).lambda());
            assertThat(net.get(p).trainLoss()).isLessThan(net.get(p - 1).trainLoss() + 1e-6);
        }
    }

    @Test
    void tuningKeepsTheSupportAndDoesNotWorsenTheValidationLoss() {
        for (double nec : new double[] {1, 3, 10}) {
            Dial.Fitted before = path.at(nec);
            Dial.Fitted after = dial.tune(before);
            assertThat(after.support()).isEqualTo(before.support());
            assertThat(after.point().nec()).isLessThanOrEqualTo(nec);
            assertThat(after.point().validationLoss())
                    .isLessThanOrEqualTo(before.point().validationLoss());
        }
    }

    @Test
    void heavilyPenalisedConceptsComeLast() {
        double[] weights = new double[GoldenRows.CLASSES * GoldenRows.CONCEPTS];
        Arrays.fill(weights, 1);
        for (int k = 0; k < GoldenRows.CLASSES; k++) {
            Arrays.fill(weights, k * GoldenRows.CONCEPTS, k * GoldenRows.CONCEPTS + 12, 1e6);
        }
        Dial.Path one = dial.walk(START, weights, 3);
        for (Dial.Fitted f : one.dial()) {
            for (int e = 0; e < f.support().length; e++) {
                assertThat(f.support()[e] && e % GoldenRows.CONCEPTS < 12).isFalse();
            }
        }
    }

    @Test
    void stopsOnRequest() {
        Cancellation stop = new Cancellation();
        stop.cancel();
        Dial stopped = new Dial(rows.train, rows.test::judge, Dial.Settings.forItems(4000), stop);
        assertThatThrownBy(() -> stopped.walk(START, null)).isInstanceOf(CancellationException.class);
    }

    /** The least loss, 0.400 at NEC 10, allows up to 0.420. */
    @Test
    void choosesTheSimplestWhoseLossIsNearTheBest() {
        double[][] curve = {{20, 0.41}, {10, 0.40}, {6, 0.43}, {4, 0.4199}, {3, 0.4201}, {1, 0.9}};
        List<Dial.Fitted> points = new ArrayList<>();
        for (double[] p : curve) {
            var point = new Dial.Point(p[0], Double.NaN, 0, 1 - p[0] / 100, p[1]);
            points.add(new Dial.Fitted(point, new double[0], new boolean[0], 1e-3));
        }
        assertThat(DialFit.smallestNearBestLoss(points)).isEqualTo(4);
        assertThat(DialFit.smallestNearBestLoss(points.subList(0, 3))).isEqualTo(10);
    }

    @Test
    void theRidgeFallsWithTheNumberOfItems() {
        assertThat(Dial.Settings.forItems(4000).ridges().getFirst()).isEqualTo(3e-3, within(1e-12));
        assertThat(Dial.Settings.forItems(400).ridges().getFirst()).isEqualTo(3e-2, within(1e-12));
        assertThat(Dial.Settings.forItems(10_000_000).ridges().getFirst()).isEqualTo(1e-4);
    }
}
