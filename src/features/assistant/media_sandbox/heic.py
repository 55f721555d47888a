"""Converts photos of iPhones (HEIC), which models do not read."""

import io

#: Longest side of the photo that is made, in pixels: models look at no more.
MAX_SIDE_PIXELS = 2048
#: Largest photo that is decoded, in pixels: the largest of phones.
MAX_PIXELS = 60_000_000
QUALITY = 85


class NotHeic(Exception):
    """The file cannot be decoded as a photo."""


def as_jpeg(content: bytes) -> bytes:
    """Return a photo as JPEG. Needs pillow-heif (the extra "heic").

    Raises NotHeic without pillow-heif, or for a photo with more than 60 megapixels.
    """
    try:
        import pillow_heif
    except ImportError as error:
        raise NotHeic('this photo needs pillow-heif: install the extra "heic"') from error
    photo = pillow_heif.open_heif(io.BytesIO(content), convert_hdr_to_8bit=True)
    if photo.size[0] * photo.size[1] > MAX_PIXELS:
        raise NotHeic("the photo is too large")
    picture = photo.to_pillow().convert("RGB")
    picture.thumbnail((MAX_SIDE_PIXELS, MAX_SIDE_PIXELS))
    made = io.BytesIO()
    picture.save(made, "JPEG", quality=QUALITY)
    return made.getvalue()
