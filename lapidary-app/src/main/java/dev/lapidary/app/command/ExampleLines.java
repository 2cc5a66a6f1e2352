package dev.lapidary.app.command;

import picocli.CommandLine;
import picocli.CommandLine.Model.UsageMessageSpec;

/** Breaks the examples of a help that are wider than it, so that they can still be copied into a shell. */
final class ExampleLines {
    private static final String START = "  lapidary ";
    private static final String OPTION = " --";
    private static final String BREAK = " \\";
    private static final String INDENT = "      ";

    private ExampleLines() {}

    /** Breaks the examples of a command and of all commands below it. */
    static void fit(CommandLine command, int width) {
        UsageMessageSpec usage = command.getCommandSpec().usageMessage();
        String[] footer = usage.footer().clone();
        for (int i = 0; i < footer.length; i++) {
            footer[i] = broken(footer[i], width);
        }
        usage.footer(footer);
        command.getSubcommands().values().forEach(below -> fit(below, width));
    }

    /** Returns an example with line breaks before options, where it is wider than a number of columns; other lines as they are. */
    static String broken(String line, int width) {
        return line.startsWith(START) ? brokenAtOptions(line, width) : line;
    }

    private static String brokenAtOptions(String line, int width) {
        int at = line.length() < width ? -1 : line.lastIndexOf(OPTION, width - BREAK.length() - 1);
        return at <= INDENT.length()
                ? line
                : line.substring(0, at) + BREAK + "\n" + brokenAtOptions(INDENT + line.substring(at + 1), width);
    }
}
