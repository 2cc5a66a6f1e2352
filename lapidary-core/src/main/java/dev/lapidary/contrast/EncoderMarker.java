package dev.lapidary.contrast;

import dev.lapidary.runtime.file.AtomicFiles;
import dev.lapidary.torch.Convolutions;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The {@value AtomicFiles#MARKER} of a folder of encoders: how they came about, how convolutions were calculated, and that Lapidary made their image network. */
final class EncoderMarker {
    private static final int VERSION = 1;

    private EncoderMarker() {}

    /** The contents of the file. */
    static String text(Map<String, Number> figures, Map<String, String> notes) {
        ObjectNode root = JsonMapper.shared().createObjectNode();
        root.put("format", TrainedEncoders.FORMAT).put("version", VERSION);
        ObjectNode measured = root.putObject("figures");
        new TreeMap<>(figures).forEach((name, value) -> measured.put(name, value.doubleValue()));
        ObjectNode noted = root.putObject("settings");
        new TreeMap<>(notes).forEach(noted::put);
        root.put("convolutions", Convolutions.description());
        return root + "\n";
    }
}
