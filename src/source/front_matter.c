#include "source/front_matter.h"

#include <yaml.h>

#include "source/toml.h"

enum { DEPTH_MAX = 20 };

/* --- YAML: libyaml's events → JSON; no anchors, which a head has no use for and bombs are made of --- */

struct yaml {
    yaml_parser_t parser;
    yaml_event_t event;
    bool has_event;
    struct error *err;
    size_t line;
};

static enum status next(struct yaml *y) {
    if (y->has_event) {
        yaml_event_delete(&y->event);
        y->has_event = false;
    }
    if (!yaml_parser_parse(&y->parser, &y->event)) {
        y->line = y->parser.problem_mark.line + 1;
        return error_set(y->err, ERR_DATA, "%s%s", y->parser.problem ? y->parser.problem : "no YAML",
                         y->parser.problem && strstr(y->parser.problem, "mapping values are not allowed")
                             ? " (a value with ': ' in it needs quotes)"
                             : "");
    }
    y->has_event = true;
    y->line = y->event.start_mark.line + 1;
    return OK;
}

static enum status read_node(struct yaml *y, int depth, json_t **out);

static enum status read_mapping(struct yaml *y, int depth, json_t *o) {
    for (;;) {
        enum status st = next(y);
        json_t *v = NULL;
        if (st != OK || y->event.type == YAML_MAPPING_END_EVENT) {
            return st;
        }
        if (y->event.type != YAML_SCALAR_EVENT) {
            return error_set(y->err, ERR_DATA, "a key that is no text");
        }
        json_t *key = json_stringn((const char *)y->event.data.scalar.value, y->event.data.scalar.length);
        if (!key) {
            return error_set(y->err, ERR_DATA, "a key that is no text");
        }
        if ((st = next(y)) == OK && (st = read_node(y, depth + 1, &v)) == OK &&
            json_object_set_new(o, json_string_value(key), v) != 0) {
            st = error_set(y->err, ERR_DATA, "a key that is no text");
        }
        json_decref(key);
        if (st != OK) {
            return st;
        }
    }
}

static enum status read_sequence(struct yaml *y, int depth, json_t *list) {
    for (;;) {
        enum status st = next(y);
        json_t *v = NULL;
        if (st != OK || y->event.type == YAML_SEQUENCE_END_EVENT) {
            return st;
        }
        if ((st = read_node(y, depth + 1, &v)) != OK) {
            return st;
        }
        (void)json_array_append_new(list, v);
    }
}

/* "~", "null", nothing; true and false; else text. */
static json_t *scalar(const yaml_event_t *e) {
    struct str s = {(const char *)e->data.scalar.value, e->data.scalar.length};
    if (e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE) {
        if (!s.len || str_eq(s, STR("~")) || str_eq_nocase(s, STR("null"))) {
            return json_null();
        }
        if (str_eq_nocase(s, STR("true")) || str_eq_nocase(s, STR("false"))) {
            return json_boolean(str_eq_nocase(s, STR("true")));
        }
    }
    return json_stringn(s.ptr, s.len);
}

/* The node that the present event begins. */
static enum status read_node(struct yaml *y, int depth, json_t **out) {
    enum status st = OK;
    *out = NULL;
    if (depth > DEPTH_MAX) {
        return error_set(y->err, ERR_DATA, "values too deep in each other");
    }
    switch (y->event.type) {
    case YAML_SCALAR_EVENT:
        *out = scalar(&y->event);
        break;
    case YAML_MAPPING_START_EVENT:
        *out = json_object();
        st = read_mapping(y, depth, *out);
        break;
    case YAML_SEQUENCE_START_EVENT:
        *out = json_array();
        st = read_sequence(y, depth, *out);
        break;
    default:
        st = error_set(y->err, ERR_DATA, "an alias (*), which is not understood here");
    }
    if (st == OK && !*out) {
        st = error_set(y->err, ERR_DATA, "a value that is no text");
    }
    if (st != OK) {
        json_decref(*out);
        *out = NULL;
    }
    return st;
}

