package dev.lapidary.encode;

import ai.djl.huggingface.tokenizers.jni.LibUtils;
import dev.lapidary.tokenizer.TokenizerNatives;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** Hugging Face's tokenizers, the native library that reads tokenizer.json files. */
public final class TokenizerLibrary {
    private static final String PROPERTIES = "/native/lib/tokenizers.properties";

    private TokenizerLibrary() {}

    /** Returns the library's version, such as 0.21.0, after loading it. */
    public static String version() {
        TokenizerNatives.prepare();
        LibUtils.checkStatus();
        try (InputStream in = LibUtils.class.getResourceAsStream(PROPERTIES)) {
            Properties properties = new Properties();
            if (in != null) {
                properties.load(in);
            }
            return properties.getProperty("version", "unknown").split("-", 2)[0]; // the binding's version comes behind
        } catch (IOException e) {
            throw new UncheckedIOException("the version of the tokenizers cannot be read", e);
        }
    }
}
