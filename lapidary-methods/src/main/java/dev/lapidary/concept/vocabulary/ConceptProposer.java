package dev.lapidary.concept.vocabulary;

import dev.lapidary.concept.ConceptSet;
import java.util.List;

/** Proposes candidate concepts for class names; {@link ConceptFilters} then decides which of them are used. */
@FunctionalInterface
public interface ConceptProposer {
    /** Returns candidates, the likeliest first and the classes in turn; the same input gives the same candidates. */
    ConceptSet propose(List<String> classes);

    /**
     * Returns the proposer that is used where the user names no concepts: words and phrases of the training texts ({@link
     * CorpusProposer}) and WordNet's relatives of the class names ({@link WordNetProposer}), of the latter those first whose words
     * suit the class in the training texts.
     *
     * @param labels index into the classes for each training text, -1 for none
     */
    static ConceptProposer standard(List<String> trainingTexts, int[] labels, List<String> classes) {
        CorpusProposer corpus = new CorpusProposer(trainingTexts, labels, classes);
        return all(List.of(corpus, new WordNetProposer(WordNetProposer.PER_CLASS, corpus::familiarity)));
    }

    /** Returns one that merges what several propose, each in turn; of equal concepts the first one stays. */
    static ConceptProposer all(List<ConceptProposer> proposers) {
        List<ConceptProposer> copy = List.copyOf(proposers);
        return classes -> ConceptSet.merge(
                copy.stream().map(proposer -> proposer.propose(classes)).toList());
    }
}
