#include "model/verdict.h"

#include <stdint.h>

/* Words of a reply, cut and folded for comparing. */
enum { TEXT_MOST = 2000, WORDS_MOST = 400 };

struct words {
    char bytes[TEXT_MOST];
    struct str word[WORDS_MOST];
    bool noun[WORDS_MOST]; /* one of NOUN_LIST */
    size_t n;
};

/* A row is a rule; the first that fits decides. `digit` is the first of the code; `code` 0 and a status part ANY fit
 * all. `phrase` NULL fits every text, else it is words in their order: a|b is either, a% begins with a, $ (first) is
 * one of NOUN_LIST, ~a is a host name with a in it, * is up to six words between, +a|b lets one or none of them stand
 * there, !a|b (at the end) is a word that must not follow. No phrase reaches over a full stop. */
struct rule {
    int digit;
    int code;
    int subject;
    int detail;
    const char *phrase;
    enum verdict verdict;
    const char *reason;
    const char *source;
};

#define ANY (-1)
#define CODE(c) (c) / 100, (c), ANY, ANY, NULL
#define CODE_PHRASE(c, p) (c) / 100, (c), ANY, ANY, (p)
#define STATUS(c, s, d) (c), 0, (s), (d), NULL
#define STATUS_PHRASE(c, s, d, p) (c), 0, (s), (d), (p)
#define PHRASE(p) 5, 0, ANY, ANY, (p)
#define CLASS(c) (c), 0, ANY, ANY, NULL

/* Whom a reply calls unknown; a phrase writes $ for them. */
#define NOUN_LIST                                                                                                      \
    "user|users|username|mailbox|mailboxes|recipient|recipients|address|addressee|account|alias|customer|subscriber|"  \
    "member|inbox"
#define NOUN "$"
#define PLACE "domain|host|hostname"
#define SAID "seen in replies"

