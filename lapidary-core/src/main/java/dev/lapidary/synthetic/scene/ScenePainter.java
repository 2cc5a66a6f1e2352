package dev.lapidary.synthetic.scene;

import dev.lapidary.image.RgbImage;
import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;
import java.util.SplittableRandom;

/** Paints scenes: background, objects in order, then noise on every pixel. */
final class ScenePainter {
    private static final double DARKER = 0.22; // of the colour
    private static final double NOISE = 6; // standard deviation, in 1/255
    private static final int BANDS = 3;

    private final int side;

    /** Paints square pictures with {@code side} pixels on each side. */
    ScenePainter(int side) {
        this.side = side;
    }

    /** Returns the picture [side, side, 3]. */
    RgbImage paint(Scene scene) {
        BufferedImage canvas = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = canvas.createGraphics();
        try {
            graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
            paint(scene.background(), graphics);
            scene.objects().forEach(object -> paint(object, graphics));
        } finally {
            graphics.dispose();
        }
        return noisy(canvas.getRGB(0, 0, side, side, null, 0, side), scene.noiseSeed());
    }

    private void paint(SceneBackground background, Graphics2D graphics) {
        float half = side / 2f;
        float dx = (float) Math.cos(background.angle()) * half;
        float dy = (float) Math.sin(background.angle()) * half;
        graphics.setPaint(new GradientPaint(
                half - dx, half - dy, new Color(background.from()), half + dx, half + dy, new Color(background.to())));
        graphics.fillRect(0, 0, side, side);
    }

    private void paint(SceneObject object, Graphics2D graphics) {
        SceneObject.Pose pose = object.pose();
        double radius = object.size().radius() * pose.scale();
        AffineTransform onto = AffineTransform.getScaleInstance(side, side);
        onto.translate(object.place().x() + pose.dx(), object.place().y() + pose.dy());
        onto.rotate(pose.angle());
        onto.scale(radius, radius);
        SceneSurface surface = SceneSurface.of(object);
        graphics.setPaint(colour(object, 1));
        graphics.fill(onto.createTransformedShape(surface.outline()));
        graphics.setPaint(colour(object, DARKER));
        graphics.fill(onto.createTransformedShape(surface.marks()));
    }

    private static Color colour(SceneObject object, double factor) {
        int rgb = object.colour().rgb();
        int tint = object.pose().tint();
        return new Color(
                level(((rgb >> 16) & 0xff) * factor + tint),
                level(((rgb >> 8) & 0xff) * factor + tint),
                level((rgb & 0xff) * factor + tint));
    }

    private static RgbImage noisy(int[] rgb, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        byte[] pixels = new byte[rgb.length * BANDS];
        for (int i = 0; i < rgb.length; i++) {
            for (int band = 0; band < BANDS; band++) {
                int clean = (rgb[i] >> (8 * (BANDS - 1 - band))) & 0xff;
                pixels[i * BANDS + band] = (byte) level(clean + NOISE * random.nextGaussian());
            }
        }
        int side = (int) Math.round(Math.sqrt(rgb.length));
        return new RgbImage(side, side, pixels);
    }

    private static int level(double value) {
        return Math.clamp(Math.round(value), 0, 255);
    }
}
