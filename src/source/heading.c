#include "source/heading.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "text/address.h"
#include "text/csv.h"

#include <stdlib.h>
#include <unicode/uchar.h>

#define ATTRIBUTE_PREFIX "attribute."

enum { MAPS_MAX = 200, TITLE_MAX = 200 };

static const char *const names[HEADINGS] = {"email",
                                            "name",
                                            "given_name",
                                            "language",
                                            "format",
                                            "timezone",
                                            "suppressed",
                                            "suppressed_at",
                                            "suppressed_until",
                                            "suppressed_note",
                                            "newsletter",
                                            "status",
                                            "status_at",
                                            "paused_until",
                                            "joined_at",
                                            "topics",
                                            "cadence",
                                            "body",
                                            "newsletter_language",
                                            "newsletter_format",
                                            "consent",
                                            "consent_origin",
                                            "consent_by",
                                            "consent_at",
                                            "confirmed_at",
                                            "confirmed_by",
                                            "family_name",
                                            "unsubscribed",
                                            "blocked",
                                            "bounced",
                                            "confirmed"};

/* How others call them, letters and digits alone, in lower case. The first word of a file's that is found counts. */
static const struct {
    enum heading what;
    const char *words;
} known[] = {
    {HEADING_EMAIL,
     " email emailaddress mail mailaddress emailaddress1 email1value emailadresse mailadresse epost epostadress"
     " epostadresse adresseemail adressemail adressedemessagerie adresseelectronique adresseélectronique courriel"
     " correo correoelectronico correoelectrónico direccióndecorreo direcciondecorreo indirizzoemail"
     " indirizzodipostaelettronica endereçodeemail emailadres eposta sähköposti sähköpostiosoite adresemail"
     " почта электроннаяпочта адресэлектроннойпочты имейл 邮箱 邮件 电子邮件 电子邮箱 电子邮件地址 電子郵件"
     " メール メールアドレス 이메일 البريدالإلكتروني البريد דואל ایمیل ईमेल ئېلخەت "},
    {HEADING_NAME,
     " name fullname displayname membername contactname vollername vollständigername anzeigename nomcomplet"
     " nomprénom prénomnom nombrecompleto nombreyapellidos nomecompleto naam volledigenaam fullständigtnamn"
     " фио полноеимя 姓名 名字 氏名 お名前 이름 الاسم الاسمالكامل שם "},
    {HEADING_GIVEN_NAME, " givenname firstname fname first forename vorname rufname prénom prenom nombre nome voornaam"
                         " förnamn fornavn etunimi имя imię imie 名 "},
    {HEADING_FAMILY_NAME,
     " familyname lastname lname last surname nachname familienname nom nomdefamille apellido apellidos"
     " cognome sobrenome achternaam efternamn etternavn sukunimi фамилия nazwisko 姓 "},
    {HEADING_LANGUAGE,
     " language lang locale preferredlanguage sprache korrespondenzsprache langue idioma lingua taal språk"
     " sprog kieli язык język 语言 言語 언어 اللغة שפה "},
    {HEADING_FORMAT, " format emailformat emailtype preferredformat mailformat "},
    {HEADING_TIMEZONE, " timezone tz zeitzone fuseauhoraire zonahoraria fusoorario "},
    {HEADING_NEWSLETTER, " newsletter "},
    {HEADING_STATUS,
     " optin optedin wantsmail wantsemail wantsnewsletter subscribed acceptsmarketing acceptsemailmarketing mailok"
     " status state memberstatus subscriptionstatus subscriberstatus emailstatus abostatus statut estado stato"
     " статус 状态 "},
    {HEADING_STATUS_AT, " statusat "},
    {HEADING_UNSUBSCRIBED,
     " unsubscribed isunsubscribed hasunsubscribed unsubscribe unsub optout optedout isoptedout hasoptedout emailoptout"
     " emailoptedout hasoptedoutofemail unsubscribedfromallemail isthissubscriberdisabled deactivated abgemeldet "
     "abbestellt désabonné désinscrit"
     " unsubtime unsubdate unsubscribetime unsubscribedate unsubscribedat unsubscribedon optouttime optoutdate optoutat"
     " optedoutat abgemeldetam datededésinscription dadodebaja fechadebaja disiscritto "},
    {HEADING_BLOCKED,
     " blocked isblocked blocklisted isblocklisted emailblocklisted blacklisted isblacklisted emailblacklisted"
     " blacklist emailblacklist blocklist emailblocklist isthissubscriberblacklisted donotmail donotemail donotcontact"
     " gesperrt "},
    {HEADING_BOUNCED, " bounced isbounced hasbounced hardbounced hardbounce cleaned cleantime bouncedat bouncetime "},
    {HEADING_CONFIRMED, " confirmed isconfirmed theemailisconfirmed istheemailofthissubscriberconfirmed"
                        " isthissubscriberconfirmed bestätigt confirmé "},
    {HEADING_TOPICS, " topics topic themen thema thèmes temas temi onderwerpen темы 主题 "},
    {HEADING_CADENCE, " cadence frequency rhythmus häufigkeit fréquence frecuencia frequenza "},
    {HEADING_BODY, " body "},
    {HEADING_JOINED_AT,
     " joinedat joined joinedon joindate datejoined optintime optindate optinat subscribedat subscribedon signupdate"
     " signuptime subscriptiondate dateadded createdat created anmeldedatum angemeldetam eintrittsdatum"
     " datedinscription dateinscription fechadealta fechadesuscripción dataiscrizione дата "},
    {HEADING_SUPPRESSED, " suppressed "},
    {HEADING_CONFIRMED_AT, " confirmtime confirmedat confirmationtime confirmdate "},
    {HEADING_IGNORED, " refusedbecause "}};

