package dev.lapidary.app.command;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line without a command. */
@Command(
        name = "lapidary",
        versionProvider = RootCommand.Version.class,
        description = "Learns what a neural network should keep, and shows it.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            RootCommand.OF_A_CHECKOUT + "bench     Run a benchmark, or list them.",
            RootCommand.OF_A_CHECKOUT + "fuzz      Read mutated files of every format.",
            RootCommand.OF_A_CHECKOUT + "test      Build everything and run all tests.",
            RootCommand.OF_A_CHECKOUT + "package   Make a self-contained archive.",
            "",
            "Examples:",
            "  lapidary demo",
            "  lapidary concepts train --data news.csv --label topic --out model",
            "  lapidary concepts explain --model model --input \"Profits rose by a tenth\"",
            "",
            "Exit status: 0 success, 1 failure, 2 bad input, 130 stopped by Ctrl-C, 143 by SIGTERM.",
            "LAPIDARY_CACHE names the folder of cached libraries and embeddings, LAPIDARY_CACHE_LIMIT the most bytes of "
                    + "embeddings in it (default 2G), LAPIDARY_OPTS holds JVM options.",
        })
final class RootCommand implements Callable<Integer> {
    /** Begins the line of a command that the launcher has in a source checkout only. */
    static final String OF_A_CHECKOUT = "  ";

    /** Names the folder of the launcher. */
    private static final String HOME = "lapidary.home";

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    @SuppressWarnings("unused") // picocli sets and reads it
    private boolean help;

    @Option(names = "--version", versionHelp = true, description = "Show the version.")
    @SuppressWarnings("unused") // picocli sets and reads it
    private boolean version;

    @Option(names = "--json", hidden = true)
    @SuppressWarnings("unused") // picocli sets and reads it
    private boolean json;

    /** Leaves out of the help what works in a source checkout only, where the launcher stands in none. */
    static void fit(CommandLine root) {
        String home = System.getProperty(HOME);
        if (home == null || Files.exists(Path.of(home, "pom.xml"))) {
            return;
        }
        UsageMessageSpec usage = root.getCommandSpec().usageMessage();
        usage.footer(Stream.of(usage.footer())
                .dropWhile(line -> line.startsWith(OF_A_CHECKOUT))
                .toArray(String[]::new));
    }

    @Override
    public Integer call() {
        throw new MissingCommand(spec.commandLine());
    }

    /** A command group was named without one of its commands. */
    static final class MissingCommand extends ParameterException {
        private static final long serialVersionUID = 1L;

        MissingCommand(CommandLine group) {
            super(
                    group,
                    group.getCommandSpec().qualifiedName() + " must be followed by one of "
                            + String.join(", ", group.getSubcommands().keySet()) + "; got nothing");
        }
    }

    /** Reads the version from the jar's manifest. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = RootCommand.class.getPackage().getImplementationVersion();
            return new String[] {"lapidary " + (version == null ? "(unpackaged)" : version)};
        }
    }
}