static const struct rule rules[] = {
    /* ---- exact codes ---- */
    {CODE(421), VERDICT_RELAY_RESTS, "systemerror", "RFC 5321 4.2.3: closing the channel"},
    {CODE(454), VERDICT_RELAY_RESTS, "systemerror", "RFC 3207 4, RFC 4954 6"},
    {CODE(432), VERDICT_OPERATOR, "securityerror", "RFC 4954 6: password transition"},
    {STATUS(4, 2, 2), VERDICT_SOFT_LATER, "mailboxfull", "RFC 3463 3.3"},
    {CODE_PHRASE(452, "too many recipients"), VERDICT_LATER, "toomanyconn", "RFC 5321 4.5.3.1.10"},
    {CODE_PHRASE(452, "quota|full|mailbox"), VERDICT_SOFT_LATER, "mailboxfull", "RFC 5321 4.2.3"},
    {STATUS_PHRASE(4, ANY, ANY, "quota|overquota"), VERDICT_SOFT_LATER, "mailboxfull", SAID},
    {STATUS_PHRASE(4, ANY, ANY, "mailbox|inbox|box|storage * full"), VERDICT_SOFT_LATER, "mailboxfull", SAID},
    {CODE(525), VERDICT_OPERATOR, "securityerror", "RFC 5248: our account is disabled"},
    {CODE(530), VERDICT_OPERATOR, "securityerror", "RFC 4954 6, RFC 3207 4"},
    {CODE(534), VERDICT_OPERATOR, "securityerror", "RFC 4954 6"},
    {CODE(535), VERDICT_OPERATOR, "securityerror", "RFC 4954 6"},
    {CODE(538), VERDICT_OPERATOR, "securityerror", "RFC 4954 6 (historic)"},
    {STATUS(5, 1, 1), VERDICT_HARD, "userunknown", "RFC 3463 3.2"},
    {STATUS(5, 1, 2), VERDICT_HARD, "hostunknown", "RFC 3463 3.2"},
    {STATUS(5, 1, 3), VERDICT_HARD, "userunknown", "RFC 3463 3.2"},
    {STATUS(5, 1, 6), VERDICT_HARD, "hasmoved", "RFC 3463 3.2"},
    {STATUS(5, 1, 7), VERDICT_OPERATOR, "rejected", "RFC 3463 3.2: bad sender's address"},
    {STATUS(5, 1, 8), VERDICT_OPERATOR, "rejected", "RFC 3463 3.2: bad sender's system"},
    {STATUS_PHRASE(5, 1, 10, "not|unknown|no"), VERDICT_HARD, "userunknown", "Microsoft Exchange"},
    {STATUS(5, 1, 10), VERDICT_HARD, "notaccept", "RFC 7505 4.1: null MX"},
    {CODE(556), VERDICT_HARD, "notaccept", "RFC 7504 4: domain takes no mail"},
    {STATUS(5, 2, 2), VERDICT_SOFT_PERMANENT, "mailboxfull", "RFC 3463 3.3"},
    {STATUS(5, 2, 3), VERDICT_TOO_BIG, "mesgtoobig", "RFC 3463 3.3"},
    {STATUS(5, 3, 4), VERDICT_TOO_BIG, "mesgtoobig", "RFC 3463 3.4"},
    {STATUS_PHRASE(5, 4, 1, "recipient address rejected"), VERDICT_HARD, "userunknown",
     "Microsoft 365: directory-based edge blocking"},
    {STATUS(5, 5, 3), VERDICT_LATER, "toomanyconn", "RFC 3463 3.6: too many recipients"},
    {STATUS(5, 7, 8), VERDICT_OPERATOR, "securityerror", "RFC 4954 6"},
    {STATUS(5, 7, 11), VERDICT_OPERATOR, "securityerror", "RFC 4954 6"},
    {STATUS(5, 7, 13), VERDICT_HARD, "suspend", "RFC 5248: account disabled"},
    {STATUS(5, 7, 17), VERDICT_HARD, "hasmoved", "RFC 7293 10: the mailbox has another owner"},
    {STATUS(5, 7, 18), VERDICT_HARD, "hasmoved", "RFC 7293 10: the domain has another owner"},
    {STATUS(5, 7, 20), VERDICT_POLICY, "authfailure", "RFC 7372 3.1: DKIM"},
    {STATUS(5, 7, 21), VERDICT_POLICY, "authfailure", "RFC 7372 3.1: DKIM"},
    {STATUS(5, 7, 22), VERDICT_POLICY, "authfailure", "RFC 7372 3.1: DKIM"},
    {STATUS(5, 7, 23), VERDICT_POLICY, "authfailure", "RFC 7372 3.2: SPF"},
    {STATUS(5, 7, 24), VERDICT_POLICY, "authfailure", "RFC 7372 3.2: SPF"},
    {STATUS(5, 7, 25), VERDICT_POLICY, "requireptr", "RFC 7372 3.3: reverse DNS"},
    {STATUS(5, 7, 26), VERDICT_POLICY, "authfailure", "RFC 7372 3.4; Gmail"},
    {STATUS(5, 7, 27), VERDICT_OPERATOR, "rejected", "RFC 7505 4.2: our domain has a null MX"},
    {STATUS(5, 7, 515), VERDICT_POLICY, "authfailure", "Microsoft: rules for bulk senders"},

    /* ---- phrases: what is certainly about us ---- */
    {PHRASE("too many recipients"), VERDICT_LATER, "toomanyconn", "RFC 5321 4.5.3.1.10"},
    {PHRASE("virus|malware|infected"), VERDICT_POLICY, "virusdetected", SAID},
    {PHRASE("spam|unsolicited|phishing|uce|bulk"), VERDICT_POLICY, "spamdetected", SAID},
    {PHRASE("spf|dkim|dmarc|unauthenticated|senderid"), VERDICT_POLICY, "authfailure", SAID},
    {PHRASE("authentication information"), VERDICT_POLICY, "authfailure", "Gmail"},
    {PHRASE("reputation"), VERDICT_POLICY, "badreputation", SAID},
    {PHRASE("reverse dns|lookup|hostname|mapping"), VERDICT_POLICY, "requireptr", SAID},
    {PHRASE("ptr|rdns|fcrdns"), VERDICT_POLICY, "requireptr", SAID},
    {PHRASE("mismatches client"), VERDICT_POLICY, "requireptr", SAID},
    {PHRASE("find|resolve your +reverse hostname|host|address"), VERDICT_POLICY, "requireptr", "Postfix"},
    {PHRASE(
         "blacklist%|blocklist%|denylist%|blackholed|dnsbl|rbl|rbls|~spamhaus|~spamcop|~barracuda|~sorbs|~proofpoint"),
     VERDICT_POLICY, "blocked", SAID},
    {PHRASE("black|block list|listed"), VERDICT_POLICY, "blocked", SAID},
    {PHRASE("blocked using|by|see"), VERDICT_POLICY, "blocked", "Postfix"},
    {PHRASE("client host|ip|address"), VERDICT_POLICY, "blocked", "Postfix"},
    {PHRASE("helo|ehlo"), VERDICT_POLICY, "blocked", "Postfix"},
    {PHRASE("policy|policies"), VERDICT_POLICY, "policyviolation", SAID},
    {PHRASE("content|header|headers|attachment * rejected|denied|blocked|invalid|duplicate|malformed|refused"),
     VERDICT_POLICY, "contenterror", SAID},
    {PHRASE("duplicate|malformed|bad|invalid|missing header%"), VERDICT_POLICY, "contenterror", SAID},

    /* ---- phrases: the sender refused ---- */
    {PHRASE("domain of sender"), VERDICT_OPERATOR, "rejected", "Sendmail"},
    {PHRASE(
         "sender +address|domain|email * rejected|refused|denied|invalid|unknown|bad|not|doesnt|illegal|unresolvable"),
     VERDICT_OPERATOR, "rejected", "Postfix, Exim"},
    {PHRASE("sender verify|verification|callout"), VERDICT_OPERATOR, "rejected", "Exim"},
    {PHRASE("invalid|bad|unknown|illegal +envelope sender"), VERDICT_OPERATOR, "rejected", SAID},
    {PHRASE("mail|envelope from +address|domain * rejected|refused|denied|invalid"), VERDICT_OPERATOR, "rejected",
     SAID},
    {PHRASE("authentication|login|auth +is required|needed|failed|first"), VERDICT_POLICY, "securityerror", SAID},
    {PHRASE("relay|relaying * denied|permitted|allowed|prohibited|rejected|accepted"), VERDICT_POLICY, "norelaying",
     SAID},
    {PHRASE("unable|not|cannot to|permitted|allowed|authorized|relay +to relay|relaying"), VERDICT_POLICY, "norelaying",
     SAID},

    /* ---- phrases: disabled, full, too big ---- */
    {PHRASE(NOUN "|mail * disabled|suspended|inactive|locked|frozen|hold|dormant|deactivated|restricted"),
     VERDICT_SOFT_PERMANENT, "suspend", "RFC 3463 3.3: X.2.1"},
    {PHRASE("disabled|suspended|inactive|deactivated|locked +email|mail|e " NOUN), VERDICT_SOFT_PERMANENT, "suspend",
     SAID},
    {PHRASE("mailbox size|limit"), VERDICT_SOFT_PERMANENT, "mailboxfull", SAID},
    {PHRASE("quota|overquota"), VERDICT_SOFT_PERMANENT, "mailboxfull", SAID},
    {PHRASE("mailbox|mailfolder|inbox|box|folder|storage|disk|account * full"), VERDICT_SOFT_PERMANENT, "mailboxfull",
     SAID},
    {PHRASE("full mailbox|inbox"), VERDICT_SOFT_PERMANENT, "mailboxfull", SAID},
    {PHRASE("exceed% * storage|allocation"), VERDICT_SOFT_LATER, "mailboxfull", "RFC 5321 4.2.3, 4.5.3.1.10"},
    {PHRASE("insufficient|not|out +enough|of +system|disk storage|space"), VERDICT_LATER, "systemerror",
     "RFC 5321 4.2.3"},
    {PHRASE("message|mail|header|headers|attachment * too large|big|long"), VERDICT_TOO_BIG, "mesgtoobig",
     "RFC 1870 6"},
    {PHRASE("size|length * exceed%|limit|too"), VERDICT_TOO_BIG, "mesgtoobig", "RFC 1870 6"},
    {PHRASE("exceed% * size|length"), VERDICT_TOO_BIG, "mesgtoobig", "RFC 1870 6"},
    {CODE_PHRASE(552, "size"), VERDICT_TOO_BIG, "mesgtoobig", "RFC 1870 6"},

    /* ---- phrases: the address is dead ---- */
    {PHRASE(NOUN "|person|local * unknown !error|reason|command|status|problem|failure|if"), VERDICT_HARD,
     "userunknown", SAID},
    {PHRASE("unknown +or|virtual|local|email|mail|e|destination|mailing +illegal|mail|email " NOUN
            "|part|person !error"),
     VERDICT_HARD, "userunknown", SAID},
    {PHRASE("no such +local|email|mail|e|virtual +mail " NOUN "|person|name|here"), VERDICT_HARD, "userunknown", SAID},
    {PHRASE("no +valid|matching|local " NOUN " +by|here|with|found|for"), VERDICT_HARD, "userunknown", SAID},
    {PHRASE(NOUN
            "|person * not|doesnt|nt|dont +currently|actually exist|exists|found|known|recognized|valid|listed|local"),
     VERDICT_HARD, "userunknown", SAID},
    {PHRASE("not|isnt a|an|our +valid|known|registered|local|existing +local|gateway|email " NOUN), VERDICT_HARD,
     "userunknown", SAID},
    {PHRASE("not known|exist here|at"), VERDICT_HARD, "userunknown", SAID},
    {PHRASE(NOUN " * no longer"), VERDICT_HARD, "hasmoved", SAID},
    {PHRASE("invalid|nonexistent|bad|nonexisting|illegal +local|email|mail|e|destination +mail " NOUN
            "|destination|destinataire"),
     VERDICT_HARD, "userunknown", SAID},
    {PHRASE("non existent|existing +local|email|mail " NOUN), VERDICT_HARD, "userunknown", SAID},
    {PHRASE(NOUN
            " +is|was|appears|name +to|has|an +be|been "
            "invalid|nonexistent|nonexist|closed|deleted|removed|terminated|discontinued|cancelled|canceled|expired"),
     VERDICT_HARD, "userunknown", SAID},
    {PHRASE("unrouteable|unroutable address|mail"), VERDICT_HARD, "userunknown", "Exim, Postfix"},
    {PHRASE("undeliverable address"), VERDICT_HARD, "userunknown", "Postfix"},
    {PHRASE("resolver.adr.%"), VERDICT_HARD, "userunknown", "Microsoft Exchange"},
    {PHRASE("user not local"), VERDICT_HARD, "userunknown", "RFC 5321 4.2.3: 551"},
    {STATUS_PHRASE(5, 1, 0, "address rejected"), VERDICT_HARD, "userunknown", "Cisco: recipient access table"},
    {PHRASE("utilisateur|destinataire|adresse|compte * inconnu|inconnue|invalide|inexistant"), VERDICT_HARD,
     "userunknown", "French"},
    {PHRASE("empf\xc3\xa4nger|empfaenger|benutzer|adresse|postfach * unbekannt|existiert"), VERDICT_HARD, "userunknown",
     "German"},
    {PHRASE("usuario|destinatario|direcci\xc3\xb3n|utente|cuenta|buz\xc3\xb3n|usu\xc3\xa1rio|destinat\xc3\xa1rio * "
            "desconocido|existe|sconosciuto|inesistente|desconhecido"),
     VERDICT_HARD, "userunknown", "Spanish, Italian, Portuguese"},
    {PHRASE(PLACE " +or|name +domain +name * unknown|nonexistent !error|reason|command"), VERDICT_HARD, "hostunknown",
     SAID},
    {PHRASE(PLACE " +or|name +domain +name * not|doesnt found|exist|exists|reachable"), VERDICT_HARD, "hostunknown",
     "Postfix"},
    {PHRASE("no such|valid " PLACE "|mx"), VERDICT_HARD, "hostunknown", SAID},
    {PHRASE("unknown|invalid|nonexistent " PLACE), VERDICT_HARD, "hostunknown", SAID},
    {PHRASE("nxdomain"), VERDICT_HARD, "hostunknown", "DNS"},
    {PHRASE("null mx"), VERDICT_HARD, "notaccept", "RFC 7505"},

    /* ---- phrases: less certain ones about us ---- */
    {PHRASE("access +is denied"), VERDICT_POLICY, "rejected", SAID},
    {PHRASE("blocked|banned|abuse"), VERDICT_POLICY, "blocked", SAID},
    {PHRASE("not allowed|authorized to send"), VERDICT_POLICY, "rejected", SAID},
    {PHRASE("too many connections|messages|sessions"), VERDICT_LATER, "toomanyconn", SAID},
    {PHRASE("rate limit%|limited"), VERDICT_LATER, "toomanyconn", SAID},
    {PHRASE("greylist%|graylist%"), VERDICT_LATER, "onhold", "RFC 6647"},
    {PHRASE("service +is|currently|temporarily +currently unavailable"), VERDICT_LATER, "systemerror", SAID},
    {PHRASE("timed out"), VERDICT_LATER, "expired", SAID},

    /* ---- wildcards ---- */
    {CLASS(2), VERDICT_ACCEPTED, "delivered", "RFC 5321 4.2.1"},
    {STATUS(4, 7, ANY), VERDICT_LATER, "blocked", "RFC 5321 4.2.1"},
    {STATUS(4, 4, ANY), VERDICT_LATER, "networkerror", "RFC 5321 4.2.1"},
    {CLASS(4), VERDICT_LATER, "onhold", "RFC 5321 4.2.1"},
    {STATUS(5, 2, ANY), VERDICT_SOFT_PERMANENT, "filtered", "RFC 3463 3.3: 5.2.x"},
    {STATUS(5, 3, ANY), VERDICT_LATER, "systemerror", "RFC 3463 3.4: 5.3.x"},
    {STATUS(5, 4, ANY), VERDICT_LATER, "networkerror", "RFC 3463 3.5: 5.4.x"},
    {STATUS(5, 5, 0), VERDICT_SOFT_PERMANENT, "undefined", "RFC 3463 3.6: 5.5.0"},
    {STATUS(5, 5, ANY), VERDICT_OPERATOR, "syntaxerror", "RFC 3463 3.6: 5.5.x"},
    {STATUS(5, 6, ANY), VERDICT_POLICY, "contenterror", "RFC 3463 3.7: 5.6.x"},
    {STATUS(5, 7, ANY), VERDICT_POLICY, "rejected", "RFC 3463 3.8: 5.7.x"},
    {CODE(500), VERDICT_OPERATOR, "syntaxerror", "RFC 5321 4.2.3"},
    {CODE(502), VERDICT_OPERATOR, "syntaxerror", "RFC 5321 4.2.3"},
    {CODE(503), VERDICT_OPERATOR, "syntaxerror", "RFC 5321 4.2.3"},
    {CODE(504), VERDICT_OPERATOR, "syntaxerror", "RFC 5321 4.2.3"},
    {CODE(552), VERDICT_SOFT_LATER, "mailboxfull", "RFC 5321 4.5.3.1.10: 552 is read as 452"},
    {CODE(555), VERDICT_OPERATOR, "syntaxerror", "RFC 5321 4.1.1.11"},
    {CODE(571), VERDICT_POLICY, "blocked", "Sendmail: refused"},
    {CLASS(5), VERDICT_SOFT_PERMANENT, "undefined", "ambiguous"},
    {CLASS(0), VERDICT_LATER, "undefined", "no reply that RFC 5321 knows here"},
};

