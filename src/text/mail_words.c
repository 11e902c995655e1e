#include "text/mail_words.h"

#include "text/words.h"

/* English first: it stands in for what is missing. The languages are those of text/words.c, for its reason.
 * clang-format breaks scripts that it takes for wider than they are. */
/* clang-format off */
static const struct {
    const char *tag;
    const char *text[MAIL_WORD_COUNT];
} catalogue[] = {
    {"en",
     {
         [MAIL_CONFIRM_SUBJECT] = "Please confirm: {newsletter}",
         [MAIL_CONFIRM_INVITED] = "{site} invites you to receive {newsletter} by email.",
         [MAIL_CONFIRM_ASKED] = "Somebody gave this address to {site} in order to receive {newsletter} by email. We hope it was you.",
         [MAIL_CONFIRM_DO] = "If you would like that, please confirm it here:",
         [MAIL_CONFIRM_YES] = "Yes, send me {newsletter}",
         [MAIL_CONFIRM_REPLY] = "If you would like that, simply answer this message and leave this code in it:",
         [MAIL_CONFIRM_IGNORE] = "If not, there is nothing to do: you will get no newsletter, and we forget this address after {date}.",
         [MAIL_WELCOME_SUBJECT] = "Welcome to {newsletter}",
         [MAIL_WELCOME_TEXT] = "Thank you. From now on you will receive {newsletter} at this address.",
         [MAIL_WELCOME_LEAVE] = "You can leave at any time: each issue tells you how.",
     }},
    {"ar",
     {
         [MAIL_CONFIRM_SUBJECT] = "يرجى التأكيد: {newsletter}",
         [MAIL_CONFIRM_INVITED] = "تدعوك {site} إلى تلقي {newsletter} عبر البريد الإلكتروني.",
         [MAIL_CONFIRM_ASKED] = "قدّم شخص ما هذا العنوان إلى {site} لتلقي {newsletter} عبر البريد الإلكتروني. نأمل أن تكون أنت.",
         [MAIL_CONFIRM_DO] = "إذا كنت ترغب في ذلك، فيرجى التأكيد هنا:",
         [MAIL_CONFIRM_YES] = "نعم، أرسلوا إليّ {newsletter}",
         [MAIL_CONFIRM_REPLY] = "إذا كنت ترغب في ذلك، فما عليك إلا الرد على هذه الرسالة مع ترك هذا الرمز فيها:",
         [MAIL_CONFIRM_IGNORE] = "وإن لم ترغب فلا يلزمك فعل شيء: لن تصلك أي نشرة، وسنحذف هذا العنوان بعد {date}.",
         [MAIL_WELCOME_SUBJECT] = "مرحبًا بك في {newsletter}",
         [MAIL_WELCOME_TEXT] = "شكرًا لك. ستتلقى {newsletter} على هذا العنوان من الآن فصاعدًا.",
         [MAIL_WELCOME_LEAVE] = "يمكنك إلغاء الاشتراك في أي وقت: تجد الطريقة في كل عدد.",
     }},
    {"de",
     {
         [MAIL_CONFIRM_SUBJECT] = "Bitte bestätigen: {newsletter}",
         [MAIL_CONFIRM_INVITED] = "{site} lädt Sie ein, {newsletter} per E-Mail zu erhalten.",
         [MAIL_CONFIRM_ASKED] = "Jemand hat diese Adresse bei {site} angegeben, um {newsletter} per E-Mail zu erhalten. Wir hoffen, das waren Sie.",
         [MAIL_CONFIRM_DO] = "Wenn Sie das möchten, bestätigen Sie es bitte hier:",
         [MAIL_CONFIRM_YES] = "Ja, ich möchte {newsletter} erhalten",
         [MAIL_CONFIRM_REPLY] = "Wenn Sie das möchten, antworten Sie einfach auf diese Nachricht und lassen Sie diesen Code darin stehen:",
         [MAIL_CONFIRM_IGNORE] = "Wenn nicht, brauchen Sie nichts zu tun: Sie bekommen keinen Newsletter, und wir vergessen diese Adresse nach dem {date}.",
         [MAIL_WELCOME_SUBJECT] = "Willkommen bei {newsletter}",
         [MAIL_WELCOME_TEXT] = "Vielen Dank. Ab jetzt erhalten Sie {newsletter} an diese Adresse.",
         [MAIL_WELCOME_LEAVE] = "Abbestellen können Sie jederzeit: Wie, steht in jeder Ausgabe.",
     }},
    {"el",
     {
         [MAIL_CONFIRM_SUBJECT] = "Παρακαλούμε επιβεβαιώστε: {newsletter}",
         [MAIL_CONFIRM_INVITED] = "{site}: σας προσκαλούμε να λαμβάνετε το {newsletter} με email.",
         [MAIL_CONFIRM_ASKED] = "Κάποιος έδωσε αυτή τη διεύθυνση στο {site} για να λαμβάνει το {newsletter} με email. Ελπίζουμε να ήσασταν εσείς.",
         [MAIL_CONFIRM_DO] = "Αν το θέλετε, επιβεβαιώστε το εδώ:",
         [MAIL_CONFIRM_YES] = "Ναι, στείλτε μου το {newsletter}",
         [MAIL_CONFIRM_REPLY] = "Αν το θέλετε, απλώς απαντήστε σε αυτό το μήνυμα και αφήστε μέσα του αυτόν τον κωδικό:",
         [MAIL_CONFIRM_IGNORE] = "Αν όχι, δεν χρειάζεται να κάνετε τίποτα: δεν θα λάβετε κανένα ενημερωτικό δελτίο και θα διαγράψουμε αυτή τη διεύθυνση μετά τις {date}.",
         [MAIL_WELCOME_SUBJECT] = "Καλώς ήρθατε στο {newsletter}",
         [MAIL_WELCOME_TEXT] = "Σας ευχαριστούμε. Από εδώ και πέρα θα λαμβάνετε το {newsletter} σε αυτή τη διεύθυνση.",
         [MAIL_WELCOME_LEAVE] = "Μπορείτε να διαγραφείτε όποτε θέλετε: κάθε τεύχος εξηγεί πώς.",
     }},
    {"es",
     {
         [MAIL_CONFIRM_SUBJECT] = "Confirme, por favor: {newsletter}",
         [MAIL_CONFIRM_INVITED] = "{site} le invita a recibir {newsletter} por correo electrónico.",
         [MAIL_CONFIRM_ASKED] = "Alguien indicó esta dirección a {site} para recibir {newsletter} por correo electrónico. Esperamos que haya sido usted.",
         [MAIL_CONFIRM_DO] = "Si lo desea, confírmelo aquí:",
         [MAIL_CONFIRM_YES] = "Sí, envíenme {newsletter}",
         [MAIL_CONFIRM_REPLY] = "Si lo desea, basta con responder a este mensaje y dejar en él este código:",
         [MAIL_CONFIRM_IGNORE] = "Si no, no tiene que hacer nada: no recibirá ningún boletín y olvidaremos esta dirección después del {date}.",
         [MAIL_WELCOME_SUBJECT] = "Le damos la bienvenida a {newsletter}",
         [MAIL_WELCOME_TEXT] = "Gracias. A partir de ahora recibirá {newsletter} en esta dirección.",
         [MAIL_WELCOME_LEAVE] = "Puede darse de baja en cualquier momento: cada número explica cómo.",
     }},
    {"fa",
     {
         [MAIL_CONFIRM_SUBJECT] = "لطفاً تأیید کنید: {newsletter}",
         [MAIL_CONFIRM_INVITED] = "{site} از شما دعوت می‌کند که {newsletter} را با ایمیل دریافت کنید.",
         [MAIL_CONFIRM_ASKED] = "کسی این نشانی را به {site} داده است تا {newsletter} را با ایمیل دریافت کند. امیدواریم خود شما بوده باشید.",
         [MAIL_CONFIRM_DO] = "اگر مایلید، لطفاً اینجا تأیید کنید:",
         [MAIL_CONFIRM_YES] = "بله، {newsletter} را برایم بفرستید",
         [MAIL_CONFIRM_REPLY] = "اگر مایلید، کافی است به این پیام پاسخ دهید و این کد را در آن نگه دارید:",
         [MAIL_CONFIRM_IGNORE] = "اگر نه، لازم نیست کاری بکنید: خبرنامه‌ای دریافت نمی‌کنید و این نشانی را پس از {date} پاک می‌کنیم.",
         [MAIL_WELCOME_SUBJECT] = "به {newsletter} خوش آمدید",
         [MAIL_WELCOME_TEXT] = "سپاسگزاریم. از این پس {newsletter} را در این نشانی دریافت می‌کنید.",
         [MAIL_WELCOME_LEAVE] = "هر زمان بخواهید می‌توانید اشتراک را لغو کنید: روش آن در هر شماره آمده است.",
     }},
    {"fr",
     {
         [MAIL_CONFIRM_SUBJECT] = "Veuillez confirmer : {newsletter}",
         [MAIL_CONFIRM_INVITED] = "{site} vous invite à recevoir {newsletter} par e-mail.",
         [MAIL_CONFIRM_ASKED] = "Quelqu’un a donné cette adresse à {site} pour recevoir {newsletter} par e-mail. Nous espérons que c’était vous.",
         [MAIL_CONFIRM_DO] = "Si vous le souhaitez, confirmez-le ici :",
         [MAIL_CONFIRM_YES] = "Oui, envoyez-moi {newsletter}",
         [MAIL_CONFIRM_REPLY] = "Si vous le souhaitez, répondez simplement à ce message en y laissant ce code :",
         [MAIL_CONFIRM_IGNORE] = "Sinon, vous n’avez rien à faire : vous ne recevrez aucune lettre, et nous oublierons cette adresse après le {date}.",
         [MAIL_WELCOME_SUBJECT] = "Bienvenue à {newsletter}",
         [MAIL_WELCOME_TEXT] = "Merci. Vous recevrez désormais {newsletter} à cette adresse.",
         [MAIL_WELCOME_LEAVE] = "Vous pouvez vous désabonner à tout moment : chaque numéro indique comment.",
     }},
    {"he",
     {
         [MAIL_CONFIRM_SUBJECT] = "נא לאשר: {newsletter}",
         [MAIL_CONFIRM_INVITED] = "{site} מזמינים אותך לקבל את {newsletter} בדואר אלקטרוני.",
         [MAIL_CONFIRM_ASKED] = "מישהו מסר את הכתובת הזו ל-{site} כדי לקבל את {newsletter} בדואר אלקטרוני. אנו מקווים שזה היה מצדך.",
         [MAIL_CONFIRM_DO] = "לאישור, יש ללחוץ כאן:",
         [MAIL_CONFIRM_YES] = "כן, שלחו לי את {newsletter}",
         [MAIL_CONFIRM_REPLY] = "לאישור, די להשיב להודעה הזו ולהשאיר בה את הקוד הזה:",
         [MAIL_CONFIRM_IGNORE] = "אם לא, אין צורך לעשות דבר: לא יישלח אליך ידיעון, והכתובת תימחק אצלנו אחרי {date}.",
         [MAIL_WELCOME_SUBJECT] = "ברוכים הבאים אל {newsletter}",
         [MAIL_WELCOME_TEXT] = "תודה. מעתה {newsletter} יישלח לכתובת הזו.",
         [MAIL_WELCOME_LEAVE] = "אפשר לבטל את המינוי בכל עת: בכל גיליון מוסבר כיצד.",
     }},
    {"hi",
     {
         [MAIL_CONFIRM_SUBJECT] = "कृपया पुष्टि करें: {newsletter}",
         [MAIL_CONFIRM_INVITED] = "{site} आपको ईमेल से {newsletter} पाने के लिए आमंत्रित करता है।",
         [MAIL_CONFIRM_ASKED] = "किसी ने ईमेल से {newsletter} पाने के लिए यह पता {site} को दिया है। आशा है कि वह आप ही थे।",
         [MAIL_CONFIRM_DO] = "यदि आप यह चाहते हैं, तो कृपया यहाँ पुष्टि करें:",
         [MAIL_CONFIRM_YES] = "हाँ, मुझे {newsletter} भेजें",
         [MAIL_CONFIRM_REPLY] = "यदि आप यह चाहते हैं, तो बस इस संदेश का उत्तर दें और यह कोड उसमें रहने दें:",
         [MAIL_CONFIRM_IGNORE] = "यदि नहीं, तो कुछ करने की आवश्यकता नहीं है: आपको कोई न्यूज़लेटर नहीं मिलेगा, और {date} के बाद हम यह पता मिटा देंगे।",
         [MAIL_WELCOME_SUBJECT] = "{newsletter} में आपका स्वागत है",
         [MAIL_WELCOME_TEXT] = "धन्यवाद। अब से आपको {newsletter} इसी पते पर मिलेगा।",
         [MAIL_WELCOME_LEAVE] = "आप कभी भी सदस्यता समाप्त कर सकते हैं: हर अंक में इसका तरीका दिया होता है।",
     }},
    {"id",
     {
         [MAIL_CONFIRM_SUBJECT] = "Mohon konfirmasi: {newsletter}",
         [MAIL_CONFIRM_INVITED] = "{site} mengundang Anda untuk menerima {newsletter} melalui email.",
         [MAIL_CONFIRM_ASKED] = "Seseorang memberikan alamat ini kepada {site} untuk menerima {newsletter} melalui email. Kami harap itu Anda.",
         [MAIL_CONFIRM_DO] = "Jika Anda menginginkannya, silakan konfirmasi di sini:",
         [MAIL_CONFIRM_YES] = "Ya, kirimkan {newsletter} kepada saya",
         [MAIL_CONFIRM_REPLY] = "Jika Anda menginginkannya, cukup balas pesan ini dan biarkan kode ini di dalamnya:",
         [MAIL_CONFIRM_IGNORE] = "Jika tidak, Anda tidak perlu melakukan apa pun: Anda tidak akan menerima buletin, dan kami menghapus alamat ini setelah {date}.",
         [MAIL_WELCOME_SUBJECT] = "Selamat datang di {newsletter}",
         [MAIL_WELCOME_TEXT] = "Terima kasih. Mulai sekarang Anda akan menerima {newsletter} di alamat ini.",
         [MAIL_WELCOME_LEAVE] = "Anda dapat berhenti kapan saja: caranya tercantum di setiap edisi.",
     }},
    {"it",
     {
         [MAIL_CONFIRM_SUBJECT] = "Confermi, per favore: {newsletter}",
         [MAIL_CONFIRM_INVITED] = "{site} la invita a ricevere {newsletter} per email.",
         [MAIL_CONFIRM_ASKED] = "Qualcuno ha dato questo indirizzo a {site} per ricevere {newsletter} per email. Speriamo che sia stato lei.",
         [MAIL_CONFIRM_DO] = "Se lo desidera, lo confermi qui:",
         [MAIL_CONFIRM_YES] = "Sì, inviatemi {newsletter}",
         [MAIL_CONFIRM_REPLY] = "Se lo desidera, basta rispondere a questo messaggio lasciandovi questo codice:",
         [MAIL_CONFIRM_IGNORE] = "Altrimenti non deve fare nulla: non riceverà alcuna newsletter e dimenticheremo questo indirizzo dopo il {date}.",
         [MAIL_WELCOME_SUBJECT] = "Le diamo il benvenuto in {newsletter}",
         [MAIL_WELCOME_TEXT] = "Grazie. D’ora in poi riceverà {newsletter} a questo indirizzo.",
         [MAIL_WELCOME_LEAVE] = "Può annullare l’iscrizione in ogni momento: ogni numero spiega come.",
     }},
    {"ja",
     {
         [MAIL_CONFIRM_SUBJECT] = "ご確認ください：{newsletter}",
         [MAIL_CONFIRM_INVITED] = "{site}より、{newsletter}のメール配信をご案内します。",
         [MAIL_CONFIRM_ASKED] = "{newsletter}をメールで受け取るため、{site}にこのアドレスが登録されました。ご本人による登録であることを願っております。",
         [MAIL_CONFIRM_DO] = "ご希望の場合は、こちらでご確認ください：",
         [MAIL_CONFIRM_YES] = "はい、{newsletter}を受け取ります",
         [MAIL_CONFIRM_REPLY] = "ご希望の場合は、次のコードを残したままこのメールにご返信ください：",
         [MAIL_CONFIRM_IGNORE] = "ご希望でない場合は、何もする必要はありません。ニュースレターは送られず、このアドレスは{date}を過ぎると削除されます。",
         [MAIL_WELCOME_SUBJECT] = "{newsletter}へようこそ",
         [MAIL_WELCOME_TEXT] = "ありがとうございます。今後、このアドレスに{newsletter}をお届けします。",
         [MAIL_WELCOME_LEAVE] = "配信はいつでも停止できます。方法は各号に記載されています。",
     }},
    {"ko",
     {
         [MAIL_CONFIRM_SUBJECT] = "확인해 주세요: {newsletter}",
         [MAIL_CONFIRM_INVITED] = "{site}에서 {newsletter} 이메일 구독을 권해 드립니다.",
         [MAIL_CONFIRM_ASKED] = "누군가가 {newsletter}을(를) 이메일로 받으려고 {site}에 이 주소를 알려 주었습니다. 본인이 하신 일이기를 바랍니다.",
         [MAIL_CONFIRM_DO] = "원하시면 여기에서 확인해 주세요:",
         [MAIL_CONFIRM_YES] = "네, {newsletter}을(를) 보내 주세요",
         [MAIL_CONFIRM_REPLY] = "원하시면 아래 코드를 그대로 두고 이 메일에 답장해 주세요:",
         [MAIL_CONFIRM_IGNORE] = "원하지 않으시면 아무것도 하실 필요가 없습니다. 뉴스레터는 발송되지 않으며, {date}이(가) 지나면 이 주소를 삭제합니다.",
         [MAIL_WELCOME_SUBJECT] = "{newsletter} 구독을 환영합니다",
         [MAIL_WELCOME_TEXT] = "감사합니다. 이제부터 이 주소로 {newsletter}을(를) 보내 드립니다.",
         [MAIL_WELCOME_LEAVE] = "언제든지 구독을 취소하실 수 있습니다. 방법은 매 호에 적혀 있습니다.",
     }},
    {"nl",
     {
         [MAIL_CONFIRM_SUBJECT] = "Bevestig alstublieft: {newsletter}",
         [MAIL_CONFIRM_INVITED] = "{site} nodigt u uit om {newsletter} per e-mail te ontvangen.",
         [MAIL_CONFIRM_ASKED] = "Iemand heeft dit adres aan {site} opgegeven om {newsletter} per e-mail te ontvangen. We hopen dat u dat was.",
         [MAIL_CONFIRM_DO] = "Als u dat wilt, bevestig het dan hier:",
         [MAIL_CONFIRM_YES] = "Ja, stuur mij {newsletter}",
         [MAIL_CONFIRM_REPLY] = "Als u dat wilt, beantwoord dan gewoon dit bericht en laat deze code erin staan:",
         [MAIL_CONFIRM_IGNORE] = "Zo niet, dan hoeft u niets te doen: u krijgt geen nieuwsbrief en we vergeten dit adres na {date}.",
         [MAIL_WELCOME_SUBJECT] = "Welkom bij {newsletter}",
         [MAIL_WELCOME_TEXT] = "Dank u wel. Vanaf nu ontvangt u {newsletter} op dit adres.",
         [MAIL_WELCOME_LEAVE] = "U kunt zich op elk moment afmelden: in elk nummer staat hoe.",
     }},
    {"pl",
     {
         [MAIL_CONFIRM_SUBJECT] = "Prosimy o potwierdzenie: {newsletter}",
         [MAIL_CONFIRM_INVITED] = "{site} zaprasza do otrzymywania {newsletter} pocztą elektroniczną.",
         [MAIL_CONFIRM_ASKED] = "Ktoś podał ten adres w {site}, aby otrzymywać {newsletter} pocztą elektroniczną. Mamy nadzieję, że zrobiono to za Państwa wiedzą.",
         [MAIL_CONFIRM_DO] = "Jeśli tego Państwo chcą, prosimy o potwierdzenie tutaj:",
         [MAIL_CONFIRM_YES] = "Tak, chcę otrzymywać {newsletter}",
         [MAIL_CONFIRM_REPLY] = "Jeśli tego Państwo chcą, wystarczy odpowiedzieć na tę wiadomość, pozostawiając w niej ten kod:",
         [MAIL_CONFIRM_IGNORE] = "Jeśli nie, nie trzeba nic robić: nie wyślemy żadnego biuletynu, a ten adres usuniemy po {date}.",
         [MAIL_WELCOME_SUBJECT] = "Witamy w {newsletter}",
         [MAIL_WELCOME_TEXT] = "Dziękujemy. Od teraz {newsletter} będzie przychodzić na ten adres.",
         [MAIL_WELCOME_LEAVE] = "Można zrezygnować w każdej chwili: każdy numer podaje, jak to zrobić.",
     }},
    {"pt",
     {
         [MAIL_CONFIRM_SUBJECT] = "Por favor, confirme: {newsletter}",
         [MAIL_CONFIRM_INVITED] = "{site} convida você a receber {newsletter} por e-mail.",
         [MAIL_CONFIRM_ASKED] = "Alguém informou este endereço a {site} para receber {newsletter} por e-mail. Esperamos que tenha sido você.",
         [MAIL_CONFIRM_DO] = "Se quiser, confirme aqui:",
         [MAIL_CONFIRM_YES] = "Sim, enviem-me {newsletter}",
         [MAIL_CONFIRM_REPLY] = "Se quiser, basta responder a esta mensagem e deixar nela este código:",
         [MAIL_CONFIRM_IGNORE] = "Se não, não é preciso fazer nada: você não receberá nenhum boletim, e esqueceremos este endereço depois de {date}.",
         [MAIL_WELCOME_SUBJECT] = "Boas-vindas a {newsletter}",
         [MAIL_WELCOME_TEXT] = "Obrigado. A partir de agora você receberá {newsletter} neste endereço.",
         [MAIL_WELCOME_LEAVE] = "Você pode cancelar a qualquer momento: cada edição explica como.",
     }},
    {"ru",
     {
         [MAIL_CONFIRM_SUBJECT] = "Пожалуйста, подтвердите: {newsletter}",
         [MAIL_CONFIRM_INVITED] = "{site} приглашает вас получать {newsletter} по электронной почте.",
         [MAIL_CONFIRM_ASKED] = "Кто-то указал этот адрес на {site}, чтобы получать {newsletter} по электронной почте. Надеемся, что это были вы.",
         [MAIL_CONFIRM_DO] = "Если вы этого хотите, подтвердите это здесь:",
         [MAIL_CONFIRM_YES] = "Да, присылайте мне {newsletter}",
         [MAIL_CONFIRM_REPLY] = "Если вы этого хотите, просто ответьте на это письмо, оставив в нём этот код:",
         [MAIL_CONFIRM_IGNORE] = "Если нет, делать ничего не нужно: рассылка приходить не будет, а этот адрес мы удалим после {date}.",
         [MAIL_WELCOME_SUBJECT] = "Добро пожаловать в {newsletter}",
         [MAIL_WELCOME_TEXT] = "Спасибо. Теперь {newsletter} будет приходить на этот адрес.",
         [MAIL_WELCOME_LEAVE] = "Отписаться можно в любое время: в каждом выпуске сказано как.",
     }},
    {"sv",
     {
         [MAIL_CONFIRM_SUBJECT] = "Bekräfta: {newsletter}",
         [MAIL_CONFIRM_INVITED] = "{site} bjuder in dig att få {newsletter} via e-post.",
         [MAIL_CONFIRM_ASKED] = "Någon har lämnat den här adressen till {site} för att få {newsletter} via e-post. Vi hoppas att det var du.",
         [MAIL_CONFIRM_DO] = "Om du vill det, bekräfta det här:",
         [MAIL_CONFIRM_YES] = "Ja, skicka {newsletter} till mig",
         [MAIL_CONFIRM_REPLY] = "Om du vill det, svara helt enkelt på det här meddelandet och låt den här koden stå kvar:",
         [MAIL_CONFIRM_IGNORE] = "Om inte behöver du inte göra någonting: du får inget nyhetsbrev, och vi glömmer den här adressen efter {date}.",
         [MAIL_WELCOME_SUBJECT] = "Välkommen till {newsletter}",
         [MAIL_WELCOME_TEXT] = "Tack. Från och med nu får du {newsletter} till den här adressen.",
         [MAIL_WELCOME_LEAVE] = "Du kan avsluta prenumerationen när som helst: i varje utgåva står det hur.",
     }},
    {"th",
     {
         [MAIL_CONFIRM_SUBJECT] = "โปรดยืนยัน: {newsletter}",
         [MAIL_CONFIRM_INVITED] = "{site} ขอเชิญคุณรับ {newsletter} ทางอีเมล",
         [MAIL_CONFIRM_ASKED] = "มีผู้ให้ที่อยู่อีเมลนี้แก่ {site} เพื่อรับ {newsletter} ทางอีเมล เราหวังว่าเป็นคุณ",
         [MAIL_CONFIRM_DO] = "หากคุณต้องการ โปรดยืนยันที่นี่:",
         [MAIL_CONFIRM_YES] = "ใช่ ส่ง {newsletter} ให้ฉัน",
         [MAIL_CONFIRM_REPLY] = "หากคุณต้องการ เพียงตอบกลับข้อความนี้โดยคงรหัสนี้ไว้:",
         [MAIL_CONFIRM_IGNORE] = "หากไม่ต้องการ คุณไม่ต้องทำอะไร: คุณจะไม่ได้รับจดหมายข่าว และเราจะลบที่อยู่นี้หลังจาก {date}",
         [MAIL_WELCOME_SUBJECT] = "ยินดีต้อนรับสู่ {newsletter}",
         [MAIL_WELCOME_TEXT] = "ขอบคุณ นับจากนี้คุณจะได้รับ {newsletter} ที่ที่อยู่นี้",
         [MAIL_WELCOME_LEAVE] = "คุณยกเลิกได้ทุกเมื่อ: แต่ละฉบับบอกวิธีไว้",
     }},
    {"tr",
     {
         [MAIL_CONFIRM_SUBJECT] = "Lütfen onaylayın: {newsletter}",
         [MAIL_CONFIRM_INVITED] = "{site} sizi {newsletter} yayınını e-postayla almaya davet ediyor.",
         [MAIL_CONFIRM_ASKED] = "Birisi {newsletter} yayınını e-postayla almak için bu adresi {site} sitesine verdi. Bunun siz olduğunuzu umuyoruz.",
         [MAIL_CONFIRM_DO] = "İstiyorsanız lütfen buradan onaylayın:",
         [MAIL_CONFIRM_YES] = "Evet, bana {newsletter} gönderin",
         [MAIL_CONFIRM_REPLY] = "İstiyorsanız bu iletiyi, içindeki şu kodu silmeden yanıtlamanız yeterlidir:",
         [MAIL_CONFIRM_IGNORE] = "İstemiyorsanız bir şey yapmanız gerekmez: bülten almazsınız ve bu adresi {date} tarihinden sonra sileriz.",
         [MAIL_WELCOME_SUBJECT] = "{newsletter} yayınına hoş geldiniz",
         [MAIL_WELCOME_TEXT] = "Teşekkür ederiz. Bundan böyle {newsletter} bu adrese gelecek.",
         [MAIL_WELCOME_LEAVE] = "Dilediğiniz zaman ayrılabilirsiniz: nasıl yapılacağı her sayıda yazılıdır.",
     }},
    {"uk",
     {
         [MAIL_CONFIRM_SUBJECT] = "Будь ласка, підтвердьте: {newsletter}",
         [MAIL_CONFIRM_INVITED] = "{site} запрошує вас отримувати {newsletter} електронною поштою.",
         [MAIL_CONFIRM_ASKED] = "Хтось указав цю адресу на {site}, щоб отримувати {newsletter} електронною поштою. Сподіваємося, що це були ви.",
         [MAIL_CONFIRM_DO] = "Якщо ви цього бажаєте, підтвердьте це тут:",
         [MAIL_CONFIRM_YES] = "Так, надсилайте мені {newsletter}",
         [MAIL_CONFIRM_REPLY] = "Якщо ви цього бажаєте, просто дайте відповідь на цей лист, залишивши в ньому цей код:",
         [MAIL_CONFIRM_IGNORE] = "Якщо ні, нічого робити не потрібно: розсилка не надходитиме, а цю адресу ми видалимо після {date}.",
         [MAIL_WELCOME_SUBJECT] = "Ласкаво просимо до {newsletter}",
         [MAIL_WELCOME_TEXT] = "Дякуємо. Відтепер {newsletter} надходитиме на цю адресу.",
         [MAIL_WELCOME_LEAVE] = "Відписатися можна будь-коли: у кожному випуску сказано як.",
     }},
    {"vi",
     {
         [MAIL_CONFIRM_SUBJECT] = "Vui lòng xác nhận: {newsletter}",
         [MAIL_CONFIRM_INVITED] = "{site} mời bạn nhận {newsletter} qua email.",
         [MAIL_CONFIRM_ASKED] = "Có người đã cung cấp địa chỉ này cho {site} để nhận {newsletter} qua email. Chúng tôi mong đó là bạn.",
         [MAIL_CONFIRM_DO] = "Nếu bạn muốn, vui lòng xác nhận tại đây:",
         [MAIL_CONFIRM_YES] = "Vâng, hãy gửi {newsletter} cho tôi",
         [MAIL_CONFIRM_REPLY] = "Nếu bạn muốn, chỉ cần trả lời thư này và giữ lại mã sau đây trong thư:",
         [MAIL_CONFIRM_IGNORE] = "Nếu không, bạn không cần làm gì cả: bạn sẽ không nhận bản tin nào, và chúng tôi sẽ xóa địa chỉ này sau {date}.",
         [MAIL_WELCOME_SUBJECT] = "Chào mừng bạn đến với {newsletter}",
         [MAIL_WELCOME_TEXT] = "Xin cảm ơn. Từ nay bạn sẽ nhận {newsletter} tại địa chỉ này.",
         [MAIL_WELCOME_LEAVE] = "Bạn có thể ngừng nhận bất cứ lúc nào: mỗi số đều có hướng dẫn.",
     }},
    {"zh-Hans",
     {
         [MAIL_CONFIRM_SUBJECT] = "请确认：{newsletter}",
         [MAIL_CONFIRM_INVITED] = "{site}邀请您通过电子邮件接收{newsletter}。",
         [MAIL_CONFIRM_ASKED] = "有人向{site}提供了此地址，以便通过电子邮件接收{newsletter}。希望是您本人。",
         [MAIL_CONFIRM_DO] = "如果您愿意，请在此确认：",
         [MAIL_CONFIRM_YES] = "是的，请给我发送{newsletter}",
         [MAIL_CONFIRM_REPLY] = "如果您愿意，只需回复本邮件，并在其中保留以下代码：",
         [MAIL_CONFIRM_IGNORE] = "如果不愿意，您无需做任何事：您不会收到任何通讯，我们会在{date}之后删除此地址。",
         [MAIL_WELCOME_SUBJECT] = "欢迎订阅{newsletter}",
         [MAIL_WELCOME_TEXT] = "谢谢。今后您将在此地址收到{newsletter}。",
         [MAIL_WELCOME_LEAVE] = "您可以随时退订：每一期都有说明。",
     }},
    {"zh-Hant",
     {
         [MAIL_CONFIRM_SUBJECT] = "請確認：{newsletter}",
         [MAIL_CONFIRM_INVITED] = "{site}邀請您透過電子郵件接收{newsletter}。",
         [MAIL_CONFIRM_ASKED] = "有人向{site}提供了此地址，以便透過電子郵件接收{newsletter}。希望是您本人。",
         [MAIL_CONFIRM_DO] = "如果您願意，請在此確認：",
         [MAIL_CONFIRM_YES] = "是的，請寄給我{newsletter}",
         [MAIL_CONFIRM_REPLY] = "如果您願意，只需回覆此郵件，並在其中保留以下代碼：",
         [MAIL_CONFIRM_IGNORE] = "如果不願意，您無需做任何事：您不會收到任何通訊，我們會在{date}之後刪除此地址。",
         [MAIL_WELCOME_SUBJECT] = "歡迎訂閱{newsletter}",
         [MAIL_WELCOME_TEXT] = "謝謝。今後您將在此地址收到{newsletter}。",
         [MAIL_WELCOME_LEAVE] = "您可以隨時退訂：每一期都有說明。",
     }},
};
/* clang-format on */

