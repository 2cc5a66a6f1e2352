package dev.lapidary.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lapidary.language.LanguageModel;
import dev.lapidary.runtime.file.AtomicFiles;
import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.runtime.tensorfile.TensorFile;
import dev.lapidary.sparsity.LayerMask;
import dev.lapidary.sparsity.MaskFolder;
import dev.lapidary.sparsity.MaskSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The commands around mask files, on a model with random weights. */
class MaskFilesCommandsTest {
    private static final String Q = "model.layers.0.self_attn.q_proj.weight";

    @TempDir
    private static Path shared;

    private static Path model;
    private static Path mask;
    private static Path other;

    @TempDir
    private Path folder;

    @BeforeAll
    static void write() throws IOException {
        model = shared.resolve("model");
        mask = shared.resolve("mask");
        other = shared.resolve("other");
        try (LanguageModel created = LanguageModel.create(ModelConfig.llama(40, 16, 2, 2, 32), 5)) {
            AtomicFiles.writeFolder(model, temporary -> {
                created.save(temporary, DType.BF16);
                Files.writeString(temporary.resolve("lapidary.json"), "{}");
                Files.writeString(temporary.resolve("tokenizer.json"), "{\"a\": 1}");
            });
        }
        MaskFolder.write(mask, masks(1));
        MaskFolder.write(other, masks(2));
    }

    private static MaskSet masks(long seed) throws IOException {
        Random random = new Random(seed);
        List<LayerMask> masks = new ArrayList<>();
        try (LanguageModel opened = LanguageModel.open(model)) {
            for (String name : opened.prunable().subList(0, 13)) { // the last one stays dense
                Tensor weight = Objects.requireNonNull(opened.parameters().get(name));
                byte[] codes = new byte[(int) weight.numel() / 4];
                for (int i = 0; i < codes.length; i++) {
                    codes[i] = (byte) random.nextInt(6);
                }
                masks.add(new LayerMask(
                        name, (int) weight.size(0), (int) weight.size(1), SparsityPattern.TWO_OF_FOUR, codes));
            }
            return MaskSet.of(
                    opened, "wanda", SparsityPattern.TWO_OF_FOUR, masks, new TreeMap<>(Map.of("sequences", "128")));
        }
    }

    @Test
    void applyWritesAVerifiedModelOfTheBasesType() throws IOException {
        Path out = folder.resolve("out");
        CommandRun run = CommandRun.of("mask", "apply", "--model", model, "--mask", mask, "--out", out, "--json");

        assertThat(run.status()).as(run.err()).isZero();
        JsonNode verified = run.json("verified");
        assertThat(run.json("type").asString()).isEqualTo("BF16");
        assertThat(verified.path("groups").asLong())
                .isEqualTo(run.json("weights").asLong() / 4);
        assertThat(verified.path("dropped").asLong())
                .isEqualTo(run.json("weights").asLong() / 2);
        assertThat(verified.path("rounding").asDouble()).isZero();
        assertThat(verified.path("logits").asInt()).isEqualTo(3 * 32 * 40);
        assertThat(verified.path("files").propertyNames())
                .containsExactly("config.json", "model.safetensors", "tokenizer.json");
        assertThat(run.number("density")).isBetween(0.5, 0.6);
        assertThat(LanguageModel.storedType(out)).isEqualTo(DType.BF16);
        try (LanguageModel read = LanguageModel.open(out)) {
            assertThat(read.digest()).isEqualTo(verified.path("digest").asString());
        }
        CommandRun again = CommandRun.of(
                "mask", "apply", "--model", model, "--mask", mask, "--out", out, "--dtype", "f32", "--overwrite");
        assertThat(again.status()).as(again.err()).isZero();
        assertThat(again.out()).contains("stored as F32", "Verified: ", "nothing was rounded");
    }

    @Test
    void applyRefusesAnotherBaseAndLeavesNothing() throws IOException {
        Path stranger = folder.resolve("stranger");
        try (LanguageModel created = LanguageModel.create(ModelConfig.llama(40, 16, 2, 2, 32), 6)) {
            created.save(Files.createDirectory(stranger), DType.F32);
        }
        Path out = folder.resolve("out");

        refused(
                "masks must be applied to the model that they were made for",
                "apply",
                "--model",
                stranger,
                "--mask",
                mask,
                "--out",
                out);
        refused(
                "--dtype must be f32, f16 or bf16; got int8",
                "apply",
                "--model",
                model,
                "--mask",
                mask,
                "--out",
                out,
                "--dtype",
                "int8");
        refused(
                "must be another folder than the one that is read",
                "apply",
                "--model",
                model,
                "--mask",
                mask,
                "--out",
                model);
        refused(
                "must be another folder than the one that is read",
                "apply",
                "--model",
                model,
                "--mask",
                mask,
                "--out",
                mask);
        refused(
                "masks must be a folder; got",
                "apply",
                "--model",
                model,
                "--mask",
                folder.resolve("none"),
                "--out",
                out);
        assertThat(folder).isDirectoryNotContaining("glob:**out*");
    }

