#include "text/words.h"

#include "text/language.h"

/* English first: it stands in for what is missing. Languages in which nobody here could judge a translation (Tibetan,
 * Uyghur, Burmese and many more) are left out on purpose; a row is all that one needs, and a missing word is English.
 */
static const struct {
    const char *tag;
    const char *text[WORD_COUNT];
} catalogue[] = {
    {"en",
     {
         [WORD_READ] = "Read",
         [WORD_UNSUBSCRIBE] = "Unsubscribe",
         [WORD_PREFERENCES] = "Change preferences",
         [WORD_VIEW_ONLINE] = "View in browser",
         [WORD_MORE_ARTICLES] = "More articles",
         [WORD_AND_N_MORE] = "and {n} more",
         [WORD_CONTENTS] = "In this issue",
         [WORD_YOU_RECEIVE] = "You receive this because you subscribed to {newsletter}.",
         [WORD_BY] = "By {author}",
         [WORD_HELLO] = "Hello",
         [WORD_IMAGE] = "Picture",
         [WORD_LINKS] = "Links",
         [WORD_PUBLISHED] = "Published",
     }},
    {"ar",
     {
         [WORD_READ] = "اقرأ",
         [WORD_UNSUBSCRIBE] = "إلغاء الاشتراك",
         [WORD_PREFERENCES] = "تغيير التفضيلات",
         [WORD_VIEW_ONLINE] = "عرض في المتصفح",
         [WORD_MORE_ARTICLES] = "مقالات أخرى",
         [WORD_AND_N_MORE] = "و{n} أخرى",
         [WORD_CONTENTS] = "في هذا العدد",
         [WORD_YOU_RECEIVE] = "وصلتك هذه الرسالة بناءً على اشتراكك في {newsletter}.",
         [WORD_BY] = "بقلم {author}",
         [WORD_HELLO] = "مرحبًا",
         [WORD_IMAGE] = "صورة",
         [WORD_LINKS] = "روابط",
         [WORD_PUBLISHED] = "تاريخ النشر",
     }},
    {"de",
     {
         [WORD_READ] = "Lesen",
         [WORD_UNSUBSCRIBE] = "Abbestellen",
         [WORD_PREFERENCES] = "Einstellungen ändern",
         [WORD_VIEW_ONLINE] = "Im Browser ansehen",
         [WORD_MORE_ARTICLES] = "Weitere Artikel",
         [WORD_AND_N_MORE] = "und {n} weitere",
         [WORD_CONTENTS] = "In dieser Ausgabe",
         [WORD_YOU_RECEIVE] = "Sie erhalten diese E-Mail, weil Sie {newsletter} abonniert haben.",
         [WORD_BY] = "Von {author}",
         [WORD_HELLO] = "Guten Tag",
         [WORD_IMAGE] = "Bild",
         [WORD_LINKS] = "Links",
         [WORD_PUBLISHED] = "Veröffentlicht",
     }},
    {"el",
     {
         [WORD_READ] = "Διαβάστε",
         [WORD_UNSUBSCRIBE] = "Κατάργηση εγγραφής",
         [WORD_PREFERENCES] = "Αλλαγή προτιμήσεων",
         [WORD_VIEW_ONLINE] = "Προβολή στο πρόγραμμα περιήγησης",
         [WORD_MORE_ARTICLES] = "Περισσότερα άρθρα",
         [WORD_AND_N_MORE] = "και {n} ακόμη",
         [WORD_CONTENTS] = "Σε αυτό το τεύχος",
         [WORD_YOU_RECEIVE] = "Λαμβάνετε αυτό το μήνυμα επειδή έχετε εγγραφεί στο {newsletter}.",
         [WORD_BY] = "Από: {author}",
         [WORD_HELLO] = "Γεια σας",
         [WORD_IMAGE] = "Εικόνα",
         [WORD_LINKS] = "Σύνδεσμοι",
         [WORD_PUBLISHED] = "Δημοσιεύτηκε",
     }},
    {"es",
     {
         [WORD_READ] = "Leer",
         [WORD_UNSUBSCRIBE] = "Darse de baja",
         [WORD_PREFERENCES] = "Cambiar preferencias",
         [WORD_VIEW_ONLINE] = "Ver en el navegador",
         [WORD_MORE_ARTICLES] = "Más artículos",
         [WORD_AND_N_MORE] = "y {n} más",
         [WORD_CONTENTS] = "En este número",
         [WORD_YOU_RECEIVE] = "Recibe este mensaje porque se suscribió a {newsletter}.",
         [WORD_BY] = "Por {author}",
         [WORD_HELLO] = "Hola",
         [WORD_IMAGE] = "Imagen",
         [WORD_LINKS] = "Enlaces",
         [WORD_PUBLISHED] = "Publicado",
     }},
    {"fa",
     {
         [WORD_READ] = "بخوانید",
         [WORD_UNSUBSCRIBE] = "لغو اشتراک",
         [WORD_PREFERENCES] = "تغییر تنظیمات",
         [WORD_VIEW_ONLINE] = "مشاهده در مرورگر",
         [WORD_MORE_ARTICLES] = "مقاله‌های بیشتر",
         [WORD_AND_N_MORE] = "و {n} مورد دیگر",
         [WORD_CONTENTS] = "در این شماره",
         [WORD_YOU_RECEIVE] =
             "این پیام را به این دلیل دریافت می‌کنید که مشترک {newsletter} "
             "هستید.",
         [WORD_BY] = "نوشتهٔ {author}",
         [WORD_HELLO] = "سلام",
         [WORD_IMAGE] = "تصویر",
         [WORD_LINKS] = "پیوندها",
         [WORD_PUBLISHED] = "تاریخ انتشار",
     }},
    {"fr",
     {
         [WORD_READ] = "Lire",
         [WORD_UNSUBSCRIBE] = "Se désabonner",
         [WORD_PREFERENCES] = "Modifier les préférences",
         [WORD_VIEW_ONLINE] = "Voir dans le navigateur",
         [WORD_MORE_ARTICLES] = "Autres articles",
         [WORD_AND_N_MORE] = "et {n} de plus",
         [WORD_CONTENTS] = "Dans ce numéro",
         [WORD_YOU_RECEIVE] = "Vous recevez ce message en raison de votre abonnement à {newsletter}.",
         [WORD_BY] = "Par {author}",
         [WORD_HELLO] = "Bonjour",
         [WORD_IMAGE] = "Image",
         [WORD_LINKS] = "Liens",
         [WORD_PUBLISHED] = "Publié",
     }},
    {"he",
     {
         [WORD_READ] = "קריאה",
         [WORD_UNSUBSCRIBE] = "ביטול המינוי",
         [WORD_PREFERENCES] = "שינוי העדפות",
         [WORD_VIEW_ONLINE] = "צפייה בדפדפן",
         [WORD_MORE_ARTICLES] = "כתבות נוספות",
         [WORD_AND_N_MORE] = "ועוד {n}",
         [WORD_CONTENTS] = "בגיליון זה",
         [WORD_YOU_RECEIVE] = "הודעה זו נשלחה אליך בעקבות הרשמתך אל {newsletter}.",
         [WORD_BY] = "מאת {author}",
         [WORD_HELLO] = "שלום",
         [WORD_IMAGE] = "תמונה",
         [WORD_LINKS] = "קישורים",
         [WORD_PUBLISHED] = "פורסם",
     }},
    {"hi",
     {
         [WORD_READ] = "पढ़ें",
         [WORD_UNSUBSCRIBE] = "सदस्यता रद्द करें",
         [WORD_PREFERENCES] = "प्राथमिकताएँ बदलें",
         [WORD_VIEW_ONLINE] = "ब्राउज़र में देखें",
         [WORD_MORE_ARTICLES] = "और लेख",
         [WORD_AND_N_MORE] = "और {n} अन्य",
         [WORD_CONTENTS] = "इस अंक में",
         [WORD_YOU_RECEIVE] = "आपको यह संदेश इसलिए मिला है क्योंकि आपने {newsletter} की सदस्यता ली है।",
         [WORD_BY] = "लेखक: {author}",
         [WORD_HELLO] = "नमस्ते",
         [WORD_IMAGE] = "चित्र",
         [WORD_LINKS] = "लिंक",
         [WORD_PUBLISHED] = "प्रकाशित",
     }},
    {"id",
     {
         [WORD_READ] = "Baca",
         [WORD_UNSUBSCRIBE] = "Berhenti berlangganan",
         [WORD_PREFERENCES] = "Ubah preferensi",
         [WORD_VIEW_ONLINE] = "Lihat di peramban",
         [WORD_MORE_ARTICLES] = "Artikel lainnya",
         [WORD_AND_N_MORE] = "dan {n} lainnya",
         [WORD_CONTENTS] = "Dalam edisi ini",
         [WORD_YOU_RECEIVE] = "Anda menerima pesan ini karena berlangganan {newsletter}.",
         [WORD_BY] = "Oleh {author}",
         [WORD_HELLO] = "Halo",
         [WORD_IMAGE] = "Gambar",
         [WORD_LINKS] = "Tautan",
         [WORD_PUBLISHED] = "Diterbitkan",
     }},
    {"it",
     {
         [WORD_READ] = "Leggi",
         [WORD_UNSUBSCRIBE] = "Annulla l’iscrizione",
         [WORD_PREFERENCES] = "Modifica le preferenze",
         [WORD_VIEW_ONLINE] = "Visualizza nel browser",
         [WORD_MORE_ARTICLES] = "Altri articoli",
         [WORD_AND_N_MORE] = "e altri {n}",
         [WORD_CONTENTS] = "In questo numero",
         [WORD_YOU_RECEIVE] = "Ricevi questa e-mail in seguito alla tua iscrizione a {newsletter}.",
         [WORD_BY] = "Di {author}",
         [WORD_HELLO] = "Buongiorno",
         [WORD_IMAGE] = "Immagine",
         [WORD_LINKS] = "Link",
         [WORD_PUBLISHED] = "Pubblicato",
     }},
    {"ja",
     {
         [WORD_READ] = "読む",
         [WORD_UNSUBSCRIBE] = "配信停止",
         [WORD_PREFERENCES] = "配信設定の変更",
         [WORD_VIEW_ONLINE] = "ブラウザで表示",
         [WORD_MORE_ARTICLES] = "その他の記事",
         [WORD_AND_N_MORE] = "他 {n} 件",
         [WORD_CONTENTS] = "今号の内容",
         [WORD_YOU_RECEIVE] = "このメールは {newsletter} にご登録いただいた方にお送りしています。",
         [WORD_BY] = "著者：{author}",
         [WORD_HELLO] = "こんにちは",
         [WORD_IMAGE] = "画像",
         [WORD_LINKS] = "リンク",
         [WORD_PUBLISHED] = "公開日",
     }},
    {"ko",
     {
         [WORD_READ] = "읽기",
         [WORD_UNSUBSCRIBE] = "구독 취소",
         [WORD_PREFERENCES] = "설정 변경",
         [WORD_VIEW_ONLINE] = "브라우저에서 보기",
         [WORD_MORE_ARTICLES] = "다른 기사",
         [WORD_AND_N_MORE] = "외 {n}건",
         [WORD_CONTENTS] = "이번 호",
         [WORD_YOU_RECEIVE] = "{newsletter}을(를) 구독하셔서 이 메일을 보내 드립니다.",
         [WORD_BY] = "글: {author}",
         [WORD_HELLO] = "안녕하세요",
         [WORD_IMAGE] = "이미지",
         [WORD_LINKS] = "링크",
         [WORD_PUBLISHED] = "게시일",
     }},
    {"nl",
     {
         [WORD_READ] = "Lezen",
         [WORD_UNSUBSCRIBE] = "Uitschrijven",
         [WORD_PREFERENCES] = "Voorkeuren wijzigen",
         [WORD_VIEW_ONLINE] = "In browser bekijken",
         [WORD_MORE_ARTICLES] = "Meer artikelen",
         [WORD_AND_N_MORE] = "en nog {n}",
         [WORD_CONTENTS] = "In deze editie",
         [WORD_YOU_RECEIVE] = "U ontvangt dit bericht omdat u bent ingeschreven voor {newsletter}.",
         [WORD_BY] = "Door {author}",
         [WORD_HELLO] = "Hallo",
         [WORD_IMAGE] = "Afbeelding",
         [WORD_LINKS] = "Links",
         [WORD_PUBLISHED] = "Gepubliceerd",
     }},
    {"pl",
     {
         [WORD_READ] = "Czytaj",
         [WORD_UNSUBSCRIBE] = "Wypisz się",
         [WORD_PREFERENCES] = "Zmień preferencje",
         [WORD_VIEW_ONLINE] = "Zobacz w przeglądarce",
         [WORD_MORE_ARTICLES] = "Więcej artykułów",
         [WORD_AND_N_MORE] = "i jeszcze {n}",
         [WORD_CONTENTS] = "W tym numerze",
         [WORD_YOU_RECEIVE] = "Otrzymujesz tę wiadomość, ponieważ subskrybujesz {newsletter}.",
         [WORD_BY] = "Autor: {author}",
         [WORD_HELLO] = "Dzień dobry",
         [WORD_IMAGE] = "Obraz",
         [WORD_LINKS] = "Linki",
         [WORD_PUBLISHED] = "Opublikowano",
     }},
    {"pt",
     {
         [WORD_READ] = "Ler",
         [WORD_UNSUBSCRIBE] = "Cancelar inscrição",
         [WORD_PREFERENCES] = "Alterar preferências",
         [WORD_VIEW_ONLINE] = "Ver no navegador",
         [WORD_MORE_ARTICLES] = "Mais artigos",
         [WORD_AND_N_MORE] = "e mais {n}",
         [WORD_CONTENTS] = "Nesta edição",
         [WORD_YOU_RECEIVE] = "Recebe esta mensagem porque se inscreveu em {newsletter}.",
         [WORD_BY] = "Por {author}",
         [WORD_HELLO] = "Olá",
         [WORD_IMAGE] = "Imagem",
         [WORD_LINKS] = "Links",
         [WORD_PUBLISHED] = "Publicado",
     }},
    {"ru",
     {
         [WORD_READ] = "Читать",
         [WORD_UNSUBSCRIBE] = "Отписаться",
         [WORD_PREFERENCES] = "Изменить настройки",
         [WORD_VIEW_ONLINE] = "Открыть в браузере",
         [WORD_MORE_ARTICLES] = "Другие статьи",
         [WORD_AND_N_MORE] = "и ещё {n}",
         [WORD_CONTENTS] = "В этом выпуске",
         [WORD_YOU_RECEIVE] = "Вы получили это письмо, потому что подписаны на {newsletter}.",
         [WORD_BY] = "Автор: {author}",
         [WORD_HELLO] = "Здравствуйте",
         [WORD_IMAGE] = "Изображение",
         [WORD_LINKS] = "Ссылки",
         [WORD_PUBLISHED] = "Опубликовано",
     }},
    {"sv",
     {
         [WORD_READ] = "Läs",
         [WORD_UNSUBSCRIBE] = "Avsluta prenumerationen",
         [WORD_PREFERENCES] = "Ändra inställningar",
         [WORD_VIEW_ONLINE] = "Visa i webbläsaren",
         [WORD_MORE_ARTICLES] = "Fler artiklar",
         [WORD_AND_N_MORE] = "och {n} till",
         [WORD_CONTENTS] = "I detta nummer",
         [WORD_YOU_RECEIVE] = "Du får detta meddelande eftersom du prenumererar på {newsletter}.",
         [WORD_BY] = "Av {author}",
         [WORD_HELLO] = "Hej",
         [WORD_IMAGE] = "Bild",
         [WORD_LINKS] = "Länkar",
         [WORD_PUBLISHED] = "Publicerad",
     }},
    {"th",
     {
         [WORD_READ] = "อ่าน",
         [WORD_UNSUBSCRIBE] = "ยกเลิกการสมัคร",
         [WORD_PREFERENCES] = "เปลี่ยนการตั้งค่า",
         [WORD_VIEW_ONLINE] = "ดูในเบราว์เซอร์",
         [WORD_MORE_ARTICLES] = "บทความเพิ่มเติม",
         [WORD_AND_N_MORE] = "และอีก {n} รายการ",
         [WORD_CONTENTS] = "ในฉบับนี้",
         [WORD_YOU_RECEIVE] = "คุณได้รับอีเมลนี้เพราะคุณสมัครรับ {newsletter}",
         [WORD_BY] = "โดย {author}",
         [WORD_HELLO] = "สวัสดี",
         [WORD_IMAGE] = "รูปภาพ",
         [WORD_LINKS] = "ลิงก์",
         [WORD_PUBLISHED] = "เผยแพร่",
     }},
    {"tr",
     {
         [WORD_READ] = "Oku",
         [WORD_UNSUBSCRIBE] = "Abonelikten çık",
         [WORD_PREFERENCES] = "Tercihleri değiştir",
         [WORD_VIEW_ONLINE] = "Tarayıcıda görüntüle",
         [WORD_MORE_ARTICLES] = "Diğer yazılar",
         [WORD_AND_N_MORE] = "ve {n} tane daha",
         [WORD_CONTENTS] = "Bu sayıda",
         [WORD_YOU_RECEIVE] = "Bu iletiyi {newsletter} bültenine abone olduğunuz için alıyorsunuz.",
         [WORD_BY] = "Yazan: {author}",
         [WORD_HELLO] = "Merhaba",
         [WORD_IMAGE] = "Resim",
         [WORD_LINKS] = "Bağlantılar",
         [WORD_PUBLISHED] = "Yayımlandı",
     }},
    {"uk",
     {
         [WORD_READ] = "Читати",
         [WORD_UNSUBSCRIBE] = "Відписатися",
         [WORD_PREFERENCES] = "Змінити налаштування",
         [WORD_VIEW_ONLINE] = "Відкрити в браузері",
         [WORD_MORE_ARTICLES] = "Інші статті",
         [WORD_AND_N_MORE] = "і ще {n}",
         [WORD_CONTENTS] = "У цьому випуску",
         [WORD_YOU_RECEIVE] = "Ви отримали цей лист, тому що підписані на {newsletter}.",
         [WORD_BY] = "Автор: {author}",
         [WORD_HELLO] = "Вітаємо",
         [WORD_IMAGE] = "Зображення",
         [WORD_LINKS] = "Посилання",
         [WORD_PUBLISHED] = "Опубліковано",
     }},
    {"vi",
     {
         [WORD_READ] = "Đọc",
         [WORD_UNSUBSCRIBE] = "Hủy đăng ký",
         [WORD_PREFERENCES] = "Thay đổi tùy chọn",
         [WORD_VIEW_ONLINE] = "Xem trong trình duyệt",
         [WORD_MORE_ARTICLES] = "Bài viết khác",
         [WORD_AND_N_MORE] = "và {n} bài khác",
         [WORD_CONTENTS] = "Trong số này",
         [WORD_YOU_RECEIVE] = "Bạn nhận được thư này vì đã đăng ký {newsletter}.",
         [WORD_BY] = "Tác giả: {author}",
         [WORD_HELLO] = "Xin chào",
         [WORD_IMAGE] = "Hình ảnh",
         [WORD_LINKS] = "Liên kết",
         [WORD_PUBLISHED] = "Ngày đăng",
     }},
    {"zh-Hans",
     {
         [WORD_READ] = "阅读",
         [WORD_UNSUBSCRIBE] = "退订",
         [WORD_PREFERENCES] = "更改偏好设置",
         [WORD_VIEW_ONLINE] = "在浏览器中查看",
         [WORD_MORE_ARTICLES] = "更多文章",
         [WORD_AND_N_MORE] = "另有 {n} 篇",
         [WORD_CONTENTS] = "本期内容",
         [WORD_YOU_RECEIVE] = "您收到此邮件是因为您订阅了 {newsletter}。",
         [WORD_BY] = "作者：{author}",
         [WORD_HELLO] = "您好",
         [WORD_IMAGE] = "图片",
         [WORD_LINKS] = "链接",
         [WORD_PUBLISHED] = "发布",
     }},
    {"zh-Hant",
     {
         [WORD_READ] = "閱讀",
         [WORD_UNSUBSCRIBE] = "取消訂閱",
         [WORD_PREFERENCES] = "變更偏好設定",
         [WORD_VIEW_ONLINE] = "在瀏覽器中檢視",
         [WORD_MORE_ARTICLES] = "更多文章",
         [WORD_AND_N_MORE] = "另有 {n} 篇",
         [WORD_CONTENTS] = "本期內容",
         [WORD_YOU_RECEIVE] = "您收到此郵件是因為您訂閱了 {newsletter}。",
         [WORD_BY] = "作者：{author}",
         [WORD_HELLO] = "您好",
         [WORD_IMAGE] = "圖片",
         [WORD_LINKS] = "連結",
         [WORD_PUBLISHED] = "發布",
     }},
};