/* ---- the head of a reply ---- */

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* The number of one to three digits at *AT; -1 when there is none. */
static int number(struct str s, size_t *at) {
    int v = -1;
    for (size_t n = 0; n < 3 && *at < s.len && is_digit(s.ptr[*at]); n++, (*at)++) {
        v = (v < 0 ? 0 : v) * 10 + (s.ptr[*at] - '0');
    }
    return v;
}

/* RFC 3463 2 at the head of S; returns its length, 0 when there is none. */
static size_t status_length(struct str s, int status[3]) {
    size_t at = 0;
    int part[3];
    for (size_t i = 0; i < 3; i++) {
        part[i] = number(s, &at);
        if (part[i] < 0 || (i == 0 && (at != 1 || (part[0] != 2 && part[0] != 4 && part[0] != 5)))) {
            return 0;
        }
        if (i < 2 && (at >= s.len || s.ptr[at++] != '.')) {
            return 0;
        }
    }
    if (at < s.len && (is_digit(s.ptr[at]) || (s.ptr[at] == '.' && at + 1 < s.len && is_digit(s.ptr[at + 1])))) {
        return 0; /* an address of the Internet, or the like */
    }
    memcpy(status, part, sizeof part);
    return at;
}

struct reply reply_parse(struct str text) {
    struct reply r = {.text = str_trim(text)};
    size_t at = 0;
    int code = number(r.text, &at);
    if (at == 3 && code >= 200 && code <= 599 && (at == r.text.len || strchr(" -\t\r\n", r.text.ptr[at]))) {
        r.code = code;
        r.text = str_trim(str_sub(r.text, at + 1, r.text.len));
    }
    bool mark = r.text.len > 0 && r.text.ptr[0] == '#'; /* Cisco's way */
    size_t n = status_length(str_sub(r.text, mark, r.text.len), r.status);
    if (n > 0) {
        r.text = str_trim(str_sub(r.text, mark + n, r.text.len));
    }
    return r;
}

