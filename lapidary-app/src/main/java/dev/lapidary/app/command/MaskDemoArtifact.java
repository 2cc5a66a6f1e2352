package dev.lapidary.app.command;

import dev.lapidary.language.LanguageModelArtifact;
import dev.lapidary.runtime.artifact.ArtifactKind;
import dev.lapidary.runtime.file.AtomicFiles;
import dev.lapidary.sparsity.MaskArtifact;

/** A folder of {@code demo mask}: two texts, a model and a mask, with what their trainings left unfinished. */
public final class MaskDemoArtifact implements ArtifactKind {
    /** The format that the folder's marker names. */
    static final String FORMAT = "lapidary-demo";

    static final String TEXT = "definitions.txt";
    static final String HELD_OUT = "held-out.txt";
    static final String MODEL = "model";
    static final String MASK = "mask";

    @Override
    public String format() {
        return FORMAT;
    }

    @Override
    public String title() {
        return "a demo of masks";
    }

    @Override
    public boolean owns(String file) {
        return isOwn(file);
    }

    private static boolean isOwn(String file) {
        String rest = file.substring(file.indexOf('/') + 1);
        boolean marker = rest.equals(AtomicFiles.MARKER);
        return switch (file.substring(0, file.length() - rest.length())) {
            case "" -> file.equals(TEXT) || file.equals(HELD_OUT);
            case MODEL + "/" -> marker || new LanguageModelArtifact().owns(rest);
            case MASK + "/" -> marker || new MaskArtifact().owns(rest);
            case "." + MODEL + ".unfinished/", "." + MASK + ".unfinished/" -> true;
            default -> false;
        };
    }
}
