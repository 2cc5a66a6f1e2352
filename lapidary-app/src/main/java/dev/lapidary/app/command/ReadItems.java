package dev.lapidary.app.command;

import dev.lapidary.concept.classifier.ConceptClassifier;
import dev.lapidary.data.DataReader;
import dev.lapidary.data.Dataset;
import dev.lapidary.data.TestPart;
import dev.lapidary.encode.EncodedImages;
import dev.lapidary.encode.ImageTextEncoder;
import dev.lapidary.image.ImageItems;
import dev.lapidary.image.SkippedImage;
import dev.lapidary.runtime.InputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The items of a command, read. Images are embedded by their encoder, so that all that follows sees embeddings.
 *
 * @param data texts or embeddings
 * @param images the encoder of images, which {@link #close} closes; null where items are none
 * @param skipped images that could not be read
 */
record ReadItems(Dataset data, @Nullable ImageTextEncoder images, List<SkippedImage> skipped) implements AutoCloseable {
    private static final int MOST_NAMED = 100; // skipped images in JSON

    /** Which labels are read. */
    private enum Labels {
        TRAIN,
        LEARN, // and not judged on
        EVALUATE,
        NONE
    }

    /**
     * Reads items to learn from: labelled, of at least two classes.
     *
     * @param judged whether figures will come from them too
     */
    static ReadItems toLearnFrom(DataOptions options, EncoderOptions encoder, boolean judged, Output output) {
        Optional<Path> images = options.images();
        return images.isPresent()
                ? embed(images.get(), judged ? Labels.TRAIN : Labels.LEARN, encoder::openImages, output)
                : texts(DataReader.read(options.source()));
    }

    /** Reads labelled items for a trained classifier, as those of its training were read. */
    static ReadItems toJudge(ConceptClassifier model, DataOptions options, EncoderOptions encoder, Output output) {
        Optional<Path> images = options.images();
        return images.isPresent()
                ? embed(images.get(), Labels.EVALUATE, encoder.of(model), output)
                : texts(DataReader.readForEvaluation(
                        options.source(model.identity().columns())));
    }

    /** Reads items for a trained classifier without their labels. */
    static ReadItems toPredict(ConceptClassifier model, DataOptions options, EncoderOptions encoder, Output output) {
        Optional<Path> images = options.images();
        return images.isPresent()
                ? embed(images.get(), Labels.NONE, encoder.of(model), output)
                : texts(DataReader.readUnlabelled(
                        options.source(model.identity().columns())));
    }

    private static ReadItems texts(Dataset data) {
        return new ReadItems(data, null, List.of());
    }

    /** Opens an encoder of images when the images are known to be there. */
    @FunctionalInterface
    interface ImageEncoderSource {
        ImageTextEncoder open();
    }

    private static ReadItems embed(Path path, Labels labels, ImageEncoderSource encoder, Output output) {
        try (ImageItems items = images(path, labels)) {
            ImageTextEncoder opened = encoder.open();
            try {
                return embed(items, labels, opened, output);
            } catch (RuntimeException | Error e) {
                opened.close();
                throw e;
            }
        }
    }

    private static ImageItems images(Path path, Labels labels) {
        ImageItems items = labels == Labels.TRAIN || labels == Labels.LEARN
                ? ImageItems.open(path)
                : ImageItems.openUnlabelled(path);
        if (labels != Labels.NONE && items.classes().isEmpty()) {
            items.close();
            throw new InputException(
                    path + ": images must have labels, by one folder per class or a column label; got none");
        }
        return items;
    }

    private static ReadItems embed(ImageItems items, Labels labels, ImageTextEncoder opened, Output output) {
        try (EncodedImages encoded = opened.encode(items, output.progress())) {
            Dataset data = labels == Labels.NONE ? encoded.unlabelled() : encoded.labelled(labels != Labels.LEARN);
            return new ReadItems(data, opened, encoded.report().skipped());
        }
    }

    /** The same with a test part of its own, of the same form, see {@link TestPart}; this is closed. */
    ReadItems reportingOn(Path test, DataOptions options, Output output) {
        List<SkippedImage> all = new ArrayList<>(skipped);
        try (Dataset training = data;
                Dataset other = test(test, options, all, output)) {
            return new ReadItems(TestPart.of(training, other), images, List.copyOf(all));
        } catch (RuntimeException | Error e) {
            if (images != null) {
                images.close();
            }
            throw e;
        }
    }

    private Dataset test(Path path, DataOptions options, List<SkippedImage> all, Output output) {
        if (images == null) {
            return DataReader.readForEvaluation(options.test(path, data.columns()));
        }
        try (ImageItems items = images(path, Labels.EVALUATE)) {
            ReadItems read = embed(items, Labels.EVALUATE, images, output);
            all.addAll(read.skipped);
            return read.data;
        }
    }

    /** The same with labels as indices into a trained model's classes; closed where a label is not among them. */
    ReadItems relabel(List<String> classes) {
        try {
            return new ReadItems(data.relabel(classes), images, skipped);
        } catch (InputException e) {
            close();
            throw e;
        }
    }

    /** What JSON says of images besides. */
    Map<String, Object> fields() {
        return images == null ? Map.of() : Map.of("skipped", named(skipped));
    }

    /** The skipped images that JSON names. */
    static List<SkippedImage> named(List<SkippedImage> skipped) {
        return skipped.stream().limit(MOST_NAMED).toList();
    }

    @Override
    public String toString() {
        return images == null
                ? data.toString()
                : data.size() + " images in " + data.classes().size() + " classes";
    }

    @Override
    public void close() {
        data.close();
        if (images != null) {
            images.close();
        }
    }
}
