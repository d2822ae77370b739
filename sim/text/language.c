/* Questions in other languages and scripts: a handful of simple words each, enough for valid text
 * that differs from speaker to speaker. A sentence is opener, subject and ending. */
#include "program.h"

const char *const text_language[TEXT_LANGUAGE_COUNT] = {
    "en", "zh", "es", "de", "fr", "ja", "pt", "ru", "ko", "hi", "vi", "id", "it", "tr", "pl", "ar",
};

enum { OPENERS = 8, THINGS = 16, CLOSERS = 8 };

struct language {
    struct word opener[OPENERS];
    struct word thing[THINGS];
    struct word closer[CLOSERS];
};

/* Laid out by hand: clang-format counts bytes where people count letters. */
/* clang-format off */
static const struct language languages[TEXT_LANGUAGE_COUNT - 1] = {
    /* Chinese */
    {{W("怎样改进"), W("什么是"), W("请解释一下"), W("我需要帮助："), W("写一段关于"),
      W("为什么要学"), W("给我一些"), W("谈谈")},
     {W("花园"), W("音乐课"), W("我的简历"), W("面包做法"), W("成都的历史"), W("一封信"),
      W("时差问题"), W("太阳能"), W("自行车"), W("夏天旅行"), W("火车票"), W("火山知识"),
      W("物理考试"), W("南瓜汤"), W("租房合同"), W("一首短诗")},
     {W("，这周内？"), W("，不要太贵。"), W("，给我奶奶看。"), W("，分三步。"), W("，谢谢。"),
      W("，下雨怎么办？"), W("，在我的城市。"), W("，带两个孩子。")}},
    /* Spanish */
    {{W("¿Cómo puedo mejorar "), W("¿Qué es "), W("Explícame "), W("Necesito ayuda con "),
      W("Escribe un texto sobre "), W("¿Por qué es difícil "), W("Dame ideas para "),
      W("Háblame de ")},
     {W("el jardín"), W("la clase de música"), W("mi currículum"), W("el pan casero"),
      W("la historia de Perú"), W("una carta formal"), W("el cambio de horario"),
      W("la energía solar"), W("mi bicicleta"), W("la niñez"), W("un viaje en tren"),
      W("los volcanes"), W("el examen de física"), W("la sopa de maíz"), W("el contrato"),
      W("un poema breve")},
     {W(" esta semana?"), W(" sin gastar mucho."), W(" para mi abuela."), W(" en tres pasos."),
      W(", por favor."), W(" cuando llueve?"), W(" en mi ciudad."), W(" con dos niños.")}},
    /* German */
    {{W("Wie verbessere ich "), W("Was bedeutet "), W("Erkläre mir "), W("Ich brauche Hilfe für "),
      W("Schreibe etwas über "), W("Warum mögen viele "), W("Gib mir Ideen für "),
      W("Erzähl von ")},
     {W("den Garten"), W("das Üben"), W("meine Bewerbung"), W("das Brot"), W("die Stadt Köln"),
      W("einen höflichen Brief"), W("die Zeitumstellung"), W("die Wärmepumpe"), W("mein Fahrrad"),
      W("die Ostsee"), W("eine Zugreise"), W("die Wälder"), W("die Prüfung"), W("die Kürbissuppe"),
      W("den Mietvertrag"), W("ein kurzes Gedicht")},
     {W(" diese Woche?"), W(" ohne viel Geld."), W(" für meine Oma."), W(" in drei Schritten."),
      W(", bitte."), W(" bei Regen?"), W(" in meiner Stadt."), W(" mit zwei Kindern.")}},
    /* French */
    {{W("Comment améliorer "), W("Qu'est-ce que "), W("Explique-moi "),
      W("J'ai besoin d'aide pour "), W("Écris un texte sur "), W("Pourquoi étudier "),
      W("Donne-moi des idées sur "), W("Parle de ")},
     {W("le jardin"), W("la leçon de piano"), W("mon dossier"), W("le pain complet"),
      W("l'histoire de Dakar"), W("une lettre polie"), W("le décalage horaire"),
      W("l'énergie solaire"), W("mon vélo"), W("l'été"), W("un voyage en train"), W("les forêts"),
      W("l'examen de chimie"), W("la soupe aux pois"), W("le loyer"), W("un court poème")},
     {W(" cette semaine ?"), W(" sans trop dépenser."), W(" pour ma tante."),
      W(" en trois étapes."), W(", s'il te plaît."), W(" quand il pleut ?"), W(" dans ma ville."),
      W(" avec deux enfants.")}},
    /* Japanese */
    {{W("どうすれば"), W("とは何ですか："), W("説明して："), W("手伝って："), W("書いてください："),
      W("なぜ難しい："), W("案をください："), W("教えて：")},
     {W("庭の手入れ"), W("音楽の授業"), W("履歴書"), W("パンの作り方"), W("京都の歴史"), W("手紙"),
      W("時差"), W("太陽光"), W("自転車"), W("夏の旅行"), W("電車の旅"), W("火山"), W("物理の試験"),
      W("かぼちゃのスープ"), W("契約書"), W("短い詩")},
     {W("、今週中に？"), W("、安く。"), W("、祖母のために。"), W("、三つの段階で。"),
      W("、お願いします。"), W("、雨の日は？"), W("、町の中で。"), W("、子供と。")}},
    /* Portuguese */
    {{W("Como posso melhorar "), W("O que é "), W("Explique "), W("Preciso de ajuda com "),
      W("Escreva um texto sobre "), W("Por que é difícil "), W("Dê ideias para "),
      W("Fale sobre ")},
     {W("o jardim"), W("a aula de violão"), W("meu currículo"), W("o pão caseiro"),
      W("a cidade do Porto"), W("uma carta formal"), W("o fuso horário"), W("a energia solar"),
      W("minha bicicleta"), W("o verão"), W("uma viagem de trem"), W("as florestas"),
      W("a prova de física"), W("a sopa de abóbora"), W("o aluguel"), W("um poema curto")},
     {W(" esta semana?"), W(" sem gastar muito."), W(" para minha avó."), W(" em três passos."),
      W(", por favor."), W(" quando chove?"), W(" na minha cidade."), W(" com duas crianças.")}},
    /* Russian */
    {{W("Как улучшить "), W("Что такое "), W("Объясни "), W("Мне нужна "), W("Напиши про "),
      W("Почему важен "), W("Дай идеи про "), W("Расскажи про ")},
     {W("сад"), W("урок музыки"), W("резюме"), W("хлеб"), W("город Казань"), W("письмо"),
      W("часовой пояс"), W("энергия"), W("велосипед"), W("лето"), W("поездка"), W("вулкан"),
      W("экзамен"), W("суп"), W("договор"), W("стих")},
     {W(" на этой неделе?"), W(" без затрат."), W(" для бабушки."), W(" в три шага."),
      W(", спасибо."), W(" в дождь?"), W(" в городе."), W(" с детьми.")}},
    /* Korean */
    {{W("어떻게 고칠까 "), W("무엇인가요 "), W("설명해 줘 "), W("도와 줘 "), W("글을 써 줘 "),
      W("왜 어려워 "), W("생각을 줘 "), W("말해 줘 ")},
     {W("정원"), W("음악 수업"), W("이력서"), W("빵 만들기"), W("부산 역사"), W("편지"), W("시차"),
      W("태양광"), W("자전거"), W("여름 여행"), W("기차 여행"), W("화산"), W("물리 시험"),
      W("호박죽"), W("계약서"), W("짧은 시")},
     {W(" 이번 주?"), W(" 싸게."), W(" 할머니께."), W(" 세 단계로."), W(" 고마워."), W(" 비 오면?"),
      W(" 우리 도시."), W(" 아이와.")}},
    /* Hindi */
    {{W("कैसे करें "), W("क्या है "), W("समझाओ "), W("मदद करो "), W("लिखो "), W("क्यों "),
      W("सुझाव दो "), W("बताओ ")},
     {W("बगीचा"), W("संगीत"), W("आवेदन"), W("रोटी"), W("जयपुर"), W("पत्र"), W("समय"), W("सूर्य"),
      W("साइकिल"), W("गर्मी"), W("रेल"), W("पहाड़"), W("परीक्षा"), W("सूप"),
      W("किराया"), W("कविता")},
     {W(" आज?"), W(" सस्ते में"), W(" माँ को"), W(" तीन चरण"), W(" कृपया"), W(" बारिश?"),
      W(" शहर में"), W(" बच्चे")}},
    /* Vietnamese */
    {{W("Làm thế nào với "), W("Thế nào là "), W("Giải thích "), W("Tôi cần giúp về "),
      W("Viết về "), W("Tại sao "), W("Cho tôi ý về "), W("Kể về ")},
     {W("khu vườn"), W("lớp nhạc"), W("hồ sơ"), W("bánh mì"), W("lịch sử Huế"), W("lá thư"),
      W("múi giờ"), W("điện mặt trời"), W("xe đạp"), W("mùa hè"), W("chuyến tàu"), W("núi lửa"),
      W("bài thi"), W("món súp"), W("hợp đồng"), W("bài thơ")},
     {W(" tuần này?"), W(" giá rẻ."), W(" cho bà."), W(" qua ba bước."), W(", cảm ơn."),
      W(" khi mưa?"), W(" ở đây."), W(" với trẻ em.")}},
    /* Indonesian */
    {{W("Bagaimana merawat "), W("Apa itu "), W("Jelaskan "), W("Saya butuh bantuan "),
      W("Tulis tentang "), W("Mengapa orang suka "), W("Beri saya ide "), W("Ceritakan ")},
     {W("kebun"), W("pelajaran musik"), W("surat lamaran"), W("roti rumahan"), W("sejarah Bandung"),
      W("surat resmi"), W("zona waktu"), W("tenaga surya"), W("sepeda saya"), W("musim hujan"),
      W("perjalanan kereta"), W("gunung api"), W("ujian fisika"), W("sup labu"), W("kontrak rumah"),
      W("puisi pendek")},
     {W(" minggu ini?"), W(" dengan murah."), W(" untuk nenek."), W(" dalam tiga langkah."),
      W(", tolong."), W(" saat hujan?"), W(" di kota saya."), W(" bersama anak.")}},
    /* Italian */
    {{W("Come posso curare "), W("Che cos'è "), W("Spiegami "), W("Mi serve aiuto con "),
      W("Scrivi un testo su "), W("Perché piace tanto "), W("Dammi idee per "), W("Parlami di ")},
     {W("il giardino"), W("una lezione di canto"), W("il mio curriculum"), W("il pane di casa"),
      W("Bologna antica"), W("una lettera cortese"), W("il fuso orario"), W("il sole"),
      W("la mia bicicletta"), W("l'estate"), W("un viaggio in treno"), W("i vulcani"),
      W("un esame di fisica"), W("la zuppa di zucca"), W("un affitto"), W("una breve poesia")},
     {W(" questa settimana?"), W(" senza spendere."), W(" per mia nonna."), W(" in tre passi."),
      W(", per favore."), W(" quando piove?"), W(" nella mia città."), W(" con due figli.")}},
    /* Turkish */
    {{W("Nasıl yaparım: "), W("Nedir "), W("Bana anlat: "), W("Yardım lazım: "),
      W("Bir yazı yaz: "), W("Neden zor: "), W("Fikir ver: "), W("Söyle: ")},
     {W("bahçe"), W("müzik dersi"), W("özgeçmiş"), W("ev ekmeği"), W("İzmir tarihi"), W("mektup"),
      W("saat farkı"), W("güneş enerjisi"), W("bisiklet"), W("yaz tatili"), W("tren yolu"),
      W("yanardağ"), W("fizik sınavı"), W("çorba"), W("kira"), W("kısa şiir")},
     {W(" bu hafta?"), W(" ucuza."), W(" büyükannem için."), W(" üç adımda."), W(", lütfen."),
      W(" yağmurda?"), W(" şehrimde."), W(" çocuklarla.")}},
    /* Polish */
    {{W("Jak poprawić "), W("Co to jest "), W("Wyjaśnij mi "), W("Pomóż mi: "),
      W("Napisz tekst: "), W("Dlaczego ważny jest "), W("Podaj pomysły: "), W("Opowiedz: ")},
     {W("ogród"), W("lekcja muzyki"), W("życiorys"), W("chleb domowy"), W("stary Kraków"),
      W("list"),
      W("zmiana czasu"), W("energia słońca"), W("mój rower"), W("lato nad morzem"),
      W("podróż pociągiem"), W("wulkan"), W("egzamin z fizyki"), W("zupa z dyni"),
      W("umowa najmu"), W("krótki wiersz")},
     {W(" w tym tygodniu?"), W(" za małe pieniądze."), W(" dla babci."), W(" w trzech krokach."),
      W(", proszę."), W(" w deszczu?"), W(" w moim mieście."), W(" z dziećmi.")}},
    /* Arabic */
    {{W("كيف أحسن "), W("ما هو "), W("اشرح لي "), W("أحتاج إلى "), W("اكتب عن "), W("لماذا نحب "),
      W("أعطني أفكارا عن "), W("حدثني عن ")},
     {W("الحديقة"), W("درس الموسيقى"), W("السيرة"), W("الخبز"), W("تاريخ الرباط"), W("رسالة"),
      W("التوقيت"), W("الطاقة"), W("دراجتي"), W("الصيف"), W("رحلة القطار"), W("البركان"),
      W("الامتحان"), W("الحساء"), W("العقد"), W("قصيدة")},
     {W(" هذا الأسبوع؟"), W(" بسعر قليل."), W(" لجدتي."), W(" في ثلاث خطوات."), W(" شكرا."),
      W(" في المطر؟"), W(" في مدينتي."), W(" مع طفلين.")}},
};
/* clang-format on */

static inline char *put_one_of(char *at, const struct word *words, uint32_t count, uint64_t *state)
{
    return put_word(at, &words[stream_below(stream_next(state), count)]);
}

/* The position and the stream live in registers, as in write_phrase(). */
void write_language(struct writer *w, uint32_t language, uint32_t sentences)
{
    const struct language *l = &languages[(language - 1) % (TEXT_LANGUAGE_COUNT - 1)];
    char *at = w->out + w->size, *stop = w->out + w->limit;
    uint64_t state = w->state;

    for (uint32_t i = 0; i < sentences && at <= stop; i++) {
        if (i > 0)
            *at++ = ' ';
        at = put_one_of(at, l->opener, OPENERS, &state);
        at = put_one_of(at, l->thing, THINGS, &state);
        if (i == 1 || stream_below(stream_next(&state), 100) < 30) {
            memcpy(at, " (", 2); /* a detail that hardly two people share */
            at = put_number(at + 2, stream_below(stream_next(&state), 10000));
            *at++ = ')';
        }
        at = put_one_of(at, l->closer, CLOSERS, &state);
    }
    w->size = (uint32_t)(at - w->out);
    w->state = state;
}
