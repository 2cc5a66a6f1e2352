package dev.lapidary.synthetic.scene;

import dev.lapidary.runtime.artifact.ArtifactKind;
import dev.lapidary.runtime.file.AtomicFiles;
import java.util.regex.Pattern;

/** A folder of {@link SceneFolder}, which also goes on with one that was stopped. */
public final class SceneArtifact implements ArtifactKind {
    private static final Pattern FILES =
            Pattern.compile("images/(-?\\d+-)?\\d{6,7}\\.png|scenes\\.csv|concepts\\.(csv|txt)|(images/)?\\.[\\w.-]+"
                    + AtomicFiles.TEMPORARY);

    @Override
    public String format() {
        return SceneFolder.FORMAT;
    }

    @Override
    public String title() {
        return "a set of scenes";
    }

    @Override
    public boolean owns(String file) {
        return FILES.matcher(file).matches();
    }
}
