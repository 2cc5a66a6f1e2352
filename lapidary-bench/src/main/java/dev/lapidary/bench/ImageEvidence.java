package dev.lapidary.bench;

import dev.lapidary.app.TerminalProgress;
import dev.lapidary.concept.bottleneck.ConceptTraining;
import dev.lapidary.concept.classifier.ConceptConfig;
import dev.lapidary.concept.classifier.Report;
import dev.lapidary.concept.vocabulary.ConceptFilters;
import dev.lapidary.contrast.CaptionSource;
import dev.lapidary.contrast.ContrastiveSettings;
import dev.lapidary.contrast.ContrastiveTraining;
import dev.lapidary.contrast.ImageTextPairs;
import dev.lapidary.contrast.TrainedEncoders;
import dev.lapidary.data.Dataset;
import dev.lapidary.data.TestPart;
import dev.lapidary.encode.ClipEncoder;
import dev.lapidary.encode.EmbeddingCache;
import dev.lapidary.encode.EncodedImages;
import dev.lapidary.encode.ImageEmbeddingCache;
import dev.lapidary.encode.ImageTextEncoder;
import dev.lapidary.encode.OnnxTextEncoder;
import dev.lapidary.encode.TextEncoder;
import dev.lapidary.image.ImageItems;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.file.AtomicFiles;
import dev.lapidary.runtime.file.CacheFolder;
import dev.lapidary.torch.Convolutions;
import dev.lapidary.train.Checkpointing;
import dev.lapidary.train.EpochOrder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;

/**
 * A pair of encoders trained on CIFAR-10's training images, and every concept method on its embeddings, reported on test images that
 * neither saw; as data under docs/evidence/cifar-10. Goes on where it was interrupted. Delete a file to measure it again.
 */
final class ImageEvidence implements Benchmark {
    static final String FOLDER = "docs/evidence/cifar-10";
    /** The file of the encoders' figures. */
    static final String ENCODER = "encoder.json";

    /** The file of the variants of Concept Matrix Search. */
    static final String SEARCH = "search-variants.json";

    private static final String ATTRIBUTES = "concepts/cifar-10.txt"; // no class names, no aliases
    private static final String WITH_NAMES = "concepts/cifar-10-with-names.txt";
    /** Lists are used as they were written: the encoders learnt from classes, so names of one class lie close together. */
    private static final ConceptFilters.Settings UNFILTERED = new ConceptFilters.Settings(60, 2, 2, -1);

    private static final String CAPTIONS = "concepts/cifar-10-captions.txt";
    private static final int SIDE = 32;
    private static final int OF_CLASS = 1_000; // training images of a class that the methods learn from
    private static final double[] SPARSER = {2, 3, 5};

    @Override
    public String name() {
        return "evidence-images";
    }

    @Override
    public String summary() {
        return "evidence, not speed: encoders trained on CIFAR-10 and every concept method on them, 5 seeds "
                + "(needs LAPIDARY_DATA; about an hour)";
    }