static enum status parse_yaml(struct str text, json_t **out, size_t *line, struct error *err) {
    struct yaml y = {.err = err, .line = 1};
    enum status st;
    *out = NULL;
    if (!yaml_parser_initialize(&y.parser)) {
        return error_set(err, ERR_OS, "out of memory");
    }
    yaml_parser_set_encoding(&y.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&y.parser, (const unsigned char *)text.ptr, text.len);
    do {
        st = next(&y);
    } while (st == OK && (y.event.type == YAML_STREAM_START_EVENT || y.event.type == YAML_DOCUMENT_START_EVENT));
    if (st == OK && y.event.type == YAML_STREAM_END_EVENT) {
        *out = json_object(); /* empty, or comments alone */
    } else if (st == OK) {
        st = read_node(&y, 0, out);
    }
    if (st == OK && json_is_null(*out)) {
        json_decref(*out);
        *out = json_object();
    }
    if (st == OK && !json_is_object(*out)) {
        json_decref(*out);
        *out = NULL;
        st = error_set(err, ERR_DATA, "no 'key: value' lines");
    }
    if (y.has_event) {
        yaml_event_delete(&y.event);
    }
    yaml_parser_delete(&y.parser);
    *line = y.line;
    return st;
}

/* --- */

/* The line at *at, without its end; *at moves behind it. */
static struct str take_line(struct str text, size_t *at) {
    size_t end = str_find(text, '\n', *at);
    struct str line = str_sub(text, *at, end);
    *at = end < text.len ? end + 1 : text.len;
    while (line.len &&
           (line.ptr[line.len - 1] == '\r' || line.ptr[line.len - 1] == ' ' || line.ptr[line.len - 1] == '\t')) {
        line.len--;
    }
    return line;
}

/* Where the head that MARK ends does; false when it does not. */
static bool find_end(struct str text, struct str mark, size_t start, size_t *end, size_t *behind) {
    for (size_t at = start; at < text.len;) {
        *end = at;
        struct str line = take_line(text, &at);
        if (str_eq(line, mark) || (mark.ptr[0] == '-' && str_eq(line, STR("...")))) {
            *behind = at;
            return true;
        }
    }
    return false;
}

static enum status parse_json(struct str text, json_t **head, struct str *body, size_t *line, struct error *err) {
    json_error_t why;
    *head = json_loadb(text.ptr, text.len, JSON_DISABLE_EOF_CHECK, &why);
    if (!json_is_object(*head)) {
        json_decref(*head);
        *head = NULL;
        *line = why.line > 0 ? (size_t)why.line : 1;
        return error_set(err, ERR_DATA, "%s", why.text[0] ? why.text : "no JSON object");
    }
    *body = str_sub(text, (size_t)why.position, text.len);
    return OK;
}

enum status front_matter_parse(struct str text, json_t **head, struct str *body, size_t *line, struct error *err) {
    size_t at = 0, end, behind;
    *head = NULL;
    *line = 1;
    text = str_sub(text, str_starts(text, STR("\xef\xbb\xbf")) ? 3 : 0, text.len);
    *body = text;
    if (str_starts(text, STR("{\n")) || str_starts(text, STR("{\r")) || str_starts(text, STR("{\""))) {
        return parse_json(text, head, body, line, err);
    }
    struct str mark = take_line(text, &at);
    bool yaml = str_eq(mark, STR("---"));
    if (!yaml && !str_eq(mark, STR("+++"))) {
        return OK;
    }
    if (!find_end(text, yaml ? STR("---") : STR("+++"), at, &end, &behind)) {
        return error_set(err, ERR_DATA, "the head that begins with %s has no end", yaml ? "---" : "+++");
    }
    if (end - at > FRONT_MATTER_MAX) {
        return error_set(err, ERR_DATA, "the head is longer than %d KB", FRONT_MATTER_MAX / 1024);
    }
    struct str inner = str_sub(text, at, end);
    enum status st = yaml ? parse_yaml(inner, head, line, err) : toml_parse(inner, head, line, err);
    *line += 1; /* the mark's */
    *body = str_sub(text, behind, text.len);
    return st;
}
