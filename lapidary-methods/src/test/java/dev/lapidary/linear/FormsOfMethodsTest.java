package dev.lapidary.linear;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/** Forms that methods add hold to the contract too, found beside those of the core. */
class FormsOfMethodsTest {
    @TestFactory
    Stream<DynamicNode> contract() {
        return LinearContract.ofAll();
    }
}
