package dev.lapidary.sparsity;

import dev.lapidary.runtime.artifact.ArtifactKind;
import dev.lapidary.runtime.json.JsonObject;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** A folder of {@link MaskFolder}, with what the learning of a mask says beside it. */
public final class MaskArtifact implements ArtifactKind {
    private static final List<String> OWN = List.of(MaskFolder.TENSORS, MaskLearning.METRICS, "report.json");
    private static final String TENSORS = "tensors";

    @Override
    public String format() {
        return MaskFolder.FORMAT;
    }

    @Override
    public String title() {
        return "a mask";
    }

    @Override
    public boolean owns(String file) {
        return OWN.contains(file);
    }

    @Override
    public SortedMap<String, String> digests(JsonObject marker) {
        SortedMap<String, String> digests = new TreeMap<>();
        if (marker.has(TENSORS)) {
            digests.put(MaskFolder.TENSORS, marker.text(TENSORS));
        }
        return digests;
    }
}
