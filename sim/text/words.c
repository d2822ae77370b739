/* The vocabulary that all programs share: honest people, products and campaigns draw from the same
 * lists, so that no word marks anyone. Words are kept shorter than a sketch window (24 bytes), so
 * that two strangers share a window only when two neighbouring choices agree. */
#include "writer.h"

/* @n: subjects of everyday questions. */
static const struct word subjects[] = {
    W("sourdough bread"),
    W("a rental contract"),
    W("my old router"),
    W("night trains"),
    W("house plants"),
    W("a used bicycle"),
    W("tax returns"),
    W("knee pain"),
    W("a cover letter"),
    W("chess openings"),
    W("coffee grinders"),
    W("the water cycle"),
    W("solar panels"),
    W("a school play"),
    W("compost heaps"),
    W("travel insurance"),
    W("the French Revolution"),
    W("guitar chords"),
    W("sleep quality"),
    W("a wedding speech"),
    W("black holes"),
    W("mortgage rates"),
    W("heat pumps"),
    W("a reading list"),
    W("toddler tantrums"),
    W("Roman roads"),
    W("spreadsheets"),
    W("a birthday party"),
    W("tomato seedlings"),
    W("public speaking"),
    W("winter tyres"),
    W("a pension plan"),
    W("the human heart"),
    W("old photographs"),
    W("board games"),
    W("lactose intolerance"),
    W("marathon training"),
    W("a rescue dog"),
    W("sea levels"),
    W("a book club"),
    W("running shoes"),
    W("bird feeders"),
    W("job interviews"),
    W("a leaky tap"),
    W("fermented vegetables"),
    W("tidal power"),
    W("electric scooters"),
    W("moving abroad"),
    W("parental leave"),
    W("short stories"),
    W("a vegetable garden"),
    W("noise insulation"),
    W("vaccines"),
    W("stock dividends"),
    W("wooden floors"),
    W("stage fright"),
    W("a phone contract"),
    W("mountain hiking"),
    W("the Silk Road"),
    W("baby names"),
    W("migraine triggers"),
    W("a fish tank"),
    W("street photography"),
    W("credit scores"),
    W("oat milk"),
    W("volcanoes"),
    W("a choir"),
    W("home brewing"),
    W("phone batteries"),
    W("daylight saving time"),
    W("origami"),
    W("the Olympics"),
    W("a thank-you note"),
    W("food allergies"),
    W("a bridge loan"),
    W("knitting patterns"),
    W("car leasing"),
    W("screen time"),
    W("a podcast"),
    W("beekeeping"),
    W("language exchange"),
    W("the metric system"),
    W("a cold frame"),
    W("haiku"),
    W("bread flour"),
    W("a power of attorney"),
    W("opera"),
    W("bicycle lanes"),
    W("rain barrels"),
    W("meteor showers"),
    W("a flea market"),
    W("dental implants"),
    W("a potluck dinner"),
    W("tea ceremonies"),
    W("penguins"),
    W("glaciers"),
    W("a family tree"),
    W("ancient maps"),
    W("second-hand clothes"),
    W("the immune system"),
    W("a home office"),
    W("sailing knots"),
};

/* @g: things that people want to get done. */
static const struct word goals[] = {
    W("save some money"),     W("fix the hinge"),      W("plan a trip"),
    W("learn the basics"),    W("write a toast"),      W("get a refund"),
    W("lose a few kilos"),    W("train for a race"),   W("paint the hallway"),
    W("compare two offers"),  W("find a good tutor"),  W("cut the noise"),
    W("sleep better"),        W("renew a passport"),   W("cook for eight"),
    W("start a small shop"),  W("explain it to kids"), W("draft a reply"),
    W("choose a laptop"),     W("grow it indoors"),    W("clean the filter"),
    W("apply for a grant"),   W("read it aloud"),      W("store it safely"),
    W("practise daily"),      W("set up a budget"),    W("sell my old car"),
    W("ask for a raise"),     W("repair the zip"),     W("make a schedule"),
    W("prepare an exam"),     W("host a quiz night"),  W("translate a menu"),
    W("teach a beginner"),    W("measure the room"),   W("avoid the fees"),
    W("keep it fresh"),       W("reach the summit"),   W("start from scratch"),
    W("meet new people"),     W("file a complaint"),   W("order spare parts"),
    W("stay focused"),        W("move the piano"),     W("write the minutes"),
    W("label the boxes"),     W("record a lesson"),    W("check the wiring"),
    W("build a shelf"),       W("cancel the order"),   W("find the source"),
    W("name the characters"), W("pick the colours"),   W("split the costs"),
    W("sort the photos"),     W("shorten the text"),   W("calm a nervous dog"),
    W("reuse the jars"),      W("beat jet lag"),       W("prune the roses"),
    W("fill in the form"),    W("plan the lessons"),   W("get it approved"),
    W("feed the starter"),    W("pack a rucksack"),    W("stop the squeaking"),
    W("find cheap flights"),  W("organise a swap"),
};