/* ---- words ---- */

/* Whether WORD is one of LIST's alternatives. Written for speed: a reply is compared with some thousand of them. */
static bool is_one_of(struct str word, struct str list) {
    const char *p = list.ptr;
    const char *end = list.ptr + list.len;
    while (p < end) {
        if (*p == word.ptr[0] || *p == '~') {
            const char *bar = memchr(p, '|', (size_t)(end - p));
            struct str one = {p, (size_t)((bar ? bar : end) - p)};
            if (*p == '~') {
                if (str_find(word, '.', 0) < word.len && str_search(word, str_sub(one, 1, one.len), 0) < word.len) {
                    return true;
                }
            } else if (one.ptr[one.len - 1] == '%' ? str_starts(word, str_sub(one, 0, one.len - 1))
                                                   : str_eq(word, one)) {
                return true;
            }
            p += one.len + 1;
        } else {
            while (p < end && *p++ != '|') {
            }
        }
    }
    return false;
}

static void add_word(struct words *w, struct str word) {
    if (w->n < WORDS_MOST && word.len > 0) {
        w->noun[w->n] = is_one_of(word, STR(NOUN_LIST));
        w->word[w->n++] = word;
    }
}

/* One run of characters without spaces and brackets: an address, a host name, a code, or words. Its letters are folded
 * already. */
