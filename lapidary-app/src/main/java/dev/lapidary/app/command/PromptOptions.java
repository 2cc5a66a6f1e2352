package dev.lapidary.app.command;

import dev.lapidary.data.Dataset;
import dev.lapidary.encode.ImageTextEncoder;
import dev.lapidary.encode.PromptEncoder;
import dev.lapidary.encode.TextEncoder;
import dev.lapidary.runtime.InputException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that says in which sentences names of concepts and classes are embedded. */
final class PromptOptions {
    @Option(
            names = "--prompt",
            paramLabel = "TEMPLATE",
            description =
                    "A sentence with {} for a name, in which concepts and classes are embedded; repeatable, the mean of all. "
                            + "Default: {}, and for images what the encoder names, else \"a photo of a {}.\".")
    private List<String> templates = List.of();

    /** Refuses what is no template, before anything is read. */
    void requireSound() {
        if (!templates.isEmpty()) {
            PromptEncoder.checked(templates);
        }
    }

    /** The templates for the names beside some items; the encoder is null where none is at hand. */
    List<String> templates(@Nullable TextEncoder encoder, Dataset items, Output output) {
        if (encoder == null) {
            if (!templates.isEmpty()) {
                throw new InputException("--prompt must come with the encoder of the items, --encoder DIR; got none");
            }
            return PromptEncoder.BARE;
        }
        List<String> chosen = templates.isEmpty() ? usual(encoder, items) : templates;
        if (!chosen.equals(PromptEncoder.BARE)) {
            output.remark("names are embedded as \"" + String.join("\", \"", chosen) + "\"");
        }
        return chosen;
    }

    private static List<String> usual(TextEncoder encoder, Dataset items) {
        return encoder instanceof ImageTextEncoder images && !items.hasTexts()
                ? images.promptTemplates()
                : PromptEncoder.BARE;
    }
}
