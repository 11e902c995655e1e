/* Sections and keys: defaults, every kind of error with its line, what keys need of each other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/config.h"

#define FILE_NAME "/srv/desk/courant.ini"
#define SITE "[site]\nname = Desk\nurl = https://news.example.org\npostal_address = 1 Street\n" /* 4 lines */
#define WEB "[web]\nbase_url = https://news.example.org/mail\n"                                 /* 2 lines */
#define NEWS "[newsletter.weekly]\ntitle = W\nfrom = News <news@example.org>\nschedule = weekly mon 07:00\n" /* 4 */

static struct config *load(struct str text) {
    struct config *c = NULL;
    struct config_errors errors = CONFIG_ERRORS_INIT;
    enum status status = config_parse(text, FILE_NAME, &c, &errors);
    for (size_t i = 0; i < errors.n; i++)
        print_error("%s\n", errors.list[i].text);
    assert_int_equal(status, OK);
    assert_int_equal(errors.n, 0);
    assert_non_null(c);
    return c;
}

/* TEXT must be refused with exactly this one error. */
static void refuse_str(struct str text, const char *sentence) {
    struct config *c = NULL;
    struct config_errors errors = CONFIG_ERRORS_INIT;
    assert_int_equal(config_parse(text, "c.ini", &c, &errors), ERR_CONFIG);
    assert_null(c);
    if (errors.n != 1)
        for (size_t i = 0; i < errors.n; i++)
            print_error("%s\n", errors.list[i].text);
    assert_int_equal(errors.n, 1);
    assert_string_equal(errors.list[0].text, sentence);
    config_errors_release(&errors);
    assert_null(errors.list);
}
#define refuse(text, sentence) refuse_str(STR(text), sentence)

/* One wrong line after the first ten, which are right. */
#define AFTER(text, sentence) refuse(SITE WEB NEWS text, "c.ini:" sentence)

static void test_minimal_has_the_defaults(void **state) {
    (void)state;
    struct config *c = load(STR(SITE));
    assert_string_equal(c->file, FILE_NAME);
    assert_string_equal(c->folder, "/srv/desk");
    assert_string_equal(c->site.name, "Desk");
    assert_string_equal(c->site.language, "en");
    assert_string_equal(c->site.timezone, "UTC");
    assert_string_equal(c->site.hostname, "news.example.org");
    assert_null(c->site.alarm_to);
    assert_string_equal(c->site.secret_file, "/srv/desk/secret");
    assert_false(c->site.log_addresses);
    assert_null(c->site.templates);
    assert_string_equal(c->database.path, "/srv/desk/courant.db");
    assert_string_equal(c->queue.path, "/srv/desk/queue/queue.db");
    assert_int_equal(c->queue.lifetime_s, 3 * 86400);
    const int64_t retry[] = {300, 900, 3600, 10800, 21600, 43200};
    assert_int_equal(c->queue.retry_n, 6);
    assert_memory_equal(c->queue.retry_s, retry, sizeof retry);
    assert_int_equal(c->queue.unknown, CONFIG_UNKNOWN_RETRY);
    assert_int_equal(c->queue.rendition_cache_bytes, 24 << 20);
    assert_int_equal(c->queue.keep_s, 90 * 86400);
    assert_int_equal(c->relays_n + c->paces_n + c->dkims_n + c->newsletters_n + c->sources_n, 0);
    assert_null(c->bounce.address);
    assert_null(c->web.base_url);
    assert_string_equal(c->web.listen_host, "127.0.0.1");
    assert_int_equal(c->web.listen_port, 8080);
    assert_int_equal(c->web.line, 0);
    config_free(c);
    config_free(NULL);
}

