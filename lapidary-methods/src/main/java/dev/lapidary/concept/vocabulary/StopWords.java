package dev.lapidary.concept.vocabulary;

import java.util.List;
import java.util.Set;

/** English words that carry grammar rather than a topic. */
final class StopWords {
    private static final Set<String> WORDS = Set.copyOf(List.of("""
            a about above across after again against ago all almost along already also although always am amid among an and
            another any anyone anything are aren't around as at away back be became because become been before began behind being
            below best better between beyond both but by came can can't cannot come comes coming could couldn't did didn't do does
            doesn't doing don't done down during each eight either else end enough especially etc even ever every everyone
            everything far few first five for four from full further gave get gets getting give gives giving go goes going gone got
            had has hasn't have haven't having he her here hers herself him himself his how however i i'm if in including instead
            into is isn't it it's its itself just keep kept known large last late later least less let like likely little long
            made make makes making many may maybe me might mine more most much must my myself near nearly need never next nine
            no nobody none nor not nothing now of off often on once one only onto or other others our ours ourselves out over own
            per perhaps please put quite rather re really said same saw say saying says second see seems seen set seven several
            shall she should shouldn't show since six small so some someone something soon still such take taken takes taking tell
            ten than that that's the their theirs them themselves then there there's these they thing things third this those
            though three through thus till to today together told too took toward towards tuesday monday wednesday thursday friday
            saturday sunday two under until up upon us use used uses using usually very via want wants was wasn't way we we're well
            went were weren't what when where whether which while who whole whom whose why will with within without won't would
            wouldn't yes yesterday yet you you're your yours yourself
            amp com gt href http https html lt nbsp quot www
            """.strip().split("\\s+")));

    private StopWords() {}

    /** Whether a lower-case word is one or begins with one before an apostrophe ("they're"), or is left over from a web page's markup. */
    static boolean contains(String word) {
        int apostrophe = word.indexOf('\'');
        return WORDS.contains(word) || (apostrophe > 0 && WORDS.contains(word.substring(0, apostrophe)));
    }
}
