package dev.lapidary.synthetic;

import dev.lapidary.runtime.InputException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A finite automaton over words of whole numbers, hence a regular language, with the state after every letter known.
 *
 * <p><b>Why this is a fair stand-in:</b> whether a network keeps a state over a sequence can be asked exactly: the language is known, the
 * least number of states too, and the true state after each letter can be looked for in the network's own.
 *
 * <p><b>What it cannot show:</b> nesting without a bound, meaning, or noise: words are either in the language or not.
 *
 * @param next the state [states, letters] that follows a state and a letter; the first state is 0
 * @param accepting the states [states] that a word of the language ends in
 */
@SuppressWarnings("ArrayRecordComponent") // data to be read
public record Automaton(int[][] next, boolean[] accepting) {
    private static final int MOST_ATTEMPTS = 10_000;
    private static final int PROBES = 1_000;
    private static final double LEAST_SHARE = 0.2;

    /** Checks that all states are there. */
    public Automaton {
        if (next.length < 1 || next.length != accepting.length || next[0].length < 1) {
            throw new InputException(
                    "an automaton must have states and letters, and say of each state whether it accepts;" + " got "
                            + next.length + " and " + accepting.length);
        }
        for (int[] row : next) {
            if (row.length != next[0].length || Arrays.stream(row).anyMatch(s -> s < 0 || s >= accepting.length)) {
                throw new InputException("every state must lead to one of " + accepting.length + " for each of "
                        + next[0].length + " letters; got " + Arrays.toString(row));
            }
        }
    }

    /**
     * Returns the language of words over two letters in which the number of ones is a multiple of a modulus; 2 for parity.
     *
     * @param modulus at least 2
     */
    public static Automaton counting(int modulus) {
        Draw.atLeast("the modulus", modulus, 2);
        int[][] next = new int[modulus][];
        Arrays.setAll(next, state -> new int[] {state, (state + 1) % modulus});
        boolean[] accepting = new boolean[modulus];
        accepting[0] = true;
        return new Automaton(next, accepting);
    }

    /**
     * Returns a drawn automaton, of which no state can be left out: all are reached from the first and no two of them accept the same
     * words. Of words of 20 letters it accepts at least a fifth and at most four fifths.
     *
     * @param states at least 2
     * @param letters at least 2
     */
    public static Automaton draw(int states, int letters, long seed) {
        Draw.atLeast("states", states, 2);
        Draw.atLeast("letters", letters, 2);
        Draw draw = new Draw(seed, "automaton");
        for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
            int[][] next = new int[states][letters];
            boolean[] accepting = new boolean[states];
            for (int state = 0; state < states; state++) {
                for (int letter = 0; letter < letters; letter++) {
                    next[state][letter] = draw.below(states, attempt, (long) state * (letters + 1) + letter);
                }
                accepting[state] = draw.sign(attempt, (long) state * (letters + 1) + letters) > 0;
            }
            Automaton drawn = new Automaton(next, accepting);
            if (drawn.isMinimal() && drawn.isBalanced(seed)) {
                return drawn;
            }
        }
        throw new InputException("an automaton of " + states + " states must be found in " + MOST_ATTEMPTS
                + " attempts; got none (fewer states, or more letters)");
    }

    private boolean isBalanced(long seed) {
        Words words = words(PROBES, 20, seed, "automaton.probe");
        double share = (double) words.inLanguage().stream().filter(b -> b).count() / PROBES;
        return share >= LEAST_SHARE && share <= 1 - LEAST_SHARE;
    }

    /** Whether every state is reached and no two accept the same words. */
    public boolean isMinimal() {
        BitSet reached = new BitSet();
        ArrayDeque<Integer> open = new ArrayDeque<>(List.of(0));
        while (!open.isEmpty()) {
            int state = open.remove();
            if (!reached.get(state)) {
                reached.set(state);
                Arrays.stream(next[state]).forEach(open::add);
            }
        }
        return reached.cardinality() == next.length && classes() == next.length;
    }

    /** How many states differ in the words that they accept, by Moore's refinement. */
    private int classes() {
        int[] own = new int[next.length];
        Arrays.setAll(own, state -> accepting[state] ? 1 : 0);
        int count = (int) Arrays.stream(own).distinct().count();
        while (true) {
            int[] before = own;
            List<List<Integer>> signatures = IntStream.range(0, next.length)
                    .mapToObj(state -> IntStream.concat(
                                    IntStream.of(before[state]),
                                    Arrays.stream(next[state]).map(s -> before[s]))
                            .boxed()
                            .toList())
                    .toList();
            List<List<Integer>> different = signatures.stream().distinct().toList();
            own = signatures.stream().mapToInt(different::indexOf).toArray();
            if (different.size() == count) {
                return count;
            }
            count = different.size();
        }
    }

    /** Returns the states that a word goes through, [length + 1], the first state included. */
    public int[] states(int[] word) {
        int[] states = new int[word.length + 1];
        for (int i = 0; i < word.length; i++) {
            states[i + 1] = next[states[i]][word[i]];
        }
        return states;
    }

    /** Returns whether a word is in the language. */
    public boolean accepts(int[] word) {
        return accepting[states(word)[word.length]];
    }

    /**
     * Words with what the automaton says of them.
     *
     * @param letters [words, length]
     * @param inLanguage of each word
     */
    @SuppressWarnings("ArrayRecordComponent") // data to be read
    public record Words(int[][] letters, List<Boolean> inLanguage) {}

    /** Draws words of evenly likely letters. */
    public Words words(int count, int length, long seed) {
        return words(count, length, seed, "automaton.words");
    }

    private Words words(int count, int length, long seed, String purpose) {
        Draw draw = new Draw(seed, purpose);
        int[][] words = new int[count][length];
        for (int word = 0; word < count; word++) {
            for (int i = 0; i < length; i++) {
                words[word][i] = draw.below(next[0].length, word, i);
            }
        }
        return new Words(words, Arrays.stream(words).map(this::accepts).toList());
    }
}
