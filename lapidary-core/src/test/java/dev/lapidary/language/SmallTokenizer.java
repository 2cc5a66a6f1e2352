package dev.lapidary.language;

import dev.lapidary.runtime.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Small tokenizer folders for tests. */
final class SmallTokenizer {
    static final String TEXT = """
            She sells sea shells by the sea shore.

            The shells she sells are sea shells, I'm sure!  Für 12 345 Übungen: über, übers; 東京東京 🙂🙂
            """;

    private SmallTokenizer() {}

    /** Trains on the text as it stands and in small letters. */
    static Path train(Path folder, int vocabulary) throws IOException {
        Files.createDirectories(folder);
        BytePairTrainer.train(
                List.of(TEXT, TEXT.toLowerCase(java.util.Locale.ROOT)),
                vocabulary,
                folder.resolve("tokenizer.json"),
                Progress.silent());
        return folder;
    }

    static void edit(Path folder, Consumer<ObjectNode> change) throws IOException {
        Path file = folder.resolve("tokenizer.json");
        ObjectNode root = (ObjectNode) JsonMapper.shared().readTree(Files.readString(file));
        change.accept(root);
        Files.writeString(file, JsonMapper.shared().writeValueAsString(root));
    }

    /** Lets the tokenizer put its special token before every text, as LLaMA's does. */
    static void addBos(Path folder) throws IOException {
        edit(folder, root -> root.set("post_processor", JsonMapper.shared().readTree("""
                {"type": "TemplateProcessing",
                 "single": [{"SpecialToken": {"id": "<|endoftext|>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
                 "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
                 "special_tokens": {"<|endoftext|>": {"id": "<|endoftext|>", "ids": [0], "tokens": ["<|endoftext|>"]}}}
                """)));
    }
}
