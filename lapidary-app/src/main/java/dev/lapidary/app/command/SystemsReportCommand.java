package dev.lapidary.app.command;

import dev.lapidary.runtime.file.AtomicFiles;
import dev.lapidary.systems.Catalogue;
import dev.lapidary.systems.SystemsReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes the catalogue as one HTML file. */
@Command(
        name = "report",
        sortOptions = false,
        description = {
            "Writes the catalogue with its published evidence as one HTML file: claims as intervals, figures of "
                    + "every arm, what happens with sabotages in the method's place.",
            "The file needs no network.",
            "JSON: file."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  lapidary systems report --out systems.html"})
final class SystemsReportCommand implements Callable<Integer> {
    @Option(names = "--out", paramLabel = "FILE", required = true, description = "The HTML file to write.")
    private Path out = Path.of("systems.html");

    @Mixin
    private OverwriteOption overwrite = new OverwriteOption();

    @Mixin
    private Output output;

    SystemsReportCommand(Session session) {
        output = new Output(session);
    }

    @Override
    public Integer call() throws IOException {
        OutputFolder.requireFile(out);
        overwrite.require(out);
        AtomicFiles.writeString(out, SystemsReport.of(Catalogue.load()));
        return output.result(() -> "wrote " + out + "\n", () -> Map.of("file", out.toString()));
    }
}
