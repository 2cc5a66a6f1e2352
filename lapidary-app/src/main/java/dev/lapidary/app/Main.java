package dev.lapidary.app;

import dev.lapidary.app.command.CommandTree;
import dev.lapidary.app.command.Session;
import dev.lapidary.runtime.Cancellation;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Starts the command line. */
public final class Main {
    private Main() {}

    /** Runs one command and ends the JVM with its status. */
    public static void main(String[] arguments) {
        // pictures are drawn in memory: a display that DISPLAY names but cannot be reached must not matter
        System.setProperty("java.awt.headless", "true");
        // UTF-8 whatever the locale says: results are read by programs
        PrintStream out = new PrintStream(
                new BufferedOutputStream(new FileOutputStream(FileDescriptor.out)), false, StandardCharsets.UTF_8);
        Cancellation cancellation = new Cancellation();
        Interrupts interrupts = Interrupts.install(cancellation);
        int status =
                CommandTree.run(
                new Session(out, System.err, TerminalProgress.standard(), cancellation), interrupts::status, arguments);
        System.exit(interrupts.status(status));
    }

    /** Runs one command in this JVM, without progress and signals, and returns its exit status. */
    public static int run(String[] arguments, PrintStream out, PrintStream err) {
        return CommandTree.run(Session.quiet(out, err), arguments);
    }
}
