#include "render/entities.h"

#include <libxml/HTMLparser.h>
#include <stdlib.h>

enum { NAME_SIZE = 24 };

struct entity {
    const char *name;
    unsigned code;
};

/* What HTML 5 has beside HTML 4's, of letters and punctuation: some programs write every comma so. In strcmp's order.
 */
/* clang-format off */
static const struct entity entities[] = {
    {"AMP", 0x26}, {"Abreve", 0x102}, {"Acy", 0x410}, {"Amacr", 0x100}, {"Aogon", 0x104}, {"ApplyFunction", 0x2061},
    {"Bcy", 0x411}, {"Breve", 0x2d8}, {"CHcy", 0x427}, {"COPY", 0xa9}, {"Cacute", 0x106}, {"Ccaron", 0x10c},
    {"Ccirc", 0x108}, {"Cdot", 0x10a}, {"Cedilla", 0xb8}, {"CenterDot", 0xb7}, {"CloseCurlyDoubleQuote", 0x201d},
    {"CloseCurlyQuote", 0x2019}, {"DJcy", 0x402}, {"DScy", 0x405}, {"DZcy", 0x40f}, {"Dcaron", 0x10e}, {"Dcy", 0x414},
    {"DiacriticalAcute", 0xb4}, {"DiacriticalDot", 0x2d9}, {"DiacriticalDoubleAcute", 0x2dd},
    {"DiacriticalGrave", 0x60}, {"DiacriticalTilde", 0x2dc}, {"Dot", 0xa8}, {"DoubleDot", 0xa8}, {"DownBreve", 0x311},
    {"Dstrok", 0x110}, {"ENG", 0x14a}, {"Ecaron", 0x11a}, {"Ecy", 0x42d}, {"Edot", 0x116}, {"Emacr", 0x112},
    {"Eogon", 0x118}, {"Fcy", 0x424}, {"GJcy", 0x403}, {"GT", 0x3e}, {"Gammad", 0x3dc}, {"Gbreve", 0x11e},
    {"Gcedil", 0x122}, {"Gcirc", 0x11c}, {"Gcy", 0x413}, {"Gdot", 0x120}, {"HARDcy", 0x42a}, {"Hacek", 0x2c7},
    {"Hat", 0x5e}, {"Hcirc", 0x124}, {"Hstrok", 0x126}, {"IEcy", 0x415}, {"IJlig", 0x132}, {"IOcy", 0x401},
    {"Icy", 0x418}, {"Idot", 0x130}, {"Imacr", 0x12a}, {"InvisibleComma", 0x2063}, {"InvisibleTimes", 0x2062},
    {"Iogon", 0x12e}, {"Itilde", 0x128}, {"Iukcy", 0x406}, {"Jcirc", 0x134}, {"Jcy", 0x419}, {"Jsercy", 0x408},
    {"Jukcy", 0x404}, {"KHcy", 0x425}, {"KJcy", 0x40c}, {"Kcedil", 0x136}, {"Kcy", 0x41a}, {"LJcy", 0x409},
    {"LT", 0x3c}, {"Lacute", 0x139}, {"Lcaron", 0x13d}, {"Lcedil", 0x13b}, {"Lcy", 0x41b}, {"Lmidot", 0x13f},
    {"Lstrok", 0x141}, {"Mcy", 0x41c}, {"MediumSpace", 0x205f}, {"NJcy", 0x40a}, {"Nacute", 0x143}, {"Ncaron", 0x147},
    {"Ncedil", 0x145}, {"Ncy", 0x41d}, {"NegativeMediumSpace", 0x200b}, {"NegativeThickSpace", 0x200b},
    {"NegativeThinSpace", 0x200b}, {"NegativeVeryThinSpace", 0x200b}, {"NewLine", 0xa}, {"NoBreak", 0x2060},
    {"NonBreakingSpace", 0xa0}, {"Ocy", 0x41e}, {"Odblac", 0x150}, {"Omacr", 0x14c}, {"OpenCurlyDoubleQuote", 0x201c},
    {"OpenCurlyQuote", 0x2018}, {"OverBar", 0x203e}, {"Pcy", 0x41f}, {"PlusMinus", 0xb1}, {"QUOT", 0x22},
    {"REG", 0xae}, {"Racute", 0x154}, {"Rcaron", 0x158}, {"Rcedil", 0x156}, {"Rcy", 0x420}, {"SHCHcy", 0x429},
    {"SHcy", 0x428}, {"SOFTcy", 0x42c}, {"Sacute", 0x15a}, {"Scedil", 0x15e}, {"Scirc", 0x15c}, {"Scy", 0x421},
    {"TSHcy", 0x40b}, {"TScy", 0x426}, {"Tab", 0x9}, {"Tcaron", 0x164}, {"Tcedil", 0x162}, {"Tcy", 0x422},
    {"ThinSpace", 0x2009}, {"Tstrok", 0x166}, {"Ubrcy", 0x40e}, {"Ubreve", 0x16c}, {"Ucy", 0x423}, {"Udblac", 0x170},
    {"Umacr", 0x16a}, {"UnderBar", 0x5f}, {"Uogon", 0x172}, {"Upsi", 0x3d2}, {"Uring", 0x16e}, {"Utilde", 0x168},
    {"Vcy", 0x412}, {"Verbar", 0x2016}, {"Vert", 0x2016}, {"VerticalLine", 0x7c}, {"VeryThinSpace", 0x200a},
    {"Wcirc", 0x174}, {"YAcy", 0x42f}, {"YIcy", 0x407}, {"YUcy", 0x42e}, {"Ycirc", 0x176}, {"Ycy", 0x42b},
    {"ZHcy", 0x416}, {"Zacute", 0x179}, {"Zcaron", 0x17d}, {"Zcy", 0x417}, {"Zdot", 0x17b},
    {"ZeroWidthSpace", 0x200b}, {"abreve", 0x103}, {"acy", 0x430}, {"af", 0x2061}, {"amacr", 0x101}, {"angst", 0xc5},
    {"aogon", 0x105}, {"apos", 0x27}, {"ast", 0x2a}, {"backepsilon", 0x3f6}, {"backprime", 0x2035}, {"bcy", 0x431},
    {"bepsi", 0x3f6}, {"bigstar", 0x2605}, {"bprime", 0x2035}, {"breve", 0x2d8}, {"bsemi", 0x204f}, {"bsol", 0x5c},
    {"bullet", 0x2022}, {"cacute", 0x107}, {"caret", 0x2041}, {"caron", 0x2c7}, {"ccaron", 0x10d}, {"ccirc", 0x109},
    {"cdot", 0x10b}, {"centerdot", 0xb7}, {"chcy", 0x447}, {"check", 0x2713}, {"checkmark", 0x2713},
    {"circledR", 0xae}, {"colon", 0x3a}, {"comma", 0x2c}, {"commat", 0x40}, {"copysr", 0x2117}, {"cross", 0x2717},
    {"dash", 0x2010}, {"dblac", 0x2dd}, {"dcaron", 0x10f}, {"dcy", 0x434}, {"ddagger", 0x2021}, {"die", 0xa8},
    {"digamma", 0x3dd}, {"div", 0xf7}, {"djcy", 0x452}, {"dollar", 0x24}, {"dot", 0x2d9}, {"dscy", 0x455},
    {"dstrok", 0x111}, {"dzcy", 0x45f}, {"ecaron", 0x11b}, {"ecy", 0x44d}, {"edot", 0x117}, {"emacr", 0x113},
    {"emsp13", 0x2004}, {"emsp14", 0x2005}, {"eng", 0x14b}, {"eogon", 0x119}, {"epsi", 0x3b5}, {"epsiv", 0x3f5},
    {"equals", 0x3d}, {"excl", 0x21}, {"fcy", 0x444}, {"female", 0x2640}, {"frac13", 0x2153}, {"frac18", 0x215b},
    {"frac23", 0x2154}, {"frac38", 0x215c}, {"frac58", 0x215d}, {"frac78", 0x215e}, {"gacute", 0x1f5},
    {"gammad", 0x3dd}, {"gbreve", 0x11f}, {"gcirc", 0x11d}, {"gcy", 0x433}, {"gdot", 0x121}, {"gjcy", 0x453},
    {"grave", 0x60}, {"hairsp", 0x200a}, {"half", 0xbd}, {"hardcy", 0x44a}, {"hcirc", 0x125}, {"horbar", 0x2015},
    {"hstrok", 0x127}, {"hybull", 0x2043}, {"hyphen", 0x2010}, {"ic", 0x2063}, {"icy", 0x438}, {"iecy", 0x435},
    {"ijlig", 0x133}, {"imacr", 0x12b}, {"imath", 0x131}, {"imped", 0x1b5}, {"inodot", 0x131}, {"iocy", 0x451},
    {"iogon", 0x12f}, {"it", 0x2062}, {"itilde", 0x129}, {"iukcy", 0x456}, {"jcirc", 0x135}, {"jcy", 0x439},
    {"jmath", 0x237}, {"jsercy", 0x458}, {"jukcy", 0x454}, {"kappav", 0x3f0}, {"kcedil", 0x137}, {"kcy", 0x43a},
    {"kgreen", 0x138}, {"khcy", 0x445}, {"kjcy", 0x45c}, {"lacute", 0x13a}, {"lbrace", 0x7b}, {"lbrack", 0x5b},
    {"lcaron", 0x13e}, {"lcedil", 0x13c}, {"lcub", 0x7b}, {"lcy", 0x43b}, {"ldquor", 0x201e}, {"ljcy", 0x459},
    {"lmidot", 0x140}, {"lowbar", 0x5f}, {"lpar", 0x28}, {"lsqb", 0x5b}, {"lsquor", 0x201a}, {"lstrok", 0x142},
    {"male", 0x2642}, {"mcy", 0x43c}, {"midast", 0x2a}, {"mldr", 0x2026}, {"nacute", 0x144}, {"napos", 0x149},
    {"ncaron", 0x148}, {"ncedil", 0x146}, {"ncy", 0x43d}, {"njcy", 0x45a}, {"nldr", 0x2025}, {"num", 0x23},
    {"numero", 0x2116}, {"numsp", 0x2007}, {"ocy", 0x43e}, {"odblac", 0x151}, {"ogon", 0x2db}, {"ohm", 0x3a9},
    {"omacr", 0x14d}, {"pcy", 0x43f}, {"percnt", 0x25}, {"period", 0x2e}, {"pertenk", 0x2031}, {"phiv", 0x3d5},
    {"phone", 0x260e}, {"plus", 0x2b}, {"pm", 0xb1}, {"puncsp", 0x2008}, {"qprime", 0x2057}, {"quest", 0x3f},
    {"racute", 0x155}, {"rbrace", 0x7d}, {"rbrack", 0x5d}, {"rcaron", 0x159}, {"rcedil", 0x157}, {"rcub", 0x7d},
    {"rcy", 0x440}, {"rdquor", 0x201d}, {"rhov", 0x3f1}, {"ring", 0x2da}, {"rpar", 0x29}, {"rsqb", 0x5d},
    {"rsquor", 0x2019}, {"sacute", 0x15b}, {"scedil", 0x15f}, {"scirc", 0x15d}, {"scy", 0x441}, {"semi", 0x3b},
    {"shchcy", 0x449}, {"shcy", 0x448}, {"sigmav", 0x3c2}, {"softcy", 0x44c}, {"sol", 0x2f}, {"star", 0x2606},
    {"starf", 0x2605}, {"straightepsilon", 0x3f5}, {"straightphi", 0x3d5}, {"strns", 0xaf}, {"tcaron", 0x165},
    {"tcedil", 0x163}, {"tcy", 0x442}, {"thetav", 0x3d1}, {"tprime", 0x2034}, {"tscy", 0x446}, {"tshcy", 0x45b},
    {"tstrok", 0x167}, {"ubrcy", 0x45e}, {"ubreve", 0x16d}, {"ucy", 0x443}, {"udblac", 0x171}, {"umacr", 0x16b},
    {"uogon", 0x173}, {"upsi", 0x3c5}, {"uring", 0x16f}, {"utilde", 0x169}, {"varepsilon", 0x3f5},
    {"varkappa", 0x3f0}, {"varphi", 0x3d5}, {"varpi", 0x3d6}, {"varrho", 0x3f1}, {"varsigma", 0x3c2},
    {"vartheta", 0x3d1}, {"vcy", 0x432}, {"verbar", 0x7c}, {"vert", 0x7c}, {"wcirc", 0x175}, {"yacy", 0x44f},
    {"ycirc", 0x177}, {"ycy", 0x44b}, {"yicy", 0x457}, {"yucy", 0x44e}, {"zacute", 0x17a}, {"zcaron", 0x17e},
    {"zcy", 0x437}, {"zdot", 0x17c}, {"zhcy", 0x436},
};
/* clang-format on */

