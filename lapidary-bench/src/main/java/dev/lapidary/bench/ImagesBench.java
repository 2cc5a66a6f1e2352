package dev.lapidary.bench;

import dev.lapidary.contrast.ContrastiveSettings;
import dev.lapidary.contrast.ContrastiveTraining;
import dev.lapidary.contrast.ImageTextPairs;
import dev.lapidary.contrast.ImageTraining;
import dev.lapidary.contrast.TrainedEncoders;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.encode.ClipEncoder;
import dev.lapidary.encode.EncodedImages;
import dev.lapidary.encode.OnnxTextEncoder;
import dev.lapidary.image.ImageDecoder;
import dev.lapidary.image.ImageItems;
import dev.lapidary.image.ImageProcessor;
import dev.lapidary.image.PixelValues;
import dev.lapidary.image.RgbImage;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.file.AtomicFiles;
import dev.lapidary.synthetic.scene.SceneGenerator;
import dev.lapidary.synthetic.scene.SceneSettings;
import dev.lapidary.torch.Products;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.imageio.ImageIO;

/**
 * Images on their way to embeddings: JPEG files of 32 x 32 pixels through the encoder that {@code encoder train} makes by default,
 * against one image after the other; besides, the parts alone, photographs to 224 x 224 pixels, and the training.
 */
final class ImagesBench implements Benchmark {
    private static final int SIDE = 32;
    private static final int PHOTOGRAPH = 512; // pixels
    private static final int BATCH = 64;
    private static final ContrastiveSettings SETTINGS =
            ContrastiveSettings.defaults().withTraining(ImageTraining.defaults().withEpochs(1));
    private static final double TOLERANCE = 1e-4; // of an embedding of length 1: batches sum in another order
    private static final int TRAINING_COST = 3; // forward, gradient by inputs, gradient by weights
    private static final String TRAIN = "train";
    private static final String LARGE = """
            {"image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 224}, "crop_size": 224, "resample": 3,
             "image_mean": [0.48145466, 0.4578275, 0.40821073], "image_std": [0.26862954, 0.26130258, 0.27577711]}
            """;

    private final int images;
    private final int photographs;
    private final int repetitions;
    private final double warmUpSeconds;

    ImagesBench() {
        this(4096, 256, 5, 2);
    }

    ImagesBench(int images, int photographs, int repetitions, double warmUpSeconds) {
        this.images = images;
        this.photographs = photographs;
        this.repetitions = repetitions;
        this.warmUpSeconds = warmUpSeconds;
    }

    @Override
    public String name() {
        return "images";
    }

    @Override
    public String summary() {
        return "images per second: decode, resize, encode and train, against one image after the other";
    }