/* @c: circumstances. */
static const struct word circumstances[] = {
    W("on a small budget"),
    W("with two kids"),
    W("in a tiny flat"),
    W("without a car"),
    W("in cold weather"),
    W("as a beginner"),
    W("after the surgery"),
    W("during the week"),
    W("for a large group"),
    W("with a bad knee"),
    W("in a rented house"),
    W("on short notice"),
    W("without any tools"),
    W("while working full time"),
    W("at high altitude"),
    W("in a noisy office"),
    W("for a school class"),
    W("with limited space"),
    W("on my phone"),
    W("near the coast"),
    W("when it rains"),
    W("for the first time"),
    W("with no experience"),
    W("after moving house"),
    W("in the evenings"),
    W("for my grandmother"),
    W("as a student"),
    W("with a tight deadline"),
    W("outside the city"),
    W("in an old building"),
    W("for people over sixty"),
    W("with what I have"),
    W("on a balcony"),
    W("by public transport"),
    W("during pregnancy"),
    W("with a new baby"),
    W("in a shared kitchen"),
    W("on Sundays"),
    W("for a charity event"),
    W("in a dry climate"),
    W("without a contract"),
    W("at night"),
    W("with sensitive skin"),
    W("on a slow connection"),
    W("in the countryside"),
    W("for a small team"),
    W("before the holidays"),
    W("without sugar"),
    W("in a hurry"),
    W("with hard water"),
    W("for under fifty euros"),
    W("in a foreign language"),
};

/* @w: times. */
static const struct word times[] = {
    W("this weekend"),
    W("before Friday"),
    W("next month"),
    W("by tomorrow"),
    W("last night"),
    W("in spring"),
    W("since January"),
    W("every morning"),
    W("in two weeks"),
    W("after lunch"),
    W("on Tuesday"),
    W("this summer"),
    W("over the holidays"),
    W("for three years"),
    W("a while ago"),
    W("right now"),
    W("before the meeting"),
    W("in October"),
    W("yesterday"),
    W("twice a week"),
    W("since we moved in"),
    W("at the end of the year"),
    W("within an hour"),
    W("later today"),
    W("in the last quarter"),
    W("during the break"),
    W("all week"),
    W("next Thursday"),
    W("by the end of May"),
    W("once a year"),
    W("since the update"),
    W("early in the morning"),
    W("on the first day"),
    W("around noon"),
    W("for six months"),
};

/* @a: adjectives. */
static const struct word adjectives[] = {
    W("simple"),        W("cheap"),       W("reliable"),  W("quiet"),       W("healthy"),
    W("modern"),        W("unusual"),     W("practical"), W("detailed"),    W("short"),
    W("friendly"),      W("traditional"), W("clever"),    W("lightweight"), W("durable"),
    W("seasonal"),      W("honest"),      W("colourful"), W("realistic"),   W("careful"),
    W("local"),         W("flexible"),    W("compact"),   W("elegant"),     W("basic"),
    W("safe"),          W("popular"),     W("gentle"),    W("precise"),     W("formal"),
    W("playful"),       W("sustainable"), W("thorough"),  W("convincing"),  W("balanced"),
    W("old-fashioned"), W("affordable"),  W("minimal"),   W("spicy"),       W("waterproof"),
    W("portable"),      W("soft"),        W("early"),     W("heavy"),       W("narrow"),
    W("bright"),        W("slow"),        W("complete"),  W("original"),    W("modest"),
};

