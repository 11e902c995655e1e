#include "cmd/commands.h"

#include "cmd/adopt.h"
#include "cmd/article.h"
#include "cmd/backup.h"
#include "cmd/check.h"
#include "cmd/edit.h"
#include "cmd/extract.h"
#include "cmd/fields.h"
#include "cmd/find.h"
#include "cmd/hand.h"
#include "cmd/init.h"
#include "cmd/intake.h"
#include "cmd/invite.h"
#include "cmd/issue.h"
#include "cmd/member.h"
#include "cmd/log.h"
#include "cmd/newsletter.h"
#include "cmd/profile.h"
#include "cmd/queue.h"
#include "cmd/rights.h"
#include "cmd/run.h"
#include "cmd/source.h"
#include "cmd/stats.h"
#include "cmd/subscriber.h"
#include "cmd/suppress.h"

enum {
    READ = COMMAND_CONFIG | COMMAND_READ,
    WRITE = COMMAND_CONFIG | COMMAND_WRITE,
    KEYS = COMMAND_KEYS,
    STOP = COMMAND_STOP,
    AUDIT = COMMAND_AUDIT,
    ANY = -1
};

#define OPTIONS(name, ...) static const struct command_option name[] = {__VA_ARGS__, {NULL, NULL, NULL}}

#define CHECK_MX                                                                                                       \
    { "check-mx", NULL, "ask the name servers whether each domain takes mail, and refuse where it doesn't" }
#define DRY_RUN                                                                                                        \
    { "dry-run", NULL, "say what would be done and change nothing" }
OPTIONS(stay_options, {"stay", NULL, "go on until stopped, waking on new work"});
OPTIONS(sync_options, {"accept", NULL, "apply what was held because too much would vanish or arrive at once"});
OPTIONS(all_options, {"all", NULL, "also those that are removed or erased"});
OPTIONS(add_options, {"newsletter", "NAME", "which they join; default: the only one there is"},
        {"invite", NULL, "ask them by mail first: they join when they confirm"}, CHECK_MX, FIELD_OPTIONS, DRY_RUN);
OPTIONS(set_options, {"newsletter", "NAME", "their subscription to this one; else all they have"}, FIELD_OPTIONS,
        {"status", "WORD", "pause, resume or leave"}, {"until", "TIME", "the pause ends by itself then"},
        {"email", "ADDRESS", "another address: the same person"},
        {"merge", NULL, "when that address is another subscriber's: make the two one"}, DRY_RUN);
OPTIONS(remove_options, {"newsletter", "NAME", "from this one; else from all"}, DRY_RUN);
OPTIONS(import_options,
        {"newsletter", "NAME", "which they join, where the file does not say; default: the only one there is"},
        {"map", "LIST", "HEADING=MEANING, or status:WORD=STATE; with commas between, or several times"},
        {"on-conflict", "WAY", "who is known already: update (the default), fill gaps, or keep"},
        {"encoding", "NAME", "windows-1251, GB18030, ...; else found out"},
        {"separator", "SIGN", "a character, or tab; else found out"},
        {"rejects", "FILE", "where rows that can't be taken go; default: FILE.refused.csv"}, CHECK_MX, DRY_RUN);
OPTIONS(find_options_list, FIND_OPTIONS, {"limit", "N", "at most so many"});
OPTIONS(export_options, FIND_OPTIONS,
        {"output", "FILE", "to this file, which only you can read; else to standard output"},
        {"person", "ADDRESS",
         "all that is held on this person, as JSON; an id does as well, and - reads standard input"});
OPTIONS(log_options, {"since", "TIME", "not what was before"},
        {"subscriber", "ADDRESS", "of this person; an id or - as well"},
        {"action", "WORD", "join, leave, suppress, erase, ...: as the listing has them"});
OPTIONS(stats_options, {"since", "TIME", "default: a year"},
        {"by", "week|month", "default: months, weeks for half a year"},
        {"chart", NULL, "bars also where the output is no terminal"});
OPTIONS(erase_options, {"forget", NULL, "not even the keyed hash: the address may be signed up by anybody again"},
        DRY_RUN);
OPTIONS(article_options, {"title", "TEXT", "else the front matter's, else the first line \"# Title\""},
        {"url", "ADDRESS", "where it stands; a path is one on the site"}, {"topic", "TEXT", "its topic"},
        {"date", "TIME", "when it was or will be published; default: now"}, {"author", "TEXT", "who wrote it"},
        {"language", "TAG", "de, pt-BR ...; default: the site's"}, {"summary", "TEXT", "a few sentences"},
        {"image", "ADDRESS", "a picture"}, {"image-alt", "TEXT", "what is to be seen on it"},
        {"format", "WORD", "markdown (the default), html or text; else by the file's name"},
        {"id", "TEXT", "how it is known: given again, the article is changed; default: its address, else its title"},
        DRY_RUN);
