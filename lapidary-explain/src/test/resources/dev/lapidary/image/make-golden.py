"""Writes the golden files beside it with Pillow 12.3.0 and NumPy 2.4.6.

resize.npz      in-NAME and NAME-FILTER-HEIGHTxWIDTH: Image.resize of pictures [height, width, 3], u8
decode-*        small files of every kind; decode.npz has what convert("RGB") makes of them, by file name
processors.json configurations; processors.npz has what transformers makes of the picture 'in' with each, every STRIDE-th
                row and column, from the formulas of image_transforms.py and the classes' preprocess()
Prints the SHA-256 of a large picture resized, which a test has as a constant.
"""
import hashlib, io, json, math, os, struct, zlib
import numpy as np
from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))
FILTERS = {"nearest": 0, "lanczos": 1, "bilinear": 2, "bicubic": 3, "box": 4, "hamming": 5}
rng = np.random.default_rng(20260101)


def photo(height, width):
    y, x = np.mgrid[0:height, 0:width]
    colours = [128 + 90 * np.sin(x / 7 + c) * np.cos(y / 9 - c) + 60 * ((x + 2 * y) % 23 < 6) for c in range(3)]
    return np.clip(np.stack(colours, 2) + rng.normal(0, 6, (height, width, 3)), 0, 255).astype(np.uint8)


