package dev.lapidary.image;

import java.awt.image.BufferedImage;
import java.awt.image.ComponentSampleModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;

/** Takes RGB bytes out of decoded pictures as they are stored, without any conversion between colour spaces. */
final class PixelRows {
    private static final int GREEN = 1;
    private static final int BLUE = 2;

    private PixelRows() {}

    static RgbImage rgb(BufferedImage image) {
        byte[] out = new byte[image.getHeight() * image.getWidth() * RgbImage.BANDS];
        Raster raster = image.getRaster();
        if (image.getColorModel() instanceof IndexColorModel palette) {
            fromPalette(raster, palette, out);
        } else if (raster.getDataBuffer() instanceof DataBufferByte data
                && raster.getSampleModel() instanceof ComponentSampleModel model
                && data.getNumBanks() == 1) {
            fromBytes(data.getData(), model, out);
        } else {
            fromSamples(raster, out);
        }
        return new RgbImage(image.getHeight(), image.getWidth(), out);
    }

    /**
     * What Pillow makes of a grey value of 16 bits: those above 255 become 255, so pictures are rarely what their maker saw.
     * Kept because published embeddings of such files were made so.
     */
    private static int grey16(int value) {
        return Math.min(value, 255);
    }

    private static void fromBytes(byte[] data, ComponentSampleModel model, byte[] out) {
        int[] offsets = model.getBandOffsets();
        boolean grey = offsets.length < RgbImage.BANDS;
        int red = offsets[0];
        int green = offsets[grey ? 0 : GREEN];
        int blue = offsets[grey ? 0 : BLUE];
        int step = model.getPixelStride();
        int to = 0;
        for (int y = 0; y < model.getHeight(); y++) {
            int from = y * model.getScanlineStride();
            for (int x = 0; x < model.getWidth(); x++) {
                out[to++] = data[from + red];
                out[to++] = data[from + green];
                out[to++] = data[from + blue];
                from += step;
            }
        }
    }

    private static void fromPalette(Raster raster, IndexColorModel palette, byte[] out) {
        int width = raster.getWidth();
        int[] row = new int[width];
        int to = 0;
        for (int y = 0; y < raster.getHeight(); y++) {
            raster.getSamples(0, y, width, 1, 0, row);
            for (int index : row) {
                int colour = palette.getRGB(index);
                out[to++] = (byte) (colour >> 16);
                out[to++] = (byte) (colour >> 8);
                out[to++] = (byte) colour;
            }
        }
    }

    private static void fromSamples(Raster raster, byte[] out) {
        int width = raster.getWidth();
        boolean wide = raster.getTransferType() == DataBuffer.TYPE_USHORT;
        int bands = raster.getNumBands();
        int[] row = new int[width];
        for (int band = 0; band < RgbImage.BANDS; band++) {
            for (int y = 0; y < raster.getHeight(); y++) {
                raster.getSamples(0, y, width, 1, bands < RgbImage.BANDS ? 0 : band, row);
                int to = y * width * RgbImage.BANDS + band;
                for (int value : row) {
                    out[to] = (byte) narrow(value, wide, bands);
                    to += RgbImage.BANDS;
                }
            }
        }
    }

    private static int narrow(int value, boolean wide, int bands) {
        if (!wide) {
            return value;
        }
        return bands == 1 ? grey16(value) : value >> 8;
    }
}
