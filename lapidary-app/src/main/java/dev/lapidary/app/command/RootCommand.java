package dev.lapidary.app.command;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
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
            "  bench     Run a benchmark, or list them; needs the source checkout.",
            "  test      Build everything and run all tests; needs the source checkout.",
            "  package   Make a self-contained archive; needs the source checkout.",
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
