package dev.lapidary.systems.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lapidary.systems.language.JavaSources.Source;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class SourceTextsTest {
    private static final SourceTexts.Sizes SIZES = new SourceTexts.Sizes(200_000, 50_000, 60_000, 30_000, 30_000);

    @Test
    void theHeadIsCutOffAndDocumentationStays() {
        assertThat(JavaSources.withoutHead("/*\n * Copyright\n */\n\npackage a;\n/* b */")).isEqualTo("package a;\n/* b */");
        assertThat(JavaSources.withoutHead("// one\n/* two */ // three\nclass A {}")).isEqualTo("class A {}");
        assertThat(JavaSources.withoutHead("/* licence */\n/** A package. */\npackage a;"))
                .isEqualTo("/** A package. */\npackage a;");
        assertThat(JavaSources.withoutHead("/* without an end")).isEmpty();
        assertThat(JavaSources.withoutHead("")).isEmpty();
    }

    @Test
    void noFileIsInTwoTextsAndASeedDrawsOthers() {
        assumeTrue(Files.exists(Path.of(System.getProperty("java.home"), "lib", "src.zip")), "a JDK with its sources");
        try (JavaSources sources = JavaSources.open()) {
            SourceTexts texts = SourceTexts.draw(sources, List.of("java.base", "java.xml"), SIZES, 1);
            List<String> all = new ArrayList<>(texts.pretraining());
            all.addAll(texts.watching());
            texts.domains().values().forEach(domain -> {
                all.addAll(domain.learning());
                all.addAll(domain.tuning());
                all.addAll(domain.test());
            });
            assertThat(new HashSet<>(all)).hasSizeGreaterThan(all.size() * 9 / 10); // some files are copies of each other
            assertThat(texts.domains().get("java.xml").learning())
                    .allSatisfy(text -> assertThat(text).doesNotStartWith("/*\n * Copyright"));
            assertThat(texts).isEqualTo(SourceTexts.draw(sources, List.of("java.base", "java.xml"), SIZES, 1));
            assertThat(SourceTexts.draw(sources, List.of(), SIZES, 2).pretraining())
                    .isNotEqualTo(texts.pretraining());
            assertThat(sources.files())
                    .extracting(Source::module)
                    .contains("java.base", "java.desktop")
                    .doesNotContain("jdk.localedata");
        }
    }

    @Test
    void aChainsDomainsDifferAndTheSameSeedGivesTheSame() {
        try (LanguageProblem one = new ChainProblems(1).draw(3);
                LanguageProblem again = new ChainProblems(1).draw(3);
                LanguageProblem other = new ChainProblems(1).draw(4)) {
            assertThat(one.model().digest())
                    .isEqualTo(again.model().digest())
                    .isNotEqualTo(other.model().digest());
            assertThat(one.first().test().tokens()).isEqualTo(again.first().test().tokens());
            assertThat(one.first().test().tokens())
                    .isNotEqualTo(one.last().test().tokens())
                    .isNotEqualTo(one.first().learning().tokens());
        }
    }
}
