#include "sink/script.h"

#include "sink/base.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *name;
    double p;
} fault_table[FAULTS] = {
    {"greeting-421", .02}, {"greeting-drop", .003}, {"ehlo-drop", .002}, {"starttls-drop", .02}, {"mail-421", .002},
    {"mail-4xx", .005},    {"mail-5xx", 0},         {"mail-drop", .003}, {"rcpt-421", .002},     {"rcpt-4xx", .02},
    {"rcpt-5xx", .005},    {"rcpt-drop", .003},     {"data-4xx", .003},  {"data-drop", .002},    {"body-drop", .003},
    {"dot-421", .002},     {"dot-4xx", .01},        {"dot-5xx", .003},   {"dot-drop", .005},     {"dot-lost", .003},
    {"multiline", .05},    {"long", .001},          {"garbage", .001},   {"stall", .0005},
};

static uint64_t mix(uint64_t x) {
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static uint64_t hash(uint64_t seed, const char *s) {
    uint64_t h = seed ^ 0xcbf29ce484222325u;
    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * 0x100000001b3u;
    return mix(h);
}

/* How often KEY was asked for before. */
static uint32_t tally(struct script *s, uint64_t key) {
    if (!key)
        key = 1;
    if (s->len * 2 >= s->cap) {
        size_t old = s->cap, cap = old ? old * 2 : 1024;
        uint64_t *keys = base_new(cap, sizeof *keys);
        uint32_t *counts = base_new(cap, sizeof *counts);
        for (size_t i = 0; i < old; i++) {
            if (!s->keys[i])
                continue;
            size_t at = s->keys[i] & (cap - 1);
            while (keys[at])
                at = (at + 1) & (cap - 1);
            keys[at] = s->keys[i];
            counts[at] = s->counts[i];
        }
        free(s->keys);
        free(s->counts);
        s->keys = keys;
        s->counts = counts;
        s->cap = cap;
    }
    size_t at = key & (s->cap - 1);
    while (s->keys[at] && s->keys[at] != key)
        at = (at + 1) & (s->cap - 1);
    if (!s->keys[at]) {
        s->keys[at] = key;
        s->len++;
    }
    return s->counts[at]++;
}

void script_init(struct script *s) {
    *s = (struct script){0};
    for (int i = 0; i < FAULTS; i++)
        s->p[i] = fault_table[i].p;
}

static void rules_free(struct rule *r) {
    while (r) {
        struct rule *next = r->next;
        free(r->text);
        free(r);
        r = next;
    }
}

void script_release(struct script *s) {
    rules_free(s->rcpt);
    rules_free(s->dot);
    rules_free(s->mail);
    free(s->keys);
    free(s->counts);
    *s = (struct script){0};
}

void script_add_rule(struct script *s, struct rule **list, const char *text, bool prefix_needed) {
    static const char *const words[] = {"drop", "accept-drop", "stall", "garbage", "long"};
    struct rule *r = base_new(1, sizeof *r);
    r->text = strdup(text);
    if (!r->text)
        die("out of memory");
    while (*list)
        list = &(*list)->next;
    *list = r;
    r->id = mix(~s->rules++); /* from the far end, where no seed of a fault is */
    char *eq = strchr(r->text, '='), *space = strchr(r->text, ' ');
    bool plain = !prefix_needed && (!eq || (space && space < eq && space == r->text + 3));
    if (!eq && !plain)
        die("%s: a rule is PREFIX=REPLY", text);
    r->prefix = plain ? "" : r->text;
    r->reply = plain ? r->text : eq + 1;
    if (!plain) {
        *eq = 0;
        char *at = strrchr(r->text, '@');
        if (at && at[1] && strspn(at + 1, "0123456789") == strlen(at + 1)) {
            r->times = (uint32_t)strtoul(at + 1, NULL, 10);
            *at = 0;
        }
    }
    r->prefix_len = strlen(r->prefix);
    r->act = ACT_REPLY;
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(r->reply, words[i]))
            r->act = (enum act)(ACT_DROP + i);
    if (r->act == ACT_REPLY && (r->reply[0] < '2' || r->reply[0] > '5' || strspn(r->reply, "0123456789") != 3))
        die("%s: a reply is a code and a text, or drop, accept-drop, stall, garbage, long", text);
}

const struct rule *script_rule(struct script *s, const struct rule *rules, const char *who, bool by_who) {
    for (const struct rule *r = rules; r; r = r->next)
        if (!strncasecmp(who, r->prefix, r->prefix_len) &&
            (!r->times || tally(s, hash(r->id, by_who ? who : "")) < r->times))
            return r;
    return NULL;
}

bool rule_replies(const struct rule *r) {
    return r && (r->act == ACT_REPLY || r->act == ACT_LONG);
}

void script_set_fault(struct script *s, const char *text) {
    const char *eq = strchr(text, '=');
    bool known = false;
    for (int i = 0; eq && i < FAULTS; i++) {
        size_t n = (size_t)(eq - text);
        if ((strlen(fault_table[i].name) == n && !strncmp(fault_table[i].name, text, n)) || !strncmp(text, "all=", 4)) {
            s->p[i] = strtod(eq + 1, NULL);
            known = true;
        }
    }
    if (!known)
        die("--fault %s: no such fault; --help lists them", text);
    s->faulty = true;
}

const char *script_fault_name(enum fault f, double *p) {
    *p = fault_table[f].p;
    return fault_table[f].name;
}

bool script_odd(struct script *s, enum fault f, const char *who) {
    if (!s->faulty || s->p[f] <= 0)
        return false;
    uint64_t key = hash(mix((uint64_t)s->seed * 64 + f), who);
    return (double)(mix(key + tally(s, key)) >> 11) / 9007199254740992.0 < s->p[f];
}

size_t script_draw(const struct script *s, uint64_t x, size_t n) {
    return mix((uint64_t)s->seed + x) % n;
}