static void test_newsletter_has_the_defaults(void **state) {
    (void)state;
    struct config *c = load(STR(SITE WEB NEWS "[relay.a]\n[relay.b]\n"));
    const struct config_newsletter *n = config_newsletter_named(c, "weekly");
    assert_non_null(n);
    assert_null(config_newsletter_named(c, "daily"));
    assert_int_equal(n->line, 7);
    assert_string_equal(n->list_id, "weekly.news.example.org");
    assert_string_equal(n->from, "News <news@example.org>");
    assert_null(n->reply_to);
    assert_int_equal(n->schedule.kind, CONFIG_SCHEDULE_WEEKLY);
    assert_int_equal(n->schedule.weekdays, 1);
    assert_int_equal(n->schedule.first_weekday, 0);
    assert_int_equal(n->schedule.minute, 420);
    assert_int_equal(n->cadences, CONFIG_CADENCE(CONFIG_SCHEDULE_WEEKLY));
    assert_string_equal(n->template, "digest");
    assert_int_equal(n->topics.n + n->languages.n + n->editors.n, 0);
    assert_null(n->where);
    assert_null(n->since);
    assert_false(n->match_language);
    assert_int_equal(n->body, CONFIG_BODY_SUMMARY);
    assert_int_equal(n->max_articles, 30);
    assert_int_equal(n->min_articles, 1);
    assert_int_equal(n->images, CONFIG_IMAGES_EMBED);
    assert_int_equal(n->images_size_bytes, 96 << 10);
    assert_int_equal(n->late, CONFIG_LATE_SEND);
    assert_int_equal(n->late_after_s, 12 * 3600);
    assert_int_equal(n->hold_s, 0);
    assert_int_equal(n->window_from, -1);
    assert_int_equal(n->window_to, -1);
    assert_false(n->local_hour);
    assert_int_equal(n->pending_keep_s, 7 * 86400);
    assert_false(n->approval);
    assert_int_equal(n->draft_before_s, 86400);
    assert_int_equal(n->approval_deadline, CONFIG_DEADLINE_SKIP);
    assert_int_equal(n->archive, CONFIG_ARCHIVE_OFF);
    assert_null(n->logo);
    assert_null(n->colour);
    assert_null(n->footer);
    assert_int_equal(n->relays_n, 2);
    assert_ptr_equal(n->relays[0], &c->relays[0]);
    assert_ptr_equal(n->relays[1], config_relay_named(c, "b"));
    assert_null(config_relay_named(c, "c"));
    assert_string_equal(c->web.base_path, "/mail");
    assert_true(c->web.https);
    config_free(c);
}

static void test_every_newsletter_key(void **state) {
    (void)state;
    struct config *c = load(STR(SITE WEB "[relay.a]\n[relay.b]\n"
                                         "[newsletter.n]\n"
                                         "title = N\nfrom = n@example.org\nreply_to = r@example.org\n"
                                         "list_id = N.Example.Org\nschedule = MONTHLY 31 23:59\n"
                                         "cadences = daily, weekly\ntemplate = mine\ntopics = A b, ,C\n  D\n"
                                         "where = topic = 'x'\n  AND author IS NULL -- no wire\n  OR 1\n"
                                         "languages = en,de\nmatch_language = yes\nsince = 2026-11-01\nbody = titles\n"
                                         "max_articles = 5\nmin_articles = 2\nimages = link\nimages_size = 1M\n"
                                         "late = wait\nlate_after = 2d\nhold = 10m\nsend_window = 21:00-07:00\n"
                                         "local_hour = yes\npending_keep = 1d\napproval = yes\ndraft_before = 2h\n"
                                         "approval_deadline = send\neditors = a@example.org, b@example.org\n"
                                         "archive = public\nlogo = img/logo.png\ncolour = #0055AA\nfooter = F\n"
                                         "relay = b\n"));
    const struct config_newsletter *n = &c->newsletters[0];
    assert_string_equal(n->reply_to, "r@example.org");
    assert_string_equal(n->list_id, "n.example.org");
    assert_int_equal(n->schedule.kind, CONFIG_SCHEDULE_MONTHLY);
    assert_int_equal(n->schedule.month_day, 31);
    assert_int_equal(n->schedule.minute, 1439);
    assert_int_equal(n->cadences, CONFIG_CADENCE(CONFIG_SCHEDULE_DAILY) | CONFIG_CADENCE(CONFIG_SCHEDULE_WEEKLY) |
                                      CONFIG_CADENCE(CONFIG_SCHEDULE_MONTHLY));
    assert_string_equal(n->template, "mine");
    assert_int_equal(n->topics.n, 3);
    assert_string_equal(n->topics.items[0], "A b");
    assert_string_equal(n->topics.items[1], "C");
    assert_string_equal(n->topics.items[2], "D");
    assert_string_equal(n->where, "topic = 'x'\nAND author IS NULL -- no wire\nOR 1");
    assert_int_equal(n->languages.n, 2);
    assert_true(n->match_language);
    assert_string_equal(n->since, "2026-11-01");
    assert_int_equal(n->body, CONFIG_BODY_TITLES);
    assert_int_equal(n->max_articles, 5);
    assert_int_equal(n->min_articles, 2);
    assert_int_equal(n->images, CONFIG_IMAGES_LINK);
    assert_int_equal(n->images_size_bytes, 1 << 20);
    assert_int_equal(n->late, CONFIG_LATE_WAIT);
    assert_int_equal(n->late_after_s, 2 * 86400);
    assert_int_equal(n->hold_s, 600);
    assert_int_equal(n->window_from, 1260);
    assert_int_equal(n->window_to, 420);
    assert_true(n->local_hour);
    assert_int_equal(n->pending_keep_s, 86400);
    assert_true(n->approval);
    assert_int_equal(n->draft_before_s, 7200);
    assert_int_equal(n->approval_deadline, CONFIG_DEADLINE_SEND);
    assert_int_equal(n->editors.n, 2);
    assert_int_equal(n->archive, CONFIG_ARCHIVE_PUBLIC);
    assert_string_equal(n->logo, "/srv/desk/img/logo.png");
    assert_string_equal(n->colour, "#0055AA");
    assert_int_equal(n->relays_n, 1);
    assert_string_equal(n->relays[0]->name, "b");
    config_free(c);
}