/* @p: people. */
static const struct word people[] = {
    W("my landlord"),      W("a colleague"),    W("my sister"),       W("our neighbour"),
    W("my manager"),       W("a friend"),       W("my daughter"),     W("the teacher"),
    W("my doctor"),        W("a customer"),     W("my flatmate"),     W("our supplier"),
    W("my uncle"),         W("the committee"),  W("my boss"),         W("a tourist"),
    W("the coach"),        W("my cousin"),      W("the electrician"), W("my partner"),
    W("the bank"),         W("a client"),       W("the new intern"),  W("my grandfather"),
    W("the school"),       W("our accountant"), W("the seller"),      W("my students"),
    W("the city council"), W("my son"),         W("an old friend"),   W("the insurance"),
    W("the airline"),      W("my team"),        W("the dentist"),
};

/* @P: places. */
static const struct word places[] = {
    W("Lisbon"),  W("Osaka"),   W("Toronto"),  W("Nairobi"),  W("Krakow"),  W("Melbourne"),
    W("Lima"),    W("Bergen"),  W("Hanoi"),    W("Austin"),   W("Ghent"),   W("Porto"),
    W("Seville"), W("Tallinn"), W("Montreal"), W("Dakar"),    W("Pune"),    W("Leeds"),
    W("Graz"),    W("Turin"),   W("Busan"),    W("Accra"),    W("Denver"),  W("Utrecht"),
    W("Split"),   W("Cusco"),   W("Jaipur"),   W("Galway"),   W("Aarhus"),  W("Quito"),
    W("Lyon"),    W("Chengdu"), W("Perth"),    W("Boston"),   W("Izmir"),   W("Cebu"),
    W("Rabat"),   W("Riga"),    W("Bristol"),  W("Medellin"), W("Kyoto"),   W("Basel"),
    W("Halifax"), W("Tbilisi"), W("Malmo"),    W("Surabaya"), W("Bologna"), W("Winnipeg"),
};

/* @N: first names. */
static const struct word names[] = {
    W("Amira"),  W("Jonas"), W("Mei"),    W("Tomas"), W("Priya"),  W("Oluwa"),  W("Clara"),
    W("Diego"),  W("Hana"),  W("Ivan"),   W("Leila"), W("Noah"),   W("Sofia"),  W("Kwame"),
    W("Elif"),   W("Mateo"), W("Ingrid"), W("Rahul"), W("Yuki"),   W("Zara"),   W("Luca"),
    W("Farid"),  W("Greta"), W("Pablo"),  W("Nadia"), W("Owen"),   W("Thandi"), W("Marek"),
    W("Lucia"),  W("Arjun"), W("Freya"),  W("Omar"),  W("Bianca"), W("Chen"),   W("Esther"),
    W("Viktor"), W("Aisha"), W("Felix"),  W("Ruth"),  W("Sven"),   W("Camila"), W("Tariq"),
    W("Anneke"), W("Hugo"),  W("Mirela"), W("Dong"),  W("Paula"),  W("Eero"),   W("Samira"),
    W("Colin"),  W("Yara"),  W("Piotr"),  W("Lin"),   W("Akira"),  W("Rosa"),   W("Henrik"),
};

/* @k: parts of programs. */
static const struct word code_nouns[] = {
    W("request handler"), W("cache layer"),   W("parser"),         W("login form"),
    W("job queue"),       W("date picker"),   W("config loader"),  W("websocket client"),
    W("retry loop"),      W("build script"),  W("search index"),   W("migration"),
    W("unit test"),       W("data frame"),    W("thread pool"),    W("image resizer"),
    W("rate limiter"),    W("csv importer"),  W("state machine"),  W("log formatter"),
    W("payment hook"),    W("docker image"),  W("type guard"),     W("linked list"),
    W("graph view"),      W("sql query"),     W("regex"),          W("event bus"),
    W("file watcher"),    W("token refresh"), W("session store"),  W("side bar"),
    W("mail sender"),     W("pdf export"),    W("command parser"), W("http client"),
    W("lazy loader"),     W("binary search"), W("plugin system"),  W("audio buffer"),
    W("test fixture"),    W("router guard"),  W("price table"),    W("chart widget"),
    W("cron job"),        W("schema check"),  W("key rotation"),   W("merge step"),
    W("ring buffer"),     W("tree walker"),   W("upload form"),    W("geo filter"),
    W("undo stack"),      W("dark mode"),     W("health check"),
};

