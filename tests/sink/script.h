/* The script of a run: the refusals and faults that the options ask for. Rules answer certain addresses in a certain
 * way; random faults come at probabilities. Both are functions of the seed, the stage, the address and how often that
 * address came to that stage, so they do not depend on how connections interleave. */
#ifndef SINK_SCRIPT_H
#define SINK_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fault {
    F_GREETING_421,
    F_GREETING_DROP,
    F_EHLO_DROP,
    F_STARTTLS_DROP,
    F_MAIL_421,
    F_MAIL_4XX,
    F_MAIL_5XX,
    F_MAIL_DROP,
    F_RCPT_421,
    F_RCPT_4XX,
    F_RCPT_5XX,
    F_RCPT_DROP,
    F_DATA_4XX,
    F_DATA_DROP,
    F_BODY_DROP,
    F_DOT_421,
    F_DOT_4XX,
    F_DOT_5XX,
    F_DOT_DROP, /* before the message is accepted */
    F_DOT_LOST, /* accepted, and dropped instead of the reply */
    F_MULTILINE,
    F_LONG,
    F_GARBAGE,
    F_STALL,
    FAULTS
};

/* What a rule does. ACT_ACCEPT_DROP has a meaning after the final dot alone. */
enum act { ACT_REPLY, ACT_DROP, ACT_ACCEPT_DROP, ACT_STALL, ACT_GARBAGE, ACT_LONG };
struct rule {
    struct rule *next;
    char *text; /* owned; prefix and reply point into it */
    const char *prefix, *reply;
    size_t prefix_len;
    uint32_t times; /* the first so many times; 0: always */
    enum act act;
    uint64_t id;
};

struct script {
    struct rule *rcpt, *dot, *mail; /* owned; the first that applies counts */
    uint64_t rules;
    bool faulty; /* there are random faults */
    long seed;
    double p[FAULTS];
    uint64_t *keys; /* how often what happened: open addressing, 0 is free */
    uint32_t *counts;
    size_t cap, len;
};

/* No rules, no faults; their usual probabilities stand ready. */
void script_init(struct script *s);
void script_release(struct script *s);

/* Appends the rule TEXT, which is "PREFIX[@N]=REPLY", to LIST, one of the script's. Without PREFIX_NEEDED it may also
 * be
 * "@N=REPLY" and "REPLY". Ends the program where it makes no sense. */
void script_add_rule(struct script *s, struct rule **list, const char *text, bool prefix_needed);
/* The rule of RULES for WHO, NULL when none applies now. One that applies N times is counted down by this: for each
 * address with BY_WHO, else for all of them together. */
const struct rule *script_rule(struct script *s, const struct rule *rules, const char *who, bool by_who);
/* Whether the rule (NULL: none) sends the reply to what is nevertheless accepted. */
bool rule_replies(const struct rule *r);

/* "NAME=P", or "all=P", sets probabilities and lets faults happen. Ends the program where there is no such fault. */
void script_set_fault(struct script *s, const char *text);
/* The name of fault F, for --help, and its usual probability. */
const char *script_fault_name(enum fault f, double *p);
/* Whether fault F happens to WHO now; the next time the answer may be another. */
bool script_odd(struct script *s, enum fault f, const char *who);
/* A number below N that depends on the seed and on X alone. */
size_t script_draw(const struct script *s, uint64_t x, size_t n);

#endif