enum { LANGUAGES = sizeof catalogue / sizeof *catalogue };

/* Where the sentence changes with its number; what is not here is as above. */
static const struct {
    const char *tag;
    enum word word;
    enum plural form;
    const char *text;
} forms[] = {
    {"ar", WORD_AND_N_MORE, PLURAL_ONE, "ومقال آخر"},        {"ar", WORD_AND_N_MORE, PLURAL_TWO, "ومقالان آخران"},
    {"ar", WORD_AND_N_MORE, PLURAL_FEW, "و{n} مقالات أخرى"}, {"ar", WORD_AND_N_MORE, PLURAL_MANY, "و{n} مقالًا آخر"},
    {"de", WORD_AND_N_MORE, PLURAL_ONE, "und {n} weiterer"}, {"it", WORD_AND_N_MORE, PLURAL_ONE, "e un altro"},
};

const char *word_language(size_t i) {
    return i < LANGUAGES ? catalogue[i].tag : NULL;
}

bool word_counts(enum word word) {
    return word == WORD_AND_N_MORE;
}

const char *word_form(const char *tag, enum word word, enum plural p) {
    for (size_t i = 0; p != PLURAL_OTHER && i < sizeof forms / sizeof *forms; i++) {
        if (forms[i].word == word && forms[i].form == p && strcmp(forms[i].tag, tag) == 0) {
            return forms[i].text;
        }
    }
    for (size_t i = 0; p == PLURAL_OTHER && i < LANGUAGES; i++) {
        if (strcmp(tag, catalogue[i].tag) == 0) {
            return catalogue[i].text[word];
        }
    }
    return NULL;
}