OPTIONS(off_options, {"off", NULL, "take it back"});
OPTIONS(suppress_options, {"note", "TEXT", "why; no personal data"}, {"until", "TIME", "it lapses then"},
        {"reason", "WORD", "by-hand (the default), hard, complaint"}, DRY_RUN);
OPTIONS(unsuppress_options, DRY_RUN);
OPTIONS(suppressed_options, {"reason", "WORDS", "hard, complaint, erased, by-hand; several with commas"},
        {"limit", "N", "at most so many"});
OPTIONS(build_options, {"dry-run", NULL, "say what would be built and change nothing"},
        {"again", NULL, "the unreleased issue ID, of what articles, templates and settings are now"});
OPTIONS(correct_options, {"to-served", NULL, "as an issue of its own to those who got it; marks stay"},
        {"subject", "TEXT", "another subject"},
        {"note", "TEXT", "an editor's note, in Markdown; -: from standard input"});
OPTIONS(edit_options, {"subject", "TEXT", "its subject; empty: made of the first title again"},
        {"note", "TEXT", "an editor's note above the articles, in Markdown; -: from standard input; empty: none"},
        {"order", "IDS", "these articles stand first, in this order: 12,15; none: as usual"},
        {"exclude", "IDS", "these articles are left out, for good"});
OPTIONS(preview_options, {"text", NULL, "the plain text (the default)"}, {"html", NULL, "the HTML"},
        {"eml", NULL, "the whole message"},
        {"to", "ADDRESS", "as this subscriber would get it; -: from standard input"});
OPTIONS(adopt_options, {"moved", NULL, "it was moved here and nothing was lost"},
        {"restored", NULL, "a backup was put back: everything open is held"});
OPTIONS(newsletter_options, {"newsletter", "NAME", "of this newsletter only"});
OPTIONS(cancel_options, {"drop", NULL, "its articles do not come with the next issue either"});
#define FILTERS                                                                                                        \
    {"issue", "N", "of this issue only; 0: transactional messages"}, {                                                 \
        "state", "STATES",                                                                                             \
            "queued, claimed, deferred, held, unknown, sent, failed, cancelled; several with commas between"           \
    }
OPTIONS(filter_options, FILTERS);
OPTIONS(list_options, FILTERS, {"limit", "N", "at most so many rows"});
OPTIONS(show_options, {"issue", "N", "the issue"});

static const struct command source_verbs[] = {
    {"list", "the sources and when they were read", "source list", NULL, NULL, 0, 0, READ, source_list_run},
    {"sync", "import from one or all sources", "source sync [NAME] [--accept]", NULL, sync_options, 0, 1, WRITE | KEYS,
     source_sync_run},
    {0}};

static const struct command article_verbs[] = {
    {"list", "all articles", "article list [--all]", NULL, all_options, 0, 0, READ, article_list_run},
    {"add", "add or change an article by hand",
     "article add [FILE|-] [--title TEXT] [--url ADDRESS] [--topic TEXT] [--date TIME] [--author TEXT] [--language TAG]"
     " [--summary TEXT] [--image ADDRESS] [--image-alt TEXT] [--format WORD] [--id TEXT] [--dry-run]",
     NULL, article_options, 0, 1, WRITE, article_add_run},
    {"show", "an article with its text", "article show ID", NULL, NULL, 1, 1, READ, article_show_run},
    {"remove", "withdraw: it comes in no issue that is not built yet", "article remove ID... [--off]", NULL,
     off_options, 1, ANY, WRITE, article_remove_run},
    {"pin", "put it first", "article pin ID... [--off]", NULL, off_options, 1, ANY, WRITE, article_pin_run},
    {"exclude", "leave it out of digests", "article exclude ID... [--off]", NULL, off_options, 1, ANY, WRITE,
     article_exclude_run},
    {0}};