    @Test
    void exportAndImportBringTheMasksBack() throws IOException {
        Path npz = folder.resolve("mask.npz");
        Path second = folder.resolve("second.npz");
        Path back = folder.resolve("back");

        CommandRun export = CommandRun.of("mask", "export", "--mask", mask, "--npz", npz, "--json");
        assertThat(export.status()).as(export.err()).isZero();
        assertThat(CommandRun.of("mask", "export", "--mask", mask, "--npz", second)
                        .status())
                .isZero();
        assertThat(second).hasSameBinaryContentAs(npz);
        assertThat(export.json("bytes").asLong()).isEqualTo(Files.size(npz));
        try (TensorFile file = TensorFile.open(npz)) {
            assertThat(file.tensors().keySet()).hasSize(13).contains(Q + ".mask");
        }

        CommandRun read = CommandRun.of("mask", "import", "--npz", npz, "--model", model, "--out", back, "--json");
        assertThat(read.status()).as(read.err()).isZero();
        assertThat(read.json("pattern").asString()).isEqualTo("2:4");
        assertThat(read.json("denseLayers")).hasSize(1);
        assertThat(read.err()).contains("1 prunable weights have no mask");
        assertThat(MaskFolder.read(back).layers())
                .isEqualTo(MaskFolder.read(mask).layers());
        assertThat(MaskFolder.read(back).baseDigest())
                .isEqualTo(MaskFolder.read(mask).baseDigest());
    }

    @Test
    void exportAndImportRefuseWhatDoesNotFit() throws IOException {
        Path npz = folder.resolve("mask.npz");
        Path out = folder.resolve("out");
        MaskSet set = MaskFolder.read(mask);
        Path updated = folder.resolve("updated");
        MaskFolder.write(updated, set.withUpdatedWeights(new LinkedHashMap<>(Map.of(Q, new float[256]))));

        refused("must be of unchanged weights", "export", "--mask", updated, "--npz", npz);
        refused(
                "must lie outside the mask's own folder",
                "export",
                "--mask",
                mask,
                "--npz",
                mask.resolve("mask.safetensors"));
        refused("must be a file; got a folder", "export", "--mask", mask, "--npz", folder);
        assertThat(npz).doesNotExist();
        CommandRun.of("mask", "export", "--mask", mask, "--npz", npz);
        refused(
                "every group of the mask of",
                "import",
                "--npz",
                npz,
                "--model",
                model,
                "--out",
                out,
                "--pattern",
                "1:4");
        refused("a pattern must read N:M", "import", "--npz", npz, "--model", model, "--out", out, "--pattern", "half");
        refused(
                folder.resolve("no.npz").toString(),
                "import",
                "--npz",
                folder.resolve("no.npz"),
                "--model",
                model,
                "--out",
                out);
        assertThat(out).doesNotExist();
    }

    @Test
    void inspectShowsOneMask() {
        CommandRun run = CommandRun.of("mask", "inspect", mask);

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.out())
                .contains(
                        mask + ": wanda, 2:4, ",
                        " 0.676 bits per weight",
                        "calibration windows: 128",
                        "self_attn.q_proj",
                        "1100")
                .contains("dense: model.layers.1.mlp.down_proj.weight");
        JsonNode json =
                CommandRun.of("mask", "inspect", mask, "--json").json("masks").path(0);
        assertThat(json.path("method").asString()).isEqualTo("wanda");
        assertThat(json.path("patterns")).hasSize(6);
        JsonNode q = json.path("kinds").path("self_attn.q_proj");
        assertThat(q.path("layers").asInt()).isEqualTo(2);
        long groups = 0;
        for (JsonNode count : q.path("histogram")) {
            groups += count.asLong();
        }
        assertThat(groups).isEqualTo(2 * 64);
    }

    @Test
    void inspectComparesSeveralMasks() {
        CommandRun run = CommandRun.of("mask", "inspect", mask, other);
        assertThat(run.out()).contains(mask + " - " + other, "mask entries that differ, by block and linear");

        JsonNode differences =
                CommandRun.of("mask", "inspect", mask, other, mask, "--json").json("differences");
        assertThat(differences).hasSize(3);
        // random codes differ in 5 of 6 groups, by 2 entries or by 4
        assertThat(differences.path(0).path("groups").asDouble()).isBetween(0.75, 0.9);
        assertThat(differences.path(0).path("entries").asDouble()).isBetween(0.45, 0.55);
        assertThat(differences.path(1).path("entries").asDouble()).isZero();
        assertThat(differences.path(0).path("layers").propertyNames()).hasSize(13);
    }

    private static void refused(String message, Object... words) {
        List<Object> all = new ArrayList<>(List.of("mask"));
        all.addAll(List.of(words));
        CommandRun.refused(all.toArray(), message);
    }
}
