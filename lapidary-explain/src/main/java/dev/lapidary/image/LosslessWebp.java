package dev.lapidary.image;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * Decodes a lossless WebP. Its work is bounded by its pixels and the bits of its data, and hears when its thread is interrupted.
 *
 * @see <a href="https://developers.google.com/speed/webp/docs/webp_lossless_bitstream_specification">WebP lossless bitstream</a>
 */
final class LosslessWebp {
    private static final int HEADER = 5; // bytes: signature and size
    private static final int LENGTHS = 24; // symbols of lengths
    private static final int DISTANCES = 40; // symbols of distances
    private static final int LARGEST_CACHE = 11; // bits
    private static final int NEAR = 120; // distances that mean a neighbour
    private static final int HASH = 0x1e35a7bd;

    /** Of each neighbour 16 times the rows above and 8 less the columns to the left, in hexadecimal. */
    private static final byte[] NEIGHBOURS = HexFormat.of()
            .parseHex("1807171928062729161a262a38053739151b363a252b48044749141c353b464a242c58454b343c03"
                    + "5759131d565a232d444c555b333d68026769121e666a222e545c434d656b323e78017779535d111f"
                    + "646c424e767a212f757b313f636d525e00747c414f1020626e30737d515f40727e616f50717f6070");

    /** The prefix codes of a part of the picture. */
    private record Group(PrefixCode green, PrefixCode red, PrefixCode blue, PrefixCode alpha, PrefixCode distance) {
        static Group read(LosslessBits in, int cache) {
            return new Group(
                    PrefixCode.read(in, 256 + LENGTHS + cache),
                    PrefixCode.read(in, 256),
                    PrefixCode.read(in, 256),
                    PrefixCode.read(in, 256),
                    PrefixCode.read(in, DISTANCES));
        }
    }

    private final LosslessBits in;

    private LosslessWebp(LosslessBits in) {
        this.in = in;
    }

    /** Decodes a simple file: container, one chunk VP8L. */
    static RgbImage decode(EncodedImage image) {
        ByteScan scan = new ByteScan(image.name(), image.bytes());
        int data = WebpChunks.DATA;
        LosslessBits bits = new LosslessBits(scan, data + HEADER, (int) scan.little32(data - 4L) - HEADER);
        if (scan.u8(data + 4L) >> 5 != 0) {
            throw scan.corrupt("version " + (scan.u8(data + 4L) >> 5) + " of lossless data");
        }
        int[] pixels = new LosslessWebp(bits).picture(image.width(), image.height());
        byte[] rgb = new byte[pixels.length * RgbImage.BANDS];
        int to = 0;
        for (int pixel : pixels) {
            rgb[to++] = (byte) (pixel >> 16);
            rgb[to++] = (byte) (pixel >> 8);
            rgb[to++] = (byte) pixel;
        }
        return new RgbImage(image.height(), image.width(), rgb);
    }

    private int[] picture(int width, int height) {
        List<LosslessTransform> transforms = new ArrayList<>();
        int across = width;
        int seen = 0;
        while (in.flag()) {
            int type = in.read(2);
            if ((seen & 1 << type) != 0) {
                throw in.corrupt("a transform twice");
            }
            seen |= 1 << type;
            LosslessTransform transform = transform(type, across, height);
            transforms.add(transform);
            across = transform instanceof LosslessTransform.Palette palette ? blocks(across, palette.bits()) : across;
        }
        int[] pixels = pixels(across, height, true);
        for (LosslessTransform transform : transforms.reversed()) {
            pixels = transform.undo(pixels, height);
        }
        return pixels;
    }

    private LosslessTransform transform(int type, int width, int height) {
        return switch (type) {
            case 0, 1 -> blockwise(type, width, height);
            case 2 -> new LosslessTransform.Green();
            default -> palette(width);
        };
    }

    private LosslessTransform blockwise(int type, int width, int height) {
        int bits = in.read(3) + 2;
        int[] blocks = pixels(blocks(width, bits), blocks(height, bits), false);
        return type == 0
                ? new LosslessTransform.Predictor(width, bits, blocks)
                : new LosslessTransform.Colours(width, bits, blocks);
    }

