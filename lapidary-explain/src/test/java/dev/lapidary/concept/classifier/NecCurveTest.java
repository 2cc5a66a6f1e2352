package dev.lapidary.concept.classifier;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class NecCurveTest {
    private static Report report(String method, double accuracy, Map<String, List<Report.CurvePoint>> dial) {
        var seed = new Report.SeedReport(
                1, accuracy, accuracy, 2.5, accuracy, 3, List.of(), Map.of(), Map.of(), Map.of(), dial, List.of());
        return new Report(
                method,
                false,
                accuracy,
                accuracy,
                2.5,
                12,
                4,
                50,
                1,
                List.of(accuracy),
                Map.of("linear-probe", accuracy),
                Map.of("linear-probe", List.of(0.0, 0.0)),
                0,
                0.25,
                List.of(seed),
                List.of());
    }

    private static List<Report.CurvePoint> curve(double low, double high) {
        return List.of(
                new Report.CurvePoint(10, high, 0, high),
                new Report.CurvePoint(3, high, 0, high),
                new Report.CurvePoint(1, low, 0, low));
    }

    private static Document parse(String svg) throws Exception {
        assertThat(svg).doesNotContain("NaN").doesNotContain("Infinity");
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
    }

    @Test
    void drawsACurveForTheMethodAndEachControl() throws Exception {
        String svg = NecCurve.svg(
                report("sparse", 0.8, Map.of("method", curve(0.5, 0.8), "random-directions", curve(0.3, 0.6))));
        Document document = parse(svg);
        assertThat(document.getDocumentElement().getTagName()).isEqualTo("svg");
        assertThat(document.getElementsByTagName("polyline").getLength()).isEqualTo(2);
        assertThat(document.getDocumentElement().getTextContent())
                .contains("sparse", "random-directions", "linear-probe");
    }

    @Test
    void aMethodWithoutADialHasAPoint() throws Exception {
        Document document = parse(NecCurve.svg(report("search", 0.6, Map.of())));
        assertThat(document.getElementsByTagName("circle").getLength()).isEqualTo(1);
        assertThat(document.getDocumentElement().getTextContent()).contains("search, NEC 2.5");
    }

    @Test
    void standsWhereEverythingIsRightAndInEveryLanguage() throws Exception {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
            String svg = NecCurve.svg(report("sparse", 1, Map.of("method", curve(1, 1))));
            assertThat(parse(svg).getElementsByTagName("polyline").getLength()).isEqualTo(1);
            assertThat(svg).isASCII();
        } finally {
            Locale.setDefault(before);
        }
    }
}
