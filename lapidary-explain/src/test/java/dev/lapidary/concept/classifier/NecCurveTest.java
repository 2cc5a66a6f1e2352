package dev.lapidary.concept.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class NecCurveTest {
    private static final double LETTER = 0.6; // width of a letter by font size, the mean of DejaVu Sans

    @SafeVarargs
    @SuppressWarnings("varargs") // only read
    private static Report report(String method, double accuracy, Map<String, List<Report.CurvePoint>>... dials) {
        List<Report.SeedReport> seeds = Stream.of(dials)
                .map(dial -> new Report.SeedReport(
                        1, accuracy, accuracy, 3, accuracy, 3, List.of(), Map.of(), Map.of(), Map.of(), dial,
                        List.of()))
                .toList();
        return new Report(
                method,
                false,
                accuracy,
                accuracy,
                3,
                12,
                4,
                50,
                1,
                List.of(accuracy),
                Map.of("linear-probe", accuracy),
                Map.of("linear-probe", List.of(0.0, 0.0)),
                0,
                0.25,
                seeds,
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

    private static List<Element> elements(Document document, String tag) {
        NodeList nodes = document.getElementsByTagName(tag);
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            elements.add((Element) nodes.item(i));
        }
        return elements;
    }

    private static double number(Element element, String attribute) {
        return Double.parseDouble(element.getAttribute(attribute));
    }

    private static Element withText(Document document, String text) {
        return elements(document, "text").stream()
                .filter(element -> element.getTextContent().equals(text))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no text " + text));
    }

    /** The height of an accuracy, from two ticks; a tick's text stands 4 below its line. */
    private static double height(Document document, double accuracy) {
        double sixty = number(withText(document, "60 %"), "y") - 4;
        double fifty = number(withText(document, "50 %"), "y") - 4;
        return sixty + (accuracy - 0.6) * (sixty - fifty) / 0.1;
    }

    /** The points of a polygon or line by their x, which is that of NEC's ticks. */
    private static TreeMap<Double, List<Double>> heightsByPlace(Element shape) {
        TreeMap<Double, List<Double>> heights = new TreeMap<>();
        for (String point : shape.getAttribute("points").split(" ")) {
            String[] xy = point.split(",");
            heights.computeIfAbsent(Double.valueOf(xy[0]), x -> new ArrayList<>())
                    .add(Double.valueOf(xy[1]));
        }
        return heights;
    }

    private static void requireNothingClipped(Document document) {
        String[] box = document.getDocumentElement().getAttribute("viewBox").split(" ");
        double font = number(document.getDocumentElement(), "font-size");
        for (Element text : elements(document, "text")) {
            double width = LETTER * font * text.getTextContent().length();
            double x = number(text, "x");
            double left = switch (text.getAttribute("text-anchor")) {
                case "end" -> x - width;
                case "middle" -> x - width / 2;
                default -> x;
            };
            assertThat(left).as(text.getTextContent()).isNotNegative();
            assertThat(left + width).as(text.getTextContent()).isLessThanOrEqualTo(Double.parseDouble(box[2]));
            assertThat(number(text, "y") - font).as(text.getTextContent()).isNotNegative();
            assertThat(number(text, "y") + font / 3)
                    .as(text.getTextContent())
                    .isLessThanOrEqualTo(Double.parseDouble(box[3]));
        }
    }

    @Test
    void drawsACurveForTheMethodAndEachControlEachInItsColour() throws Exception {
        Map<String, List<Report.CurvePoint>> all = new LinkedHashMap<>();
        all.put("random-directions", curve(0.3, 0.6)); // in any order
        all.put("method", curve(0.5, 0.8));
        Document document = parse(NecCurve.svg(report("sparse", 0.8, all)));
        Document other = parse(NecCurve.svg(report("l1", 0.8, Map.of("method", curve(0.5, 0.8)))));

        assertThat(elements(document, "polyline"))
                .extracting(line -> line.getAttribute("stroke"))
                .containsExactly("#0b5fa5", "#5b8c2a");
        assertThat(withText(document, "sparse").getAttribute("fill")).isEqualTo("#0b5fa5");
        assertThat(withText(document, "random-directions").getAttribute("fill")).isEqualTo("#5b8c2a");
        assertThat(withText(other, "l1").getAttribute("fill")).isEqualTo("#0b5fa5");
        assertThat(document.getDocumentElement().getTextContent()).contains("linear-probe");
        assertThat(document.getElementsByTagName("polygon").getLength()).isZero(); // one seed has no spread
    }

    @Test
    void aBandHoldsWhatEverySeedReached() throws Exception {
        Document document = parse(NecCurve.svg(report(
                "sparse",
                0.7,
                Map.of("method", curve(0.5, 0.75)),
                Map.of("method", curve(0.6, 0.7)),
                Map.of(
                        "method",
                        Stream.concat(curve(0.55, 0.8).stream(), Stream.of(new Report.CurvePoint(20, 1, 0, 1)))
                                .toList()))));
        var band = heightsByPlace(elements(document, "polygon").getFirst());
        var line = heightsByPlace(elements(document, "polyline").getFirst());
        double[] places = {
            number(withText(document, "1"), "x"),
            number(withText(document, "3"), "x"),
            number(withText(document, "10"), "x")
        };

        assertThat(band.keySet()).containsExactly(places[0], places[1], places[2]); // not 20, which one seed has alone
        assertThat(band.get(places[0])).containsExactlyInAnyOrder(height(document, 0.5), height(document, 0.6));
        assertThat(last(band, places)).hasSize(2);
        for (double accuracy : new double[] {0.75, 0.7, 0.8}) {
            assertThat(height(document, accuracy))
                    .isBetween(
                            last(band, places).stream()
                                            .mapToDouble(y -> y)
                                            .min()
                                            .orElseThrow()
                                    - 0.3,
                            last(band, places).stream()
                                            .mapToDouble(y -> y)
                                            .max()
                                            .orElseThrow()
                                    + 0.3);
        }
        assertThat(Objects.requireNonNull(line.get(places[2])).getFirst())
                .isCloseTo(height(document, 0.75), within(0.3));
        assertThat(document.getDocumentElement().getTextContent()).contains("from the lowest seed to the highest");
    }

    private static List<Double> last(Map<Double, List<Double>> band, double[] places) {
        return Objects.requireNonNull(band.get(places[2]));
    }

    @Test
    void theRingIsAtThePointInUse() throws Exception {
        Document document = parse(NecCurve.svg(report("sparse", 0.73, Map.of("method", curve(0.5, 0.8)))));
        Element ring = elements(document, "circle").getFirst();

        assertThat(ring.getAttribute("id")).isEqualTo("in-use");
        assertThat(number(ring, "cx")).isEqualTo(number(withText(document, "3"), "x"));
        assertThat(number(ring, "cy")).isCloseTo(height(document, 0.73), within(0.3));
        assertThat(document.getDocumentElement().getTextContent()).contains("in use: sparse, NEC 3, accuracy 73.0 %");
    }

    @Test
    void everyNameStandsBesideItsLineEndWithoutTouchingAnother() throws Exception {
        Map<String, List<Report.CurvePoint>> alike = Map.of(
                "method", curve(0.5, 0.701), "random-words", curve(0.4, 0.7), "random-directions", curve(0.4, 0.699));
        Document document = parse(NecCurve.svg(report("sparse", 0.7, alike)));
        List<Element> names = Stream.of("sparse", "random-words", "random-directions", "linear-probe (dense)")
                .map(name -> withText(document, name))
                .sorted(Comparator.comparingDouble(name -> number(name, "y")))
                .toList();

        assertThat(names.getFirst().getTextContent()).isEqualTo("sparse");
        assertThat(names.getLast().getTextContent()).isEqualTo("random-directions");
        for (int i = 1; i < names.size(); i++) {
            assertThat(number(names.get(i), "y") - number(names.get(i - 1), "y"))
                    .isGreaterThanOrEqualTo(15);
        }
        assertThat(number(names.getFirst(), "y") - 4).isCloseTo(height(document, 0.701), within(1.0));
        requireNothingClipped(document);
    }

    @Test
    void nothingIsClippedAtTheEdgesAndEveryTickHasItsNumber() throws Exception {
        for (double level : new double[] {0, 0.5, 1}) {
            String longName = "a-method-with-a-long-name-of-somebody-elses";
            Document document = parse(NecCurve.svg(report(
                    longName, level, Map.of("method", curve(level, level), "random-words", curve(level, level)))));
            requireNothingClipped(document);
            List<Element> ticks = elements(document, "line").stream()
                    .filter(line -> line.getAttribute("stroke").equals("#888888"))
                    .toList();
            assertThat(ticks)
                    .hasSize(5)
                    .allSatisfy(line -> assertThat(elements(document, "text")) // 1, 2, 3, 5, 10
                            .anyMatch(text -> text.getAttribute("x").equals(line.getAttribute("x1"))
                                    && text.getTextContent().matches("\\d+")));
        }
    }

    @Test
    void aMethodWithoutADialHasAPoint() throws Exception {
        Document document = parse(NecCurve.svg(report("search", 0.6, Map.of())));

        assertThat(document.getElementsByTagName("polyline").getLength()).isZero();
        assertThat(elements(document, "circle").getFirst().getAttribute("id")).isEqualTo("in-use");
        assertThat(withText(document, "search").getAttribute("fill")).isEqualTo("#0b5fa5");
        requireNothingClipped(document);
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