    @Override
    public Map<String, Object> run() {
        try {
            Path folder = Files.createTempDirectory("lapidary-bench-images");
            try {
                return measure(folder);
            } finally {
                AtomicFiles.deleteTree(folder);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private Map<String, Object> measure(Path folder) throws IOException {
        int threads = Runtime.getRuntime().availableProcessors();
        Path small = jpegs(folder.resolve("small"), images, SIDE);
        Path large = jpegs(folder.resolve("large"), photographs, PHOTOGRAPH);
        Path encoder = folder.resolve("encoder");
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("name", name());
        try (SideProcess pytorch = SideProcess.start(
                ImagesBench.class, small.toString(), encoder.toString(), Integer.toString(2 * repetitions - 1))) {
            pytorch.setThreads(threads, threads);
            Map<?, ?> training = pytorch.ask(TRAIN, Map.class);
            try (ClipEncoder opened = ClipEncoder.open(encoder)) {
                encode(result, opened, small, pytorch);
            }
            result.put("training", training);
            pytorch.report(result);
        }
        result.put("photographs", photographs(large, folder));
        result.put("threads", threads);
        result.put("sizes", Map.of("images", images, "side", SIDE, "photographs", photographs, "pixels", PHOTOGRAPH));
        result.put("repetitions", repetitions);
        return result;
    }

    /** The side of PyTorch: the folder of images, that of the encoder to write, how often a product is timed. */
    public static void main(String[] arguments) {
        SideProcess.serve(() -> {
            int repetitions = Integer.parseInt(arguments[2]);
            Map<String, Supplier<?>> requests = new HashMap<>(ProductRate.requests(repetitions));
            requests.put(TRAIN, () -> train(Path.of(arguments[0]), Path.of(arguments[1]), repetitions));
            return requests;
        });
    }

    private static Path jpegs(Path folder, int count, int side) throws IOException {
        Files.createDirectories(folder);
        SceneGenerator scenes =
                new SceneGenerator(SceneSettings.defaults().withCount(count).withSide(side));
        for (int i = 0; i < count; i++) {
            RgbImage scene = scenes.image(i);
            BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
            for (int y = 0; y < side; y++) {
                for (int x = 0; x < side; x++) {
                    image.setRGB(x, y, rgb(scene, 3 * (y * side + x)));
                }
            }
            ImageIO.write(image, "jpg", file(folder, i).toFile());
        }
        return folder;
    }

    private static Path file(Path folder, int number) {
        return folder.resolve(number + ".jpg");
    }

    private static int rgb(RgbImage image, int at) {
        byte[] bytes = image.pixels();
        return (bytes[at] & 0xff) << 16 | (bytes[at + 1] & 0xff) << 8 | bytes[at + 2] & 0xff;
    }

    /** One epoch in every kind of products; the last, in float32, is written. */
    private static Map<String, Object> train(Path folder, Path encoder, int repetitions) {
        Map<String, Object> result = new LinkedHashMap<>();
        List<List<String>> captions = List.of(List.of("a drawing"), List.of("a picture"));
        try (OnnxTextEncoder text = OnnxTextEncoder.packaged();
                ImageItems items = ImageItems.openUnlabelled(folder);
                ImageTextPairs pairs = ImageTextPairs.read(
                        items, image -> captions.get(image.name().length() % 2), text, SIDE, Progress.silent())) {
            for (Products products : EnumSet.of(Products.F32, Products.fastest())) {
                ContrastiveSettings settings = SETTINGS.withTraining(SETTINGS.training().withProducts(products));
                double limitBefore = ProductRate.flops(products, repetitions);
                ContrastiveTraining.train(pairs, settings, Progress.silent(), Cancellation.none()); // warms up
                TrainedEncoders trained =
                        ContrastiveTraining.train(pairs, settings, Progress.silent(), Cancellation.none());
                double rate =
                        trained.figures().getOrDefault("imagesPerSecond", 0).doubleValue();
                double limit = Math.max(limitBefore, ProductRate.flops(products, repetitions));
                result.put(
                        products.toString(),
                        share(rate, TRAINING_COST * SETTINGS.network().operations(), limit));
                trained.write(encoder, text, Map.of());
            }
        }
        return result;
    }

    /** Images per second, and the share of the machine's products that they take. */
    private static Map<String, Object> share(double rate, double operations, double limit) {
        return Map.of("imagesPerSecond", rate, "bound", rate * operations / limit);
    }

    private void encode(Map<String, Object> result, ClipEncoder encoder, Path folder, SideProcess pytorch) {
        try (ImageItems items = ImageItems.openUnlabelled(folder)) {
            List<PixelValues> prepared = prepared(items, encoder::prepare);
            var ours = new PairedTiming.Side(
                    () -> encoder.encode(items, Progress.silent()).close(), 1);
            var single = new PairedTiming.Side(() -> oneByOne(encoder, folder), 1);
            double limitBefore = pytorch.number(Products.F32.name());
            PairedTiming timing = PairedTiming.measure(ours, single, warmUpSeconds, repetitions);
            double limit = Math.max(limitBefore, pytorch.number(Products.F32.name()));
            double decoding = rate(() -> prepared(items, encoder::prepare));
            double encoding = rate(() -> encoder.embed(prepared).close());
            double operations = SETTINGS.network().operations();
            double rate = images / (timing.ourMillis() / 1e3);
            double difference = difference(encoder, items, folder);
            result.put("ratio", timing.ratio());
            result.put("reference", "the same files and encoder, one image after the other");
            result.put("bound", rate * operations / limit);
            result.put(
                    "boundOf",
                    "a 2048 x 2048 product in PyTorch, " + Math.round(limit / 1e9)
                            + " GFLOP/s in the same run on as many"
                            + " threads; counted: products of the network, " + Math.round(operations / 1e6)
                            + " MFLOP an image");
            result.put("imagesPerSecond", rate);
            result.put("decodedPerSecond", decoding);
            result.put("encodedPerSecond", encoding);
            result.put("encodingBound", encoding * operations / limit);
            result.put("ourMillis", timing.ourMillis());
            result.put("referenceMillis", timing.referenceMillis());
            result.put("equal", difference <= TOLERANCE);
            result.put("difference", difference);
        }
    }

    private static List<PixelValues> prepared(ImageItems items, Function<RgbImage, PixelValues> prepare) {
        List<PixelValues> prepared = new ArrayList<>();
        items.read(BATCH, prepare, read -> read.forEach(one -> prepared.add(one.value())));
        return prepared;
    }

    /** Images per second of work on all images. */
    private double rate(Runnable work) {
        return images / (PairedTiming.alone(new PairedTiming.Side(work, 1), warmUpSeconds, repetitions) / 1e3);
    }

    private float[][] oneByOne(ClipEncoder encoder, Path folder) {
        float[][] rows = new float[images][];
        for (int i = 0; i < images; i++) {
            rows[i] = embedded(encoder, file(folder, i));
        }
        return rows;
    }

    private static float[] embedded(ClipEncoder encoder, Path file) {
        try {
            RgbImage image = ImageDecoder.decode(file.toString(), Files.readAllBytes(file));
            try (EmbeddingMatrix matrix = encoder.embed(List.of(encoder.prepare(image)))) {
                return matrix.row(0);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static double difference(ClipEncoder encoder, ImageItems items, Path folder) {
        double furthest = 0;
        try (EncodedImages encoded = encoder.encode(items, Progress.silent())) {
            for (int i = 0; i < encoded.items().size(); i++) {
                float[] single =
                        embedded(encoder, folder.resolve(encoded.items().get(i).name()));
                float[] row = encoded.embeddings().row(i);
                for (int j = 0; j < row.length; j++) {
                    double off = Math.abs((double) row[j] - single[j]);
                    furthest = off <= furthest ? furthest : off; // NaN stays
                }
            }
        }
        return furthest;
    }

    /** Decoding, resizing and normalising of larger pictures, as a CLIP takes them. */
    private Map<String, Object> photographs(Path folder, Path temporary) throws IOException {
        Path config = Files.writeString(temporary.resolve("preprocessor_config.json"), LARGE);
        ImageProcessor processor = ImageProcessor.read(config);
        try (ImageItems items = ImageItems.openUnlabelled(folder)) {
            double millis = PairedTiming.alone(
                    new PairedTiming.Side(() -> prepared(items, processor::process), 1), warmUpSeconds, repetitions);
            double rate = photographs / (millis / 1e3);
            return Map.of("imagesPerSecond", rate, "megapixelsPerSecond", rate * PHOTOGRAPH * PHOTOGRAPH / 1e6);
        }
    }
}
