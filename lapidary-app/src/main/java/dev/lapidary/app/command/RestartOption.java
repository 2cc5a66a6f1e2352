package dev.lapidary.app.command;

import picocli.CommandLine.Option;

/** Whether a training goes on with what an earlier one left, which is the rule, or discards it. */
final class RestartOption {
    @Option(
            names = "--restart",
            description =
                    "Discard an interrupted run to the same folder; without this option the run is continued.")
    private boolean restart;

    @Option(names = "--resume", hidden = true, description = "Has no effect: an interrupted run is always continued.")
    @SuppressWarnings("unused") // picocli sets and reads it
    private boolean resume;

    boolean restart() {
        return restart;
    }
}