static const struct {
    enum heading_state state;
    const char *words;
} states[] = {
    {STATE_PENDING, " pending unconfirmed awaitingconfirmation notconfirmed unbestätigt ausstehend enattente "},
    {STATE_ACTIVE, " active subscribed confirmed enabled optin optedin yes y true 1 ja oui sí aktiv abonniert "
                   "bestätigt actif abonné activo"
                   " suscrito attivo iscritto "},
    {STATE_PAUSED, " paused pausiert suspended enpause pausado sospeso "},
    {STATE_LEFT, " left unsubscribed optedout optout unsub abgemeldet desabonné désabonné désinscrit dadodebaja baja"
                 " disiscritto cancelled canceled "},
    {STATE_REMOVED, " removedbysource archived "},
    {STATE_SUPPRESSED, " suppressed byhand blocked blocklisted blacklisted donotmail donotemail banned gesperrt "},
    {STATE_BOUNCED, " hard cleaned bounced bounce hardbounced hardbounce undeliverable invalid "},
    {STATE_COMPLAINED, " complaint complained spam abuse spamcomplaint markedasspam "},
    {STATE_ERASED, " erased "},
    {STATE_NONE, " none nonsubscribed notsubscribed transactional no n false 0 nein non "}};

struct headings {
    struct arena *arena;
    struct heading_column *columns;
    size_t n;
    bool none;
    struct {
        struct str word;
        enum heading_state state;
    } words[MAPS_MAX];
    size_t words_n;
};

const char *heading_name(enum heading h) {
    return h < HEADINGS ? names[h] : NULL;
}

/* "E-Mail Adresse" → " emailadresse ", for looking up. */
static void squeeze(struct str s, struct buf *out) {
    buf_clear(out);
    buf_addc(out, ' ');
    for (size_t i = 0; i < s.len && i < TITLE_MAX;) {
        UChar32 c = (UChar32)utf8_next(s, &i);
        if (u_isalnum(c) || u_charType(c) == U_NON_SPACING_MARK) {
            buf_add_utf8(out, (uint32_t)u_foldCase(c, U_FOLD_CASE_DEFAULT));
        }
    }
    buf_addc(out, ' ');
}

