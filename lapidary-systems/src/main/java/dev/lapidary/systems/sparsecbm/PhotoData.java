package dev.lapidary.systems.sparsecbm;

import dev.lapidary.data.Dataset;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.data.UnitVector;
import dev.lapidary.encode.ClipEncoder;
import dev.lapidary.encode.EncodedImages;
import dev.lapidary.encode.ImageEmbeddingCache;
import dev.lapidary.encode.ImageTextEncoder;
import dev.lapidary.image.ImageItems;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.file.CacheFolder;
import dev.lapidary.runtime.file.Sha256;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * CIFAR-10: every seed draws items to learn from among training images that the encoder never saw, and items to report on among the
 * test images.
 */
final class PhotoData implements ConceptData {
    private static final String LIST = "cifar-10.txt";
    private static final int POOL = 500; // training images of a class to draw from, those after the encoder's own

    private final Path encoder;
    private final Sizes sizes;
    private final Pool training;
    private final Pool testing;

    /** Embedded images to draw from. */
    private record Pool(Items items, List<String> classes, String digest) {}

    private PhotoData(Path encoder, Sizes sizes, Pool training, Pool testing) {
        this.encoder = encoder;
        this.sizes = sizes;
        this.training = training;
        this.testing = testing;
    }

    /** Reads and embeds both pools; embeddings are kept in the cache folder. */
    static PhotoData read(Path encoder, Path training, Path testing, Sizes sizes, Progress progress) {
        Path pool = PhotoEncoder.unpacked(
                training, "train-" + PhotoEncoder.OF_CLASS + "-" + POOL, PhotoEncoder.OF_CLASS, POOL);
        try (ImageTextEncoder opened =
                new ImageEmbeddingCache(ClipEncoder.open(encoder), CacheFolder.sub("embeddings"))) {
            return new PhotoData(encoder, sizes, pool(opened, pool, progress), pool(opened, testing, progress));
        }
    }

    private static Pool pool(ImageTextEncoder encoder, Path images, Progress progress) {
        try (ImageItems items = ImageItems.open(images);
                EncodedImages encoded = encoder.encode(items, progress);
                Dataset labelled = encoded.labelled()) {
            EmbeddingMatrix embeddings = labelled.embeddings().orElseThrow();
            float[][] vectors = new float[labelled.size()][];
            int[] labels = new int[labelled.size()];
            for (int i = 0; i < labels.length; i++) {
                vectors[i] = UnitVector.of(embeddings.row(i));
                labels[i] = labelled.label(i);
            }
            return new Pool(new Items(vectors, labels), labelled.classes(), labelled.digest());
        }
    }

    @Override
    public String name() {
        return "cifar-10";
    }

    @Override
    public Map<String, Object> settings() {
        return Map.of(
                "items",
                "%s, drawn from %d training and %d test images by each seed"
                        .formatted(
                                sizes, training.items().size(), testing.items().size()),
                "encoder",
                PhotoEncoder.recipe(),
                "encoderDigest",
                EncoderFiles.digest(encoder),
                "concepts",
                ConceptLists.concepts(LIST).size(),
                "conceptsDigest",
                Sha256.of(ConceptLists.text(LIST)));
    }

    @Override
    public ConceptProblem draw(long seed) {
        int both = sizes.train() + sizes.validation();
        int[] learnt = ConceptData.rows(seed, training.items().size(), both);
        int[] reported = ConceptData.rows(seed, testing.items().size(), sizes.test());
        try (ClipEncoder opened = ClipEncoder.open(encoder)) {
            var names = new Names(opened, opened.promptTemplates(), training.classes(), ConceptLists.concepts(LIST));
            return names.problem(
                    training.items().select(Arrays.copyOf(learnt, sizes.train())),
                    training.items().select(Arrays.copyOfRange(learnt, sizes.train(), both)),
                    testing.items().select(reported),
                    seed,
                    () -> EncoderFiles.digest(encoder));
        }
    }
}
