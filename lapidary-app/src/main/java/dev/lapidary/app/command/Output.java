package dev.lapidary.app.command;

import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.Progress;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** The options that say how a command answers, and the ways to answer: results to standard output, all else to standard error. */
final class Output {
    private final Session session;
    private final Set<String> warned = new HashSet<>();

    @Option(names = "--json", description = "End standard output with one JSON object on one line.")
    private boolean json;

    @Option(names = "--quiet", description = "Show no progress, remarks and warnings.")
    private boolean quiet;

    @Option(names = CommandTree.DEBUG, description = "Show the stack trace of a failure.")
    @SuppressWarnings("unused") // picocli sets and reads it
    private boolean debug;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    @SuppressWarnings("unused") // picocli sets and reads it
    private boolean help;

    Output(Session session) {
        this.session = session;
    }

    /** Progress that also stops on request. */
    Progress progress() {
        return new StoppingProgress(quiet ? Progress.silent() : session.progress(), session.cancellation());
    }

    Cancellation cancellation() {
        return session.cancellation();
    }

    /** Says something to the user. */
    void remark(String text) {
        if (!quiet) {
            session.err().println(text);
        }
    }

    /** Warns, of each thing once. */
    void warnings(List<String> warnings) {
        warnings.stream().filter(warned::add).forEach(warning -> remark("warning: " + warning));
    }

    /** Prints a piece of a text for people as it comes; who asked for JSON gets it with the object. */
    void piece(String text) {
        if (!json) {
            session.out().print(text);
            session.out().flush();
        }
    }

    /** Ends the command: prints the text for people, or the object as one line of JSON. */
    int result(Supplier<String> text, Supplier<Object> object) {
        if (json) {
            session.out().println(JsonLine.of(object.get()));
        } else {
            session.out().print(text.get());
        }
        return 0;
    }
}
