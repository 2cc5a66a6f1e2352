package dev.lapidary.app.command;

import dev.lapidary.runtime.kernel.Simd;
import dev.lapidary.torch.check.Finding;
import dev.lapidary.torch.check.OperationCheck;
import dev.lapidary.work.MachineFacts;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What {@code lapidary doctor} found.
 *
 * @param version Lapidary's own
 * @param environment the variables that are set and choose threads, kernels, options or folders
 * @param bandwidth bytes per second read from main memory by all cores
 * @param flops float32 operations per second of multiply-adds in registers on all cores
 * @param operations empty where PyTorch could not be loaded
 */
record DoctorReport(
        String version,
        MachineFacts machine,
        LibraryFacts libraries,
        Map<String, String> environment,
        double bandwidth,
        double flops,
        List<FolderFacts> folders,
        List<OperationCheck> operations,
        double seconds) {
    private static final Pattern MATTERS = Pattern.compile("(OPENBLAS|GOTO|OMP|GOMP|KMP|ONEDNN|DNNL|MKL|LAPIDARY)_.*"
            + "|ATEN_CPU_CAPABILITY|LD_PRELOAD|LD_LIBRARY_PATH|XDG_CACHE_HOME|JAVA_TOOL_OPTIONS|JDK_JAVA_OPTIONS");
    private static final Pattern SECRET = Pattern.compile(".*(KEY|TOKEN|SECRET|PASSWORD).*");
    private static final long LITTLE = 1L << 30; // native libraries take half of it

    /** The variables that matter, by name; of one that may be a secret only that it is set. */
    static Map<String, String> environment(Map<String, String> all) {
        Map<String, String> kept = new TreeMap<>();
        all.forEach((name, value) -> {
            if (MATTERS.matcher(name).matches()) {
                kept.put(name, SECRET.matcher(name).matches() ? "(set)" : value);
            }
        });
        return kept;
    }

    boolean healthy() {
        return problems().isEmpty();
    }

    /** What makes results wrong or commands fail here, a line each. */
    List<String> problems() {
        List<String> problems = new ArrayList<>();
        failed(problems, "PyTorch", libraries.torch());
        failed(problems, "ONNX Runtime", libraries.onnx());
        failed(problems, "the tokenizers", libraries.tokenizers());
        for (FolderFacts folder : folders) {
            if (folder.name().equals(FolderFacts.CACHE) && !folder.writable()) {
                problems.add("the cache folder must be writable (LAPIDARY_CACHE names another); got " + folder.path());
            }
        }
        for (OperationCheck check : operations) {
            if (!check.right()) {
                problems.add(wrong(check));
            }
        }
        return problems;
    }

    private static void failed(List<String> problems, String name, LibraryFacts.Loaded<?> loaded) {
        if (loaded.library().isEmpty()) {
            problems.add(name + " cannot be loaded: " + loaded.problem());
        }
    }

    private static String wrong(OperationCheck check) {
        Finding found = check.inUse();
        return String.format(
                Locale.ROOT,
                "%s in %s is wrong here in %d of %d cases, without a fallback that is right: %s is off by %.1e, tolerance %.1e",
                check.operation(),
                check.type(),
                found.wrong(),
                found.cases(),
                found.where(),
                found.error(),
                found.tolerance());
    }

    /** What costs speed or may end badly, a line each. */
    List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        if (!Simd.on()) {
            warnings.add("Lapidary's kernels run without vectors, many times slower: " + Simd.describe());
        }
        for (FolderFacts folder : folders) {
            if (!folder.name().equals(FolderFacts.CACHE) && !folder.writable()) {
                warnings.add("no file can be made in " + folder.path() + " (" + folder.name() + ")");
            }
            if (folder.free() >= 0 && folder.free() < LITTLE) {
                warnings.add("less than 1 GiB is free in " + folder.path() + " (" + folder.name() + ")");
            }
        }
        for (OperationCheck check : operations) {
            if (!check.own().right() && check.right()) {
                warnings.add(check.operation() + " in " + check.type()
                        + " is wrong in PyTorch here; a fallback is used, which is right and may be slower");
            }
        }
        return warnings;
    }
}
