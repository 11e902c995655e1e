#include "render/mustache_render.h"

#include "base/buf.h"
#include "render/mustache_escape.h"
#include "render/mustache_parse.h"
#include "render/mustache_scope.h"

#include <stdio.h>
#include <stdlib.h>

enum { DEPTH = 50, OUTPUT = 16 << 20, STEPS = 20 << 20 };

/* The blocks that a parent tag gives to what it brings in. */
struct arguments {
    const struct arguments *up; /* of the parent tags around; the outermost's win */
    const struct mustache *from;
    const struct node *blocks;
};

/* What holds for the lines being printed; see INDENTATION in mustache_parse.h. */
struct place_in {
    const struct mustache *t;
    const struct arguments *arguments;
    struct str indent; /* goes before each line of the template */
    struct str strip;  /* comes off the front of each line of the template */
};

struct run {
    const struct mustache_env *env;
    struct arena *arena;
    struct error *err;
    struct buf text;   /* all fixed text, one after the other */
    struct buf pieces; /* struct piece, whose text.ptr is not set yet */
    size_t taken;      /* how much of the text belongs to pieces already */
    size_t max;        /* bytes of output */
    size_t steps;      /* nodes rendered and list items gone through */
    int max_depth;
    int depth;
    bool inside_line; /* an overriding block's first line continues a line that has its indentation already */
};

static enum status walk(struct run *r, const struct place_in *in, const struct node *n, const struct scope *scope);

static enum status fail(struct run *r, const struct place_in *in, const struct node *n, const char *what) {
    return error_set(r->err, ERR_DATA, "%s:%d: {{%.*s}} %s", in->t->file, n->line, STR_ARG(n->text), what);
}

static void add_piece(struct run *r, struct piece p) {
    if (r->text.len > r->taken) {
        struct piece fixed = {.kind = PIECE_FIXED, .text = {NULL, r->text.len - r->taken}};
        r->taken = r->text.len;
        buf_add(&r->pieces, (struct str){(const char *)&fixed, sizeof fixed});
    }
    if (p.kind != PIECE_FIXED) {
        buf_add(&r->pieces, (struct str){(const char *)&p, sizeof p});
    }
}

/* The piece added last; PIECE_FIXED without text when there is none. */
static struct piece last_piece(const struct run *r) {
    struct piece last = {.kind = PIECE_FIXED};
    if (!r->pieces.failed && r->pieces.len >= sizeof last) {
        memcpy(&last, r->pieces.ptr + r->pieces.len - sizeof last, sizeof last);
    }
    return last;
}

/* Closes the IF or UNLESS opened last; takes it back when nothing came after it, and then lets the text before it go
 * on. */
static void end_condition(struct run *r) {
    struct piece last = last_piece(r);
    if (r->text.len > r->taken || (last.kind != PIECE_IF && last.kind != PIECE_UNLESS)) {
        add_piece(r, (struct piece){.kind = PIECE_END});
        return;
    }
    buf_truncate(&r->pieces, r->pieces.len - sizeof last);
    last = last_piece(r);
    if (last.kind == PIECE_FIXED && last.text.len) {
        buf_truncate(&r->pieces, r->pieces.len - sizeof last);
        r->taken -= last.text.len;
    }
}

/* How many bytes at the start of S equal the start of STRIP. */
static size_t common(struct str s, struct str strip) {
    size_t n = 0;
    while (n < s.len && n < strip.len && s.ptr[n] == strip.ptr[n]) {
        n++;
    }
    return n;
}

static struct str without(struct str s, struct str strip) {
    return str_sub(s, common(s, strip), s.len);
}

static struct str join(struct run *r, struct str a, struct str b) {
    return !a.len ? b : !b.len ? a : arena_printf(r->arena, "%.*s%.*s", STR_ARG(a), STR_ARG(b));
}

static void print_text(struct run *r, const struct place_in *in, const struct node *n) {
    if (!in->indent.len && !in->strip.len) {
        buf_add(&r->text, n->text);
    } else {
        bool start = n->line_start;
        struct str rest = n->text;
        do {
            if (start) {
                if (!r->inside_line) {
                    buf_add(&r->text, in->indent);
                }
                rest = without(rest, in->strip);
            }
            size_t end = str_find(rest, '\n', 0);
            end = end < rest.len ? end + 1 : end;
            buf_add(&r->text, str_sub(rest, 0, end));
            rest = str_sub(rest, end, rest.len);
            start = true;
            r->inside_line = false;
        } while (rest.len);
    }
    r->inside_line = false;
}