static bool has(const char *words, const struct buf *word) {
    struct str list = str_from(words);
    return word->len > 2 && str_search(list, buf_str(word), 0) < list.len;
}

enum heading heading_find(struct str heading) {
    struct buf b = BUF_INIT;
    enum heading found = HEADING_ATTRIBUTE;
    heading = str_trim(heading);
    for (int i = 0; i < HEADINGS; i++) {
        if (str_eq_nocase(heading, str_from(names[i]))) {
            return (enum heading)i;
        }
    }
    squeeze(heading, &b);
    for (size_t i = 0; i < sizeof known / sizeof *known && found == HEADING_ATTRIBUTE; i++) {
        found = has(known[i].words, &b) ? known[i].what : HEADING_ATTRIBUTE;
    }
    buf_release(&b);
    return found;
}

enum heading_answer heading_answer(struct str cell) {
    static const char yes[] = " yes y true t 1 on x ja j wahr oui o vrai sí si sì s verdadero vero sim da да tak hai ";
    static const char no[] = " no n false f 0 off nein falsch non faux falso não nee nej nei nie нет null none never ";
    struct buf b = BUF_INIT;
    enum heading_answer answer = ANSWER_OTHER;
    cell = str_trim(cell);
    bool zeros = true; /* "0000-00-00 00:00:00" is MySQL's for never */
    for (size_t i = 0; i < cell.len && zeros; i++) {
        zeros = memchr("0-:. TZ", cell.ptr[i], 7) != NULL;
    }
    squeeze(cell, &b);
    if (zeros || has(no, &b)) {
        answer = ANSWER_NO;
    } else if (has(yes, &b)) {
        answer = ANSWER_YES;
    }
    buf_release(&b);
    return answer;
}

struct str heading_attribute(struct str name, struct arena *a) {
    return heading_find(name) == HEADING_ATTRIBUTE && !str_starts_nocase(name, STR(ATTRIBUTE_PREFIX))
               ? name
               : arena_printf(a, "%s%.*s", ATTRIBUTE_PREFIX, STR_ARG(name));
}

static bool find_state(struct str word, enum heading_state *out) {
    struct buf b = BUF_INIT;
    bool found = false;
    squeeze(word, &b);
    if (str_eq(str_trim(word), STR("-"))) {
        *out = STATE_NONE;
        found = true;
    }
    for (size_t i = 0; i < sizeof states / sizeof *states && !found; i++) {
        if (has(states[i].words, &b)) { /* "by-hand" is squeezed to "byhand" */
            *out = states[i].state;
            found = true;
        }
    }
    buf_release(&b);
    return found;
}

/* Two headings that look the same to people. */
static bool alike(struct str a, struct str b) {
    struct buf x = BUF_INIT, y = BUF_INIT;
    squeeze(a, &x);
    squeeze(b, &y);
    bool same = str_eq(str_trim(a), str_trim(b)) || (x.len > 2 && str_eq(buf_str(&x), buf_str(&y)));
    buf_release(&x);
    buf_release(&y);
    return same;
}

static enum status map_state(struct headings *h, struct str word, struct str to, struct error *err) {
    enum heading_state state;
    if (!find_state(to, &state)) {
        return error_set(err, ERR_USAGE,
                         "--map status:%.*s=%.*s: the state is one of active, pending, paused, left, removed-by-source,"
                         " suppressed, bounced, complaint, none",
                         STR_ARG(word), STR_ARG(to));
    }
    if (h->words_n == MAPS_MAX) {
        return error_set(err, ERR_USAGE, "--map: more than %d states", MAPS_MAX);
    }
    h->words[h->words_n].word = arena_str(h->arena, word);
    h->words[h->words_n++].state = state;
    return OK;
}

