package dev.lapidary.linear;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/** Every form that is found holds to the contract; none is named here. */
class LinearContractTest {
    @TestFactory
    Stream<DynamicNode> contract() {
        return LinearContract.ofAll();
    }
}