    @Override
    public Map<String, Object> run() {
        String needed = "cifar10-train.zip and cifar10-test.zip (one folder of images per class)";
        Path training = ProjectFiles.data("cifar10-train.zip", needed);
        Path testing = ProjectFiles.data("cifar10-test.zip", needed);
        Path folder = ProjectFiles.home().resolve(FOLDER);
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("name", name());
        result.put("convolutions", Convolutions.description());
        try {
            Path encoder = encoder(training, folder);
            try (ImageTextEncoder opened =
                            new ImageEmbeddingCache(ClipEncoder.open(encoder), CacheFolder.sub("embeddings"));
                    Dataset both = both(opened, training, testing)) {
                result.putAll(
                        ConceptRuns.run(name(), folder.resolve("methods"), runs(), run -> train(run, both, opened)));
            }
            search(encoder, testing, folder.resolve(SEARCH));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        result.put("folder", folder.toString());
        return result;
    }

    /** Trains the encoders unless the cache has them. */
    private static Path encoder(Path training, Path evidence) throws IOException {
        Path folder = CacheFolder.sub("evidence").resolve("cifar-10-encoder");
        if (Files.exists(folder.resolve(AtomicFiles.MARKER)) && Files.exists(evidence.resolve(ENCODER))) {
            return folder;
        }
        Path unfinished = folder.resolveSibling("cifar-10-encoder.unfinished");
        Files.createDirectories(unfinished);
        ContrastiveSettings defaults = ContrastiveSettings.defaults();
        ContrastiveSettings settings = defaults.withTraining(defaults.training()
                        .withMirror(true)
                        .withCheckpoints(Checkpointing.in(unfinished.resolve("checkpoints"))))
                .withMetrics(unfinished.resolve("metrics.jsonl"));
        try (ImageItems items = ImageItems.open(training);
                TextEncoder cached = EmbeddingCache.packaged();
                OnnxTextEncoder text = OnnxTextEncoder.packaged();
                ImageTextPairs pairs = ImageTextPairs.read(
                        items,
                        CaptionSource.ofClasses(ProjectFiles.home().resolve(CAPTIONS), items.classes()),
                        cached,
                        SIDE,
                        TerminalProgress.standard())) {
            TrainedEncoders trained =
                    ContrastiveTraining.train(pairs, settings, TerminalProgress.standard(), Cancellation.none());
            trained.write(folder, text, Map.of("captions", CAPTIONS));
            Map<String, Object> figures = new TreeMap<>(trained.figures());
            figures.put("parameters", trained.parameters());
            figures.put(
                    "settings",
                    settings.network() + ", " + settings.training().epochs() + " epochs, batch "
                            + settings.training().batch());
            Files.createDirectories(evidence);
            AtomicFiles.writeString(
                    evidence.resolve(ENCODER), JsonMapper.shared().writeValueAsString(figures) + "\n");
        }
        return folder;
    }

    /** A part of the training images, the same number of each class, and all test images. */
    private static Dataset both(ImageTextEncoder encoder, Path training, Path testing) {
        try (Dataset all = labelled(encoder, training);
                Dataset some = some(all);
                Dataset test = labelled(encoder, testing)) {
            return TestPart.of(some, test);
        }
    }

    private static Dataset labelled(ImageTextEncoder encoder, Path path) {
        try (ImageItems items = ImageItems.open(path);
                EncodedImages encoded = encoder.encode(items, TerminalProgress.standard())) {
            return encoded.labelled();
        }
    }

    private static Dataset some(Dataset all) {
        int[] left = new int[all.classes().size()];
        Arrays.fill(left, OF_CLASS);
        List<Integer> rows = new ArrayList<>();
        for (int row : new EpochOrder(0, all.size(), 1).items(0)) {
            if (left[all.label(row)]-- > 0) {
                rows.add(row);
            }
        }
        int[] chosen = rows.stream().mapToInt(Integer::intValue).sorted().toArray();
        List<String> labels = new ArrayList<>();
        for (int row : chosen) {
            labels.add(all.classes().get(all.label(row)));
        }
        return Dataset.ofEmbeddings(all.embeddings().orElseThrow().select(chosen), labels);
    }

    private static Report train(ConceptRuns.Run run, Dataset both, ImageTextEncoder names) {
        return ConceptTraining.ofImages(both, names)
                .config(run.config())
                .filters(UNFILTERED)
                .concepts(ProjectFiles.home().resolve(run.concepts()))
                .progress(TerminalProgress.standard())
                .run()
                .report();
    }

    private static void search(Path encoder, Path testing, Path file) throws IOException {
        if (!Files.exists(file)) {
            String concepts = ProjectFiles.home().resolve(ATTRIBUTES).toString();
            List<String> command = new ArrayList<>(List.of("concepts", "search", "--images", testing.toString()));
            command.addAll(List.of("--encoder", encoder.toString(), "--concepts", concepts));
            command.addAll(List.of("--filters", "--class-cutoff", "2", "--duplicate-cutoff", "2", "--json"));
            AtomicFiles.writeString(file, CommandJson.of(command) + "\n");
        }
    }

    private static List<ConceptRuns.Run> runs() {
        List<ConceptRuns.Run> runs = new ArrayList<>();
        ConceptConfig base = ConceptConfig.defaults().withSeeds(ConceptRuns.SEEDS, 0);
        for (double nec : SPARSER) {
            runs.add(new ConceptRuns.Run("sparse-nec-" + (int) nec, base.withNec(nec), ATTRIBUTES));
        }
        runs.add(new ConceptRuns.Run("sparse-nec-3-class-names", base.withNec(SPARSER[1]), WITH_NAMES));
        runs.addAll(ConceptRuns.methods(ATTRIBUTES));
        return runs;
    }
}
