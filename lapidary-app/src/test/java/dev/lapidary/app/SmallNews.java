package dev.lapidary.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A few short texts in three classes that any sentence encoder tells apart, and concepts for them. */
final class SmallNews {
    static final List<String> CLASSES = List.of("cooking", "football", "weather");

    static final List<String> CONCEPTS = List.of(
            "recipe",
            "oven",
            "spices",
            "goalkeeper",
            "penalty kick",
            "stadium",
            "heavy rain",
            "forecast",
            "thunder",
            "league table",
            "dinner",
            "cold wind");

    private static final List<String> FOOD = List.of("bread", "soup", "a roast", "noodles", "a cake", "curry");
    private static final List<String> TEAMS = List.of("Leeds", "Milan", "Porto", "Lyon", "Celtic", "Ajax");
    private static final List<String> PLACES = List.of("coast", "hills", "valley", "capital", "islands", "north");

    private SmallNews() {}

    /** Writes 36 labelled texts, columns item, story and topic. */
    static Path write(Path file) throws IOException {
        List<String> lines = new ArrayList<>(List.of("id,story,topic"));
        for (int i = 0; i < 6; i++) {
            lines.add("f" + i + ",Bake " + FOOD.get(i) + " in the oven and season it well.,cooking");
            lines.add("g" + i + ",\"Stir the pan, then serve " + FOOD.get(i) + " for dinner.\",cooking");
            lines.add("t" + i + "," + TEAMS.get(i) + " scored a late goal and won the match.,football");
            lines.add("u" + i + ",The keeper of " + TEAMS.get(i) + " saved a penalty.,football");
            lines.add("p" + i + ",Rain and strong wind are expected in the " + PLACES.get(i) + ".,weather");
            lines.add("q" + i + ",A cold front brings storms to the " + PLACES.get(i) + " tonight.,weather");
        }
        return Files.write(file, lines);
    }

    /** Writes six texts that are not among the others, in the same columns. */
    static Path writeLater(Path file) throws IOException {
        return Files.write(
                file,
                List.of(
                        "id,story,topic",
                        "a,Whisk the eggs and fry an omelette.,cooking",
                        "b,Simmer the tomato sauce for an hour.,cooking",
                        "c,The striker was sent off in the derby.,football",
                        "d,The coach praised his defenders after the draw.,football",
                        "e,Fog will clear by noon and the sun comes out.,weather",
                        "f,Snow is likely on high ground.,weather"));
    }

    static Path writeConcepts(Path file) throws IOException {
        return Files.write(file, CONCEPTS);
    }
}
