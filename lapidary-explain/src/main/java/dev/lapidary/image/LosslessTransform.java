package dev.lapidary.image;

/** What was done to the pixels of a lossless WebP before they were coded, and is undone here. Pixels are ARGB, [height, width]. */
sealed interface LosslessTransform {
    /** Undoes it; returns other pixels where there are more of them, else the same. */
    int[] undo(int[] pixels, int height);

    /** The sum of two pixels, colour by colour. */
    static int sum(int a, int b) {
        return ((a & 0xff00ff00) + (b & 0xff00ff00) & 0xff00ff00) | ((a & 0xff00ff) + (b & 0xff00ff) & 0xff00ff);
    }

    /** Every pixel is the difference to one predicted from its neighbours, by a rule for each block. */
    @SuppressWarnings("ArrayRecordComponent") // read once, never changed
    record Predictor(int width, int bits, int[] blocks) implements LosslessTransform {
        private static final int BLACK = 0xff000000;

        @Override
        public int[] undo(int[] pixels, int height) {
            int across = LosslessWebp.blocks(width, bits);
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    int at = y * width + x;
                    int predicted;
                    if (y == 0) {
                        predicted = x == 0 ? BLACK : pixels[at - 1];
                    } else if (x == 0) {
                        predicted = pixels[at - width];
                    } else {
                        int mode = blocks[(y >> bits) * across + (x >> bits)] >> 8 & 0xf;
                        predicted = predict(
                                mode,
                                pixels[at - 1],
                                pixels[at - width],
                                pixels[at - width - 1],
                                pixels[at - width + 1]);
                    }
                    pixels[at] = sum(pixels[at], predicted);
                }
            }
            return pixels;
        }

        private static int predict(int mode, int left, int top, int topLeft, int topRight) {
            return switch (mode) {
                case 1 -> left;
                case 2 -> top;
                case 3 -> topRight;
                case 4 -> topLeft;
                case 5 -> mean(mean(left, topRight), top);
                case 6 -> mean(left, topLeft);
                case 7 -> mean(left, top);
                case 8 -> mean(topLeft, top);
                case 9 -> mean(top, topRight);
                case 10 -> mean(mean(left, topLeft), mean(top, topRight));
                case 11 -> nearer(left, top, topLeft);
                case 12 -> full(left, top, topLeft);
                case 13 -> half(mean(left, top), topLeft);
                default -> BLACK;
            };
        }

        private static int mean(int a, int b) {
            return (((a ^ b) & 0xfefefefe) >>> 1) + (a & b);
        }

        private static int nearer(int left, int top, int topLeft) {
            int toLeft = 0;
            int toTop = 0;
            for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
                toLeft += Math.abs((top >>> shift & 0xff) - (topLeft >>> shift & 0xff));
                toTop += Math.abs((left >>> shift & 0xff) - (topLeft >>> shift & 0xff));
            }
            return toLeft < toTop ? left : top;
        }

        private static int full(int left, int top, int topLeft) {
            int sum = 0;
            for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
                int value = (left >>> shift & 0xff) + (top >>> shift & 0xff) - (topLeft >>> shift & 0xff);
                sum |= Math.clamp(value, 0, 255) << shift;
            }
            return sum;
        }

        private static int half(int mean, int topLeft) {
            int sum = 0;
            for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
                int value = mean >>> shift & 0xff;
                sum |= Math.clamp(value + (value - (topLeft >>> shift & 0xff)) / 2, 0, 255) << shift;
            }
            return sum;
        }
    }

    /** Red and blue are differences to parts of green, blue also to a part of red, by weights for each block. */
    @SuppressWarnings("ArrayRecordComponent") // read once, never changed
    record Colours(int width, int bits, int[] blocks) implements LosslessTransform {
        @Override
        public int[] undo(int[] pixels, int height) {
            int across = LosslessWebp.blocks(width, bits);
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    int weights = blocks[(y >> bits) * across + (x >> bits)];
                    int pixel = pixels[y * width + x];
                    int green = pixel >> 8;
                    int red = (pixel >> 16) + part(weights, green) & 0xff;
                    int blue = pixel + part(weights >> 8, green) + part(weights >> 16, red) & 0xff;
                    pixels[y * width + x] = pixel & 0xff00ff00 | red << 16 | blue;
                }
            }
            return pixels;
        }

        private static int part(int weight, int colour) {
            return (byte) weight * (byte) colour >> 5;
        }
    }

    /** Green was subtracted from red and blue. */
    record Green() implements LosslessTransform {
        @Override
        public int[] undo(int[] pixels, int height) {
            for (int i = 0; i < pixels.length; i++) {
                int green = pixels[i] >>> 8 & 0xff;
                pixels[i] = sum(pixels[i], green << 16 | green);
            }
            return pixels;
        }
    }

    /** Green is the place of the pixel's colour in a palette, or of several pixels' colours; places behind its end are black. */
    @SuppressWarnings("ArrayRecordComponent") // read once, never changed
    record Palette(int width, int bits, int[] colours) implements LosslessTransform {
        @Override
        public int[] undo(int[] pixels, int height) {
            int[] out = bits == 0 ? pixels : new int[width * height];
            int across = LosslessWebp.blocks(width, bits);
            int size = Byte.SIZE >> bits; // bits of a place
            int inByte = (1 << bits) - 1;
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    int packed = pixels[y * across + (x >> bits)] >> 8 & 0xff;
                    int place = packed >> size * (x & inByte) & (1 << size) - 1;
                    out[y * width + x] = place < colours.length ? colours[place] : 0;
                }
            }
            return out;
        }
    }
}