static void give(struct heading_column *c, struct str to, struct arena *a) {
    enum heading what = HEADING_ATTRIBUTE;
    for (int i = 0; i < HEADINGS; i++) {
        what = str_eq_nocase(to, str_from(names[i])) ? (enum heading)i : what;
    }
    c->what = str_eq(to, STR("-")) ? HEADING_IGNORED : what;
    if (c->what == HEADING_ATTRIBUTE) {
        c->name = arena_str(a, to);
    }
}

/* One "HEADING=MEANING". GIVEN notes which columns have one. */
static enum status map_one(struct headings *h, struct str item, bool *given, struct error *err) {
    size_t eq = item.len;
    for (size_t i = 0; i < item.len; i++) {
        eq = item.ptr[i] == '=' ? i : eq;
    }
    struct str from = str_trim(str_sub(item, 0, eq)), to = str_trim(str_sub(item, eq + 1, item.len));
    if (eq >= item.len || !from.len || !to.len) {
        return error_set(err, ERR_USAGE, "--map %.*s: HEADING=MEANING is wanted, or status:WORD=STATE", STR_ARG(item));
    }
    if (str_starts_nocase(from, STR("status:"))) {
        return map_state(h, str_trim(str_sub(from, 7, from.len)), to, err);
    }
    bool found = false, all = str_eq(from, STR("*"));
    for (size_t i = 0; i < h->n; i++) {
        if (all ? h->columns[i].what == HEADING_ATTRIBUTE && !given[i] : alike(from, h->columns[i].title)) {
            give(&h->columns[i], to, h->arena);
            given[i] = true;
            found = true;
        }
    }
    return found || all ? OK : error_set(err, ERR_USAGE, "--map %.*s: the file has no such column", STR_ARG(item));
}

/* Whether a --map is of one heading, which may have commas in it. */
static bool is_one(const struct headings *h, struct str map) {
    size_t eq = map.len;
    bool one = false;
    for (size_t i = 0; i < map.len; i++) {
        eq = map.ptr[i] == '=' ? i : eq;
    }
    for (size_t i = 0; i < h->n && !one; i++) {
        one = str_find(map, ',', 0) < eq && alike(str_sub(map, 0, eq), h->columns[i].title);
    }
    return one;
}

static enum status map_all(struct headings *h, const char *const *maps, size_t maps_n, bool *given, struct error *err) {
    enum status st = OK;
    for (int stars = 0; stars < 2; stars++) { /* "*" is what the others leave */
        for (size_t i = 0; i < maps_n && st == OK; i++) {
            struct str rest = str_from(maps[i]), item;
            if (is_one(h, rest)) {
                st = stars ? st : map_one(h, rest, given, err);
                continue;
            }
            while (st == OK && str_split(&rest, ',', &item)) {
                if (str_trim(item).len && str_starts(str_trim(item), STR("*=")) == (stars == 1)) {
                    st = map_one(h, str_trim(item), given, err);
                }
            }
        }
    }
    return st;
}

/* Attributes of one name would be one: the others get a number. */
static void number_attributes(struct headings *h) {
    for (size_t i = 0; i < h->n; i++) {
        struct str name = h->columns[i].name;
        for (size_t k = 0, n = 1; k < i && h->columns[i].what == HEADING_ATTRIBUTE; k++) {
            if (h->columns[k].what == HEADING_ATTRIBUTE && str_eq(h->columns[k].name, h->columns[i].name)) {
                h->columns[i].name = arena_printf(h->arena, "%.*s %zu", STR_ARG(name), ++n);
                k = (size_t)-1; /* which may be another's as well */
            }
        }
    }
}