static bool is_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static int compare(const void *key, const void *entity) {
    return strcmp(key, ((const struct entity *)entity)->name);
}

/* Those of HTML 2, which the web reads without a semicolon too. */
static bool is_old(const char *name) {
    const htmlEntityDesc *e = htmlEntityLookup((const xmlChar *)name);
    return e && e->value < 256 && strcmp(name, "apos") != 0;
}

void entities_mend(struct str html, struct buf *out) {
    size_t from = 0;
    for (size_t i = str_find(html, '&', 0); i < html.len; i = str_find(html, '&', i + 1)) {
        char name[NAME_SIZE];
        size_t n = 0;
        while (i + 1 + n < html.len && n + 1 < sizeof name && is_name(html.ptr[i + 1 + n])) {
            name[n] = html.ptr[i + 1 + n];
            n++;
        }
        name[n] = 0;
        size_t end = i + 1 + n;
        char next = end < html.len ? html.ptr[end] : 0;
        if (next == ';') {
            const struct entity *e =
                bsearch(name, entities, sizeof entities / sizeof *entities, sizeof *entities, compare);
            if (e) {
                buf_add(out, str_sub(html, from, i));
                buf_addf(out, "&#%u;", e->code);
                from = end + 1;
            }
        } else if (n > 1 && next != '=' && !is_name(next) && is_old(name)) {
            buf_add(out, str_sub(html, from, end));
            buf_addc(out, ';');
            from = end;
        }
    }
    buf_add(out, str_sub(html, from, html.len));
}