static struct str number_text(char *room, size_t size, const json_t *v) {
    if (json_is_integer(v)) {
        (void)snprintf(room, size, "%lld", (long long)json_integer_value(v));
    } else {
        double x = json_real_value(v);
        for (int digits = 1; digits <= 17; digits++) {
            (void)snprintf(room, size, "%.*g", digits, x);
            if (strtod(room, NULL) == x) {
                break;
            }
        }
    }
    return str_from(room);
}

static struct str value_text(char *room, size_t size, const json_t *v) {
    if (json_is_string(v)) {
        return (struct str){json_string_value(v), json_string_length(v)};
    }
    if (json_is_number(v)) {
        return number_text(room, size, v);
    }
    return json_is_true(v) ? STR("true") : STR("");
}

static bool truthy(const json_t *v) {
    switch (v ? json_typeof(v) : JSON_NULL) {
    case JSON_OBJECT:
    case JSON_TRUE:
        return true;
    case JSON_ARRAY:
        return json_array_size(v) > 0;
    case JSON_STRING:
        return json_string_length(v) > 0;
    case JSON_INTEGER:
        return json_integer_value(v) != 0;
    case JSON_REAL:
        return json_real_value(v) < 0 || json_real_value(v) > 0;
    default:
        return false;
    }
}

static enum status print_slot(struct run *r, const struct place_in *in, const struct node *n, int slot) {
    enum piece_escape escape = PIECE_RAW;
    switch (n->place) {
    case PLACE_RAW:
        break;
    case PLACE_UNKNOWN:
    case PLACE_TEXT:
        escape = PIECE_HTML;
        break;
    case PLACE_URL:
        for (size_t i = 0; i < r->env->n_slots; i++) {
            const struct mustache_slot *s = &r->env->slots[i];
            if (s->slot == slot && !str_ends(s->name, STR("_url")) && !str_ends(s->name, STR("_mailto"))) {
                return fail(r, in, n, "is personal and not a URL, so it can't stand at the start of one");
            }
        }
        escape = PIECE_HTML;
        break;
    case PLACE_URL_PART:
    case PLACE_URL_QUERY:
        escape = PIECE_URL;
        break;
    case PLACE_CSS:
        return fail(r, in, n, "is personal and can't stand in a style");
    }
    add_piece(r, (struct piece){.kind = PIECE_SLOT, .slot = slot, .escape = escape});
    return OK;
}

static enum status print_value(struct run *r, const struct place_in *in, const struct node *n,
                               const struct scope *scope) {
    struct scope found = scope_find(scope, r->env, n->text);
    if (found.slot >= 0) {
        return print_slot(r, in, n, found.slot);
    }
    char room[64];
    mustache_escape(&r->text, value_text(room, sizeof room, found.value), n->place, in->t->kind != MUSTACHE_SPEC);
    return OK;
}

static enum status walk_section(struct run *r, const struct place_in *in, const struct node *n,
                                const struct scope *scope) {
    struct scope found = scope_find(scope, r->env, n->text);
    bool inverted = n->kind == NODE_INVERTED;
    enum status status = OK;
    if (found.slot >= 0) {
        add_piece(r, (struct piece){.kind = inverted ? PIECE_UNLESS : PIECE_IF, .slot = found.slot});
        status = walk(r, in, n->child, inverted ? scope : &found);
        end_condition(r);
    } else if (inverted) {
        status = truthy(found.value) || found.prefix.ptr ? OK : walk(r, in, n->child, scope);
    } else if (json_is_array(found.value)) {
        size_t count = json_array_size(found.value);
        for (size_t i = 0; i < count && status == OK; i++) {
            struct scope item = {scope, json_array_get(found.value, i), -1, STR_NONE};
            r->steps++;
            status = walk(r, in, n->child, &item);
        }
    } else if (truthy(found.value) || found.prefix.ptr) {
        status = walk(r, in, n->child, &found);
    }
    return status;
}

/* The block that stands for NAME, or NULL; *from is the template it is written in. */
static const struct node *find_argument(const struct arguments *a, struct str name, const struct mustache **from) {
    const struct node *found = NULL;
    for (; a; a = a->up) {
        for (const struct node *b = a->blocks; b; b = b->next) {
            if (str_eq(b->text, name)) {
                found = b;
                *from = a->from;
                break;
            }
        }
    }
    return found;
}

static enum status walk_block(struct run *r, const struct place_in *in, const struct node *n,
                              const struct scope *scope) {
    struct place_in inner = *in;
    const struct node *block = find_argument(in->arguments, n->text, &inner.t);
    if (!block) {
        return walk(r, in, n->child, scope);
    }
    if (r->depth >= r->max_depth) {
        return fail(r, in, n, "is nested too deep: does a block contain itself?");
    }
    inner.indent = join(r, in->indent, without(n->indent, in->strip));
    inner.strip = block->strip;
    r->inside_line = !n->standalone;
    r->depth++;
    enum status status = walk(r, &inner, block->child, scope);
    r->depth--;
    r->inside_line = false;
    return status;
}