static void test_relay_keys_and_defaults(void **state) {
    (void)state;
    struct config *c = load(STR(SITE "[relay.here]\n"
                                     "[relay.there]\nhost = smtp.example.net\nuser = u\npassword_file = pw\n"
                                     "[relay.tls]\nhost = [2001:db8::1]\ntls = implicit\n"
                                     "[relay.port]\nhost = 192.0.2.1\nport = 465\n"
                                     "[relay.full]\nhost = ::1\nport = 2525\ntls = starttls\nca_file = /etc/ca.pem\n"
                                     "user = u\npassword_command = pass 'a b'\npriority = 1\nconnections = 2\n"
                                     "messages = 3\nrate = 100/s, 30/m 2000/h\n  50000/d\ntimeout = 5m\n"
                                     "connect_timeout = 5s\nslow_start = yes\n"));
    const struct config_relay *r = c->relays;
    assert_int_equal(c->relays_n, 5);
    assert_string_equal(r[0].host, "127.0.0.1");
    assert_true(r[0].loopback);
    assert_int_equal(r[0].tls, CONFIG_TLS_NONE);
    assert_int_equal(r[0].port, 25);
    assert_int_equal(r[0].priority, 10);
    assert_int_equal(r[0].connections, 16);
    assert_int_equal(r[0].messages, 100);
    assert_int_equal(r[0].rate.n, 0);
    assert_int_equal(r[0].timeout_s, 0);
    assert_int_equal(r[0].connect_timeout_s, 30);
    assert_false(r[0].slow_start);
    assert_null(r[0].user);
    assert_int_equal(r[1].tls, CONFIG_TLS_STARTTLS);
    assert_int_equal(r[1].port, 25);
    assert_false(r[1].loopback);
    assert_string_equal(r[1].password.file, "/srv/desk/pw");
    assert_string_equal(r[2].host, "2001:db8::1");
    assert_int_equal(r[2].port, 465);
    assert_int_equal(r[3].tls, CONFIG_TLS_IMPLICIT);
    assert_true(r[4].loopback);
    assert_int_equal(r[4].tls, CONFIG_TLS_STARTTLS);
    assert_string_equal(r[4].ca_file, "/etc/ca.pem");
    assert_string_equal(r[4].password.command, "pass 'a b'");
    assert_int_equal(r[4].rate.n, 4);
    assert_int_equal(r[4].rate.limit[2].count, 2000);
    assert_int_equal(r[4].rate.limit[2].period_s, 3600);
    assert_int_equal(r[4].rate.limit[3].count, 50000);
    assert_int_equal(r[4].timeout_s, 300);
    assert_int_equal(r[4].connect_timeout_s, 5);
    assert_true(r[4].slow_start);
    config_free(c);
}