/* @K: what programmers want code to do. */
static const struct word code_goals[] = {
    W("parse the dates"),    W("retry the upload"),   W("sort by two keys"),
    W("avoid the deadlock"), W("stream the rows"),    W("mock the clock"),
    W("merge the lists"),    W("debounce the input"), W("cache the results"),
    W("split the module"),   W("rename the column"),  W("handle time zones"),
    W("close the socket"),   W("limit the memory"),   W("validate the body"),
    W("flatten the tree"),   W("run it in parallel"), W("drop duplicates"),
    W("log the failures"),   W("read it lazily"),     W("return early"),
    W("keep the order"),     W("escape the quotes"),  W("count the words"),
    W("page the results"),   W("sign the request"),   W("reuse the buffer"),
    W("wait for both"),      W("round the totals"),   W("hide the spinner"),
    W("lock the row"),       W("group by month"),     W("compare versions"),
    W("undo the change"),    W("skip empty lines"),   W("convert the units"),
    W("resize the images"),  W("cancel on timeout"),  W("join the tables"),
    W("check the types"),    W("cut the latency"),    W("pin the versions"),
    W("replay the events"),  W("batch the writes"),   W("walk the folder"),
    W("reset the state"),    W("draw the grid"),      W("hash the file"),
};

/* @L: languages and frameworks. */
static const struct word code_languages[] = {
    W("Python"),  W("TypeScript"), W("Rust"),    W("Go"),     W("C++"),       W("Java"),
    W("Kotlin"),  W("Ruby"),       W("PHP"),     W("Swift"),  W("C#"),        W("plain C"),
    W("React"),   W("Django"),     W("pandas"),  W("Spring"), W("Node.js"),   W("Postgres"),
    W("bash"),    W("Vue"),        W("Flask"),   W("SQLite"), W("Elixir"),    W("Scala"),
    W("R"),       W("Julia"),      W("Haskell"), W("Dart"),   W("Terraform"), W("Ansible"),
    W("Svelte"),  W("Laravel"),    W("numpy"),   W("Unity"),  W("Perl"),      W("Lua"),
    W("FastAPI"),
};

/* @e: messages of programs. */
static const struct word errors[] = {
    W("index out of range"),
    W("connection refused"),
    W("null reference"),
    W("permission denied"),
    W("unexpected token"),
    W("module not found"),
    W("broken pipe"),
    W("type mismatch"),
    W("stack overflow"),
    W("undefined symbol"),
    W("no such file"),
    W("invalid argument"),
    W("timed out"),
    W("key error"),
    W("segmentation fault"),
    W("cannot borrow as mutable"),
    W("duplicate key value"),
    W("unclosed bracket"),
    W("too many open files"),
    W("out of memory"),
    W("address already in use"),
    W("certificate expired"),
    W("division by zero"),
    W("missing return"),
    W("unknown column"),
    W("bad gateway"),
    W("checksum differs"),
    W("deadlock detected"),
    W("version conflict"),
    W("cors blocked"),
    W("invalid utf-8"),
    W("circular import"),
    W("value is not iterable"),
    W("lock file is stale"),
};

/* @b: what companies deal with. */
static const struct word business[] = {
    W("invoices"),         W("support tickets"),   W("sales figures"),      W("product reviews"),
    W("job ads"),          W("delivery notes"),    W("meeting notes"),      W("warranty claims"),
    W("survey answers"),   W("lease contracts"),   W("lab reports"),        W("press releases"),
    W("call transcripts"), W("travel bookings"),   W("purchase orders"),    W("patient leaflets"),
    W("course feedback"),  W("stock levels"),      W("shift plans"),        W("web pages"),
    W("bank statements"),  W("tender documents"),  W("repair logs"),        W("menu cards"),
    W("news items"),       W("property listings"), W("user manuals"),       W("audit notes"),
    W("recipes"),          W("customs forms"),     W("grant proposals"),    W("sensor readings"),
    W("event calendars"),  W("insurance claims"),  W("research abstracts"), W("chat messages"),
    W("return labels"),    W("safety sheets"),     W("expense reports"),    W("subtitles"),
    W("catalogues"),
};

/* @f: fields of work. */
static const struct word fields[] = {
    W("logistics"),    W("nutrition"),    W("finance"),         W("chemistry"),
    W("education"),    W("tourism"),      W("insurance"),       W("agriculture"),
    W("statistics"),   W("linguistics"),  W("retail"),          W("physics"),
    W("marketing"),    W("architecture"), W("medicine"),        W("public policy"),
    W("energy"),       W("law"),          W("software"),        W("biology"),
    W("history"),      W("geography"),    W("manufacturing"),   W("economics"),
    W("psychology"),   W("journalism"),   W("human resources"), W("operations"),
    W("data science"), W("real estate"),  W("mathematics"),     W("telecoms"),
    W("food safety"),  W("music"),        W("sports"),
};