static enum status walk_partial(struct run *r, const struct place_in *in, const struct node *n,
                                const struct scope *scope) {
    struct str name = n->text;
    char room[64];
    if (n->dynamic) {
        struct scope found = scope_find(scope, r->env, name);
        if (found.slot >= 0) {
            return fail(r, in, n, "is personal and can't choose a partial");
        }
        name = value_text(room, sizeof room, found.value);
    }
    const struct mustache *t = NULL;
    if (r->env->partial && name.len) {
        enum status status = r->env->partial(r->env->context, name, &t, r->err);
        if (status != OK) {
            return status;
        }
    }
    if (!t) {
        return OK;
    }
    if (t->kind != in->t->kind) {
        return fail(r, in, n, "is a template of another kind (text in HTML, or HTML in text)");
    }
    if (r->depth >= r->max_depth) {
        return fail(r, in, n, "is nested too deep: does a partial contain itself?");
    }
    struct arguments arguments = {in->arguments, in->t, n->kind == NODE_PARENT ? n->child : NULL};
    struct place_in inner = {.t = t, .arguments = arguments.blocks ? &arguments : in->arguments};
    inner.indent = n->standalone ? join(r, in->indent, without(n->indent, in->strip)) : STR("");
    inner.strip = STR("");
    r->depth++;
    enum status status = walk(r, &inner, t->root, scope);
    r->depth--;
    return status;
}

static enum status walk(struct run *r, const struct place_in *in, const struct node *n, const struct scope *scope) {
    enum status status = OK;
    for (; n && status == OK; n = n->next) {
        if (++r->steps > STEPS) {
            return fail(r, in, n, "is where the template was given up: it loops over too much");
        }
        switch (n->kind) {
        case NODE_TEXT:
            print_text(r, in, n);
            break;
        case NODE_VALUE:
            status = print_value(r, in, n, scope);
            r->inside_line = false;
            break;
        case NODE_SECTION:
        case NODE_INVERTED:
            status = walk_section(r, in, n, scope);
            break;
        case NODE_PARTIAL:
        case NODE_PARENT:
            status = walk_partial(r, in, n, scope);
            break;
        case NODE_BLOCK:
            status = walk_block(r, in, n, scope);
            break;
        }
        if (status == OK && r->text.len + r->pieces.len > r->max) {
            return error_set(r->err, ERR_DATA, "%s:%d: the output grows beyond %zu bytes", in->t->file, n->line,
                             r->max);
        }
    }
    return status;
}

/* Moves the run's pieces to the arena and gives them their texts. */
static void finish(struct run *r, struct piece **pieces, size_t *n) {
    add_piece(r, (struct piece){.kind = PIECE_FIXED});
    if (r->text.failed || r->pieces.failed) {
        return;
    }
    *n = r->pieces.len / sizeof **pieces;
    *pieces = arena_alloc(r->arena, r->pieces.len + 1);
    if (r->pieces.len) {
        memcpy(*pieces, r->pieces.ptr, r->pieces.len);
    }
    struct str text = arena_str(r->arena, buf_str(&r->text));
    size_t at = 0;
    for (size_t i = 0; i < *n; i++) {
        struct piece *p = &(*pieces)[i];
        if (p->kind == PIECE_FIXED) {
            p->text.ptr = text.ptr + at;
            at += p->text.len;
        }
    }
}

enum status mustache_render(const struct mustache *t, const json_t *data, const struct mustache_env *env,
                            struct arena *a, struct piece **pieces, size_t *n, struct error *err) {
    static const struct mustache_env none;
    env = env ? env : &none;
    struct run r = {.env = env,
                    .arena = a,
                    .err = err,
                    .text = BUF_INIT,
                    .pieces = BUF_INIT,
                    .max = env->max_output ? env->max_output : OUTPUT,
                    .max_depth = env->max_depth ? env->max_depth : DEPTH};
    struct place_in in = {.t = t, .indent = STR(""), .strip = STR("")};
    struct scope root = SCOPE_NONE;
    root.value = data;
    *pieces = NULL;
    *n = 0;
    enum status status = walk(&r, &in, t->root, &root);
    if (status == OK) {
        finish(&r, pieces, n);
        if (r.text.failed || r.pieces.failed) {
            status = error_set(err, ERR_OS, "%s: out of memory while rendering", t->file);
        }
    }
    buf_release(&r.text);
    buf_release(&r.pieces);
    return status;
}
