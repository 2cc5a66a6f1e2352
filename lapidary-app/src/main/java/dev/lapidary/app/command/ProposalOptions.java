package dev.lapidary.app.command;

import dev.lapidary.concept.ConceptSet;
import dev.lapidary.concept.vocabulary.ChatProposer;
import dev.lapidary.concept.vocabulary.ConceptProposer;
import dev.lapidary.concept.vocabulary.CorpusProposer;
import dev.lapidary.concept.vocabulary.WordNetProposer;
import dev.lapidary.data.Dataset;
import dev.lapidary.data.Names;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say who proposes concepts. */
final class ProposalOptions {
    private static final String WORDNET = "wordnet";
    private static final String CORPUS = "corpus";
    private static final String CHAT = "chat";

    @Option(
            names = "--propose",
            paramLabel = "NAMES",
            hideParamSyntax = true,
            split = ",",
            description =
                    "Who proposes concepts, separated by commas: wordnet, corpus (words of the training texts), chat. Default: wordnet,corpus.")
    private List<String> names = List.of();

    @Option(
            names = "--endpoint",
            paramLabel = "URL",
            description = "An OpenAI-compatible endpoint to ask too, such as http://localhost:11434/v1.")
    private @Nullable String endpoint;

    @Option(names = "--endpoint-model", paramLabel = "NAME", description = "The model to ask there.")
    private @Nullable String model;

    @Option(
            names = "--endpoint-key-variable",
            paramLabel = "NAME",
            description = "The environment variable that holds the endpoint's key.")
    private @Nullable String keyVariable;

    boolean given() {
        return !names.isEmpty() || endpoint != null;
    }

    private boolean wordNet() {
        return names.isEmpty() || names.contains(WORDNET);
    }

    private boolean corpus() {
        return names.isEmpty() || names.contains(CORPUS);
    }

    private boolean asksChat() {
        return names.contains(CHAT) || names.isEmpty() && endpoint != null;
    }

    void requireSound() {
        for (String name : names) {
            if (!List.of(WORDNET, CORPUS, CHAT).contains(name)) {
                throw new InputException("--propose must name wordnet, corpus or chat; got " + name);
            }
        }
        if (asksChat() && (endpoint == null || model == null)) {
            throw new InputException("chat must have --endpoint URL and --endpoint-model NAME; got "
                    + (endpoint == null ? "no endpoint" : "no model"));
        }
        if (!asksChat() && (endpoint != null || model != null || keyVariable != null)) {
            throw new InputException("an endpoint must be asked for with --propose chat; got --propose " + names);
        }
    }

    /** The endpoint as a proposer, where it is asked for. */
    private Optional<ConceptProposer> chat(Progress progress) {
        if (!asksChat() || endpoint == null || model == null) {
            return Optional.empty();
        }
        try {
            var asked = new ChatProposer.Endpoint(new URI(endpoint), model, Optional.ofNullable(keyVariable));
            return Optional.of(new ChatProposer(asked, progress));
        } catch (URISyntaxException bad) {
            throw new InputException("--endpoint must be an address; got " + endpoint, bad);
        }
    }

    /** What those asked propose for class names alone. */
    ConceptSet propose(List<String> classes, Progress progress) {
        if (names.contains(CORPUS)) {
            throw new InputException(
                    "corpus must have the texts of --data; got only class names: give --concepts FILE, or"
                            + " --propose wordnet or chat");
        }
        List<ConceptProposer> asked = new ArrayList<>();
        if (wordNet()) {
            asked.add(new WordNetProposer());
        }
        chat(progress).ifPresent(asked::add);
        ConceptSet proposed = ConceptProposer.all(asked).propose(classes);
        if (proposed.size() == 0) {
            throw new InputException("classes must have names for which concepts can be proposed, or concepts come from"
                    + " --concepts FILE; got no proposal for " + Names.list(classes));
        }
        return proposed;
    }

    /** What those asked propose for the classes of some items, with a look at the given rows only. */
    ConceptSet propose(Dataset items, int[] rows, Progress progress) {
        if (!items.hasTexts()) {
            return propose(items.classes(), progress);
        }
        var words = new CorpusProposer(
                Arrays.stream(rows).mapToObj(items::text).toList(),
                Arrays.stream(rows).map(items::label).toArray(),
                items.classes());
        List<ConceptProposer> asked = new ArrayList<>();
        if (corpus()) {
            asked.add(words);
        }
        if (wordNet()) {
            asked.add(new WordNetProposer(WordNetProposer.PER_CLASS, words::familiarity));
        }
        chat(progress).ifPresent(asked::add);
        return ConceptProposer.all(asked).propose(items.classes());
    }
}