/* @r: roles. */
static const struct word roles[] = {
    W("analyst"),    W("engineer"),   W("teacher"),    W("editor"),    W("consultant"),
    W("assistant"),  W("researcher"), W("planner"),    W("reviewer"),  W("specialist"),
    W("tutor"),      W("advisor"),    W("manager"),    W("writer"),    W("auditor"),
    W("expert"),     W("instructor"), W("technician"), W("scientist"), W("coordinator"),
    W("translator"), W("librarian"),  W("strategist"), W("examiner"),  W("developer"),
    W("journalist"), W("agent"),      W("coach"),      W("mentor"),
};

/* @o: things that can be counted. */
static const struct word objects[] = {
    W("apples"),  W("crates"),  W("tickets"),   W("marbles"), W("tiles"),   W("books"),
    W("bottles"), W("seats"),   W("stamps"),    W("lamps"),   W("boxes"),   W("cards"),
    W("coins"),   W("pencils"), W("trees"),     W("buses"),   W("pages"),   W("chairs"),
    W("bricks"),  W("parcels"), W("batteries"), W("loaves"),  W("sheets"),  W("plates"),
    W("flags"),   W("beads"),   W("sacks"),     W("pipes"),   W("candles"), W("tables"),
    W("jars"),    W("screws"),  W("panels"),    W("letters"), W("eggs"),    W("blankets"),
    W("wheels"),  W("buckets"), W("posters"),   W("keys"),    W("cables"),  W("shirts"),
};

/* @q: topics of study. */
static const struct word studies[] = {
    W("prime numbers"),
    W("photosynthesis"),
    W("supply and demand"),
    W("plate tectonics"),
    W("linear equations"),
    W("cell division"),
    W("probability"),
    W("acids and bases"),
    W("sorting algorithms"),
    W("the moon's orbit"),
    W("kinetic energy"),
    W("the price index"),
    W("graph colouring"),
    W("ohm's law"),
    W("game theory"),
    W("heat transfer"),
    W("integrals"),
    W("the nitrogen cycle"),
    W("modular arithmetic"),
    W("refraction"),
    W("binary trees"),
    W("market equilibrium"),
    W("set theory"),
    W("fluid flow"),
    W("genetic drift"),
    W("geometric series"),
    W("wave interference"),
    W("vectors"),
    W("chemical bonds"),
    W("inflation"),
    W("permutations"),
    W("friction"),
    W("dynamic programming"),
    W("osmosis"),
    W("recursion"),
    W("conic sections"),
    W("tidal forces"),
    W("interest rates"),
    W("matrices"),
    W("natural selection"),
    W("entropy"),
    W("logic gates"),
    W("buoyancy"),
    W("limits"),
    W("voting systems"),
    W("eclipses"),
    W("catalysts"),
    W("number bases"),
    W("projectiles"),
};

/* @m: measures. */
static const struct word measures[] = {
    W("revenue"),        W("churn"),         W("delivery time"), W("unit cost"),
    W("response time"),  W("margin"),        W("attendance"),    W("error rate"),
    W("energy use"),     W("net profit"),    W("page views"),    W("head count"),
    W("rainfall"),       W("conversion"),    W("waiting time"),  W("stock value"),
    W("rent per metre"), W("test scores"),   W("order volume"),  W("water level"),
    W("downtime"),       W("fuel use"),      W("refund rate"),   W("customer score"),
    W("crop yield"),     W("sign-ups"),      W("travel time"),   W("load factor"),
    W("defect rate"),    W("bed occupancy"), W("basket size"),
};

/* @v: orders to a writer or analyst. */
static const struct word verbs[] = {
    W("describe"), W("summarise"), W("compare"), W("explain"),   W("list"),     W("outline"),
    W("review"),   W("classify"),  W("rewrite"), W("evaluate"),  W("estimate"), W("suggest"),
    W("identify"), W("interpret"), W("draft"),   W("simplify"),  W("organise"), W("predict"),
    W("examine"),  W("calculate"), W("present"), W("translate"), W("justify"),  W("rank"),
    W("define"),   W("discuss"),   W("plan"),    W("invent"),    W("correct"),  W("sketch"),
    W("contrast"), W("convert"),   W("edit"),
};

