package dev.lapidary.app.command;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.CacheFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Empties the cache. */
@Command(
        name = "clear",
        sortOptions = false,
        description = {
            "Removes one folder of the cache, or all that Lapidary makes again by itself; runs of systems and evidence only by name.",
            "JSON: folder, bytes, cleared (name, holds, files, bytes)."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  lapidary cache clear", "  lapidary cache clear embeddings --json"})
final class CacheClearCommand implements Callable<Integer> {
    @Parameters(arity = "0..1", paramLabel = "NAME", description = "A folder that lapidary cache lists.")
    private @Nullable String name;

    @Mixin
    private Output output;

    CacheClearCommand(Session session) {
        output = new Output(session);
    }

    @Override
    public Integer call() throws IOException {
        if (name != null && !CacheFolders.names().contains(name)) {
            throw new InputException(
                    "NAME must be one of " + String.join(", ", CacheFolders.names()) + "; got " + name);
        }
        Path root = CacheFolder.root();
        List<CacheFolders.Folder> cleared = CacheFolders.clear(root, name == null ? "" : name);
        return output.result(() -> text(cleared), () -> json(root, cleared));
    }

    private static String text(List<CacheFolders.Folder> cleared) {
        return cleared.isEmpty()
                ? "Nothing to clear.\n"
                : "Cleared " + CacheCommand.size(CacheCommand.bytes(cleared)) + ": "
                        + String.join(
                                ", ",
                                cleared.stream().map(CacheFolders.Folder::name).toList()) + ".\n";
    }

    private static Map<String, Object> json(Path root, List<CacheFolders.Folder> cleared) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("folder", root.toString());
        object.put("bytes", CacheCommand.bytes(cleared));
        object.put("cleared", cleared);
        return object;
    }
}