static void add_run(struct words *w, struct str run) {
    bool stop = false;
    int status[3];
    while (run.len > 0 && strchr(".!?", run.ptr[run.len - 1])) {
        run.len--;
        stop = true;
    }
    while (run.len > 0 && (run.ptr[0] == '#' || run.ptr[0] == '.')) {
        run = str_sub(run, 1, run.len);
    }
    if (run.len >= 3 && is_digit(run.ptr[0]) && is_digit(run.ptr[1]) && is_digit(run.ptr[2]) &&
        (run.len == 3 || run.ptr[3] == '-')) {
        run = str_sub(run, 4, run.len); /* "550-" of a further line */
    }
    if (str_find(run, '@', 0) < run.len) {
        add_word(w, STR("@"));
    } else if (status_length(run, status) == run.len) {
        /* a status, or nothing */
    } else if (str_find(run, '.', 0) < run.len) {
        add_word(w, run);
    } else {
        size_t from = 0;
        for (size_t i = 0; i <= run.len; i++) {
            if (i == run.len || strchr("-_/", run.ptr[i])) {
                add_word(w, str_sub(run, from, i));
                from = i + 1;
            }
        }
    }
    if (stop) {
        add_word(w, STR("."));
    }
}

static void find_words(struct str text, struct words *w) {
    size_t used = 0; /* of w->bytes */
    size_t from = 0; /* where the run under way begins there */
    w->n = 0;
    text = str_sub(text, 0, TEXT_MOST - 1);
    for (size_t i = 0; i <= text.len; i++) {
        char c = i < text.len ? text.ptr[i] : ' ';
        if (c >= 'A' && c <= 'Z') {
            c = (char)(c - 'A' + 'a');
        }
        if (c == '\'' && used > from && i + 1 < text.len && text.ptr[i + 1] != ' ') {
            continue; /* doesn't */
        }
        if ((unsigned char)c > ' ' && !strchr("()<>[]{}\"',;:=*|`", c)) {
            w->bytes[used++] = c;
            continue;
        }
        struct str run = {w->bytes + from, used - from};
        if (c == ':' && i + 2 < text.len && text.ptr[i + 1] == '/' && text.ptr[i + 2] == '/') {
            while (i + 1 < text.len && (unsigned char)text.ptr[i + 1] > ' ') {
                i++; /* a URL */
            }
            run = STR("@");
        }
        add_run(w, run);
        from = used;
        if (c == ';') {
            add_word(w, STR("."));
        }
    }
}

