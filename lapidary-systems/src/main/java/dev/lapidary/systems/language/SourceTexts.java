package dev.lapidary.systems.language;

import dev.lapidary.language.BytePairTrainer;
import dev.lapidary.systems.language.JavaSources.Source;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Texts that a seed draws from the sources of the JDK: whole files, each in one text at most.
 *
 * @param pretraining files of all modules, in which modules have the share that they have in the JDK
 * @param watching files of all modules by which the best weights of the pretraining are chosen
 * @param domains by module
 */
public record SourceTexts(List<String> pretraining, List<String> watching, Map<String, Domain> domains) {
    /**
     * The texts of one module, none of which the pretraining saw.
     *
     * @param learning what a method may learn or calibrate from
     * @param tuning what settings are chosen by
     * @param test what results are measured on
     */
    public record Domain(List<String> learning, List<String> tuning, List<String> test) {}

    /**
     * How much text of each kind there is, in bytes of whole files with their licences; the last file goes beyond.
     *
     * @param pretraining of all modules
     * @param watching of all modules
     * @param learning of each domain
     * @param tuning of each domain
     * @param test of each domain
     */
    public record Sizes(long pretraining, long watching, long learning, long tuning, long test) {}

    /** Draws texts. */
    public static SourceTexts draw(JavaSources sources, List<String> domains, Sizes sizes, long seed) {
        List<Source> files = new ArrayList<>(sources.files());
        Collections.shuffle(files, new Random(seed));
        Iterator<Source> all = files.iterator();
        List<String> pretraining = take(sources, all, sizes.pretraining);
        List<String> watching = take(sources, all, sizes.watching);
        List<Source> left = new ArrayList<>();
        all.forEachRemaining(left::add);
        Map<String, Domain> parts = new LinkedHashMap<>();
        for (String module : domains) {
            Iterator<Source> own =
                    left.stream().filter(file -> file.module().equals(module)).iterator();
            parts.put(
                    module,
                    new Domain(
                            take(sources, own, sizes.learning),
                            take(sources, own, sizes.tuning),
                            take(sources, own, sizes.test)));
        }
        return new SourceTexts(pretraining, watching, parts);
    }

    private static List<String> take(JavaSources sources, Iterator<Source> files, long bytes) {
        List<String> texts = new ArrayList<>();
        for (long taken = 0; taken < bytes; ) {
            if (!files.hasNext()) {
                throw new IllegalArgumentException("the sources must have enough files; got " + taken + " of " + bytes
                        + " bytes");
            }
            Source file = files.next();
            taken += file.bytes();
            texts.add(sources.text(file));
        }
        return texts;
    }

    /** Returns texts as one, each ended by the token that says so. */
    public static String joined(List<String> texts) {
        StringBuilder joined = new StringBuilder();
        texts.forEach(text -> joined.append(text).append(BytePairTrainer.END_OF_TEXT));
        return joined.toString();
    }
}