    private LosslessTransform palette(int width) {
        int size = in.read(Byte.SIZE) + 1;
        int[] colours = pixels(size, 1, false);
        for (int i = 1; i < size; i++) { // differences, colour by colour
            colours[i] = LosslessTransform.sum(colours[i], colours[i - 1]);
        }
        int bits = size <= 2 ? 3 : size <= 4 ? 2 : size <= 16 ? 1 : 0;
        return new LosslessTransform.Palette(width, bits, colours);
    }

    /** Reads an image within the data, [height, width]; only the picture itself may have groups of codes. */
    private int[] pixels(int width, int height, boolean picture) {
        int cacheBits = in.flag() ? in.read(4) : 0;
        if (cacheBits > LARGEST_CACHE) {
            throw in.corrupt("a cache of " + cacheBits + " bits");
        }
        int bits = 0;
        int @Nullable [] parts = null;
        int groups = 1;
        if (picture && in.flag()) {
            bits = in.read(3) + 2;
            parts = pixels(blocks(width, bits), blocks(height, bits), false);
            for (int i = 0; i < parts.length; i++) {
                parts[i] = parts[i] >> 8 & 0xffff;
                groups = Math.max(groups, parts[i] + 1);
            }
        }
        int cache = cacheBits == 0 ? 0 : 1 << cacheBits;
        Group[] codes = new Group[groups];
        for (int i = 0; i < groups; i++) {
            codes[i] = Group.read(in, cache);
        }
        return new Decoding(width, height, codes, parts, bits, cacheBits).run();
    }

    /** One image within the data while it is read. */
    private final class Decoding {
        private final int width;
        private final int[] pixels; // [height, width]
        private final Group[] codes;
        private final int @Nullable [] parts; // which group, by block
        private final int bits; // of a block's side
        private final int cacheBits;
        private final int[] cache;

        Decoding(int width, int height, Group[] codes, int @Nullable [] parts, int bits, int cacheBits) {
            this.width = width;
            this.pixels = new int[Math.multiplyExact(width, height)];
            this.codes = codes;
            this.parts = parts;
            this.bits = bits;
            this.cacheBits = cacheBits;
            this.cache = new int[cacheBits == 0 ? 0 : 1 << cacheBits];
        }

        int[] run() {
            int at = 0;
            int row = -1;
            while (at < pixels.length) {
                if (at / width != row) {
                    row = at / width;
                    if (Thread.currentThread().isInterrupted()) {
                        throw new CancellationException("the reading of images was stopped");
                    }
                }
                Group group = group(at - row * width, row);
                int symbol = group.green.next(in);
                if (symbol < 256) {
                    int red = group.red.next(in);
                    int blue = group.blue.next(in);
                    put(at++, group.alpha.next(in) << 24 | red << 16 | symbol << 8 | blue);
                } else if (symbol < 256 + LENGTHS) {
                    at = copy(at, number(symbol - 256), distance(number(group.distance.next(in))));
                } else {
                    put(at++, cache[symbol - 256 - LENGTHS]);
                }
            }
            return pixels;
        }

        private Group group(int x, int y) {
            return parts == null ? codes[0] : codes[parts[(y >> bits) * blocks(width, bits) + (x >> bits)]];
        }

        private void put(int at, int pixel) {
            pixels[at] = pixel;
            if (cacheBits > 0) {
                cache[HASH * pixel >>> Integer.SIZE - cacheBits] = pixel;
            }
        }

        private int copy(int at, int length, int distance) {
            if (distance > at || length > pixels.length - at) {
                throw in.corrupt("a copy from or to outside of the picture");
            }
            for (int i = at; i < at + length; i++) {
                put(i, pixels[i - distance]);
            }
            return at + length;
        }

        /** A length or a distance: the symbol gives its size, further bits the rest. */
        private int number(int symbol) {
            if (symbol < 4) {
                return symbol + 1;
            }
            int more = symbol - 2 >> 1;
            return ((2 + (symbol & 1)) << more) + in.read(more) + 1;
        }

        private int distance(int number) {
            if (number > NEAR) {
                return number - NEAR;
            }
            int place = NEIGHBOURS[number - 1];
            return Math.max(1, (place >> 4) * width + 8 - (place & 0xf));
        }
    }

    static int blocks(int length, int bits) {
        return length + (1 << bits) - 1 >> bits;
    }
}
