package dev.lapidary.app.command;

import dev.lapidary.kernel.MachineProbe;
import dev.lapidary.runtime.Progress;
import dev.lapidary.torch.check.OperationCheck;
import dev.lapidary.torch.check.OperationChecks;
import dev.lapidary.work.MachineFacts;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Says what this machine and its libraries are, how fast, and whether they compute what they should. */
@Command(
        name = "doctor",
        sortOptions = false,
        description = {
            "Says what this machine is and whether all that Lapidary uses works on it.",
            "Shows which native libraries and kernels run, how fast memory and arithmetic are and where files go, and checks each "
                    + "native operation, forward and backward, against its formula in float64. Needs no network and takes about ten seconds at most; the first run on an empty cache also unpacks "
                    + "500 MB of libraries. Exit status 1 where something is wrong that has no fallback.",
            "JSON: version, machine, libraries, environment (variables that matter and are set), speed (threads, bytesPerSecond, "
                    + "flops), folders (name, path, free, writable), operations (operation, type, verdict, right, own and fallback: "
                    + "cases, wrong, error, tolerance, where), warnings, problems, healthy, seconds; with a problem also error and "
                    + "status."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  lapidary doctor", "  lapidary doctor --json"})
final class DoctorCommand implements Callable<Integer> {
    private final Session session;
    private final Supplier<LibraryFacts> libraries;
    private final Function<Progress, List<OperationCheck>> checks;

    @Mixin
    private Output output;

    DoctorCommand(Session session) {
        this(session, LibraryFacts::here, OperationChecks::run);
    }

    /** One that asks others about the libraries and the operations. */
    DoctorCommand(Session session, Supplier<LibraryFacts> libraries, Function<Progress, List<OperationCheck>> checks) {
        this.session = session;
        this.libraries = libraries;
        this.checks = checks;
        output = new Output(session);
    }

    @Override
    public Integer call() {
        DoctorReport report = examine(output.progress());
        DoctorView view = new DoctorView(report);
        int status = output.result(view::text, view::json);
        List<String> problems = report.problems();
        if (problems.isEmpty()) {
            return status;
        }
        int more = problems.size() - 1;
        session.err().println("lapidary: " + problems.getFirst() + (more == 0 ? "" : "; and " + more + " more"));
        return Failure.FAILED;
    }

    private DoctorReport examine(Progress progress) {
        long start = System.nanoTime();
        MachineFacts machine = MachineFacts.here();
        List<FolderFacts> folders = FolderFacts.here();
        double bandwidth;
        double flops;
        LibraryFacts loaded;
        try (Progress.Task task = progress.start("measuring and loading", 3)) {
            bandwidth = MachineProbe.bandwidth(machine.cores());
            task.advance(1);
            flops = MachineProbe.flops(machine.cores());
            task.advance(1);
            loaded = libraries.get();
            task.advance(1);
        }
        List<OperationCheck> operations = loaded.torch().library().isPresent() ? checks.apply(progress) : List.of();
        return new DoctorReport(
                new RootCommand.Version().getVersion()[0].replaceFirst("^lapidary ", ""),
                machine,
                loaded,
                DoctorReport.environment(System.getenv()),
                bandwidth,
                flops,
                folders,
                operations,
                (System.nanoTime() - start) / 1e9);
    }
}
