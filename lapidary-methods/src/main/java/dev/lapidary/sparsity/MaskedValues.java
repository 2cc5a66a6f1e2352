package dev.lapidary.sparsity;

import dev.lapidary.language.StoredModel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A stored model's parameters as float32 under a mask, one in memory at a time, without PyTorch. */
final class MaskedValues implements AutoCloseable {
    private final StoredModel model;
    private final @Nullable MaskSet set;
    private @Nullable Held held;

    /** The parameter in memory. */
    private record Held(String name, Arena arena, MemorySegment values) {}

    /**
     * Takes a model, which stays the caller's to close.
     *
     * @throws dev.lapidary.runtime.InputException where the masks were made for another model
     */
    MaskedValues(StoredModel model, Optional<MaskSet> set) {
        this.model = model;
        this.set = set.orElse(null);
        set.ifPresent(masks -> masks.requireFits(model));
    }

    /** Returns a parameter's values row after row, 0 where a mask keeps nothing; another call may free them. */
    MemorySegment of(String name) {
        if (held == null || !held.name().equals(name)) {
            close();
            Arena arena = Arena.ofConfined();
            held = new Held(name, arena, masked(name, arena));
        }
        return held.values();
    }

    private MemorySegment masked(String name, Arena arena) {
        LayerMask mask = set == null ? null : set.layers().get(name);
        if (set == null || mask == null) {
            return model.values(name, arena);
        }
        float[] updated = set.updatedWeights().get(name);
        MemorySegment all = updated == null ? model.values(name, arena) : MemorySegment.ofArray(updated);
        MemorySegment kept = arena.allocate(all.byteSize(), 64);
        for (int place : mask.keptPlaces()) {
            kept.setAtIndex(ValueLayout.JAVA_FLOAT, place, all.getAtIndex(ValueLayout.JAVA_FLOAT, place));
        }
        return kept;
    }

    @Override
    public void close() {
        if (held != null) {
            held.arena().close();
            held = null;
        }
    }
}
