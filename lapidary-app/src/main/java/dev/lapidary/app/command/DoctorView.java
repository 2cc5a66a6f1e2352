package dev.lapidary.app.command;

import dev.lapidary.concept.explain.TextTable;
import dev.lapidary.runtime.kernel.Simd;
import dev.lapidary.torch.TorchLibraries;
import dev.lapidary.torch.check.Finding;
import dev.lapidary.torch.check.OperationCheck;
import dev.lapidary.work.MachineFacts;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes what {@code lapidary doctor} found, for people and as JSON. */
record DoctorView(DoctorReport report) {
    private static final double GIGA = 1e9;

    String text() {
        StringBuilder text = new StringBuilder();
        machine(text);
        libraries(text);
        text.append("\nEnvironment\n");
        report.environment()
                .forEach((name, value) ->
                        text.append("  ").append(name).append('=').append(value).append('\n'));
        if (report.environment().isEmpty()) {
            text.append("  no variable is set that chooses threads, kernels or folders\n");
        }
        text.append("\nSpeed, ").append(report.machine().cores()).append(" threads\n");
        line(text, "memory", number("%.1f GB/s read", report.bandwidth() / GIGA));
        line(text, "arithmetic", number("%.0f Gflop/s of float32 multiply-adds", report.flops() / GIGA));
        text.append("\nFolders\n");
        for (FolderFacts folder : report.folders()) {
            String free = folder.free() < 0 ? "free space unknown" : number("%.1f GB free", folder.free() / GIGA);
            line(text, folder.name(), folder.path() + ", " + free + (folder.writable() ? "" : ", not writable"));
        }
        text.append("\nNative operations against float64\n");
        text.append(report.operations().isEmpty() ? "  not checked: PyTorch did not load\n" : operations());
        section(text, "Warnings", report.warnings());
        section(text, "Problems", report.problems());
        return text.append(report.healthy() ? "\nNo problem found" : "")
                .append(report.healthy() ? number(" in %.1f s.\n", report.seconds()) : "")
                .toString();
    }

    private void machine(StringBuilder text) {
        MachineFacts machine = report.machine();
        text.append("Machine\n");
        line(text, "processor", machine.processor() + ", " + machine.cores() + " cores");
        line(text, "instructions", String.join(" ", machine.instructions()));
        line(text, "caches", machine.cacheText());
        line(
                text,
                "memory",
                number("%.1f GB", machine.memory() / GIGA) + number(", heap up to %.1f GB", machine.heap() / GIGA));
        line(text, "system", machine.system());
        line(text, "Java", machine.java());
        line(text, "Lapidary", report.version());
    }

    private void libraries(StringBuilder text) {
        LibraryFacts libraries = report.libraries();
        text.append("\nLibraries\n");
        line(text, "PyTorch", said(libraries.torch(), DoctorView::torch));
        libraries.torch().library().ifPresent(torch -> {
            line(
                    text,
                    "OpenBLAS",
                    torch.openBlas().replaceFirst("^OpenBLAS ", "") + "; kernels of " + torch.openBlasKernel());
            line(text, "oneDNN", torch.oneDnn());
            line(text, "OpenMP", torch.openMp().replaceFirst("^OpenMP ", ""));
        });
        line(text, "ONNX Runtime", said(libraries.onnx(), version -> version));
        line(text, "tokenizers", said(libraries.tokenizers(), version -> version));
        line(text, "Vector API", Simd.describe());
    }

    private static String torch(TorchLibraries torch) {
        return torch.version() + ", " + torch.capability() + " kernels, threads: " + torch.operationThreads()
                + " for operations, " + torch.productThreads() + " for products";
    }

    private static <T> String said(LibraryFacts.Loaded<T> loaded, Function<T, String> text) {
        return loaded.library().map(text).orElse("does not load: " + loaded.problem());
    }

    private String operations() {
        TextTable table = new TextTable().row("  operation", "type", "cases", "wrong", "error", "tolerance", "verdict");
        for (OperationCheck check : report.operations()) {
            Finding found = check.inUse();
            table.row(
                    "  " + check.operation(),
                    check.type(),
                    Integer.toString(found.cases()),
                    Integer.toString(found.wrong()),
                    number("%.1e", found.error()),
                    number("%.1e", found.tolerance()),
                    check.verdict());
        }
        return table.toString();
    }

    private static void section(StringBuilder text, String title, List<String> lines) {
        if (!lines.isEmpty()) {
            text.append('\n').append(title).append('\n');
            lines.forEach(line -> text.append("  ").append(line).append('\n'));
        }
    }

    private static void line(StringBuilder text, String label, String value) {
        text.append(String.format(Locale.ROOT, "  %-14s %s%n", label, value));
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }

    ObjectNode json() {
        ObjectNode object = JsonMapper.shared().createObjectNode();
        object.put("version", report.version());
        object.set("machine", JsonLine.tree(report.machine()));
        object.set("libraries", libraries());
        object.set("environment", JsonLine.tree(report.environment()));
        object.putObject("speed")
                .put("threads", report.machine().cores())
                .put("bytesPerSecond", report.bandwidth())
                .put("flops", report.flops());
        ArrayNode folders = object.putArray("folders");
        for (FolderFacts folder : report.folders()) {
            folders.addObject()
                    .put("name", folder.name())
                    .put("path", folder.path().toString())
                    .put("free", folder.free())
                    .put("writable", folder.writable());
        }
        ArrayNode operations = object.putArray("operations");
        report.operations().forEach(check -> operations.add(json(check)));
        object.set("warnings", JsonLine.tree(report.warnings()));
        object.set("problems", JsonLine.tree(report.problems()));
        object.put("healthy", report.healthy());
        object.put("seconds", report.seconds());
        if (!report.healthy()) {
            object.put("error", report.problems().getFirst());
            object.put("status", Failure.FAILED);
        }
        return object;
    }

    private ObjectNode libraries() {
        LibraryFacts facts = report.libraries();
        ObjectNode object = JsonMapper.shared().createObjectNode();
        object.set("pytorch", json(facts.torch()));
        object.set("onnxRuntime", json(facts.onnx()));
        object.set("tokenizers", json(facts.tokenizers()));
        object.putObject("vectors").put("bits", Simd.bits()).put("text", Simd.describe());
        return object;
    }

    /** What the library said of itself, or {@code {"version": ...}}, or {@code {"problem": ...}}. */
    private static ObjectNode json(LibraryFacts.Loaded<?> loaded) {
        Object library = loaded.library().isPresent() ? loaded.library().get() : Map.of("problem", loaded.problem());
        return JsonLine.object(library instanceof String version ? Map.of("version", version) : library);
    }

    private static ObjectNode json(OperationCheck check) {
        ObjectNode object = JsonMapper.shared().createObjectNode();
        object.put("operation", check.operation());
        object.put("type", check.type());
        object.put("verdict", check.verdict());
        object.put("right", check.right());
        object.set("own", JsonLine.tree(check.own()));
        check.fallback().ifPresent(fallback -> {
            ObjectNode other = object.putObject("fallback");
            other.put("name", fallback.name());
            other.setAll(JsonLine.object(fallback.finding()));
        });
        return object;
    }
}
