package dev.lapidary.systems.sparsecbm;

import dev.lapidary.data.DataReader;
import dev.lapidary.data.DataSource;
import dev.lapidary.data.Dataset;
import dev.lapidary.data.UnitVector;
import dev.lapidary.encode.EmbeddingCache;
import dev.lapidary.encode.EncodedTexts;
import dev.lapidary.encode.OnnxTextEncoder;
import dev.lapidary.encode.PromptEncoder;
import dev.lapidary.encode.TextEncoder;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.file.Sha256;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** AG's news: every seed draws items anew from one file. */
final class NewsData implements ConceptData {
    private static final String LIST = "ag-news.txt";

    private final Sizes sizes;
    private final Items items;
    private final List<String> classes;
    private final String fileDigest;
    private final String encoderDigest;

    private NewsData(Sizes sizes, Items items, List<String> classes, String fileDigest, String encoderDigest) {
        this.sizes = sizes;
        this.items = items;
        this.classes = classes;
        this.fileDigest = fileDigest;
        this.encoderDigest = encoderDigest;
    }

    /** Reads and embeds the whole file; embeddings are kept in the cache folder. */
    static NewsData read(Path file, Sizes sizes, Progress progress) {
        var source = new DataSource(file, List.of("title", "text"), Optional.of("label"), Optional.empty());
        try (TextEncoder encoder = EmbeddingCache.packaged();
                Dataset news = DataReader.read(source);
                EncodedTexts encoded = encoder.encode(news.texts(), progress)) {
            float[][] vectors = new float[news.size()][];
            int[] labels = new int[news.size()];
            for (int i = 0; i < labels.length; i++) {
                vectors[i] = UnitVector.of(encoded.embeddings().row(i));
                labels[i] = news.label(i);
            }
            return new NewsData(
                    sizes, new Items(vectors, labels), news.classes(), news.digest(), encoder.digest());
        }
    }

    @Override
    public String name() {
        return "ag-news";
    }

    @Override
    public Map<String, Object> settings() {
        return Map.of(
                "items",
                sizes + ", drawn from " + items.size() + " by each seed",
                "dataDigest",
                fileDigest,
                "encoder",
                "all-MiniLM-L6-v2, float32",
                "encoderDigest",
                encoderDigest,
                "concepts",
                ConceptLists.concepts(LIST).size(),
                "conceptsDigest",
                Sha256.of(ConceptLists.text(LIST)));
    }

    @Override
    public ConceptProblem draw(long seed) {
        int[] rows = ConceptData.rows(seed, items.size(), sizes.all());
        int validation = sizes.train();
        int test = validation + sizes.validation();
        try (TextEncoder encoder = EmbeddingCache.packaged()) {
            var names = new Names(encoder, PromptEncoder.BARE, classes, ConceptLists.concepts(LIST));
            return names.problem(
                    items.select(Arrays.copyOfRange(rows, 0, validation)),
                    items.select(Arrays.copyOfRange(rows, validation, test)),
                    items.select(Arrays.copyOfRange(rows, test, rows.length)),
                    seed,
                    NewsData::packagedDigest);
        }
    }

    private static String packagedDigest() {
        try (OnnxTextEncoder encoder = OnnxTextEncoder.packaged()) {
            return encoder.digest();
        }
    }
}