static void test_other_sections(void **state) {
    (void)state;
    struct config *c =
        load(STR(SITE "hostname = MX.example.org\nlog_addresses = on\ntemplates = ./t\nlanguage = pt-BR\n"
                      "[pace]\nGmail.com = 20/s\n* =\n"
                      "[dkim]\ndomain = Example.org\nselector = s\nkey_file = k.pem\n"
                      "[dkim.two]\ndomain = example.net\nselector = a\nkey_file = /k\nselector2 = b\nkey_file2 = k2\n"
                      "[bounce]\naddress = b@example.org\nmaildir = M\nimap_url = imaps://mail.example.org:993/INBOX\n"
                      "user = u\npassword_command = cat pw\n"
                      "[web]\nbase_url = http://[::1]:8080/\nlisten = [::1]:8081\n"
                      "[queue]\nretry = 1m\nunknown = hold\nrendition_cache = 0\nkeep = 0\n"));
    assert_string_equal(c->site.hostname, "mx.example.org");
    assert_true(c->site.log_addresses);
    assert_string_equal(c->site.templates, "/srv/desk/t");
    assert_string_equal(c->site.language, "pt-BR");
    assert_int_equal(c->paces_n, 2);
    assert_string_equal(c->paces[0].domain, "gmail.com");
    assert_int_equal(c->paces[0].rate.limit[0].count, 20);
    assert_int_equal(c->paces[0].line, 10);
    assert_ptr_equal(config_pace_for(c, STR("GMAIL.com")), &c->paces[0].rate);
    assert_ptr_equal(config_pace_for(c, STR("example.net")), &c->paces[1].rate); /* "*" */
    assert_string_equal(c->paces[1].domain, "*");
    assert_int_equal(c->paces[1].rate.n, 0);
    assert_int_equal(c->dkims_n, 2);
    assert_string_equal(c->dkims[0].name, "");
    assert_string_equal(c->dkims[0].domain, "example.org");
    assert_string_equal(c->dkims[0].key_file, "/srv/desk/k.pem");
    assert_string_equal(c->dkims[1].name, "two");
    assert_string_equal(c->dkims[1].key_file2, "/srv/desk/k2");
    assert_ptr_equal(config_dkim_for(c, STR("EXAMPLE.NET")), &c->dkims[1]);
    assert_null(config_dkim_for(c, STR("example.com")));
    assert_string_equal(c->bounce.maildir, "/srv/desk/M");
    assert_string_equal(c->bounce.imap_url, "imaps://mail.example.org:993/INBOX");
    assert_string_equal(c->bounce.password.command, "cat pw");
    assert_string_equal(c->web.base_url, "http://[::1]:8080");
    assert_string_equal(c->web.base_path, "");
    assert_false(c->web.https);
    assert_string_equal(c->web.listen_host, "::1");
    assert_int_equal(c->web.listen_port, 8081);
    assert_int_equal(c->queue.retry_n, 1);
    assert_int_equal(c->queue.unknown, CONFIG_UNKNOWN_HOLD);
    assert_int_equal(c->queue.rendition_cache_bytes, 0);
    config_free(c);
}

static void test_sources(void **state) {
    (void)state;
    struct config *c =
        load(STR(SITE WEB NEWS "[source.site]\ntype = sqlite\npath = site.db\nfetch_private = yes\n"
                               "articles =\n  SELECT a\n  FROM b ; comment\n  WHERE c\nsubscribers = SELECT 1\n"
                               "[source.feed]\ntype = feed\nurl = https://news.example.org/feed?a=1\n"
                               "[source.atom]\ntype = feed\nurl = feeds/atom.xml\n"
                               "[source.md]\ntype = files\npath = articles\nnewsletter = weekly\n"
                               "[source.cms]\ntype = command\narticles_command = cms \"a b\"\noutput = csv\n"));
    const struct config_source *s = c->sources;
    assert_int_equal(c->sources_n, 5);
    assert_string_equal(s[0].path, "/srv/desk/site.db");
    assert_true(s[0].fetch_private);
    assert_string_equal(s[0].articles, "SELECT a\nFROM b\nWHERE c");
    assert_string_equal(s[0].subscribers, "SELECT 1");
    assert_ptr_equal(s[0].newsletter, &c->newsletters[0]);
    assert_string_equal(s[1].url, "https://news.example.org/feed?a=1");
    assert_null(s[1].path);
    assert_null(s[2].url);
    assert_string_equal(s[2].path, "/srv/desk/feeds/atom.xml");
    assert_int_equal(s[3].type, CONFIG_SOURCE_FILES);
    assert_int_equal(s[4].output, CONFIG_OUTPUT_CSV);
    assert_string_equal(s[4].articles_command, "cms \"a b\"");
    assert_ptr_equal(config_source_named(c, "cms"), &s[4]);
    assert_null(config_source_named(c, "x"));
    config_free(c);
}

