package dev.lapidary.concept.explain;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The smallest change of concept scores that flips a decision, or why there is none.
 *
 * <p>Smallest: as few concepts as possible; scores may move within what training items show, or within three standard deviations
 * around the mean where that is not known; all but the last
 * are moved to the end of that range that helps most (the gate's best point where there are gates), the last only as far as needed. Of
 * equally many concepts the change of least total distance in standard deviations wins. It is about the model, not about the world:
 * concepts move one by one, although real texts move several at once.
 *
 * @param possible whether any such change flips the decision
 * @param from the class that is predicted
 * @param to the class that is predicted after the change, absent where there is no change
 * @param moves the concepts that move, largest effect first
 * @param logits of every class after the change, in class order; empty where there is no change
 * @param reason why there is no change, absent where there is one
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Counterfactual(
        boolean possible,
        String from,
        @Nullable String to,
        List<Move> moves,
        List<Double> logits,
        @Nullable String reason) {
    /** One concept's score, in standardised units, as it is and as it would have to be. */
    public record Move(String concept, double from, double to) {}

    static Counterfactual none(String from, String reason) {
        return new Counterfactual(false, from, null, List.of(), List.of(), reason);
    }

    /** Plain lines for a terminal. */
    public String text() {
        Lines lines = new Lines();
        if (!possible) {
            return lines.add("no change of concept scores flips the decision from %s: %s", from, String.valueOf(reason))
                    .toString();
        }
        lines.add(
                "smallest change of concept scores that flips the decision from %s to %s (%s):",
                from, String.valueOf(to), moves.size() == 1 ? "one concept" : moves.size() + " concepts together");
        for (Move move : moves) {
            lines.add("  \"%s\": score %+.2f instead of %+.2f", move.concept(), move.to(), move.from());
        }
        return lines.toString();
    }
}
