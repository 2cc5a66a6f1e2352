package dev.lapidary.torch.check;

import java.util.Optional;

/**
 * What the check of one native operation found.
 *
 * @param operation its name, such as "layer norm"
 * @param type the type that it was computed in: f32, f64 or bf16
 * @param own what PyTorch's own operation does here
 * @param fallback what is used instead, where PyTorch's own operation is not used
 */
public record OperationCheck(String operation, String type, Finding own, Optional<Fallback> fallback) {
    /**
     * Another way to compute the operation.
     *
     * @param name what it is, in a word or two
     * @param finding what it does on the same cases
     */
    public record Fallback(String name, Finding finding) {}

    /** One of an operation that is used as it is. */
    public static OperationCheck of(String operation, String type, Finding own) {
        return new OperationCheck(operation, type, own, Optional.empty());
    }

    /** The same with what is used in the operation's place. */
    public OperationCheck withFallback(String name, Finding finding) {
        return new OperationCheck(operation, type, own, Optional.of(new Fallback(name, finding)));
    }

    /** Whether what Lapidary uses, the fallback where there is one, was within its tolerance in every case. */
    public boolean right() {
        return inUse().right();
    }

    /** What was found of the way that Lapidary computes the operation here. */
    public Finding inUse() {
        return fallback.map(Fallback::finding).orElse(own);
    }

    /** Says it in a few words: right; wrong; wrong, fallback NAME right. */
    public String verdict() {
        return word(own)
                + fallback.map(other -> ", fallback " + other.name() + " " + word(other.finding()))
                        .orElse("");
    }

    private static String word(Finding finding) {
        return finding.right() ? "right" : "wrong";
    }
}