static void test_where_names_file_and_line(void **state) {
    (void)state;
    struct config *c = load(STR(SITE WEB NEWS));
    assert_string_equal(config_where(c, "newsletter.weekly", "from"), FILE_NAME ":9");
    assert_string_equal(config_where(c, "newsletter.weekly", "where"), FILE_NAME ":7");
    assert_string_equal(config_where(c, "newsletter.weekly", NULL), FILE_NAME ":7");
    assert_string_equal(config_where(c, "queue", "path"), FILE_NAME);
    config_free(c);
}

static void test_unknown_names_the_nearest(void **state) {
    (void)state;
    AFTER("[relay.main]\nconections = 3\n",
          "12: unknown key 'conections' in [relay.main]; did you mean 'connections'?");
    AFTER("[relay.main]\nHost = a\n", "12: unknown key 'Host' in [relay.main]; did you mean 'host'?");
    AFTER("[relay.main]\nbase_url = a\n", "12: unknown key 'base_url' in [relay.main]; it belongs into [web]");
    AFTER("[relay.main]\nzzz = a\n", "12: unknown key 'zzz' in [relay.main]; courant.ini(5) lists the keys");
    AFTER("[relai.main]\nhost = a\n", "11: unknown section [relai.main]; did you mean [relay.main]?");
    AFTER("[databse]\n", "11: unknown section [databse]; did you mean [database]?");
    AFTER("[x]\n", "11: unknown section [x]; courant.ini(5) lists the sections");
    AFTER("[relay]\n", "11: [relay] needs a name: write [relay.NAME]");
    AFTER("[relay.]\n", "11: the name in [relay.] may have letters, digits, '-' and '_' only");
    AFTER("[newsletter.a.b]\n", "11: the name in [newsletter.a.b] may have letters, digits, '-' and '_' only");
    AFTER("[queue.x]\n", "11: [queue.x] takes no name: write [queue]");
}

static void test_duplicates(void **state) {
    (void)state;
    AFTER("[relay.a]\nhost = a\nport = 1\nhost = b\n", "14: 'host' is already set on line 12; keep one of them");
    AFTER("[relay.a]\n[relay.a]\nzzz = 1\n",
          "12: section [relay.a] is already on line 11; put its keys together there");
    AFTER("[pace]\na.org = 1/s\nA.org = 2/s\n", "13: 'A.org' is already set on line 12; keep one of them");
}

static void test_required(void **state) {
    (void)state;
    refuse("", "c.ini: there is no [site]; it needs 'name' and 'url'");
    refuse("[site]\nname = a\npostal_address = x\n", "c.ini:1: [site] needs a value for 'url'");
    refuse("[site]\nname =\npostal_address = x\nurl = http://a.org\n", "c.ini:2: [site] needs a value for 'name'");
    AFTER("[dkim]\ndomain = a.org\nkey_file = k\n", "11: [dkim] needs a value for 'selector'");
    AFTER("[source.s]\n", "11: [source.s] needs a value for 'type'");
    AFTER("[source.s]\ntype = sqlite\narticles = x\n", "11: [source.s] needs a value for 'path'");
    AFTER("[source.s]\ntype = sqlite\npath = x\n",
          "11: [source.s] needs 'articles', 'subscribers' or both: the queries");
    AFTER("[source.s]\ntype = feed\nurl = https://desk:pass/w@rd@news.example.org/feed\n",
          "13: 'url' can't be 'https://…@news.example.org/feed': give an address that begins with https:// or http://, "
          "its "
          "host in ASCII (xn--…), without a user");
    AFTER("[source.s]\ntype = feed\n", "11: [source.s] needs a value for 'url', the feed's address or file");
    AFTER("[source.s]\ntype = command\n", "11: [source.s] needs 'articles_command', 'subscribers_command' or both");
}