static const struct command subscriber_verbs[] = {
    {"list", "the subscribers, or those whose address has PART in it",
     "subscriber list [PART] [--newsletter NAME] [--status S] [--topic T] [--language L]"
     " [--attribute NAME[=VALUE]] [--joined-since TIME] [--joined-before TIME] [--limit N] [--all]",
     NULL, find_options_list, 0, 1, READ, subscriber_list_run},
    {"add", "sign people up",
     "subscriber add ADDRESS...|- [--invite] [--newsletter NAME] [--name TEXT] ... [--check-mx] [--dry-run]", NULL,
     add_options, 1, ANY, WRITE | KEYS, member_add_run},
    {"confirm", "bring the answer of somebody who was invited", "subscriber confirm TOKEN|-", NULL, NULL, 1, 1,
     WRITE | KEYS, invite_confirm_run},
    {"set", "change a person, an address, a subscription",
     "subscriber set ADDRESS|ID...|- [--newsletter NAME] [--name TEXT] [--status pause|resume|leave] [--email ADDRESS] "
     "... [--dry-run]",
     NULL, set_options, 1, ANY, WRITE | KEYS, member_set_run},
    {"remove", "let people leave, for good whatever a source says",
     "subscriber remove ADDRESS|ID...|- [--newsletter NAME] [--dry-run]", NULL, remove_options, 1, ANY, WRITE,
     member_remove_run},
    {"show", "one person and all that happened", "subscriber show ADDRESS|ID|-", NULL, NULL, 1, 1, READ | KEYS,
     profile_show_run},
    {"import", "sign up a list: CSV of any kind, or JSON",
     "subscriber import FILE|- [--newsletter NAME] [--map LIST] [--on-conflict update|fill|keep] [--encoding NAME] "
     "[--separator SIGN] [--rejects FILE] [--check-mx] [--dry-run]",
     NULL, import_options, 1, 1, WRITE | KEYS | STOP, intake_import_run},
    {"export", "write a list that import takes back, CSV or with --json JSON; or all that is held on a person",
     "subscriber export [PART] [--newsletter NAME] [--status S] ... [--output FILE] | --person ADDRESS|ID|-", NULL,
     export_options, 0, 1, READ | KEYS, extract_export_run},
    {"erase", "forget all about a person but a keyed hash of the address",
     "subscriber erase ADDRESS|ID...|- [--forget] [--dry-run]", NULL, erase_options, 1, ANY, WRITE | KEYS,
     rights_erase_run},
    {0}};

static const struct command suppress_verbs[] = {
    {"add", "mail these addresses no more",
     "suppress add ADDRESS...|- [--note TEXT] [--until TIME] [--reason WORD] [--dry-run]", NULL, suppress_options, 1,
     ANY, WRITE, suppress_add_run},
    {"list", "the addresses that are not mailed, or those with PART in them",
     "suppress list [PART] [--reason WORDS] [--limit N]", NULL, suppressed_options, 0, 1, READ, suppress_list_run},
    {"remove", "they may be mailed again", "suppress remove ADDRESS...|- [--dry-run]", NULL, unsuppress_options, 1, ANY,
     WRITE | KEYS, suppress_remove_run},
    {0}};

static const struct command newsletter_verbs[] = {
    {"list", "the newsletters", "newsletter list", NULL, NULL, 0, 0, READ, newsletter_list_run},
    {"show", "one newsletter", "newsletter show NAME", NULL, NULL, 1, 1, READ, newsletter_show_run},
    {0}};

static const struct command issue_verbs[] = {
    {"build", "freeze an issue now", "issue build NEWSLETTER [--dry-run] | ID --again", NULL, build_options, 1, 1,
     WRITE | KEYS | AUDIT, issue_build_run},
    {"preview", "print what would be sent", "issue preview NEWSLETTER|ID [--text|--html|--eml] [--to ADDRESS]", NULL,
     preview_options, 1, 1, READ | KEYS, issue_preview_run},
    {"test", "send it to these addresses alone", "issue test NEWSLETTER|ID ADDRESS...|-", NULL, NULL, 2, ANY,
     WRITE | KEYS, issue_test_run},
    {"prove", "show that its mails differ in the readers' own places alone", "issue prove ID", NULL, NULL, 1, 1,
     READ | KEYS, issue_prove_run},
    {"set", "change a draft", "issue set ID [--subject TEXT] [--note TEXT|-] [--order IDS] [--exclude IDS]", NULL,
     edit_options, 1, 1, WRITE | KEYS | AUDIT, edit_set_run},
    {"approve", "let a draft go out", "issue approve ID", NULL, NULL, 1, 1, WRITE | AUDIT, issue_approve_run},
    {"drop", "throw an unreleased issue away", "issue drop ID", NULL, NULL, 1, 1, WRITE | AUDIT, issue_drop_run},
    {"list", "all issues and how far they are", "issue list [--newsletter NAME]", NULL, newsletter_options, 0, 0, READ,
     issue_list_run},
    {"show", "one issue", "issue show ID", NULL, NULL, 1, 1, READ, issue_show_run},
    {"pause", "send nothing of it for now", "issue pause ID", NULL, NULL, 1, 1, WRITE | AUDIT, issue_pause_run},
    {"resume", "go on with it", "issue resume ID", NULL, NULL, 1, 1, WRITE | AUDIT, issue_resume_run},
    {"correct", "send what is unsent of it, or those who got it, what its articles are now",
     "issue correct ID [--to-served] [--subject TEXT] [--note TEXT|-]", NULL, correct_options, 1, 1, WRITE | KEYS,
     edit_correct_run},
    {"cancel", "send nothing more of it", "issue cancel ID [--drop]", NULL, cancel_options, 1, 1, WRITE | AUDIT,
     issue_cancel_run},
    {0}};