/* The first column given a meaning has it; another one is an attribute. */
static void settle(struct headings *h, const bool *given) {
    bool taken[HEADINGS] = {false};
    for (int pass = 0; pass < 2; pass++) { /* what --map says comes first */
        for (size_t i = 0; i < h->n; i++) {
            struct heading_column *c = &h->columns[i];
            if (c->what < HEADINGS && given[i] == (pass == 0)) {
                if (taken[c->what]) {
                    c->what = HEADING_ATTRIBUTE;
                } else {
                    taken[c->what] = true;
                }
            }
        }
    }
}

static bool is_address(struct str cell) {
    struct arena *a = arena_new();
    struct address address;
    struct str name;
    bool is = a && cell.len < 1000 && mailbox_parse(cell, a, &name, &address, NULL) == OK;
    arena_free(a);
    return is;
}

/* Whether the first row is a person's: an address is in it. Headings may look like one too ("x@y"), beside known words,
 * and a person may be reached by "email". */
static bool is_person(const struct str *cells, size_t n) {
    size_t known_n = 0;
    bool address = false, email = false;
    for (size_t i = 0; i < n; i++) {
        struct str cell = csv_restore(cells[i]);
        enum heading what = heading_find(str_trim(cell));
        known_n += what != HEADING_ATTRIBUTE;
        email = email || (what == HEADING_EMAIL && (i == 0 || known_n > 1));
        address = address || is_address(cell);
    }
    return address && !email;
}

enum status headings_new(const struct str *cells, size_t n, const char *const *maps, size_t maps_n,
                         struct headings **out, struct error *err) {
    struct headings *h = calloc(1, sizeof *h);
    bool *given = NULL, email = false;
    enum status st = OK;
    *out = NULL;
    if (!h || !(h->arena = arena_new())) {
        st = error_set(err, ERR_OS, "out of memory");
        goto done;
    }
    h->n = n;
    h->columns = arena_alloc(h->arena, (n + 1) * sizeof *h->columns);
    given = arena_alloc(h->arena, (n + 1) * sizeof *given);
    h->none = is_person(cells, n);
    for (size_t i = 0; i < n; i++) {
        struct heading_column *c = &h->columns[i];
        struct str title = str_trim(csv_restore(cells[i]));
        c->title = h->none ? arena_printf(h->arena, "%zu", i + 1) : arena_str(h->arena, title);
        c->name = str_sub(c->title, 0, utf8_cut(c->title, TITLE_MAX));
        c->what = h->none     ? (is_address(csv_restore(cells[i])) ? HEADING_EMAIL : HEADING_IGNORED)
                  : title.len ? heading_find(title)
                              : HEADING_IGNORED;
        if (str_starts_nocase(c->title, STR(ATTRIBUTE_PREFIX))) { /* as export calls one that is a known word */
            c->what = HEADING_ATTRIBUTE;
            c->name = str_sub(c->name, 10, c->name.len);
        }
    }
    if ((st = map_all(h, maps, maps_n, given, err)) != OK) {
        goto done;
    }
    settle(h, given);
    number_attributes(h);
    for (size_t i = 0; i < n; i++) {
        email = email || h->columns[i].what == HEADING_EMAIL;
    }
    if (!email) {
        st = error_set(err, ERR_DATA, "no column is known to have the addresses; name it: --map 'HEADING=email'");
    }
done:
    if (st != OK) {
        headings_free(h);
    } else {
        *out = h;
    }
    return st;
}

void headings_free(struct headings *h) {
    if (h) {
        arena_free(h->arena);
        free(h);
    }
}

bool headings_none(const struct headings *h) {
    return h->none;
}

size_t headings_count(const struct headings *h) {
    return h->n;
}

const struct heading_column *headings_column(const struct headings *h, size_t i) {
    return &h->columns[i];
}

bool headings_state(const struct headings *h, struct str word, enum heading_state *out) {
    word = str_trim(word);
    for (size_t i = 0; i < h->words_n; i++) {
        if (alike(h->words[i].word, word)) {
            *out = h->words[i].state;
            return true;
        }
    }
    return find_state(word, out);
}
