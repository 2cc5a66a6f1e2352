package dev.lapidary.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import dev.lapidary.runtime.artifact.Artifact;
import dev.lapidary.runtime.artifact.ArtifactKind;
import dev.lapidary.runtime.file.AtomicFiles;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What holds of every kind of folder that the modules write; none is named here. */
class ArtifactKindsTest {
    /** The public kinds that the modules have, registered or not. */
    private static Set<String> declared() {
        return ArchitectureTest.PROJECT.stream()
                .filter(type -> type.isAssignableTo(ArtifactKind.class) && !type.isInterface())
                .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
                .map(JavaClass::getName)
                .collect(Collectors.toSet());
    }

    @Test
    void everyPublicKindIsAService() {
        assertThat(declared()).isNotEmpty();
        assertThat(Artifact.kinds().stream()
                        .map(kind -> kind.getClass().getName())
                        .filter(name -> ArchitectureTest.PROJECT.contain(name)))
                .containsExactlyInAnyOrderElementsOf(declared());
    }

    @Test
    void everyFormatHasOneKind() {
        assertThat(Artifact.kinds().stream().map(ArtifactKind::format)).doesNotHaveDuplicates();
        assertThat(Artifact.kinds().stream().map(ArtifactKind::title)).doesNotHaveDuplicates();
    }

    @Test
    void noKindOwnsFilesOfTheUser() {
        for (String file : List.of("thesis.txt", "README.md", "notes/thesis.txt", "../config.json", ".git/config")) {
            assertThat(Artifact.kinds()).as(file).noneMatch(kind -> kind.owns(file));
        }
        assertThat(Artifact.kinds()).allMatch(kind -> kind.title().startsWith("a "));
    }

    /** Who writes folders in another way does not refuse what is not its own. */
    @Test
    void foldersAreWrittenThroughArtifacts() {
        assertThat(ArchitectureTest.PROJECT.stream()
                        .filter(type -> !type.getName().startsWith(Artifact.class.getName()))
                        .filter(type -> type.getMethodCallsFromSelf().stream()
                                .anyMatch(call -> call.getTargetOwner().isEquivalentTo(AtomicFiles.class)
                                        && call.getName().equals("writeFolder")))
                        .map(JavaClass::getSimpleName))
                .containsExactly("PhotoEncoder"); // photographs, unpacked into the cache
    }
}