static const struct command queue_verbs[] = {
    {"status", "how many deliveries are in which state, and the relays", "queue status", NULL, NULL, 0, 0, READ,
     queue_status_run},
    {"list", "deliveries one by one, with addresses", "queue list [ADDRESS...|-] [--issue N] [--state S] [--limit N]",
     NULL, list_options, 0, ANY, READ, queue_list_run},
    {"show", "one delivery and its attempts", "queue show --issue N ADDRESS|ID|-", NULL, show_options, 1, 1, READ,
     queue_show_run},
    {"retry", "try again now", "queue retry [ADDRESS...|-] [--issue N] [--state S]", NULL, filter_options, 0, ANY,
     WRITE | AUDIT, queue_retry_run},
    {"hold", "keep back", "queue hold [ADDRESS...|-] [--issue N] [--state S]", NULL, filter_options, 0, ANY,
     WRITE | AUDIT, queue_hold_run},
    {"release", "let go what is held", "queue release [ADDRESS...|-] [--issue N] [--state S]", NULL, filter_options, 0,
     ANY, WRITE | AUDIT, queue_release_run},
    {0}};

static const struct command verbs[] = {
    {"init", "write an example configuration and make the databases", "init", NULL, NULL, 0, 0, 0, init_run},
    {"run", "import, build what is due, deliver: what cron calls", "run [--stay]", NULL, stay_options, 0, 0,
     WRITE | KEYS | STOP, run_run},
    {"send", "deliver what is approved and queued", "send", NULL, NULL, 0, 0, WRITE | KEYS | STOP, send_run},
    {"source", "where articles and subscribers come from", "source list|sync", source_verbs, NULL, 0, 0, 0, NULL},
    {"article", "what is written", "article add|list|show|remove|pin|exclude", article_verbs, NULL, 0, 0, 0, NULL},
    {"subscriber", "who reads", "subscriber add|list|show|set|remove|import|export|erase", subscriber_verbs, NULL, 0, 0,
     0, NULL},
    {"suppress", "addresses that must not be mailed", "suppress add|list|remove", suppress_verbs, NULL, 0, 0, 0, NULL},
    {"newsletter", "the publications", "newsletter list|show", newsletter_verbs, NULL, 0, 0, 0, NULL},
    {"issue", "the editions", "issue build|preview|test|prove|set|approve|drop|list|show|pause|resume|correct|cancel",
     issue_verbs, NULL, 0, 0, 0, NULL},
    {"queue", "who got it, who did not and why", "queue status|list|show|retry|hold|release", queue_verbs, NULL, 0, 0,
     0, NULL},
    {"adopt", "confirm that this copy of the databases is the one that sends", "adopt --moved|--restored", NULL,
     adopt_options, 0, 0, WRITE | AUDIT, adopt_run},
    {"log", "who changed what", "log [--since TIME] [--subscriber ADDRESS|ID|-] [--action WORD]", NULL, log_options, 0,
     0, READ, log_run},
    {"stats", "readers, growth, and what became of each issue",
     "stats [NEWSLETTER] [--since TIME] [--by week|month] [--chart]", NULL, stats_options, 0, 1, READ, stats_run},
    {"backup", "copy both databases while everything runs", "backup FILE|-", NULL, NULL, 1, 1,
     COMMAND_CONFIG | COMMAND_STOP, backup_run},
    {"check", "look for what is wrong with configuration, databases and relays", "check", NULL, NULL, 0, 0, 0,
     check_run},
    {0}};

const struct command commands_root = {
    "",
    "courant sends digests of new articles to the readers of newsletters, each exactly once.",
    "[-c FILE] [-q | -v] [--json] [--now TIME] [--force] COMMAND ...",
    verbs,
    NULL,
    0,
    0,
    0,
    NULL};