/* @h: kinds of writing. */
static const struct word writings[] = {
    W("poem"),        W("story"),     W("summary"),   W("letter"),       W("dialogue"),
    W("speech"),      W("checklist"), W("blog post"), W("recipe"),       W("headline"),
    W("lesson plan"), W("quiz"),      W("song"),      W("slogan"),       W("report"),
    W("table"),       W("email"),     W("script"),    W("product text"), W("timeline"),
    W("essay"),       W("riddle"),    W("review"),    W("invitation"),   W("diary entry"),
    W("limerick"),    W("briefing"),  W("glossary"),  W("interview"),    W("caption"),
    W("press note"),  W("proposal"),  W("fable"),
};

/* @j: nouns for things in sentences of documents. */
static const struct word matters[] = {
    W("the new line"),        W("the committee"),   W("the harbour"),    W("the first trial"),
    W("the museum"),          W("the contractor"),  W("the survey"),     W("the northern branch"),
    W("the workshop"),        W("the library"),     W("the river bank"), W("the second phase"),
    W("the supplier"),        W("the team"),        W("the old mill"),   W("the council"),
    W("the night shift"),     W("the pilot plant"), W("the clinic"),     W("the orchestra"),
    W("the depot"),           W("the exchange"),    W("the laboratory"), W("the festival"),
    W("the bridge"),          W("the cooperative"), W("the archive"),    W("the editor"),
    W("the regional office"), W("the observatory"), W("the bakery"),     W("the ferry company"),
    W("the housing board"),   W("the east wing"),   W("the sample"),     W("the school board"),
    W("the warehouse"),       W("the station"),     W("the vineyard"),   W("the airport"),
    W("the foundation"),      W("the village"),     W("the registry"),
};

/* @d: what things do in sentences of documents. */
static const struct word deeds[] = {
    W("opened a branch in"),
    W("moved its archive to"),
    W("signed a lease with"),
    W("paused work at"),
    W("raised its estimate of"),
    W("published notes on"),
    W("hired staff for"),
    W("rejected"),
    W("finished the repair of"),
    W("bought shares of"),
    W("reported a loss on"),
    W("welcomed"),
    W("postponed"),
    W("doubled the size of"),
    W("started a study of"),
    W("visited"),
    W("replaced"),
    W("asked for a review of"),
    W("sold half of"),
    W("counted the costs of"),
    W("returned to"),
    W("shortened the list of"),
    W("lost contact with"),
    W("praised the plan for"),
    W("rebuilt"),
    W("closed the road to"),
    W("took over"),
    W("warned about"),
    W("gave a prize to"),
    W("mapped"),
    W("tested a model of"),
    W("agreed on a price for"),
    W("held a meeting about"),
    W("insured"),
    W("questioned"),
    W("measured the noise at"),
    W("planted trees around"),
    W("repainted"),
    W("documented"),
    W("delayed the opening of"),
    W("cut the budget of"),
    W("trained guides for"),
};

/* @i: parts of identifiers. */
static const struct word identifiers[] = {
    W("user"),  W("total"),  W("row"),    W("index"),  W("order"),  W("buffer"), W("count"),
    W("node"),  W("price"),  W("limit"),  W("token"),  W("cache"),  W("event"),  W("offset"),
    W("path"),  W("batch"),  W("image"),  W("query"),  W("score"),  W("state"),  W("chunk"),
    W("child"), W("label"),  W("timer"),  W("config"), W("window"), W("cursor"), W("height"),
    W("retry"), W("parent"), W("value"),  W("field"),  W("record"), W("frame"),  W("stock"),
    W("route"), W("entry"),  W("target"),
};

/* @l, @y: syllables of made-up names. */
static const struct word onsets[] = {
    W("Bel"),  W("Kar"), W("Tor"), W("Mar"), W("Vel"), W("Nor"), W("Sil"),  W("Dra"),
    W("Fen"),  W("Gal"), W("Hol"), W("Jas"), W("Lor"), W("Pel"), W("Quin"), W("Ros"),
    W("Sten"), W("Tam"), W("Ul"),  W("Wes"), W("Yor"), W("Zan"), W("Bri"),  W("Cor"),
    W("Del"),  W("Ost"), W("Rav"), W("Lin"), W("Mon"), W("Hav"), W("Kes"),  W("Alt"),
};
static const struct word endings[] = {
    W("mont"),  W("ova"),   W("inger"), W("ley"),   W("ado"),  W("wick"),  W("ston"), W("ira"),
    W("ergen"), W("dale"),  W("osa"),   W("ukami"), W("by"),   W("ett"),   W("andi"), W("holm"),
    W("ico"),   W("ford"),  W("enko"),  W("ara"),   W("ulin"), W("brook"), W("esh"),  W("tano"),
    W("ella"),  W("haven"), W("ard"),   W("imov"),  W("ton"),  W("elle"),  W("una"),  W("berg"),
};