/* ---- phrases ---- */

static bool word_fits(const struct words *w, size_t i, struct str list) {
    if (i >= w->n) {
        return false;
    }
    bool noun = list.ptr[0] == '$'; /* always the first */
    return (noun && w->noun[i]) || is_one_of(w->word[i], str_sub(list, noun, list.len));
}

static bool fits_at(const struct words *w, size_t i, struct str phrase) {
    enum { GAP = 6 };
    struct str rest = phrase;
    struct str part;
    if (phrase.len == 0 || !str_split(&rest, ' ', &part)) {
        return true;
    }
    struct str list = str_sub(part, 1, part.len);
    switch (part.ptr[0]) {
    case '*':
        for (size_t gap = 0; gap <= GAP && i + gap < w->n; gap++) {
            if (fits_at(w, i + gap, rest)) {
                return true;
            }
            if (str_eq(w->word[i + gap], STR("."))) {
                break;
            }
        }
        return false;
    case '+':
        return (word_fits(w, i, list) && fits_at(w, i + 1, rest)) || fits_at(w, i, rest);
    case '!':
        return !word_fits(w, i, list);
    default:
        return word_fits(w, i, part) && fits_at(w, i + 1, rest);
    }
}

static bool fits(const struct words *w, const char *phrase) {
    struct str whole = str_from(phrase);
    struct str first = str_sub(whole, 0, str_find(whole, ' ', 0));
    /* Most words fall by their first letter, without a look at the list. */
    uint32_t letters = 0;
    for (size_t i = 0; i < first.len; i++) {
        if (i == 0 || first.ptr[i - 1] == '|') {
            letters |= first.ptr[i] == '~' ? UINT32_MAX : 1u << (first.ptr[i] & 31);
        }
    }
    for (size_t i = 0; i < w->n; i++) {
        bool possible = (letters >> (w->word[i].ptr[0] & 31) & 1) || (first.ptr[0] == '$' && w->noun[i]);
        if (possible && fits_at(w, i, whole)) {
            return true;
        }
    }
    return false;
}

