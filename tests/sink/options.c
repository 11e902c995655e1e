#include "sink/options.h"

#include "sink/base.h"

#include <getopt.h>
#include <limits.h>
#include <openssl/tls1.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char usage[] =
    "usage: smtp_sink [options]; prints \"port N\" when it listens, ends on SIGTERM with a line of totals\n"
    "  --host ADDRESS          default 127.0.0.1\n"
    "  --port N                0 (default) picks one\n"
    "what is kept\n"
    "  --record FILE           a line of JSON for each accepted message, written before its 250 is sent\n"
    "  --bodies                with the message itself as \"data\" (a byte is a character, as in latin-1)\n"
    "  --maildir DIR           each message as a file in DIR/new, exactly the bytes received\n"
    "  --events FILE           a line of JSON for each connection, refusal, drop, stall, breach of the protocol\n"
    "refusals; REPLY is \"CODE text\" (\\n in it makes it multi-line), or drop, accept-drop, stall, garbage, long\n"
    "  --rcpt PREFIX[@N]=REPLY to recipients that begin so (the first N times for each address)\n"
    "  --dot PREFIX[@N]=REPLY  the same after the final dot, by the first recipient\n"
    "  --mail [[PREFIX]@N=]REPLY to MAIL FROM (the first N times)\n"
    "  --greeting REPLY        instead of 220; 4xx and 5xx then close\n"
    "  --size N                offers SIZE N and refuses more\n"
    "  --max-connections N     at once, then 421\n"
    "  --max-messages N        a session, then 421 to MAIL\n"
    "  --close-after N         messages in a session: closes without a word\n"
    "  --max-rate N            messages a second, then 451 to MAIL\n"
    "  --faults SEED           random ones, at the probabilities that --fault NAME=P can change:\n"
    "                          ";
static const char usage2[] = "\ntime\n"
                             "  --delay MS              before each reply, as of a relay far away\n"
                             "  --stall SECONDS         how long a stall lasts (default 5)\n"
                             "  --idle SECONDS          421 after that long without a command\n"
                             "  --stop-reading[=N]      in DATA, for ever (the first N messages)\n"
                             "what is offered\n"
                             "  --helo-only             EHLO is not known\n"
                             "  --chunking              CHUNKING too; --chunking-only: without PIPELINING\n"
                             "  --no-pipelining         the same as --without PIPELINING\n"
                             "  --without KEYWORD       does not offer it; --with 'KEYWORD ...' offers one more\n"
                             "  --auth USER:PASSWORD    AUTH PLAIN LOGIN; --auth-required: 530 without\n"
                             "  --cert PEM --key PEM    STARTTLS; --implicit: TLS from the first byte\n"
                             "  --tls-min, --tls-max    1.2 or 1.3\n"
                             "  --inject                replies in clear behind the 220 of STARTTLS\n";

#define AT(member) offsetof(struct options, member)
#define RULES(member) offsetof(struct script, member)
enum kind { TEXT, NUMBER, YES, RULE, MAIL_RULE, TLS_VERSION, FAULT, FAULT_SEED, WITH, WITHOUT, CHUNKING, HELP };
static const struct setting {
    const char *name;
    enum kind kind;
    int arg;   /* getopt's: no_argument, required_argument, optional_argument */
    size_t at; /* in struct options, or in struct script for rules */
} settings[] = {
    {"host", TEXT, 1, AT(host)},
    {"port", TEXT, 1, AT(port)},
    {"record", TEXT, 1, AT(record)},
    {"events", TEXT, 1, AT(events)},
    {"bodies", YES, 0, AT(bodies)},
    {"maildir", TEXT, 1, AT(maildir)},
    {"rcpt", RULE, 1, RULES(rcpt)},
    {"dot", RULE, 1, RULES(dot)},
    {"mail", MAIL_RULE, 1, RULES(mail)},
    {"greeting", TEXT, 1, AT(greeting)},
    {"size", NUMBER, 1, AT(size)},
    {"max-connections", NUMBER, 1, AT(max_connections)},
    {"max-messages", NUMBER, 1, AT(max_messages)},
    {"close-after", NUMBER, 1, AT(close_after)},
    {"max-rate", NUMBER, 1, AT(max_rate)},
    {"faults", FAULT_SEED, 1, 0},
    {"fault", FAULT, 1, 0},
    {"delay", NUMBER, 1, AT(delay)},
    {"stall", NUMBER, 1, AT(stall)},
    {"idle", NUMBER, 1, AT(idle)},
    {"stop-reading", NUMBER, 2, AT(stop_reading)},
    {"helo-only", YES, 0, AT(helo_only)},
    {"chunking", YES, 0, AT(chunking)},
    {"chunking-only", CHUNKING, 0, 0},
    {"no-pipelining", WITHOUT, 0, 0},
    {"without", WITHOUT, 1, 0},
    {"with", WITH, 1, 0},
    {"auth", TEXT, 1, AT(auth)},
    {"auth-required", YES, 0, AT(auth_required)},
    {"cert", TEXT, 1, AT(cert)},
    {"key", TEXT, 1, AT(key)},
    {"implicit", YES, 0, AT(implicit)},
    {"tls-min", TLS_VERSION, 1, AT(tls_min)},
    {"tls-max", TLS_VERSION, 1, AT(tls_max)},
    {"inject", YES, 0, AT(inject)},
    {"help", HELP, 0, 0},
};
#define SETTINGS (sizeof settings / sizeof *settings)

