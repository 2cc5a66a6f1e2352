package dev.lapidary.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.ToIntFunction;

/** English texts of known length, cut out of one written for this benchmark. */
final class BenchTexts {
    private static final String PROSE = """
            The ferry left the harbour a little after six, when the lamps along the quay were still burning and the bakers
            had just opened their shutters. Nobody on deck spoke much. A woman in a green coat counted her change twice and
            put it back into her purse, and a boy leaned over the rail to see whether the gulls would follow. The captain
            had made this crossing for thirty years and still kept a notebook in which he wrote down the wind, the height of
            the water and the names of the passengers he knew. By noon the island came into view: first the lighthouse, then
            the long wall of the old fort, and at last the white houses with their blue doors. In the market square two men
            were arguing about the price of onions, while a third repaired a bicycle and gave advice to both of them. The
            school had closed early because of the heat, so the children ran down to the beach with their shoes in their
            hands. Somebody had painted the benches again, and a sign asked visitors to keep away until the evening. At the
            hotel the clerk looked for the key of room eleven, found it under a pile of newspapers, and said that breakfast
            would be served until ten. The lift did not work, but the stairs were wide and cool, and from the window on the
            second floor one could see the whole bay. A letter was waiting on the table. It came from the museum on the
            mainland and asked, politely but for the third time, whether the map that the family had owned since the war
            could be lent for an exhibition in the spring. The insurance would be paid, the frame repaired, and a copy sent
            for the wall. Her grandfather had drawn that map during one long winter, measuring every path with a rope and
            marking the wells that never ran dry. She decided to answer after dinner. Outside, a small orchestra tuned its
            instruments, the waiters carried out more chairs, and the first stars appeared above the hills. When the music
            began, even the captain closed his notebook, ordered a glass of lemonade and asked who had written the waltz. An
            engineer at the next table explained how the new bridge would be built: the pillars first, in the dry season, and
            then the road, one section each month, so that ships could always pass. Not everyone believed him. The fishermen
            feared for their trade, the shopkeepers hoped for visitors, and the doctor only wanted a road that an ambulance
            could use at night. They talked until the candles were low, agreed on nothing, and shook hands as they always did.
            """;

    private final String[] words = PROSE.strip().split("\\s+");

    /** Returns different texts of exactly {@code tokens} tokens each. */
    List<String> ofTokens(int texts, int tokens, ToIntFunction<String> count) {
        List<String> found = new ArrayList<>();
        for (int start = 0; start < words.length && found.size() < texts; start += 3) {
            int length = tokens / 2;
            String text = window(start, length);
            while (count.applyAsInt(text) < tokens) {
                text = window(start, ++length);
            }
            if (count.applyAsInt(text) == tokens) { // a last word of several tokens may pass over the goal
                found.add(text);
            }
        }
        if (found.size() < texts) {
            throw new IllegalStateException(
                    "there must be " + texts + " texts of " + tokens + " tokens; got " + found.size());
        }
        return found;
    }

    /** Returns texts of 3 to 100 words, short ones more often. */
    List<String> mixed(int texts) {
        Random random = new Random(1);
        List<String> found = new ArrayList<>();
        for (int i = 0; i < texts; i++) {
            double u = random.nextDouble();
            found.add(window(random.nextInt(words.length), 3 + (int) (97 * u * u)));
        }
        return found;
    }

    private String window(int start, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(i == 0 ? "" : " ").append(words[(start + i) % words.length]);
        }
        return text.toString();
    }
}