def gradient(height, width):
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([x * 255 // max(1, width - 1), y * 255 // max(1, height - 1), (x + y) % 256], 2).astype(np.uint8)


def noise(height, width):
    return rng.integers(0, 256, (height, width, 3), dtype=np.uint8)


def resize(pixels, height, width, resample):
    return np.asarray(Image.fromarray(pixels).resize((width, height), resample))


def resizes():
    pictures = {
        "noise": (noise(19, 27), [(7, 11), (19, 10), (30, 27), (1, 1), (41, 53), (5, 60)]),
        "gradient": (gradient(24, 32), [(9, 13), (24, 31), (25, 33), (1, 32)]),
        "photo": (photo(60, 44), [(28, 28), (13, 5), (60, 9), (64, 44), (59, 43)]),
        "dot": (noise(1, 1), [(1, 1), (5, 4), (1, 7)]),
        "row": (noise(1, 29), [(1, 1), (1, 13), (6, 29), (4, 60)]),
        "column": (noise(31, 1), [(1, 1), (14, 1), (31, 5), (50, 3)]),
        "flags": (np.where(noise(33, 35) > 127, 255, 0).astype(np.uint8), [(15, 16), (47, 50)]),
    }
    arrays = {}
    for name, (pixels, sizes) in pictures.items():
        arrays["in-" + name] = pixels
        for height, width in sizes:
            for title, number in FILTERS.items():
                arrays[f"{name}-{title}-{height}x{width}"] = resize(pixels, height, width, number)
    np.savez_compressed(os.path.join(HERE, "resize.npz"), **arrays)
    y, x, c = np.mgrid[0:480, 0:640, 0:3]
    large = ((x * 7 + y * 13 + c * 31 + (x * y >> 5)) % 256).astype(np.uint8)
    print("480x640 to 224x298, bicubic:", hashlib.sha256(resize(large, 224, 298, 3).tobytes()).hexdigest())


def png(width, height, depth, colour, rows, extra=b""):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    packed = zlib.compress(b"".join(b"\0" + row for row in rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def encoded(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def decodes():
    colour = Image.fromarray(photo(21, 30))
    alpha = Image.fromarray(np.dstack([photo(9, 14), noise(9, 14)[:, :, 0]]))
    grey = colour.convert("L")
    wide = rng.integers(0, 65536, (4, 5, 4)).astype(">u2")
    wide[0, :, 0] = [0, 1, 255, 256, 65535]
    turned = Image.Exif()
    turned[0x0112] = 6
    files = {
        "colour.png": encoded(colour, "PNG"),
        "grey.png": encoded(grey, "PNG"),
        "bits.png": encoded(grey.convert("1"), "PNG"),
        "palette.png": encoded(colour.quantize(23), "PNG", transparency=3),
        "palette2.png": encoded(colour.quantize(3), "PNG"),
        "alpha.png": encoded(alpha, "PNG"),
        "grey-alpha.png": encoded(alpha.convert("LA"), "PNG"),
        "grey4.png": png(5, 4, 4, 0, [bytes(r) for r in rng.integers(0, 256, (4, 3), dtype=np.uint8)]),
        "grey2.png": png(5, 4, 2, 0, [bytes(r) for r in rng.integers(0, 256, (4, 2), dtype=np.uint8)]),
        "grey16.png": png(5, 4, 16, 0, [wide[y, :, :1].tobytes() for y in range(4)]),
        "grey-alpha16.png": png(5, 4, 16, 4, [wide[y, :, :2].tobytes() for y in range(4)]),
        "colour16.png": png(5, 4, 16, 2, [wide[y, :, :3].tobytes() for y in range(4)]),
        "alpha16.png": png(5, 4, 16, 6, [wide[y].tobytes() for y in range(4)]),
        "grey.jpg": encoded(grey, "JPEG"),
        "420.jpg": encoded(colour, "JPEG", quality=80),
        "444.jpg": encoded(colour, "JPEG", quality=95, subsampling=0),
        "422.jpg": encoded(colour, "JPEG", quality=70, subsampling=1),
        "progressive.jpg": encoded(colour, "JPEG", progressive=True),
        "rgb.jpg": encoded(colour, "JPEG", keep_rgb=True),
        "turned.jpg": encoded(colour, "JPEG", exif=turned),
        "lossy.webp": encoded(colour, "WEBP", quality=80),
        "lossless.webp": encoded(colour, "WEBP", lossless=True),
        "alpha.webp": encoded(alpha, "WEBP", quality=80),
        "alpha-lossless.webp": encoded(alpha, "WEBP", lossless=True, exact=True),
    }
    arrays = {}
    for name, data in files.items():
        with open(os.path.join(HERE, "decode-" + name), "wb") as out:
            out.write(data)
        arrays[name] = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    np.savez_compressed(os.path.join(HERE, "decode.npz"), **arrays)
    for name, image, options in [
        ("cmyk.jpg", colour.convert("CMYK"), {}),
        ("animated.webp", colour, {"save_all": True, "append_images": [colour.rotate(90)]}),
    ]:
        with open(os.path.join(HERE, "refused-" + name), "wb") as out:
            out.write(encoded(image, "JPEG" if name.endswith("jpg") else "WEBP", **options))


CLIP = dict(size={"shortest_edge": 224}, resample=3, do_center_crop=True, crop_size=224,
            image_mean=[0.48145466, 0.4578275, 0.40821073], image_std=[0.26862954, 0.26130258, 0.27577711])
HALVES = dict(size={"height": 224, "width": 224}, do_center_crop=False, image_mean=[0.5] * 3, image_std=[0.5] * 3)
DEFAULTS = {
    "CLIPImageProcessor": CLIP, "CLIPFeatureExtractor": CLIP,
    "SiglipImageProcessor": dict(HALVES, resample=3), "ViTImageProcessor": dict(HALVES, resample=2),
}


def center_crop(image, height, width):
    """image_transforms.center_crop for [3, height, width]."""
    old_height, old_width = image.shape[1:]
    top, left = (old_height - height) // 2, (old_width - width) // 2
    bottom, right = top + height, left + width
    if top >= 0 and bottom <= old_height and left >= 0 and right <= old_width:
        return image[..., top:bottom, left:right]
    new_height, new_width = max(height, old_height), max(width, old_width)
    padded = np.zeros_like(image, shape=(3, new_height, new_width))
    top_pad, left_pad = math.ceil((new_height - old_height) / 2), math.ceil((new_width - old_width) / 2)
    padded[..., top_pad:top_pad + old_height, left_pad:left_pad + old_width] = image
    top, bottom, left, right = top + top_pad, bottom + top_pad, left + left_pad, right + left_pad
    return padded[..., max(0, top):min(new_height, bottom), max(0, left):min(new_width, right)]


def process(pixels, config):
    name = config.get("image_processor_type") or config["feature_extractor_type"]
    defaults = DEFAULTS[name]
    get = lambda key, otherwise: config.get(key, defaults.get(key, otherwise))
    if get("do_resize", True):
        size = get("size", None)
        if isinstance(size, int):
            size = {"shortest_edge": size} if name.startswith("CLIP") else {"height": size, "width": size}
        height, width = pixels.shape[:2]
        if "shortest_edge" in size:
            short, long = (width, height) if width <= height else (height, width)
            new_short, new_long = size["shortest_edge"], int(size["shortest_edge"] * long / short)
            new = (new_long, new_short) if width <= height else (new_short, new_long)
        else:
            new = (size["height"], size["width"])
        pixels = resize(pixels, *new, get("resample", None))
    image = pixels.transpose(2, 0, 1)
    if name.startswith("CLIP") and get("do_center_crop", True):
        crop = get("crop_size", None)
        crop = (crop, crop) if isinstance(crop, int) else (crop["height"], crop["width"])
        image = center_crop(image, *crop)
    if get("do_rescale", True):
        image = (image.astype(np.float64) * get("rescale_factor", 1 / 255)).astype(np.float32)
    if get("do_normalize", True):
        image = image.astype(np.float32)
        mean = np.array(get("image_mean", None), dtype=image.dtype)
        std = np.array(get("image_std", None), dtype=image.dtype)
        image = ((image.T - mean) / std).T
    return image.astype(np.float32)


def processors():
    configs = {
        "clip-default": {"image_processor_type": "CLIPImageProcessor"},
        "clip-old": {"feature_extractor_type": "CLIPFeatureExtractor", "crop_size": 24, "do_center_crop": True,
                     "do_normalize": True, "do_resize": True, "image_mean": [0.48145466, 0.4578275, 0.40821073],
                     "image_std": [0.26862954, 0.26130258, 0.27577711], "resample": 3, "size": 24},
        "clip-odd": {"image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 19},
                     "crop_size": {"height": 16, "width": 22}, "resample": 1},
        "clip-padded": {"image_processor_type": "CLIPImageProcessor", "do_resize": False,
                        "crop_size": {"height": 43, "width": 64}},
        "clip-padded-wide": {"image_processor_type": "CLIPImageProcessor", "do_resize": False,
                             "crop_size": {"height": 20, "width": 60}},
        "clip-square": {"image_processor_type": "CLIPImageProcessor", "size": {"height": 17, "width": 23},
                        "do_center_crop": False},
        "clip-raw": {"image_processor_type": "CLIPImageProcessor", "size": 12, "crop_size": 12, "do_rescale": False,
                     "do_normalize": False},
        "clip-factor": {"image_processor_type": "CLIPImageProcessor", "size": 12, "crop_size": 12,
                        "rescale_factor": 0.00784313725490196, "do_normalize": False},
        "siglip-default": {"image_processor_type": "SiglipImageProcessor", "do_convert_rgb": None},
        "siglip-small": {"image_processor_type": "SiglipImageProcessor", "size": {"height": 20, "width": 12}},
        "vit-default": {"image_processor_type": "ViTImageProcessor"},
        "vit-small": {"image_processor_type": "ViTImageProcessor", "size": 18, "do_center_crop": True, "crop_size": 7,
                      "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]},
        "vit-not-scaled": {"image_processor_type": "ViTImageProcessor", "size": 9, "do_rescale": False},
    }
    wide, tall = photo(36, 53), photo(45, 31)
    arrays = {"in-wide": wide, "in-tall": tall}
    for name, config in configs.items():
        stride = 16 if name.endswith("default") else 1
        for title, pixels in [("wide", wide), ("tall", tall)]:
            image = process(pixels, config)
            arrays[f"{name}-{title}"] = np.ascontiguousarray(image[:, ::stride, ::stride])
    np.savez_compressed(os.path.join(HERE, "processors.npz"), **arrays)
    with open(os.path.join(HERE, "processors.json"), "w", newline="\n") as out:
        json.dump(configs, out, indent=1)


resizes()
decodes()
processors()