/* @#: small numbers. */
#define TEN(d)                                                                                     \
    W(d "0"), W(d "1"), W(d "2"), W(d "3"), W(d "4"), W(d "5"), W(d "6"), W(d "7"), W(d "8"),      \
        W(d "9")
static const struct word numbers[] = {
    W("2"),   W("3"),   W("4"),   W("5"),   W("6"),   W("7"),   W("8"),   W("9"),   TEN("1"),
    TEN("2"), TEN("3"), TEN("4"), TEN("5"), TEN("6"), TEN("7"), TEN("8"), TEN("9"),
};
#undef TEN

static void make_large_number(struct writer *w)
{
    write_number(w, 100 + writer_below(w, 9900));
}

static void make_subject(struct writer *w)
{
    write_word(w, w->subject);
}

static void make_twist(struct writer *w)
{
    uint32_t i = (uint32_t)(mix64(w->twist) % (sizeof adjectives / sizeof *adjectives));

    write_word(w, &adjectives[i]);
}

static void make_hex(struct writer *w)
{
    static const char digit[] = "0123456789abcdef";
    uint64_t x = writer_draw(w);

    for (int i = 0; i < 8; i++)
        write_char(w, digit[x >> (4 * i) & 15]);
}

/* Sentences of documents: @s. */
static const struct phrase sentences[] = {
    P("In @W, @j @d @j @w."),
    P("@Q @d @j, and @j @d @l@y."),
    P("According to @N @l@y, @j @d @j."),
    P("Since @w, @m at @j has changed by @# percent."),
    P("@N @l@y of @j said that @m was @a."),
    P("Nobody in @P expected that @j @d @j @w."),
    P("The @a part of @m comes from @b."),
    P("About @# of the @o in @P were @a."),
    P("@l@y @d @j because @m had been too @a."),
    P("After @# days, @j @d the @b of @l@y."),
    P("Visitors from @P found @j @a and @a."),
    P("It was @N who @d @l@y, not @j."),
    P("For @b, @m stayed near @% all year."),
    P("When @j @d @j, @p kept the @a copies."),
    P("Most @o went to @P, the rest to @l@y."),
    P("@N and @N @d @j @w; @m fell."),
    P("A second note on @b is due @w."),
    P("The report counts @% @o and @# @a @b."),
    P("Under @l@y, @j had @d @j twice."),
    P("@P remains the @a choice for @f and @f."),
    P("Experts in @f call @m a @a sign."),
    P("No figures for @m were given @w."),
    P("@N @l@y keeps @# @o at @j in @P."),
    P("Even @a @b did not change what @j @d."),
};

/* @x: context that people give about themselves. */
static const struct phrase contexts[] = {
    P("I have @# @o and about @# minutes."),
    P("@p said it should be @a."),
    P("I live in @P."),
    P("We tried @n @w and it was too @a."),
    P("I need it @w."),
    P("My budget is around @%."),
    P("I already know a bit about @n."),
    P("It has to work @c."),
    P("I am doing this @c."),
    P("@N recommended @n, but I am not sure."),
    P("Last time I asked @p, I got a @a answer."),
    P("Please keep it @a."),
    P("I would rather not @g."),
    P("So far I only managed to @g."),
    P("I am @# years old and work in @f."),
    P("There are @# of us."),
    P("It is for @p in @P."),
    P("I read about @n, which seems @a."),
    P("A @a example would help."),
    P("I want to @g as well."),
    P("My @r says that @m matters most."),
    P("We are moving to @P @w."),
    P("It worked @w @c."),
    P("The @h should mention @n and @N."),
    P("Money is not the problem, time is."),
    P("Nothing I found online was @a enough."),
    P("I also keep @o in a @a box."),
    P("@N wants to @g, I would rather @g."),
    P("Let me know what @p would need."),
    P("I have never dealt with @n before."),
    P("Someone in @P told me to @g first."),
    P("It does not have to be @a, just @a."),
    P("Maybe @n would be an option @c?"),
};

