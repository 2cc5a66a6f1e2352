package dev.lapidary.systems.sparsecbm;

import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A data set that is prepared when it is first asked for, so that trials on others need not wait for its encoder. */
final class LaterData implements ConceptData {
    private final String name;
    private final Supplier<ConceptData> source;
    private @Nullable ConceptData prepared;

    /**
     * Creates one.
     *
     * @param name of the data set
     * @param source prepares it, once
     */
    LaterData(String name, Supplier<ConceptData> source) {
        this.name = name;
        this.source = source;
    }

    private synchronized ConceptData prepared() {
        ConceptData found = prepared;
        if (found == null) {
            found = source.get();
            prepared = found;
        }
        return found;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Map<String, Object> settings() {
        return prepared().settings();
    }

    @Override
    public ConceptProblem draw(long seed) {
        return prepared().draw(seed);
    }
}
