package dev.lapidary.app.command;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What every group of commands takes, and how it ends without one of its commands. */
final class GroupOptions {
    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec group;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    @SuppressWarnings("unused") // picocli sets and reads it
    private boolean help;

    @Option(names = "--json", hidden = true)
    @SuppressWarnings("unused") // picocli sets and reads it
    private boolean json;

    RootCommand.MissingCommand missingCommand() {
        return new RootCommand.MissingCommand(group.commandLine());
    }
}