/* @X: context of programmers. */
static const struct phrase code_contexts[] = {
    P("It fails with \"@e\" after @# rows."),
    P("I am on @L with @k in the middle."),
    P("The @k calls @i_@i before the @k."),
    P("It only happens @w."),
    P("We run it @c."),
    P("The log says: @e at line @%."),
    P("I already tried to @K."),
    P("Upgrading @L did not help."),
    P("In the tests the @k is fine."),
    P("The @i_@i is always @#."),
    P("@N wrote the @k in @L."),
    P("I want to @K without touching the @k."),
    P("There are @% entries in the @i_@i table."),
    P("No idea why the @k would @K."),
    P("It must also @K."),
    P("The client sends @i=@# and @i=@%."),
    P("Production uses @L, my laptop @L."),
    P("@e comes from @l@y.@i()."),
    P("Keep the @k as it is."),
    P("Performance matters: @% calls a second."),
    P("The @a version used a @k."),
};

/* @Z: lines of code. */
static const struct phrase code_lines[] = {
    P("    @i_@i = @i_@i + @#\n"),
    P("    if @i_@i > @#:\n        return @i_@i\n"),
    P("    for @i in @i_@i:\n        @i_@i(@i, @#)\n"),
    P("    @i = load_@i(@i_@i)\n"),
    P("    log.info(\"@i @i\", @i_@i)\n"),
    P("    @i_@i.append(@i[@#])\n"),
    P("    assert @i_@i != @%\n"),
    P("    with open_@i(@i_@i) as @i:\n"),
    P("    # @K\n"),
    P("    return {\"@i\": @i_@i, \"@i\": @#}\n"),
    P("    try_@i(@i_@i, limit=@%)\n"),
    P("    @i, @i_@i = split_@i(@i)\n"),
    P("    while @i_@i < len(@i):\n        @i_@i += @#\n"),
    P("    raise ValueError(\"@e\")\n"),
    P("    @i_@i = max(@i, @i_@i) // @#\n"),
};

static const struct phrase calendar[] = {
    P("January"),
    P("spring"),
    P("the autumn of 20@#"),
    P("@P"),
    P("late March"),
    P("the 19@#s"),
    P("June"),
    P("the third year"),
    P("early November"),
    P("the season before"),
    P("20@#"),
};

static const struct phrase sentence_starts[] = {
    P("The editor"),      P("A @a team"),   P("@N @l@y"),        P("The @f office"),
    P("A group from @P"), P("One @r"),      P("Every @r in @P"), P("The @a depot"),
    P("Last year's @r"),  P("A @r for @b"),
};

#define WORDS(array)                                                                               \
    {                                                                                              \
        .words = LIST(array)                                                                       \
    }
#define PHRASES(array)                                                                             \
    {                                                                                              \
        .phrases = LIST(array)                                                                     \
    }

const struct slot text_slot[128] = {
    ['n'] = WORDS(subjects),
    ['g'] = WORDS(goals),
    ['c'] = WORDS(circumstances),
    ['w'] = WORDS(times),
    ['a'] = WORDS(adjectives),
    ['p'] = WORDS(people),
    ['P'] = WORDS(places),
    ['N'] = WORDS(names),
    ['k'] = WORDS(code_nouns),
    ['K'] = WORDS(code_goals),
    ['L'] = WORDS(code_languages),
    ['e'] = WORDS(errors),
    ['b'] = WORDS(business),
    ['f'] = WORDS(fields),
    ['r'] = WORDS(roles),
    ['o'] = WORDS(objects),
    ['q'] = WORDS(studies),
    ['m'] = WORDS(measures),
    ['v'] = WORDS(verbs),
    ['h'] = WORDS(writings),
    ['j'] = WORDS(matters),
    ['d'] = WORDS(deeds),
    ['i'] = WORDS(identifiers),
    ['l'] = WORDS(onsets),
    ['y'] = WORDS(endings),
    ['s'] = PHRASES(sentences),
    ['x'] = PHRASES(contexts),
    ['X'] = PHRASES(code_contexts),
    ['Z'] = PHRASES(code_lines),
    ['W'] = PHRASES(calendar),
    ['Q'] = PHRASES(sentence_starts),
    ['#'] = WORDS(numbers),
    ['%'] = {.make = make_large_number},
    ['*'] = {.make = make_subject},
    ['0'] = {.make = make_hex},
    ['&'] = {.make = make_twist},
};