const char *mail_word_get(const char *lang, enum mail_word word, const char **used_lang) {
    const char *tag;
    size_t row = 0;
    (void)word_get(lang, WORD_READ, &tag); /* which language stands for LANG is decided there */
    for (size_t i = 0; i < sizeof catalogue / sizeof *catalogue; i++) {
        if (strcmp(catalogue[i].tag, tag) == 0 && catalogue[i].text[word]) {
            row = i;
        }
    }
    if (used_lang) {
        *used_lang = catalogue[row].tag;
    }
    return catalogue[row].text[word];
}

const char *mail_word_name(enum mail_word word) {
    static const char *const names[MAIL_WORD_COUNT] = {
        [MAIL_CONFIRM_SUBJECT] = "confirm_subject", [MAIL_CONFIRM_INVITED] = "confirm_invited",
        [MAIL_CONFIRM_ASKED] = "confirm_asked",     [MAIL_CONFIRM_DO] = "confirm_do",
        [MAIL_CONFIRM_YES] = "confirm_yes",         [MAIL_CONFIRM_REPLY] = "confirm_reply",
        [MAIL_CONFIRM_IGNORE] = "confirm_ignore",   [MAIL_WELCOME_SUBJECT] = "welcome_subject",
        [MAIL_WELCOME_TEXT] = "welcome_text",       [MAIL_WELCOME_LEAVE] = "welcome_leave",
    };
    return names[word];
}

void mail_word_fill(const char *text, const struct mail_word_value *values, struct buf *out) {
    struct str rest = str_from(text);
    while (rest.len) {
        size_t open = str_find(rest, '{', 0), close = str_find(rest, '}', open);
        const struct mail_word_value *v = values;
        buf_add(out, str_sub(rest, 0, open));
        if (close == rest.len) {
            buf_add(out, str_sub(rest, open, rest.len));
            return;
        }
        while (v->name && !str_eq(str_from(v->name), str_sub(rest, open + 1, close))) {
            v++;
        }
        buf_add(out, v->name ? v->value : str_sub(rest, open, close + 1));
        rest = str_sub(rest, close + 1, rest.len);
    }
}
