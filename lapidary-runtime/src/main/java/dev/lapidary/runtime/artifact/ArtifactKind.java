package dev.lapidary.runtime.artifact;

import dev.lapidary.runtime.file.AtomicFiles;
import dev.lapidary.runtime.json.JsonObject;
import dev.lapidary.runtime.json.JsonTree;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A kind of folder that Lapidary writes, told by the format that its {@value AtomicFiles#MARKER} names.
 *
 * <p>A family that writes folders adds one public class with a public constructor without parameters and a line in {@code
 * META-INF/services}; nothing else knows its name. Kinds are services, and not files beside the results, since every folder has a
 * marker with its format already: those written before stay readable and replaceable, and the bytes of results stay what they were.
 */
public interface ArtifactKind {
    /** Returns the format that the marker names, such as {@code lapidary-mask}. */
    String format();

    /** Returns what such a folder is, with an article: {@code a mask}. */
    String title();

    /**
     * Whether a file is one that the folder's writer makes, so that it is lost when the folder is replaced. The marker always is.
     *
     * @param file path in the folder, with slashes
     */
    boolean owns(String file);

    /**
     * Returns the SHA-256 in hexadecimal of the files whose digests the marker holds, by their paths in the folder; by default what
     * its object {@code files} says.
     */
    default SortedMap<String, String> digests(JsonObject marker) {
        SortedMap<String, String> digests = new TreeMap<>();
        if (marker.members().get("files") instanceof JsonObject files) {
            files.members().forEach((file, digest) -> {
                if (digest instanceof JsonTree.Text text) {
                    digests.put(file, text.value());
                }
            });
        }
        return digests;
    }
}