static void list_add(const char **list, size_t *n, const char *value) {
    if (*n == OPTIONS_WORDS)
        die("%s: too many of these", value);
    list[(*n)++] = value;
}

static void print_help(void) {
    fputs(usage, stdout);
    for (int i = 0; i < FAULTS; i++) {
        double p;
        const char *name = script_fault_name((enum fault)i, &p);
        printf("%s%s=%g", i % 6 == 0 && i ? "\n                          " : i ? " " : "", name, p);
    }
    fputs(usage2, stdout);
}

static void read_setting(struct options *o, struct script *script, const struct setting *set, char *value) {
    void *at = (char *)o + set->at;
    char *end = NULL;
    switch (set->kind) {
    case TEXT:
        *(const char **)at = value;
        break;
    case FAULT_SEED:
    case NUMBER: {
        long n = value ? strtol(value, &end, 10) : INT_MAX;
        if (value && (!*value || *end || n < 0))
            die("--%s %s: a number is wanted", set->name, value);
        if (set->kind == FAULT_SEED) {
            script->seed = n;
            script->faulty = true;
        } else {
            *(long *)at = n;
        }
        break;
    }
    case YES:
        *(bool *)at = true;
        break;
    case RULE:
    case MAIL_RULE:
        script_add_rule(script, (struct rule **)(void *)((char *)script + set->at), value, set->kind == RULE);
        break;
    case TLS_VERSION:
        if (strcmp(value, "1.2") != 0 && strcmp(value, "1.3") != 0)
            die("--%s %s: 1.2 or 1.3", set->name, value);
        *(int *)at = value[2] == '2' ? TLS1_2_VERSION : TLS1_3_VERSION;
        break;
    case FAULT:
        script_set_fault(script, value);
        break;
    case WITH:
        list_add(o->with, &o->nwith, value);
        break;
    case CHUNKING:
        o->chunking = true;
        list_add(o->without, &o->nwithout, "PIPELINING");
        break;
    case WITHOUT:
        list_add(o->without, &o->nwithout, value ? value : "PIPELINING");
        break;
    case HELP:
        print_help();
        exit(0);
    }
}

void options_read(struct options *o, struct script *script, int argc, char **argv) {
    struct option options[SETTINGS + 1] = {0};
    int c;
    *o = (struct options){.host = "127.0.0.1", .port = "0", .stall = 5, .size = 50000000};
    for (size_t i = 0; i < SETTINGS; i++)
        options[i] = (struct option){settings[i].name, settings[i].arg, NULL, 256 + (int)i};
    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (c < 256)
            exit(64);
        read_setting(o, script, &settings[c - 256], optarg);
    }
    if (optind < argc)
        die("%s: what is that? --help lists the options", argv[optind]);
    if ((o->implicit || o->inject) && !o->cert)
        die("--implicit and --inject need --cert and --key");
}

bool options_offer(const struct options *o, const char *keyword) {
    for (size_t i = 0; i < o->nwithout; i++)
        if (!strcasecmp(o->without[i], keyword))
            return false;
    return true;
}
