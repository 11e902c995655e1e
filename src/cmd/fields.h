/* The options that say what a person, or a subscription, shall be like. */
#ifndef CMD_FIELDS_H
#define CMD_FIELDS_H

#include "cmd/context.h"
#include "store/person.h"
#include "store/preference.h"

/* For the table of commands. */
#define FIELD_OPTIONS                                                                                                  \
    {"name", "TEXT", "the whole name, as in a letter's address"}, {"given-name", "TEXT", "for greetings"},             \
        {"language", "TAG", "with --newsletter: for that one alone"}, {"timezone", "ZONE", "Europe/Zurich"},           \
        {"format", "html|text", "with --newsletter: for that one alone"},                                              \
        {"attribute", "NAME=VALUE", "for templates and conditions; several times; NAME= takes it away"},               \
        {"topics", "LIST", "those alone, separated by commas; '': all"},                                               \
        {"cadence", "WORD", "daily, weekly, monthly, immediately; '': as the newsletter has it"}, {                    \
        "body", "WORD", "full, summary, titles; '': as the newsletter has it"                                          \
    }

struct fields {
    struct person_fields person;
    struct preferences preferences;
    bool has_preferences;
    bool has_verb; /* --status */
    enum subscription_verb verb;
    int64_t until; /* of a pause; 0: until resumed */
};

/* S as it may be kept: one line of well-formed UTF-8, as in an imported list; absent when nothing is left. */
struct str fields_line(struct context *c, struct str s);
/* Reads the options; slices are argv's or the context's arena's. NEWSLETTER (may be NULL): the one that is meant, whose
 * cadences and topics they must be. ERR_USAGE. */
enum status fields_read(struct context *c, const char *newsletter, struct fields *out, struct error *err);
/* Sets the preferences of SUBSCRIBER's subscription to NEWSLETTER, if there are any to set; *changed is set to true
 * when something changed. */
enum status fields_apply(struct context *c, const struct fields *f, int64_t subscriber, int64_t newsletter,
                         bool *changed, struct error *err);

#endif
