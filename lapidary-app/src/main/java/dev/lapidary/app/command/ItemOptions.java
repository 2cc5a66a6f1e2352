package dev.lapidary.app.command;

import dev.lapidary.concept.classifier.ConceptClassifier;
import dev.lapidary.data.Dataset;
import dev.lapidary.encode.EncodedImages;
import dev.lapidary.encode.ImageTextEncoder;
import dev.lapidary.image.ImageItems;
import dev.lapidary.runtime.InputException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that name one item, and the data that it may stand in. */
final class ItemOptions {
    private static final int EXAMPLES = 3;

    @Option(
            names = "--id",
            paramLabel = "ID",
            description =
                    "An item of --data: its id column, its path in the folder, or its row counted from 1. A classifier does "
                            + "not store its training items, so --data is needed.")
    private @Nullable String id;

    @Option(names = "--input", paramLabel = "TEXT", description = "A text instead.")
    private @Nullable String input;

    @Option(names = "--image", paramLabel = "FILE", description = "An image instead, JPEG, PNG or WebP.")
    private @Nullable Path image;

    @Mixin
    private DataOptions data = new DataOptions();

    @Mixin
    private EncoderOptions encoder = new EncoderOptions();

    /** Refuses options that contradict each other, before anything is read. */
    void requireSound() {
        if (Stream.of(id, input, image).filter(Objects::nonNull).count() > 1) {
            throw new InputException("one item must be named by one of --id, --input and --image; got several");
        }
        data.images();
        if (input != null) {
            requireText(input);
        }
        if (id != null && !data.given()) {
            throw new InputException(
                    "--id must come with --data PATH or --images PATH, since a classifier does not store its training items; got "
                            + "--id " + id + " alone");
        }
    }

    /** Refuses a text that holds nothing to read. */
    static void requireText(String text) {
        if (text.isBlank()) {
            throw new InputException("--input must hold a text; got only blanks");
        }
    }

    /** Whether one item is named. */
    boolean given() {
        return id != null || input != null || image != null;
    }

    DataOptions data() {
        return data;
    }

    EncoderOptions encoder() {
        return encoder;
    }

    /** An embedded item. */
    @SuppressWarnings("ArrayRecordComponent") // handed on once
    record Item(String id, Optional<String> text, float[] embedding) {}

    /** Reads and embeds the item that is named. */
    Item read(ConceptClassifier model, Output output) {
        if (input != null) {
            return embed(model, "input", input, output);
        }
        if (image != null) {
            return embed(model, image, output);
        }
        try (ReadItems read = ReadItems.toPredict(model, data, encoder, output)) {
            Dataset items = read.data();
            output.warnings(items.warnings());
            int row = items.indexOf(String.valueOf(id));
            if (row < 0) {
                List<String> some = IntStream.range(0, Math.min(EXAMPLES, items.size()))
                        .mapToObj(items::id)
                        .toList();
                throw new InputException("--id must be that of an item that could be read, such as "
                        + String.join(", ", some) + "; got " + id);
            }
            if (items.hasTexts()) {
                return embed(model, items.id(row), items.text(row), output);
            }
            return new Item(
                    items.id(row),
                    Optional.empty(),
                    items.embeddings().orElseThrow().row(row));
        }
    }

    private Item embed(ConceptClassifier model, Path file, Output output) {
        try (ImageTextEncoder opened = encoder.of(model).open();
                ImageItems one = ImageItems.ofFile(file);
                EncodedImages encoded = opened.encode(one, output.progress())) {
            return new Item(
                    encoded.items().getFirst().name(),
                    Optional.empty(),
                    encoded.embeddings().row(0));
        }
    }

    private Item embed(ConceptClassifier model, String name, String text, Output output) {
        try (ModelItems one = ModelItems.of(model, List.of(text), encoder, output.progress())) {
            output.warnings(one.warnings());
            return new Item(name, Optional.of(text), one.matrix().row(0));
        }
    }
}
