#include "fetch/shrink.h"

#include "fetch/picture_head.h"

#include <dlfcn.h>
#include <gd.h>

enum { SIDE_MAX = 8192, PIXELS_MAX = 40 * 1000 * 1000, WIDTH_MIN = 240 };

/* libgd, loaded when it is needed; the program's other commands start without it. */
static struct {
    gdImagePtr (*decode[4])(int, void *); /* by enum picture_format */
    gdImagePtr (*create)(int, int);
    void (*destroy)(gdImagePtr);
    void (*resampled)(gdImagePtr, gdImagePtr, int, int, int, int, int, int, int, int);
    void (*alpha_blending)(gdImagePtr, int);
    void (*save_alpha)(gdImagePtr, int);
    void (*interlace)(gdImagePtr, int);
    int (*get)(gdImagePtr, int, int);
    void (*set)(gdImagePtr, int, int, int);
    void (*fill)(gdImagePtr, int, int, int, int, int);
    void *(*jpeg)(gdImagePtr, int *, int);
    void *(*png)(gdImagePtr, int *, int);
    void (*free)(void *);
    int (*to_true)(gdImagePtr);
    void (*quiet)(gdErrorMethod);
} gd;

static void say_nothing(int priority, const char *format, va_list args) {
    (void)priority, (void)format, (void)args;
}

enum status shrink_load(struct error *err) {
    const struct {
        const char *name;
        void *at;
    } functions[] = {{"gdImageCreateFromPngPtr", &gd.decode[PICTURE_PNG]},
                     {"gdImageCreateFromJpegPtr", &gd.decode[PICTURE_JPEG]},
                     {"gdImageCreateFromGifPtr", &gd.decode[PICTURE_GIF]},
                     {"gdImageCreateFromWebpPtr", &gd.decode[PICTURE_WEBP]},
                     {"gdImageCreateTrueColor", &gd.create},
                     {"gdImageDestroy", &gd.destroy},
                     {"gdImageCopyResampled", &gd.resampled},
                     {"gdImageAlphaBlending", &gd.alpha_blending},
                     {"gdImageSaveAlpha", &gd.save_alpha},
                     {"gdImageInterlace", &gd.interlace},
                     {"gdImageGetTrueColorPixel", &gd.get},
                     {"gdImageSetPixel", &gd.set},
                     {"gdImageFilledRectangle", &gd.fill},
                     {"gdImageJpegPtr", &gd.jpeg},
                     {"gdImagePngPtrEx", &gd.png},
                     {"gdFree", &gd.free},
                     {"gdImagePaletteToTrueColor", &gd.to_true},
                     {"gdSetErrorMethod", &gd.quiet}};
    void *library = dlopen("libgd.so.3", RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        return error_set(err, ERR_UNAVAILABLE, "pictures need libgd: %s", dlerror());
    }
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        void *f = dlsym(library, functions[i].name);
        if (!f) {
            return error_set(err, ERR_UNAVAILABLE, "libgd has no %s", functions[i].name);
        }
        memcpy(functions[i].at, &f, sizeof f);
    }
    gd.quiet(say_nothing);
    return OK;
}

/* W x H pixels of FROM; with ON_WHITE its transparent parts are white. */
static gdImagePtr scaled(gdImagePtr from, int w, int h, bool on_white) {
    gdImagePtr to = gd.create(w, h);
    if (to) {
        gd.alpha_blending(to, on_white);
        gd.save_alpha(to, !on_white);
        if (on_white) {
            gd.fill(to, 0, 0, w - 1, h - 1, gdTrueColor(255, 255, 255));
        }
        gd.resampled(to, from, 0, 0, 0, 0, w, h, gdImageSX(from), gdImageSY(from));
    }
    return to;
}

static bool is_transparent(gdImagePtr im) {
    for (int y = 0; y < gdImageSY(im); y++) {
        for (int x = 0; x < gdImageSX(im); x++) {
            if (gdTrueColorGetAlpha(gd.get(im, x, y)) > 0) {
                return true;
            }
        }
    }
    return false;
}

/* Turned and mirrored as EXIF's Orientation says; takes FROM over. */
static gdImagePtr turned(gdImagePtr from, int turn) {
    int w = gdImageSX(from), h = gdImageSY(from);
    if (turn == 1) {
        return from;
    }
    gdImagePtr to = turn >= 5 ? gd.create(h, w) : gd.create(w, h);
    if (to) {
        gd.alpha_blending(to, 0);
        for (int y = 0; y < h; y++) {
            for (int x = 0; x < w; x++) {
                int across = turn == 2 || turn == 3 || turn == 7 || turn == 8 ? w - 1 - x : x;
                int down = turn == 3 || turn == 4 || turn == 6 || turn == 7 ? h - 1 - y : y;
                gd.set(to, turn >= 5 ? down : across, turn >= 5 ? across : down, gd.get(from, x, y));
            }
        }
    }
    gd.destroy(from);
    return to;
}

