package dev.lapidary.app.command;

import dev.lapidary.runtime.artifact.Artifact;
import dev.lapidary.runtime.file.AtomicFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Shows learned masks once, on a model that it trains on the spot: the commands that it runs are those that a user would type. */
@Command(
        name = "mask",
        sortOptions = false,
        description = {
            "Trains a small language model on WordNet's definitions, prunes half of it by every method, learns a "
                    + "mask, and compares them on held-out.txt, which nothing learns from.",
            "Takes less than three minutes on two cores and downloads nothing.",
            "JSON: the fields of mask learn, with model, mask, text and heldOut (the file that the methods are measured on)."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  lapidary demo mask", "  lapidary demo mask --out /tmp/demo --json"})
final class DemoMaskCommand implements Callable<Integer> {
    private static final int STRIDE = 8; // about 10,000 definitions
    private static final int HELD_OUT_STRIDE = 80; // about 1,000
    private static final int HELD_OUT_FIRST = 4; // no multiple of 8 follows
    private static final String PROMPT = "bird: a ";

    private final Session session;

    @Option(names = "--out", paramLabel = "DIR", description = "Folder to write. Default: lapidary-mask-demo.")
    private Path out = Path.of("lapidary-mask-demo");

    @Mixin
    private Output output;

    DemoMaskCommand(Session session) {
        this.session = session;
        output = new Output(session);
    }

    @Override
    public Integer call() throws IOException {
        OutputFolder.require(out, new MaskDemoArtifact());
        Path text = out.resolve(MaskDemoArtifact.TEXT);
        Path model = out.resolve(MaskDemoArtifact.MODEL);
        Path mask = out.resolve(MaskDemoArtifact.MASK);
        Artifact.write(out, new MaskDemoArtifact(), folder -> {
            Files.writeString(folder.resolve(AtomicFiles.MARKER), "{\"format\":\"" + MaskDemoArtifact.FORMAT + "\"}\n");
            Files.writeString(folder.resolve(text.getFileName()), GlossText.every(STRIDE, 0));
            Files.writeString(
                    folder.resolve(MaskDemoArtifact.HELD_OUT), GlossText.every(HELD_OUT_STRIDE, HELD_OUT_FIRST));
        });
        run(
                "lm",
                "train",
                "--text",
                text,
                "--layers",
                "4",
                "--width",
                "128",
                "--heads",
                "4",
                "--vocab",
                "1024",
                "--context",
                "128",
                "--batch",
                "16",
                "--steps",
                "400",
                "--out",
                model);
        Path heldOut = out.resolve(MaskDemoArtifact.HELD_OUT);
        List<Object> learn = new ArrayList<>(List.of("mask", "learn", "--model", model, "--text", text));
        learn.addAll(List.of("--test", heldOut, "--steps", "100", "--batch", "16", "--out", mask));
        JsonNode learned = run(learn.toArray());
        return output.result(() -> text(learned, model, mask), () -> json(learned, model, mask, text));
    }

    /** Runs a command of the command line and returns its JSON; what else it says goes where our own messages go. */
    private JsonNode run(Object... words) {
        List<String> arguments =
                new ArrayList<>(Arrays.stream(words).map(String::valueOf).toList());
        output.remark("\n$ lapidary " + String.join(" ", arguments));
        arguments.add("--json");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int status;
        try (PrintStream captured = new PrintStream(bytes, false, StandardCharsets.UTF_8)) {
            Session own = new Session(captured, session.err(), output.progress(), session.cancellation());
            status = CommandTree.run(own, arguments.toArray(String[]::new));
        }
        if (status == Failure.STOPPED) {
            throw new CancellationException("stopped on request");
        }
        String last = bytes.toString(StandardCharsets.UTF_8).lines().reduce("{}", (a, b) -> b);
        JsonNode result = JsonMapper.shared().readTree(last);
        if (status != 0) {
            throw new IllegalStateException(
                    result.path("error").asString("a command of the demo must end well; got " + status));
        }
        return result;
    }

    private ObjectNode json(JsonNode learned, Path model, Path mask, Path text) {
        ObjectNode object = JsonLine.object(learned);
        object.put("model", model.toString());
        object.put("mask", mask.toString());
        object.put("text", text.toString());
        object.put("heldOut", out.resolve(MaskDemoArtifact.HELD_OUT).toString());
        return object;
    }

    private String text(JsonNode learned, Path model, Path mask) {
        return "\nHalf of the weights gone, 2 of every 4 in a row; measured on "
                + out.resolve(MaskDemoArtifact.HELD_OUT)
                + ", which neither model nor mask learned from:\n\n"
                + methods(learned).text()
                + ReportView.percent(learned.path("flippedFromPrior").asDouble())
                + " of the mask moved away from SparseGPT's choice.\n\n"
                + "dense: " + continued(model)
                + "learned mask: " + continued(model, "--mask", mask)
                + "\nSaved in " + out + ". Next:\n  lapidary mask inspect " + mask
                + "\n  lapidary lm evaluate --model " + model + " --mask " + mask + " --text "
                + out.resolve(MaskDemoArtifact.HELD_OUT) + "\n";
    }

    private static GapTable methods(JsonNode learned) {
        return new GapTable(numbers(learned.path("methods")), numbers(learned.path("gapClosed")));
    }

    private static Map<String, Double> numbers(JsonNode object) {
        Map<String, Double> numbers = new LinkedHashMap<>();
        object.properties()
                .forEach(field -> numbers.put(field.getKey(), field.getValue().asDouble()));
        return numbers;
    }

    /** The prompt and the first line of what the model makes of it. */
    private String continued(Path model, Object... options) {
        List<Object> words = new ArrayList<>(List.of("lm", "generate", "--model", model, "--prompt", PROMPT));
        words.addAll(List.of("--max-tokens", "40", "--temperature", "0.7"));
        words.addAll(List.of(options));
        words.addAll(List.of("--seed", "1"));
        String text = run(words.toArray()).path("text").asString("");
        return PROMPT + text.lines().findFirst().orElse("") + "\n";
    }
}
