package dev.lapidary.bench;

import dev.lapidary.app.TerminalProgress;
import dev.lapidary.app.command.CommandTree;
import dev.lapidary.app.command.Session;
import dev.lapidary.runtime.Cancellation;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Gives a command in this process as a user would, and reads the JSON that it ends with. */
final class CommandJson {
    private CommandJson() {}

    /** Returns the JSON of a command whose arguments end with --json. */
    static JsonNode of(List<String> arguments) {
        System.err.println("lapidary " + String.join(" ", arguments));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        Session session = new Session(out, System.err, TerminalProgress.standard(), Cancellation.none());
        int status = CommandTree.run(session, arguments.toArray(String[]::new));
        String text = bytes.toString(StandardCharsets.UTF_8);
        if (status != 0) {
            throw new IllegalStateException("lapidary " + String.join(" ", arguments) + " must succeed; got " + text);
        }
        return JsonMapper.shared().readTree(text.lines().reduce("", (before, line) -> line));
    }
}
