package dev.lapidary.tokenizer;

import dev.lapidary.runtime.file.CacheFolder;

/**
 * Prepares the native library that reads tokenizer.json files.
 *
 * <p>Left alone, it reports its use over the network and unpacks itself into the home folder.
 */
public final class TokenizerNatives {
    private TokenizerNatives() {}

    /** Keeps the library off the network and its files in the cache; must run before its first class loads. */
    public static void prepare() {
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
        setDefault("DJL_CACHE_DIR", CacheFolder.sub("djl").toString());
        setDefault("org.slf4j.simpleLogger.log.ai.djl", "error");
    }

    private static void setDefault(String key, String value) {
        if (System.getProperty(key) == null && System.getenv(key) == null) {
            System.setProperty(key, value);
        }
    }
}
