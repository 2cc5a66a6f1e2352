package dev.lapidary.language;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/** The files beside a model's weights that say how text becomes tokens and how to generate. */
public final class TokenizerFiles {
    private static final List<String> NAMES = List.of(
            TextTokenizer.FILE,
            "tokenizer_config.json",
            "special_tokens_map.json",
            "added_tokens.json",
            "generation_config.json",
            "chat_template.jinja",
            "tokenizer.model",
            "vocab.json",
            "merges.txt");

    private TokenizerFiles() {}

    /** Whether a file is one of them. */
    static boolean isOne(String file) {
        return NAMES.contains(file);
    }

    /**
     * Copies those that a model folder has to another folder that exists.
     *
     * @return the names of the files that were copied
     */
    public static List<String> copy(Path from, Path to) throws IOException {
        List<String> copied = new ArrayList<>();
        for (String name : NAMES) {
            if (Files.isRegularFile(from.resolve(name))) {
                Files.copy(from.resolve(name), to.resolve(name), StandardCopyOption.REPLACE_EXISTING);
                copied.add(name);
            }
        }
        return copied;
    }
}