/* ---- judging ---- */

struct judgement verdict_judge(int code, struct str status, struct str text) {
    struct reply head = reply_parse(text);
    struct words w;
    int st[3] = {0, 0, 0};
    struct str given = str_trim(status);
    bool known = given.len > 0 && status_length(given, st) > 0;
    if (head.status[0] != 0 && (!known || (st[1] == 0 && st[2] == 0))) {
        memcpy(st, head.status, sizeof st); /* the text is more exact than "5.0.0" */
    }
    if (code == 0) {
        code = head.code;
    }
    int digit = code != 0 ? code / 100 : st[0] != 0 ? st[0] : 5;
    if (digit != 2 && digit != 4 && digit != 5) {
        digit = 0;
    }
    w.n = 0;
    if (digit >= 4) {
        find_words(head.text, &w);
    }
    size_t i = 0;
    for (; i + 1 < sizeof rules / sizeof *rules; i++) {
        const struct rule *r = &rules[i];
        if (r->digit == digit && (r->code == 0 || r->code == code) &&
            (r->subject == ANY || (st[0] != 0 && r->subject == st[1])) && (r->detail == ANY || r->detail == st[2]) &&
            (!r->phrase || fits(&w, r->phrase))) {
            break;
        }
    }
    struct judgement j = {rules[i].verdict, rules[i].reason, rules[i].source};
    /* 5.1.1 is believed at once only when the words say the same. */
    if (j.verdict == VERDICT_HARD && st[1] == 1 && st[2] == 1) {
        for (i = 0; i < sizeof rules / sizeof *rules; i++) {
            if (rules[i].verdict == VERDICT_HARD && rules[i].subject == ANY && rules[i].phrase &&
                fits(&w, rules[i].phrase)) {
                j.verdict = VERDICT_HARD_SURE;
                break;
            }
        }
    }
    return j;
}