/* The row for LANG; English is row 0. */
static size_t find(const char *lang) {
    char locale[LANGUAGE_LOCALE_SIZE];

    if (!lang) {
        return 0;
    }
    for (size_t i = 0; i < LANGUAGES; i++) {
        if (strcmp(lang, catalogue[i].tag) == 0) {
            return i;
        }
    }
    language_locale(lang, locale);
    size_t n = strcspn(locale, "_@");
    for (size_t i = 0; n > 0 && i < LANGUAGES; i++) {
        if (strcspn(catalogue[i].tag, "-") == n && strncmp(locale, catalogue[i].tag, n) == 0 &&
            language_matches(lang, catalogue[i].tag)) {
            return i;
        }
    }
    return 0;
}

const char *word_get(const char *lang, enum word word, const char **used_lang) {
    size_t row = find(lang);
    if (!catalogue[row].text[word]) {
        row = 0;
    }
    if (used_lang) {
        *used_lang = catalogue[row].tag;
    }
    return catalogue[row].text[word];
}

const char *word_name(enum word word) {
    static const char *const names[WORD_COUNT] = {
        [WORD_READ] = "read",
        [WORD_UNSUBSCRIBE] = "unsubscribe",
        [WORD_PREFERENCES] = "preferences",
        [WORD_VIEW_ONLINE] = "view_online",
        [WORD_MORE_ARTICLES] = "more_articles",
        [WORD_AND_N_MORE] = "and_n_more",
        [WORD_CONTENTS] = "contents",
        [WORD_YOU_RECEIVE] = "you_receive",
        [WORD_BY] = "by",
        [WORD_HELLO] = "hello",
        [WORD_IMAGE] = "image",
        [WORD_LINKS] = "links",
        [WORD_PUBLISHED] = "published",
    };
    return names[word];
}

void word_fill(const char *text, struct str value, struct buf *out) {
    struct str s = str_from(text);
    size_t open = str_find(s, '{', 0), close = str_find(s, '}', open);
    if (close == s.len) {
        buf_add(out, s);
        return;
    }
    buf_add(out, str_sub(s, 0, open));
    buf_add(out, value);
    buf_add(out, str_sub(s, close + 1, s.len));
}
