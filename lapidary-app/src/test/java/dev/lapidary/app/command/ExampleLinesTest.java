package dev.lapidary.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.Progress;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class ExampleLinesTest {
    @Test
    void wideExamplesBreakBeforeOptionsAndStayOneCommand() {
        String line = "  lapidary lm train --text a.txt --width 384 --out model";

        String broken = ExampleLines.broken(line, 36);

        assertThat(broken.lines())
                .containsExactly("  lapidary lm train --text a.txt \\", "      --width 384 --out model");
        assertThat(broken.replaceAll(" \\\\\n *", " ")).isEqualTo(line);
        assertThat(ExampleLines.broken(line, 24).lines())
                .containsExactly(
                        "  lapidary lm train \\", "      --text a.txt \\", "      --width 384 \\", "      --out model");
    }

    @Test
    void everyHelpFitsATerminalAndItsExamplesCanBeCopied() {
        PrintStream none = new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
        CommandLine root = CommandTree.tree(new Session(none, none, Progress.silent(), new Cancellation()));

        assertThat(all(root)).hasSizeGreaterThan(30).allSatisfy(command -> {
            String help = command.getUsageMessage(CommandLine.Help.Ansi.OFF);
            assertThat(help.lines()).allMatch(line -> line.length() <= 80);
            assertThat(help.lines().dropWhile(line -> !line.equals("Examples:")).skip(1))
                    .filteredOn(line -> line.startsWith("  "))
                    .allMatch(line -> line.startsWith("  lapidary ") || line.startsWith("      --"));
        });
    }

    private static List<CommandLine> all(CommandLine command) {
        List<CommandLine> all = new ArrayList<>(List.of(command));
        command.getSubcommands().values().forEach(below -> all.addAll(all(below)));
        return all;
    }

    @Test
    void otherLinesStayAsTheyAre() {
        assertThat(ExampleLines.broken("  lapidary demo --json", 80)).isEqualTo("  lapidary demo --json");
        assertThat(ExampleLines.broken("Exit status: 0 --success", 10)).isEqualTo("Exit status: 0 --success");
        assertThat(ExampleLines.broken("  lapidary --long", 10)).isEqualTo("  lapidary --long");
    }
}