enum verdict verdict_of_reply(int code, struct str status, struct str text) {
    return verdict_judge(code, status, text).verdict;
}

enum verdict verdict_of_mail_reply(int code, struct str status, struct str text) {
    enum verdict v = verdict_of_reply(code, status, text);
    struct reply head = reply_parse(text);
    int digit = (code != 0 ? code : head.code) / 100;
    if (digit == 4) {
        return VERDICT_RELAY_RESTS;
    }
    if (digit == 5) {
        /* 552 at MAIL answers SIZE= (RFC 1870 6.1), whatever its words are */
        bool size = v == VERDICT_TOO_BIG || (code == 552 && v == VERDICT_SOFT_LATER);
        return size ? VERDICT_TOO_BIG : VERDICT_OPERATOR;
    }
    return v;
}

const char *verdict_name(enum verdict v) {
    static const char *const names[] = {
        [VERDICT_ACCEPTED] = "accepted",      [VERDICT_LATER] = "later",         [VERDICT_RELAY_RESTS] = "relay rests",
        [VERDICT_SOFT_LATER] = "soft, later", [VERDICT_SOFT_PERMANENT] = "soft", [VERDICT_HARD] = "hard",
        [VERDICT_HARD_SURE] = "hard, sure",   [VERDICT_TOO_BIG] = "too big",     [VERDICT_POLICY] = "policy",
        [VERDICT_OPERATOR] = "operator",
    };
    return names[v];
}
