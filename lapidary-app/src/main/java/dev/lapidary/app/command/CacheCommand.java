package dev.lapidary.app.command;

import dev.lapidary.concept.explain.TextTable;
import dev.lapidary.runtime.file.CacheFolder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Shows what the cache holds. */
@Command(
        name = "cache",
        sortOptions = false,
        synopsisSubcommandLabel = "[COMMAND]",
        description = {
            "Shows the cache folder: what each of its folders holds, and how large it is.",
            "Embeddings are kept up to a limit, those used least recently go first: 2G, or LAPIDARY_CACHE_LIMIT "
                    + "(such as 500M; 0 keeps none).",
            "JSON: folder, limit (of embeddings, bytes), bytes, folders (name, holds, files, bytes)."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  lapidary cache", "  lapidary cache clear embeddings"})
final class CacheCommand implements Callable<Integer> {
    @Mixin
    private Output output;

    CacheCommand(Session session) {
        output = new Output(session);
    }

    @Override
    public Integer call() {
        Path root = CacheFolder.root();
        List<CacheFolders.Folder> folders = CacheFolders.in(root);
        return output.result(() -> text(root, folders), () -> json(root, folders));
    }

    private static String text(Path root, List<CacheFolders.Folder> folders) {
        TextTable table = new TextTable().row("folder", "size", "files", "holds");
        folders.forEach(folder ->
                table.row(folder.name(), size(folder.bytes()), Integer.toString(folder.files()), folder.holds()));
        return root + ": " + size(bytes(folders)) + ", embeddings up to " + size(CacheFolder.limit()) + "\n\n" + table;
    }

    private static Map<String, Object> json(Path root, List<CacheFolders.Folder> folders) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("folder", root.toString());
        object.put("limit", CacheFolder.limit());
        object.put("bytes", bytes(folders));
        object.put("folders", folders);
        return object;
    }

    static long bytes(List<CacheFolders.Folder> folders) {
        return folders.stream().mapToLong(CacheFolders.Folder::bytes).sum();
    }

    static String size(long bytes) {
        return bytes < 1 << 20
                ? String.format(Locale.ROOT, "%.0f KiB", Math.ceil(bytes / 1024.0))
                : String.format(Locale.ROOT, "%,.1f MiB", bytes / 1048576.0);
    }
}
