package dev.lapidary.concept.classifier;

import dev.lapidary.runtime.InputException;
import java.util.Arrays;
import java.util.Locale;

/** The ways to decide from concept scores; ids are those of the command line. */
public enum Method {
    /** Sparse-CBM: bottleneck layer with the Gumbel loss. */
    SPARSE("the Gumbel loss of Sparse-CBM on the bottleneck layer"),
    /** l1-CBM: bottleneck layer with an l1 penalty. */
    L1("an l1 penalty on the bottleneck layer"),
    /** Contrastive-CBM: bottleneck layer with a contrastive loss between items and concepts. */
    CONTRASTIVE("a contrastive loss between items and concepts"),
    /** Bottleneck scores stay similar to the concept scores. */
    SIMILARITY("a cosine loss that keeps bottleneck scores similar to concept scores"),
    /** The same with cubed scores, after LF-CBM. */
    CUBED("the same cosine loss on cubed scores"),
    /** Per-item hard concrete gates on the concept scores. */
    GATES("learned gates that let a concept speak only for some items, with exact zeros"),
    /** Concept Matrix Search: no training. */
    SEARCH("Concept Matrix Search, which trains nothing");

    private final String summary;

    Method(String summary) {
        this.summary = summary;
    }

    /** Name on the command line and in files. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What sets it apart, a phrase. */
    public String summary() {
        return summary;
    }

    /** Whether it has a published form beside its sound one. */
    public boolean published() {
        return this != GATES;
    }

    /** Finds a method by its id. */
    public static Method of(String id) {
        return Arrays.stream(values())
                .filter(m -> m.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new InputException("method must be one of "
                        + Arrays.stream(values()).map(Method::id).toList() + "; got " + id));
    }
}