/* Whether it fits, or must do. */
static bool take(void *bytes, int size, size_t max, bool must, struct buf *out) {
    bool fits = bytes && size > 0 && ((size_t)size <= max || must);
    if (fits) {
        buf_add(out, (struct str){bytes, (size_t)size});
    }
    if (bytes) {
        gd.free(bytes);
    }
    return fits && !out->failed;
}

static bool encode_png(gdImagePtr im, size_t max, struct buf *out) {
    int size = 0;
    void *bytes = gd.png(im, &size, 9);
    return take(bytes, size, max, false, out);
}

static bool encode_jpeg(gdImagePtr im, size_t max, bool must, struct buf *out) {
    static const int qualities[] = {78, 70, 60, 50};
    gd.interlace(im, 1); /* progressive ones are smaller */
    for (size_t i = 0; i < sizeof qualities / sizeof *qualities; i++) {
        int size = 0;
        void *bytes = gd.jpeg(im, &size, qualities[i]);
        if (take(bytes, size, max, must && i + 1 == sizeof qualities / sizeof *qualities, out)) {
            return true;
        }
    }
    return false;
}

/* At width W; false: too large, or memory ran out. */
static bool at_width(gdImagePtr from, int w, const struct picture_head *head, size_t max, bool must, struct buf *out,
                     int *width, int *height, bool *png) {
    int64_t tall = (int64_t)gdImageSY(from) * w / gdImageSX(from);
    int h = tall > 0 ? (int)tall : 1;
    gdImagePtr im = scaled(from, w, h, false);
    bool done = false;
    if (im && (im = turned(im, head->turn))) {
        bool see_through = head->format != PICTURE_JPEG && is_transparent(im);
        gd.save_alpha(im, see_through);
        /* drawings are smaller and sharper as PNG, photographs as JPEG */
        *png = head->format != PICTURE_JPEG && encode_png(im, max, out);
        if (*png && !see_through) {
            struct buf jpeg = BUF_INIT;
            if (encode_jpeg(im, out->len - 1, false, &jpeg)) {
                buf_clear(out);
                buf_add(out, buf_str(&jpeg));
                *png = false;
            }
            buf_release(&jpeg);
        }
        done = *png || out->len > 0;
        if (!done) {
            gdImagePtr flat = see_through ? scaled(im, gdImageSX(im), gdImageSY(im), true) : NULL;
            done = encode_jpeg(flat ? flat : im, max, must, out);
            if (flat) {
                gd.destroy(flat);
            }
        }
        *width = gdImageSX(im);
        *height = gdImageSY(im);
        gd.destroy(im);
    }
    return done;
}

enum status shrink(struct str in, const struct shrink_limits *limits, struct buf *out, int *width, int *height,
                   bool *png, struct error *err) {
    struct picture_head head;
    if (!picture_head_read(in, &head)) {
        return error_set(err, ERR_DATA, "it is no PNG, JPEG, GIF or WebP picture");
    }
    if (head.width > SIDE_MAX || head.height > SIDE_MAX || (int64_t)head.width * head.height > PIXELS_MAX) {
        return error_set(err, ERR_DATA, "it has %d x %d pixels, which is too many", head.width, head.height);
    }
    gdImagePtr im = in.len < INT32_MAX ? gd.decode[head.format]((int)in.len, (char *)(uintptr_t)in.ptr) : NULL;
    if (!im || gdImageSX(im) < 1 || gdImageSY(im) < 1 || (!gdImageTrueColor(im) && !gd.to_true(im))) {
        if (im) {
            gd.destroy(im);
        }
        return error_set(err, ERR_DATA, "it is broken");
    }
    /* a picture that is turned later is as wide as it is high now */
    int side = head.turn >= 5 ? gdImageSY(im) : gdImageSX(im);
    int want = side < limits->max_width ? side : limits->max_width;
    bool done = false;
    while (!done) {
        int64_t w = head.turn >= 5 ? (int64_t)gdImageSX(im) * want / side : want;
        bool last = want <= WIDTH_MIN;
        done = at_width(im, w > 0 ? (int)w : 1, &head, limits->max_bytes, last, out, width, height, png) || last;
        want = want * 3 / 4 > WIDTH_MIN ? want * 3 / 4 : WIDTH_MIN;
    }
    gd.destroy(im);
    return out->len > 0 && !out->failed ? OK : error_set(err, ERR_DATA, "it can't be made smaller");
}
