package dev.lapidary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What one run of the command line left on its streams. */
record CommandRun(int status, String out, String err) {
    static CommandRun of(Object... arguments) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        String[] words = List.of(arguments).stream().map(Object::toString).toArray(String[]::new);
        int status = Main.run(
                words,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        return new CommandRun(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** The last line of standard output, an object. */
    JsonNode json() {
        if (out.isBlank()) {
            throw new AssertionError("standard output must end with a JSON object; got nothing, and errors:\n" + err);
        }
        JsonNode json =
                JsonMapper.builder().build().readTree(out.lines().toList().getLast());
        if (!json.isObject()) {
            throw new AssertionError("the last line must be a JSON object; got " + json);
        }
        return json;
    }

    /** A field of it, which must be there. */
    JsonNode json(String field) {
        JsonNode value = json().path(field);
        if (value.isMissingNode()) {
            throw new AssertionError("the object must have a field " + field + "; got " + json().propertyNames());
        }
        return value;
    }

    double number(String field) {
        return json(field).doubleValue();
    }

    /** What was wrong with the input stands in one line, and in the object where one was asked for. */
    static void refused(CommandRun run, String... parts) {
        assertThat(run.status).as(run.err).isEqualTo(2);
        assertThat(run.err).doesNotContain("\tat ", "Exception");
        assertThat(run.err.lines().filter(line -> line.startsWith("lapidary: ")))
                .singleElement()
                .asString()
                .contains(parts);
        if (!run.out.isEmpty()) {
            assertThat(run.out.lines()).hasSize(1);
            assertThat(run.json().propertyNames()).containsExactlyInAnyOrder("error", "status");
            assertThat(run.number("status")).isEqualTo(2);
            assertThat(run.json("error").stringValue()).contains(parts).doesNotContain("\n");
        }
    }

    /** As {@link #refused(CommandRun, String...)}, of a command. */
    static void refused(Object[] words, String... parts) {
        refused(of(words), parts);
    }
}