#define RELAY(line, sentence) AFTER("[relay.a]\n" line "\n", "12: " sentence)
static void test_values(void **state) {
    (void)state;
    RELAY("port = 0", "'port' must be from 1 to 65535");
    RELAY("port = 65536", "'port' must be from 1 to 65535");
    RELAY("port = -1", "'port' can't be '-1': give a whole number");
    RELAY("connections = 4x", "'connections' can't be '4x': give a whole number");
    RELAY("tls = yes", "'tls' can't be 'yes': give one of none|opportunistic|starttls|implicit");
    RELAY("slow_start = maybe", "'slow_start' can't be 'maybe': give yes or no");
    RELAY("timeout = 5", "'timeout' can't be '5': give a number with s, m, h or d, like 90s, 5m, 1h, 3d");
    RELAY("timeout = 99999999999999d",
          "'timeout' can't be '99999999999999d': give a number with s, m, h or d, like 90s, 5m, 1h, 3d");
    RELAY("timeout = 2h", "'timeout' must be from 1s to 1h");
    RELAY("rate = 100", "'rate' can't be '100': give a number a second, minute, hour or day, like 100/s, 30/m, 2000/h, "
                        "50000/d, or several of them");
    RELAY("rate = 1/s 2/s", "'rate' can't be '1/s 2/s': give a number a second, minute, hour or day, like 100/s, 30/m, "
                            "2000/h, 50000/d, or several of them");
    RELAY("host = a.org:25", "'host' can't be 'a.org:25': give a host name or an IP address, without a port");
    RELAY("host = a b", "'host' can't be 'a b': give a host name or an IP address, without a port");
    AFTER("[source.s]\ntype = command\narticles_command = a 'b\n",
          "13: 'articles_command': the command has a ' that is not closed");
    AFTER("[queue]\nrendition_cache = 1T\n",
          "12: 'rendition_cache' can't be '1T': give a number of bytes, or one with K, M or G, like 64K");
    AFTER("[queue]\nrendition_cache = 100G\n", "12: 'rendition_cache' must be from 0 to 16384M");
    AFTER("[queue]\nretry = 5m, x\n",
          "12: 'retry' can't be 'x': give a number with s, m, h or d, like 90s, 5m, 1h, 3d");
    AFTER("[web.x]\n", "11: [web.x] takes no name: write [web]");
    AFTER("[pace]\ngmail = x\n", "12: 'gmail' can't be 'x': give a number a second, minute, hour or day, like 100/s, "
                                 "30/m, 2000/h, 50000/d, or several of them");
    AFTER("[pace]\nb\xc3\xbc"
          "cher.example = 1/s\n",
          "12: [pace] takes domains in ASCII (xn--… for others) and *, not 'b\xc3\xbc"
          "cher.example'");
    AFTER("[bounce]\naddress = x\n",
          "12: 'address' can't be 'x': give an address like name@example.org, nothing around it");
    AFTER(
        "[bounce]\nimap_url = https://a.org\nuser = u\npassword_file = x\n",
        "12: 'imap_url' can't be 'https://a.org': give imaps://HOST, imap://, pop3s:// or pop3://; the user has a key "
        "of its own");
}

#define NEWSLETTER(line, sentence) AFTER(line "\n", "11: " sentence)
static void test_newsletter_values(void **state) {
    (void)state;
    NEWSLETTER("send_window = 7-8", "'send_window' can't be '7-8': give HH:MM-HH:MM with two different times");
    NEWSLETTER("since = 2026-02-29",
               "'since' can't be '2026-02-29': give YYYY-MM-DD, or YYYY-MM-DDTHH:MM with or without Z or +HH:MM");
    NEWSLETTER("colour = red;}", "'colour' can't be 'red;}': give #rrggbb, #rgb or a colour's English name");
    NEWSLETTER("cadences = hourly", "'cadences' can't be 'hourly': give one or more of daily, weekly, monthly");
    NEWSLETTER("template = ../x",
               "'template' can't be '../x': only letters, digits, '-', '_' and '.' are allowed, 64 at most");
    NEWSLETTER("list_id = a b", "'list_id' can't be 'a b': give a domain name in ASCII: letters, digits, hyphens and "
                                "points (xn--… for others)");
    NEWSLETTER("editors = a@b.org c@d.org", "'editors' can't be 'a@b.org c@d.org': give an address like "
                                            "name@example.org, nothing around it");
    NEWSLETTER("body = full\n  late = wait", "'body' takes one line, but an indented line below goes on with it; let "
                                             "keys begin at the line's beginning");
    refuse(SITE WEB "[newsletter.a]\ntitle = A\nfrom = a@b.org\nschedule = hourly\n",
           "c.ini:10: 'schedule' can't be 'hourly': give daily HH:MM, weekly DAY[,DAY] HH:MM (mon to sun), monthly N "
           "HH:MM (N from 1 to 31), immediately or manual");
    refuse(SITE WEB "[newsletter.a]\ntitle = A\nfrom = a@b.org\nschedule = manual\ncadences = daily\n",
           "c.ini:11: 'cadences' needs a daily, weekly or monthly schedule; immediately and manual have no others");
}

