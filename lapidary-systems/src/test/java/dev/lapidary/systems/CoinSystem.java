package dev.lapidary.systems;

import dev.lapidary.runtime.Progress;
import dev.lapidary.trial.Arm;
import dev.lapidary.trial.Comparison;
import dev.lapidary.trial.Comparison.Goal;
import dev.lapidary.trial.Outcome;
import dev.lapidary.trial.Trial;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A trivial system, added with new files and one service line: guesses the side that a weighted coin shows more often. */
public final class CoinSystem implements PublishedSystem {
    static final String METHOD = "counting";

    /** Tosses to learn from and to be judged by. */
    record Tosses(boolean[] seen, boolean[] held) {}

    @Override
    public int row() {
        return 900;
    }

    @Override
    public List<Identity> identities() {
        return List.of(new Identity("the more frequent of 3 tosses is found", 0, () -> {
            boolean heads = majority(new boolean[] {true, false, true});
            return heads ? 0 : 1;
        }));
    }

    @Override
    public List<Trial<?>> trials(Size size, Progress preparing) {
        return List.of(new Guessing(size == Size.QUICK ? 40 : 400));
    }

    static boolean majority(boolean[] tosses) {
        int heads = 0;
        for (boolean toss : tosses) {
            heads += toss ? 1 : -1;
        }
        return heads > 0;
    }

    private record Guessing(int tosses) implements Trial<Tosses> {
        @Override
        public String name() {
            return "guessing";
        }

        @Override
        public Map<String, Object> settings() {
            return Map.of("tosses", tosses);
        }

        @Override
        public Tosses draw(long seed) {
            Random random = new Random(seed);
            double heads = random.nextBoolean() ? 0.8 : 0.2;
            boolean[][] both = new boolean[2][tosses];
            for (boolean[] part : both) {
                for (int i = 0; i < tosses; i++) {
                    part[i] = random.nextDouble() < heads;
                }
            }
            return new Tosses(both[0], both[1]);
        }

        @Override
        public List<Arm<Tosses>> arms() {
            return List.of(
                    Arm.method(METHOD, (tosses, seed, progress) -> right(tosses, majority(tosses.seen()))),
                    Arm.sabotage("rarer-side", (tosses, seed, progress) -> right(tosses, !majority(tosses.seen()))),
                    Arm.control("random-guess", (tosses, seed, progress) -> {
                        Random random = new Random(seed + 1);
                        int right = 0;
                        for (boolean toss : tosses.held()) {
                            right += toss == random.nextBoolean() ? 1 : 0;
                        }
                        return Outcome.of("right", (double) right / tosses.held().length);
                    }));
        }

        private static Outcome right(Tosses tosses, boolean guess) {
            int right = 0;
            for (boolean toss : tosses.held()) {
                right += toss == guess ? 1 : 0;
            }
            return Outcome.of("right", (double) right / tosses.held().length);
        }

        @Override
        public List<Comparison> comparisons() {
            return List.of(Comparison.better("right", Goal.HIGH, METHOD, "random-guess"));
        }
    }
}
