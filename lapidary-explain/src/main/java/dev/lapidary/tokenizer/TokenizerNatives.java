package dev.lapidary.tokenizer;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.CacheFolder;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;

/**
 * Prepares the native library that reads tokenizer.json files.
 *
 * <p>Left alone, it reports its use over the network and unpacks itself into the home folder.
 */
public final class TokenizerNatives {
    private static final int DEEPEST = 100; // the library ends the process from 128 on
    private static final int LARGEST = 1 << 28; // letters of one string
    private static final JsonFactory BOUNDED = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEEPEST)
                    .maxStringLength(LARGEST)
                    .build())
            .build();

    private TokenizerNatives() {}

    /** Keeps the library off the network and its files in the cache; must run before its first class loads. */
    public static void prepare() {
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
        setDefault("DJL_CACHE_DIR", CacheFolder.sub("djl").toString());
        setDefault("org.slf4j.simpleLogger.log.ai.djl", "error");
    }

    /**
     * Refuses a file that the library must not see: where JSON is nested deeper than it can take, it ends the process.
     *
     * @throws InputException where the file is nested too deep or no JSON
     */
    public static void requireReadable(Path file) {
        try (JsonParser parser = BOUNDED.createParser(ObjectReadContext.empty(), file)) {
            while (parser.nextToken() != null) {
                // each step checks the depth
            }
        } catch (StreamConstraintsException e) {
            throw new InputException(file + ": must be nested at most " + DEEPEST + " deep; got more", e);
        } catch (JacksonIOException e) {
            throw new UncheckedIOException(file + " cannot be read", e.getCause());
        } catch (JacksonException e) {
            throw new InputException(
                    file + ": must be JSON; got " + e.getOriginalMessage().lines().findFirst().orElse("something else"), e);
        }
    }

    private static void setDefault(String key, String value) {
        if (System.getProperty(key) == null && System.getenv(key) == null) {
            System.setProperty(key, value);
        }
    }
}
