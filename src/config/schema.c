#include "config/schema.h"

#define DAY INT64_C(86400)
#define YEARS (36525 * DAY)
#define AT(field) offsetof(struct STRUCT, field)
#define COUNT(a) (sizeof(a) / sizeof *(a))

/* Key, type, field, default; then what the type needs. */
#define KEY(n, t, f, d)                                                                                                \
    { .name = (n), .type = SCHEMA_##t, .offset = AT(f), .fallback = (d) }
#define NEED(n, t, f)                                                                                                  \
    { .name = (n), .type = SCHEMA_##t, .offset = AT(f), .required = true }
#define RANGE(n, t, f, d, lo, hi)                                                                                      \
    { .name = (n), .type = SCHEMA_##t, .offset = AT(f), .fallback = (d), .min = (lo), .max = (hi) }
#define PAIR(n, t, f, f2, d)                                                                                           \
    { .name = (n), .type = SCHEMA_##t, .offset = AT(f), .offset2 = AT(f2), .fallback = (d) }
#define CHOICE(n, f, d, words)                                                                                         \
    { .name = (n), .type = SCHEMA_CHOICE, .offset = AT(f), .fallback = (d), .choices = (words) }
#define LATER(n)                                                                                                       \
    { .name = (n), .type = SCHEMA_LATER }

#define STRUCT config_site
static const struct schema_key site[] = {
    NEED("name", TEXT, name),
    NEED("url", URL, url),
    KEY("postal_address", LINES, postal_address, NULL),
    KEY("language", TOKEN, language, "en"),
    KEY("timezone", TEXT, timezone, "UTC"),
    KEY("hostname", DOMAIN, hostname, NULL),
    KEY("alarm_to", MAILBOX, alarm_to, NULL),
    KEY("secret_file", PATH, secret_file, "secret"),
    KEY("log_addresses", BOOL, log_addresses, "no"),
    KEY("templates", PATH, templates, NULL),
};
#undef STRUCT

#define STRUCT config_database
static const struct schema_key database[] = {
    KEY("path", PATH, path, "courant.db"),
    RANGE("attributes_keep", DURATION, attributes_keep_s, "365d", 0, YEARS),
    RANGE("log_keep", DURATION, log_keep_s, "730d", 1, YEARS),
};
#undef STRUCT

#define STRUCT config_queue
static const struct schema_key queue[] = {
    KEY("path", PATH, path, "queue/queue.db"),
    RANGE("lifetime", DURATION, lifetime_s, "3d", 1, 30 * DAY),
    {.name = "retry",
     .type = SCHEMA_DURATIONS,
     .offset = AT(retry_s),
     .offset2 = AT(retry_n),
     .fallback = "5m, 15m, 1h, 3h, 6h, 12h",
     .min = 1,
     .max = 7 * DAY},
    CHOICE("unknown", unknown, "retry", "retry|hold"),
    RANGE("rendition_cache", SIZE, rendition_cache_bytes, "24M", 0, INT64_C(1) << 34),
    RANGE("keep", DURATION, keep_s, "90d", 0, YEARS),
};
#undef STRUCT

#define STRUCT config_relay
static const struct schema_key relay[] = {
    KEY("host", HOST, host, "127.0.0.1"),
    RANGE("port", INT, port, NULL, 1, 65535),
    CHOICE("tls", tls, NULL, "none|opportunistic|starttls|implicit"),
    KEY("ca_file", PATH, ca_file, NULL),
    KEY("user", TEXT, user, NULL),
    KEY("password_file", PATH, password.file, NULL),
    KEY("password_command", COMMAND, password.command, NULL),
    RANGE("priority", INT, priority, "10", 0, 1000),
    RANGE("connections", INT, connections, "16", 1, 1000),
    RANGE("messages", INT, messages, "100", 1, 1000000),
    KEY("rate", RATE, rate, NULL),
    RANGE("timeout", DURATION, timeout_s, NULL, 1, 3600),
    RANGE("connect_timeout", DURATION, connect_timeout_s, "30s", 1, 600),
    KEY("slow_start", BOOL, slow_start, "no"),
};
#undef STRUCT

#define STRUCT config_dkim
static const struct schema_key dkim[] = {
    NEED("domain", DOMAIN, domain),          NEED("selector", DOMAIN, selector),
    NEED("key_file", PATH, key_file),        KEY("selector2", DOMAIN, selector2, NULL),
    KEY("key_file2", PATH, key_file2, NULL),
};
#undef STRUCT

#define STRUCT config_newsletter
static const struct schema_key newsletter[] = {
    NEED("title", TEXT, title),
    NEED("from", TEXT, from),
    KEY("reply_to", TEXT, reply_to, NULL),
    KEY("list_id", DOMAIN, list_id, NULL),
    NEED("schedule", SCHEDULE, schedule),
    KEY("cadences", CADENCES, cadences, NULL),
    KEY("template", TOKEN, template, "digest"),
    KEY("topics", LIST, topics, NULL),
    KEY("where", LINES, where, NULL),
    KEY("languages", LIST, languages, NULL),
    KEY("match_language", BOOL, match_language, "no"),
    KEY("since", DATE, since, NULL),
    CHOICE("body", body, "summary", "full|summary|titles"),
    RANGE("max_articles", INT, max_articles, "30", 1, 10000),
    RANGE("min_articles", INT, min_articles, "1", 1, 10000),
    CHOICE("images", images, "embed", "embed|link|none"),
    RANGE("images_size", SIZE, images_size_bytes, "96K", 0, 25 << 20),
    CHOICE("late", late, "send", "send|wait"),
    RANGE("late_after", DURATION, late_after_s, "12h", 0, 366 * DAY),
    RANGE("hold", DURATION, hold_s, NULL, 0, 30 * DAY),
    PAIR("send_window", WINDOW, window_from, window_to, NULL),
    KEY("local_hour", BOOL, local_hour, "no"),
    KEY("welcome", BOOL, welcome, "yes"),
    RANGE("pending_keep", DURATION, pending_keep_s, "7d", 1, 366 * DAY),
    KEY("approval", BOOL, approval, "no"),
    KEY("check_links", BOOL, check_links, "yes"),
    RANGE("draft_before", DURATION, draft_before_s, "24h", 0, 31 * DAY),
    CHOICE("approval_deadline", approval_deadline, "skip", "skip|send"),
    KEY("editors", MAILBOXES, editors, NULL),
    CHOICE("archive", archive, "off", "off|unlisted|public"),
    KEY("logo", PLACE, logo, NULL),
    KEY("colour", COLOUR, colour, NULL),
    KEY("footer", LINES, footer, NULL),
    LATER("relay"),
};
#undef STRUCT

#define STRUCT config_source
static const struct schema_key source[] = {
    {.name = "type",
     .type = SCHEMA_CHOICE,
     .offset = AT(type),
     .required = true,
     .choices = "sqlite|feed|files|command"},
    KEY("path", PATH, path, NULL),
    KEY("url", PLACE, url, NULL),
    KEY("url_pattern", TEXT, url_pattern, "/{path}/"),
    KEY("articles_command", COMMAND, articles_command, NULL),
    KEY("subscribers_command", COMMAND, subscribers_command, NULL),
    CHOICE("output", output, "jsonl", "jsonl|csv"),
    RANGE("timeout", DURATION, timeout_s, "5m", 1, 3600),
    KEY("fetch_private", BOOL, fetch_private, "no"),
    LATER("newsletter"),
    KEY("articles", LINES, articles, NULL),
    KEY("subscribers", LINES, subscribers, NULL),
};
#undef STRUCT

#define STRUCT config_bounce
static const struct schema_key bounce[] = {
    KEY("address", MAILBOX, address, NULL),          KEY("maildir", PATH, maildir, NULL),
    KEY("imap_url", BOX_URL, imap_url, NULL),        KEY("user", TEXT, user, NULL),
    KEY("password_file", PATH, password.file, NULL), KEY("password_command", COMMAND, password.command, NULL),
};
#undef STRUCT

#define STRUCT config_web
static const struct schema_key web[] = {
    KEY("base_url", URL, base_url, NULL),
    PAIR("listen", LISTEN, listen_host, listen_port, "127.0.0.1:8080"),
};
#undef STRUCT

#define SECTION(n, p, m)                                                                                               \
    { #n, p, m, sizeof(struct config_##n), n, COUNT(n) }
const struct schema_section schema_sections[SCHEMA_SECTIONS] = {
    [SCHEMA_SITE] = SECTION(site, true, false),
    [SCHEMA_DATABASE] = SECTION(database, true, false),
    [SCHEMA_QUEUE] = SECTION(queue, true, false),
    [SCHEMA_RELAY] = SECTION(relay, false, true),
    [SCHEMA_PACE] = {"pace", true, false, sizeof(struct config_pace), NULL, 0},
    [SCHEMA_DKIM] = SECTION(dkim, true, true),
    [SCHEMA_NEWSLETTER] = SECTION(newsletter, false, true),
    [SCHEMA_SOURCE] = SECTION(source, false, true),
    [SCHEMA_BOUNCE] = SECTION(bounce, true, false),
    [SCHEMA_WEB] = SECTION(web, true, false),
};
