package dev.lapidary.app.command;

import dev.lapidary.concept.ConceptLedger;
import dev.lapidary.concept.ConceptSet;
import dev.lapidary.concept.adapt.BottleneckObjective;
import dev.lapidary.contrast.AdaptedEncoder;
import dev.lapidary.contrast.AdapterSettings;
import dev.lapidary.contrast.EncoderAdaptation;
import dev.lapidary.contrast.ImageTraining;
import dev.lapidary.contrast.LabelledImages;
import dev.lapidary.image.ImageItems;
import dev.lapidary.image.SkippedImage;
import dev.lapidary.torch.Products;
import dev.lapidary.train.Checkpointing;
import dev.lapidary.work.UnfinishedWork;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Tunes the image network of a pair of encoders by low-rank adapters. */
@Command(
        name = "adapt",
        sortOptions = false,
        description = {
            "Tunes the image network of encoders that encoder train wrote for a classifier of concepts: low-rank adapters, a "
                    + "bottleneck layer and a head are trained together on images with classes, by the published joint loss.",
            "The adapters are added to the weights; the folder is one of encoders as before, with the same text side, on which "
                    + "concepts train begins anew. Tuning for classes may cost concepts their meaning: encoder evaluate "
                    + "--concept-labels tells, before and after.",
            "JSON: steps, seconds, images, heldOutImages, accuracy (of the jointly trained head on held-out images), parameters "
                    + "(numbers of the adapters), imagesPerSecond, skipped (name, reason; the first 100), folder."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  lapidary encoder adapt --encoder encoder --images cifar10-train.zip --concepts concepts.txt --out adapted",
            "  lapidary encoder adapt --encoder encoder --images photos --concepts concepts.txt --rank 4 --loss l1 --out adapted",
            "  lapidary encoder adapt --encoder encoder --images photos --concepts concepts.txt --out adapted --restart",
        })
final class EncoderAdaptCommand implements Callable<Integer> {
    private static final AdapterSettings DEFAULTS = AdapterSettings.standard();
    private static final BottleneckObjective OBJECTIVE = BottleneckObjective.standard();

    @Option(
            names = "--encoder",
            paramLabel = "DIR",
            required = true,
            description = "Encoders that encoder train or encoder adapt wrote.")
    private Path encoder = Path.of("");

    @Option(
            names = "--images",
            paramLabel = "PATH",
            required = true,
            description =
                    "A folder or zip archive with one folder of images per class, or a table with columns path and label.")
    private Path images = Path.of("");

