package dev.lapidary.runtime.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Native memory by address, for buffers that a kernel itself allocates: one constant segment over everything, so that C2
 * knows its class and needs no bounds or liveness check in inner loops. Addresses must come from segments whose size was
 * checked.
 */
public final class RawMemory {
    /** All addresses. */
    @SuppressWarnings("restricted")
    public static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    /** The byte order of what a kernel stores. */
    public static final ByteOrder ORDER = ByteOrder.nativeOrder();

    private static final long MOST = (1L << 56) - 1; // of user space everywhere

    private RawMemory() {}

    /**
     * Returns an address as it is, but so that C2 knows it to be neither negative nor near the largest number: then loads at
     * it, and at small offsets from it, need no check.
     */
    static long known(long address) {
        return address & MOST;
    }

    /** Loads floats. */
    public static FloatVector load(long address) {
        return FloatVector.fromMemorySegment(Lanes.FLOAT, ALL, address, ORDER);
    }

    /** Stores floats. */
    public static void store(FloatVector value, long address) {
        value.intoMemorySegment(ALL, address, ORDER);
    }

    /** Loads integers. */
    public static IntVector loadInts(long address) {
        return IntVector.fromMemorySegment(Lanes.INT, ALL, address, ORDER);
    }

    /** Stores integers. */
    public static void store(IntVector value, long address) {
        value.intoMemorySegment(ALL, address, ORDER);
    }

    /** Returns the float at an address. */
    public static float get(long address) {
        return ALL.get(ValueLayout.JAVA_FLOAT_UNALIGNED, address);
    }

    static byte getByte(long address) {
        return ALL.get(ValueLayout.JAVA_BYTE, address);
    }

    static short getShort(long address) {
        return ALL.get(ValueLayout.JAVA_SHORT_UNALIGNED, address);
    }

    /** Loads bytes of a species that need not be the shape of {@link Lanes}. */
    static ShortVector loadShorts(VectorSpecies<Short> species, long address) {
        return ShortVector.fromMemorySegment(species, ALL, known(address), ORDER);
    }

    static ByteVector loadBytes(VectorSpecies<Byte> species, long address) {
        return ByteVector.fromMemorySegment(species, ALL, address, ORDER);
    }

    /** Returns the integer at an address. */
    public static int getInt(long address) {
        return ALL.get(ValueLayout.JAVA_INT_UNALIGNED, address);
    }

    /** Stores an integer. */
    public static void setInt(long address, int value) {
        ALL.set(ValueLayout.JAVA_INT_UNALIGNED, address, value);
    }

    /** Stores a float. */
    public static void set(long address, float value) {
        ALL.set(ValueLayout.JAVA_FLOAT_UNALIGNED, address, value);
    }

    /** Copies the first n floats of an array to an address; one by one, since vectors become objects in large methods. */
    public static void set(long address, float[] values, int n) {
        for (int i = 0; i < n; i++) {
            set(address + 4L * i, values[i]);
        }
    }

    /** Returns a vector whose lanes all hold the float at the address. */
    public static FloatVector spread(long address) {
        return FloatVector.broadcast(Lanes.FLOAT, get(address));
    }
}
