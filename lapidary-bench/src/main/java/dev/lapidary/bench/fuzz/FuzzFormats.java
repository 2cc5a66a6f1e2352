package dev.lapidary.bench.fuzz;

import dev.lapidary.concept.ConceptLedger;
import dev.lapidary.concept.classifier.ConceptClassifier;
import dev.lapidary.data.DataReader;
import dev.lapidary.data.DataSource;
import dev.lapidary.data.Dataset;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.npy.NpzWriter;
import dev.lapidary.runtime.safetensors.SafetensorsWriter;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.runtime.tensorfile.TensorFile;
import dev.lapidary.sparsity.MaskFolder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The formats, each with a small valid example. */
final class FuzzFormats {
    private FuzzFormats() {}

    /** Those that need no PyTorch. */
    static List<FuzzFormat> all() {
        List<FuzzFormat> all = new ArrayList<>();
        all.add(new FuzzFormat("safetensors", "a.safetensors", FuzzFormats::tensors, at("a.safetensors")));
        all.add(new FuzzFormat("npz", "a.npz", FuzzFormats::npz, at("a.npz")));
        all.add(new FuzzFormat("npy", "a.npy", FuzzFormats::npy, at("a.npy")));
        all.addAll(ModelFormats.all());
        all.add(new FuzzFormat("csv", "a.csv", folder -> text(folder, "a.csv", csv()), data("a.csv")));
        all.add(new FuzzFormat("json-table", "a.json", folder -> text(folder, "a.json", json()), data("a.json")));
        all.add(new FuzzFormat("labelled-npz", "a.npz", FuzzFormats::labelled, data("a.npz")));
        all.add(new FuzzFormat(
                "ledger",
                "a.json",
                FuzzFormats::ledger,
                folder -> ConceptLedger.fromJson(
                        Files.readString(folder.resolve("a.json"), StandardCharsets.ISO_8859_1))));
        all.addAll(ImageFormats.all());
        all.addAll(EncoderFormats.all());
        return all;
    }

    /** Those whose example is made by a command, with PyTorch. */
    static List<FuzzFormat> trained() {
        List<FuzzFormat> all = new ArrayList<>();
        for (String file : List.of("lapidary.json", "mask.safetensors")) {
            all.add(new FuzzFormat(
                    "mask-" + file.replace('.', '-'),
                    "mask/" + file,
                    FuzzFormats::mask,
                    folder -> MaskFolder.read(folder.resolve("mask"))));
        }
        for (String file : List.of(
                "lapidary.json",
                "model.safetensors",
                "metrics.json",
                "ledger.json",
                "splits.json",
                "calibration.json")) {
            all.add(new FuzzFormat(
                    "classifier-" + file.replace('.', '-'),
                    "model/" + file,
                    FuzzFormats::classifier,
                    folder -> ConceptClassifier.read(folder.resolve("model"))));
        }
        return all;
    }

    private static FuzzFormat.Reader at(String file) {
        return folder -> {
            try (TensorFile opened = TensorFile.open(folder.resolve(file))) {
                long sum = 0;
                for (TensorView view : opened.tensors().values()) {
                    for (byte octet : view.data().toArray(ValueLayout.JAVA_BYTE)) {
                        sum += octet;
                    }
                }
                var _ = Objects.hash(sum, opened.strings(), opened.metadata());
            }
        };
    }

    private static FuzzFormat.Reader data(String file) {
        return folder -> {
            try (Dataset data = DataReader.read(DataSource.of(folder.resolve(file)))) {
                var _ = Objects.hash(data.digest(), data.classes());
            }
        };
    }

    private static void tensors(Path folder) throws IOException {
        SafetensorsWriter.write(
                folder.resolve("a.safetensors"),
                List.of(
                        TensorView.of("a", ModelFormats.values("a", 6), 2, 3),
                        TensorView.of("b", new double[] {1, 2}, 2)),
                Map.of("format", "pt"));
    }

    private static void npz(Path folder) throws IOException {
        NpzWriter.write(
                folder.resolve("a.npz"),
                List.of(
                        TensorView.of("a", ModelFormats.values("a", 6), 2, 3),
                        TensorView.of("b", new double[] {1, 2}, 2)));
    }

    private static void npy(Path folder) throws IOException {
        byte[] header =
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }".getBytes(StandardCharsets.US_ASCII);
        byte[] file = new byte[128 + 24];
        System.arraycopy(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 118, 0}, 0, file, 0, 10);
        Arrays.fill(file, 10, 128, (byte) ' ');
        System.arraycopy(header, 0, file, 10, header.length);
        file[127] = '\n';
        Files.write(folder.resolve("a.npy"), file);
    }

    private static void labelled(Path folder) throws IOException {
        NpzWriter.write(
                folder.resolve("a.npz"),
                List.of(
                        TensorView.of("embeddings", ModelFormats.values("a", 12), 4, 3),
                        TensorView.of("labels", new long[] {0, 1, 0, 1}, 4)));
    }

    private static String csv() {
        return "id,text,label\n1,\"a, b\",x\n2,\"c \"\"d\"\"\",y\n3,e,x\n4,\"f\ng\",y\n";
    }

    private static String json() {
        return "{\"id\":1,\"text\":\"a\",\"label\":\"x\"}\n{\"id\":2,\"text\":\"b\",\"label\":\"y\"}\n";
    }

    static void text(Path folder, String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }

    private static void ledger(Path folder) throws IOException {
        ConceptLedger ledger = new ConceptLedger();
        text(folder, "a.json", ledger.toJson());
    }

    private static void mask(Path folder) throws IOException {
        Path model = Files.createDirectory(folder.resolve("base"));
        ModelFormats.folder(model);
        command("mask", "prune", "--method", "magnitude", "--model", model, "--out", folder.resolve("mask"));
    }

    private static void classifier(Path folder) throws IOException {
        StringBuilder items = new StringBuilder("text,label\n");
        for (int i = 0; i < 60; i++) {
            items.append(
                            i % 2 == 0
                                    ? "the lamp of house " + i + " is dark,light"
                                    : "the bin of house " + i + " is full,waste")
                    .append('\n');
        }
        text(folder, "a.csv", items.toString());
        text(folder, "concepts.txt", "broken lamp\nfull bin\nhouse\n");
        command(
                "concepts",
                "train",
                "--data",
                folder.resolve("a.csv"),
                "--concepts",
                folder.resolve("concepts.txt"),
                "--seeds",
                1,
                "--out",
                folder.resolve("model"));
    }

    private static void command(Object... words) {
        String[] arguments = List.of(words).stream().map(Object::toString).toArray(String[]::new);
        PrintStream silent = new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
        var errors = new ByteArrayOutputStream();
        int status =
                dev.lapidary.app.Main.run(arguments, silent, new PrintStream(errors, true, StandardCharsets.UTF_8));
        if (status != 0) {
            throw new InputException("a valid example must be made; got " + errors.toString(StandardCharsets.UTF_8));
        }
    }
}