    @Option(
            names = "--concepts",
            paramLabel = "FILE",
            required = true,
            description = "Concepts that scores are of, one a line.")
    private Path concepts = Path.of("");

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "Write the encoders into this folder.")
    private Path out = Path.of("");

    @Option(
            names = "--adapters",
            paramLabel = "all|projection",
            description =
                    "What gets adapters: every convolution and the projection, or the projection alone. Default: all.")
    private String where = "all";

    @Option(names = "--rank", paramLabel = "N", description = "Rank of an adapter. Default: ${DEFAULT-VALUE}.")
    private int rank = DEFAULTS.rank();

    @Option(
            names = "--alpha",
            paramLabel = "X",
            description = "Adapters count alpha / rank times. Default: ${DEFAULT-VALUE}.")
    private double alpha = DEFAULTS.alpha();

    @Option(
            names = "--loss",
            paramLabel = "ID",
            description = "On the bottleneck's scores: sparse, l1 or contrastive, as published. Default: sparse.")
    private String loss = "sparse";

    @Option(names = "--lambda", paramLabel = "X", description = "Strength of l1. Default: ${DEFAULT-VALUE}.")
    private double lambda = OBJECTIVE.lambda();

    @Option(names = "--epochs", paramLabel = "N", description = "How often images are seen. Default: ${DEFAULT-VALUE}.")
    private int epochs = DEFAULTS.training().epochs();

    @Option(names = "--batch", paramLabel = "N", description = "Images of a step. Default: ${DEFAULT-VALUE}.")
    private int batch = DEFAULTS.training().batch();

    @Option(
            names = "--learning-rate",
            paramLabel = "X",
            description = "At the top of the schedule. Default: ${DEFAULT-VALUE}.")
    private double learningRate = DEFAULTS.training().learningRate();

    @Option(names = "--mirror", description = "Images are also shown mirrored left to right.")
    private boolean mirror;

    @Option(names = "--seed", paramLabel = "N", description = "Seed of adapters, order, views and noise. Default: 0.")
    private long seed;

    @Option(
            names = "--products",
            paramLabel = "TYPE",
            description = "Type in which convolutions multiply: f32, bf16 or auto. Default: ${DEFAULT-VALUE}.")
    private String products = "auto";

    @Mixin
    private RestartOption restart = new RestartOption();

    @Mixin
    private Output output;

    EncoderAdaptCommand(Session session) {
        output = new Output(session);
    }

    @Override
    public Integer call() {
        OutputFolder.require(out, FolderKind.DUAL_ENCODER, encoder, images, concepts);
        AdapterSettings settings = DEFAULTS.adapting(AdapterSettings.Where.parse(where), rank, alpha)
                .training(t -> t.run(epochs, batch, learningRate, seed).showing(mirror, Products.parse(products)));
        BottleneckObjective objective = new BottleneckObjective(BottleneckObjective.Loss.parse(loss), lambda);
        List<String> names = ConceptSet.read(concepts, new ConceptLedger()).names();
        EncoderAdaptation adaptation = EncoderAdaptation.of(encoder, objective);
        return UnfinishedTraining.run(
                out,
                restart,
                output,
                work -> train(
                        adaptation,
                        names,
                        settings.training(t -> t.saving(Checkpointing.in(work.checkpoints()))),
                        work));
    }

    private int train(EncoderAdaptation adaptation, List<String> names, AdapterSettings settings, UnfinishedWork work) {
        try (ImageItems items = ImageItems.open(images);
                LabelledImages labelled = LabelledImages.read(items, adaptation.side(), output.progress())) {
            output.warnings(labelled.report().warnings());
            output.remark("training adapters on " + ReportView.count(labelled.size(), "image") + ", "
                    + labelled.classes().size() + " classes, " + ReportView.count(names.size(), "concept"));
            AdaptedEncoder adapted =
                    adaptation.train(labelled, names, settings, output.progress(), output.cancellation());
            adapted.write(out, notes(settings));
            return answer(adapted, labelled.report().skipped(), work.seconds());
        }
    }

    private Map<String, String> notes(AdapterSettings settings) {
        Map<String, String> notes = new TreeMap<>();
        ImageTraining training = settings.training();
        notes.put("base", encoder.toAbsolutePath().normalize().toString());
        notes.put("adapters", where);
        notes.put("rank", Integer.toString(settings.rank()));
        notes.put("alpha", Double.toString(settings.alpha()));
        notes.put("loss", loss);
        notes.put("lambda", Double.toString(lambda));
        notes.put("epochs", Integer.toString(training.epochs()));
        notes.put("batch", Integer.toString(training.batch()));
        notes.put("learningRate", Double.toString(training.learningRate()));
        notes.put("mirror", Boolean.toString(training.mirror()));
        notes.put("products", training.products().toString());
        notes.put("seed", Long.toString(seed));
        return notes;
    }

    private int answer(AdaptedEncoder adapted, List<SkippedImage> skipped, double seconds) {
        Map<String, Number> figures = new TreeMap<>(adapted.figures());
        figures.put("seconds", seconds);
        Map<String, Object> object = new LinkedHashMap<>(figures);
        object.put("skipped", ReadItems.named(skipped));
        object.put("folder", out.toAbsolutePath().normalize().toString());
        return output.result(
                () -> String.format(
                        Locale.ROOT,
                        "Accuracy %.1f %% on %,d held-out images with %,d numbers in adapters, %,d steps, %.0f s.%n"
                                + "Saved in %s. Next:%n  lapidary concepts train --images %s --test OTHER_IMAGES --encoder %s --concepts %s%n",
                        100 * figures.getOrDefault("accuracy", 0).doubleValue(),
                        figures.get("heldOutImages"),
                        figures.get("parameters"),
                        figures.get("steps"),
                        seconds,
                        out,
                        images,
                        out,
                        concepts),
                () -> object);
    }
}
