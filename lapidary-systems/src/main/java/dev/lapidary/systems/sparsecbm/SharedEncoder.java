package dev.lapidary.systems.sparsecbm;

import dev.lapidary.contrast.CaptionSource;
import dev.lapidary.contrast.ContrastiveSettings;
import dev.lapidary.contrast.ContrastiveTraining;
import dev.lapidary.contrast.ImageTextPairs;
import dev.lapidary.contrast.NetworkShape;
import dev.lapidary.contrast.TrainedEncoders;
import dev.lapidary.encode.EmbeddingCache;
import dev.lapidary.encode.OnnxTextEncoder;
import dev.lapidary.encode.TextEncoder;
import dev.lapidary.image.ImageItems;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.file.AtomicFiles;
import dev.lapidary.runtime.file.CacheFolder;
import dev.lapidary.runtime.file.Sha256;
import dev.lapidary.torch.Products;
import dev.lapidary.train.Checkpointing;
import dev.lapidary.work.UnfinishedWork;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * A pair of encoders that every seed shares: trained once on images and captions, kept in the cache folder under a digest of all that
 * decides it, and frozen. An interrupted training goes on where it was.
 */
final class SharedEncoder {
    /** Height and width of the images in pixels. */
    static final int SIDE = 32;

    private static final int BATCH = 128;
    private static final double RATE = 4e-3; // as the contrastive defaults

    private SharedEncoder() {}

    /**
     * What an encoder learns from.
     *
     * @param name of the folder
     * @param images how the images came about, in words that change when they do
     * @param epochs how often each is seen
     * @param mirror whether they are also shown mirrored
     * @param network sizes of the image network
     */
    record Recipe(String name, String images, int epochs, boolean mirror, NetworkShape network) {
        String identity() {
            return name + "; " + images + "; network " + network + "; " + epochs + " epochs, batch " + BATCH + ", rate "
                    + RATE + ", mirror " + mirror + ", seed 0";
        }
    }

    /** The images and captions to learn from. */
    interface Source {
        /** Lists the images; the caller closes them. */
        ImageItems open();

        /** Returns their captions. */
        CaptionSource captions(ImageItems items);
    }

    /** Returns where such an encoder lies, trained where it was not. */
    static Path folder(Recipe recipe, Source source, Progress progress) {
        String digest = Sha256.of(recipe.identity()).substring(0, 12);
        Path folder = CacheFolder.sub("systems/sparse-cbm").resolve(recipe.name() + "-encoder-" + digest);
        if (Files.exists(folder.resolve(AtomicFiles.MARKER))) {
            return folder;
        }
        try (UnfinishedWork work = UnfinishedWork.open(folder, false)) {
            train(recipe, source, work, folder, progress);
            work.finished();
        }
        return folder;
    }

    private static void train(Recipe recipe, Source source, UnfinishedWork work, Path folder, Progress progress) {
        ContrastiveSettings defaults = ContrastiveSettings.defaults();
        ContrastiveSettings settings = defaults.withNetwork(recipe.network())
                .withTraining(defaults.training()
                        .withEpochs(recipe.epochs())
                        .withBatch(BATCH)
                        .withLearningRate(RATE)
                        .withMirror(recipe.mirror())
                        .withCheckpoints(Checkpointing.in(work.checkpoints())));
        try (ImageItems items = source.open();
                TextEncoder cached = EmbeddingCache.packaged();
                OnnxTextEncoder text = OnnxTextEncoder.packaged();
                ImageTextPairs pairs = ImageTextPairs.read(items, source.captions(items), cached, SIDE, progress)) {
            TrainedEncoders trained = ContrastiveTraining.train(pairs, settings, progress, Cancellation.none());
            trained.write(
                    folder,
                    text,
                    Map.of(
                            "recipe",
                            recipe.identity(),
                            "products",
                            Products.fastest().toString()));
        }
    }
}