static void test_what_belongs_together(void **state) {
    (void)state;
    RELAY("password = hunter2", "a password does not belong into this file: put it into a file of mode 0600 and name "
                                "that with 'password_file', or name a command that prints it with 'password_command'");
    RELAY("user = u", "[relay.a] has a 'user' but neither 'password_file' nor 'password_command'");
    RELAY("password_file = u", "[relay.a] has a password but no 'user'");
    AFTER("[relay.a]\nuser = u\npassword_file = a\npassword_command = b\n",
          "14: [relay.a] has both 'password_file' and 'password_command'; keep one");
    AFTER("[relay.a]\nuser = u\npassword_file = a\nhost = mx.example.org\ntls = none\n",
          "15: [relay.a] would send its password to mx.example.org without safe encryption; set tls = starttls or "
          "implicit");
    AFTER("[bounce]\nimap_url = imaps://a.org\n", "12: [bounce] needs a 'user' and a password to read 'imap_url'");
    AFTER("[dkim]\ndomain = a.org\nselector = a\nkey_file = b\nselector2 = c\n",
          "15: [dkim] needs both 'selector2' and 'key_file2' to sign a second time");
    AFTER("[dkim]\ndomain = a.org\nselector = a\nkey_file = b\n[dkim.x]\ndomain = A.org\nselector = b\nkey_file = c\n",
          "16: a.org is already the domain of the section on line 11");
    AFTER("[source.s]\ntype = feed\nurl = http://a.org\narticles = x\n",
          "14: 'articles' is for type = sqlite, but [source.s] has type = feed");
    AFTER("[source.s]\ntype = files\npath = x\nnewsletter = weekyl\n",
          "14: there is no section [newsletter.weekyl]; did you mean 'weekly'?");
    AFTER("relay = main\n[relay.mail]\n", "11: there is no section [relay.main]; did you mean 'mail'?");
    AFTER("[database]\npath = queue/queue.db\n",
          "11: [database] and [queue] name the same file; they are two databases");
    refuse(SITE NEWS,
           "c.ini:5: readers of [newsletter.weekly] could not leave: set 'base_url' in [web] or 'address' in "
           "[bounce]");
    refuse(SITE WEB NEWS "[newsletter.b]\ntitle = B\nfrom = b@a.org\nschedule = manual\n"
                         "[source.s]\ntype = sqlite\npath = x\nsubscribers = SELECT 1\n",
           "c.ini:15: [source.s] has subscribers: set 'newsletter', which they join");
}

static void test_bounce_address_lets_readers_leave(void **state) {
    (void)state;
    config_free(load(STR(SITE NEWS "[bounce]\naddress = b@example.org\n")));
}

static void test_all_errors_at_once_in_order(void **state) {
    (void)state;
    struct config *c = NULL;
    struct config_errors errors = CONFIG_ERRORS_INIT;
    struct str text = STR("[site]\nnam = x\nlog_addresses = 7\n[relay.a]\nport = x\n\nbogus\n[queue]\nkeep = 1\n");
    assert_int_equal(config_parse(text, "c.ini", &c, &errors), ERR_CONFIG);
    const int lines[] = {1, 1, 2, 3, 5, 7, 9};
    assert_int_equal(errors.n, 7);
    for (size_t i = 0; i < errors.n; i++)
        assert_int_equal(errors.list[i].line, lines[i]);
    assert_string_equal(errors.list[0].text, "c.ini:1: [site] needs a value for 'name'");
    config_errors_release(&errors);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_minimal_has_the_defaults),
        cmocka_unit_test(test_newsletter_has_the_defaults),
        cmocka_unit_test(test_every_newsletter_key),
        cmocka_unit_test(test_relay_keys_and_defaults),
        cmocka_unit_test(test_other_sections),
        cmocka_unit_test(test_sources),
        cmocka_unit_test(test_where_names_file_and_line),
        cmocka_unit_test(test_unknown_names_the_nearest),
        cmocka_unit_test(test_duplicates),
        cmocka_unit_test(test_required),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_newsletter_values),
        cmocka_unit_test(test_what_belongs_together),
        cmocka_unit_test(test_bounce_address_lets_readers_leave),
        cmocka_unit_test(test_all_errors_at_once_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
