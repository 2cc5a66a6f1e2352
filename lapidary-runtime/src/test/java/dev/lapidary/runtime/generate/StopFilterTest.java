package dev.lapidary.runtime.generate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StopFilterTest {
    private final List<String> out = new ArrayList<>();

    @Test
    void holdsBackWhatMayBeginAStopText() {
        var filter = new StopFilter(List.of("\n\nUser:", "END"), out::add);

        assertThat(filter.accept("one E")).isFalse();
        assertThat(out).containsExactly("one ");
        assertThat(filter.accept("N")).isFalse();
        assertThat(filter.accept("T")).isFalse();
        assertThat(out).containsExactly("one ", "ENT");
        assertThat(filter.accept("\n\nUse")).isFalse();
        assertThat(filter.accept("r: hello")).isTrue();
        assertThat(filter.accept("more")).isTrue();
        filter.end();
        assertThat(out).containsExactly("one ", "ENT");
    }

    @Test
    void theEarliestOfSeveralStopsInOnePieceCounts() {
        var filter = new StopFilter(List.of("cc", "b"), out::add);

        assertThat(filter.accept("aab cc")).isTrue();
        assertThat(out).containsExactly("aa");
    }

    @Test
    void withoutAStopEverythingPassesAtOnceAndTheHeldBackAtTheEnd() {
        var free = new StopFilter(List.of(), out::add);
        free.accept("abc");
        assertThat(out).containsExactly("abc");

        var filter = new StopFilter(List.of("xyz"), out::add);
        filter.accept("xy");
        assertThat(out).containsExactly("abc");
        filter.end();
        assertThat(out).containsExactly("abc", "xy");
    }

    @Test
    void howeverATextIsCutWhatPassesIsWhatLiesBeforeTheFirstStop() {
        Random random = new Random(2);
        for (int trial = 0; trial < 3000; trial++) {
            String text = letters(random, 30);
            List<String> stops = List.of(letters(random, 3) + "a", letters(random, 4) + "b");
            out.clear();
            var filter = new StopFilter(stops, out::add);
            boolean stopped = false;
            int from = 0;
            while (from < text.length() && !stopped) {
                int to = Math.min(text.length(), from + 1 + random.nextInt(3));
                stopped = filter.accept(text.substring(from, to));
                from = to;
            }
            filter.end();

            // the first to be complete; pieces of up to three letters may complete two at once
            String passed = String.join("", out);
            int first = stops.stream()
                    .mapToInt(text::indexOf)
                    .filter(at -> at >= 0)
                    .min()
                    .orElse(text.length());
            assertThat(text).startsWith(passed);
            assertThat(stops).noneMatch(passed::contains);
            assertThat(passed.length()).isGreaterThanOrEqualTo(first);
            assertThat(stopped).isEqualTo(first < text.length());
        }
    }

    private static String letters(Random random, int most) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(most); i > 0; i--) {
            text.append("ab".charAt(random.nextInt(2)));
        }
        return text.toString();
    }
}
