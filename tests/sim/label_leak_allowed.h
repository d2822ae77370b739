/* What the sources say separates, as bounds for test_label_leak.c. The last row that fits holds.
 * References are those of docs/campaigns.md. */
#pragma once

struct allowed {
    const char *preset;  /* "*": all */
    const char *feature; /* field, and what of it */
    double auc;
    const char *why;
};

static const struct allowed allowed[] = {
    /* What is asked for: long answers of the top model (detection.md 1; S1, S2: top model
     * preferred). The time that an answer takes follows its length. */
    {"*", "output_tokens mean", 0.94, "harvesting wants long answers: traffic.md 9"},
    {"*", "latency_ms mean", 0.96, "long answers of a slower model take longer"},
    {"*", "model value", 0.87, "top model preferred [S1, S2]"},
    {"*", "model block", 0.87, "top model preferred [S1, S2]"},
    /* Settings are one program's, so that a single draw stands for a whole campaign: with few
     * campaigns in a preset their place among honest settings is luck. */
    {"*", "max_tokens mean", 0.9, "one program, one setting (detection.md 8: parameter tuple)"},
    {"*", "temperature mean", 0.9, "one program, one setting"},
    {"*", "temperature presence", 0.85, "one program, one setting"},
    {"*", "stream mean", 0.85, "one program, one setting"},
    /* From where: hosting exits when careless, residential proxies otherwise [S2], while honest API
     * traffic has more of offices and servers. */
    {"*", "network value", 0.85, "kinds of exit differ [S2, S3]"},
    {"*", "network shape", 0.85, "kinds of exit differ [S2, S3]"},
    {"*", "network block", 0.85, "kinds of exit differ [S2, S3]"},
    {"*", "ip value", 0.87, "few exits, shared [S1: IP correlation]"},
    {"*", "ip block", 0.85, "kinds of exit differ, and their address blocks [S1, S2]"},
    {"*", "ip shape", 0.8, "kinds of exit differ, and their address blocks [S1, S2]"},
    {"*", "asn value", 0.85, "kinds of exit differ, and their networks [S1, S2]"},
    {"*", "asn block", 0.85, "kinds of exit differ, and their networks [S1, S2]"},
    {"*", "signup_ip block", 0.8, "the same at sign-up"},
    {"*", "signup_ip shape", 0.8, "the same at sign-up"},
    {"*", "signup_asn value", 0.8, "the same at sign-up"},
    {"*", "signup_asn block", 0.8, "the same at sign-up"},
    /* Disposable mail of a few domains [S2]; 27 domains for 2,256 accounts [S13]. */
    {"*", "email_domain value", 1.0, "few mail domains [S2, S13]"},
    {"*", "email_domain block", 1.0, "few mail domains [S2, S13]"},
    {"*", "email_domain shape", 0.85, "own domains instead of the common providers"},
    {"evasion-4", "email_domain value", 0.75, "common providers only"},
    {"evasion-4", "email_domain block", 0.75, "common providers only"},
    {"evasion-4", "email_domain shape", 0.75, "common providers only"},

    /* Careless: shared cards and devices [S1, S3], formulaic names in waves [S13], one program
     * without the usual print [S12]. */
    {"evasion-0", "ip value", 0.92, "eight accounts per exit [S1: IP correlation]"},
    {"evasion-0", "payment value", 1.0, "shared payment methods [S1]"},
    {"evasion-0", "payment block", 1.0, "shared payment methods [S1]"},
    {"evasion-0", "device value", 1.0, "IP and device clustering [S10]"},
    {"evasion-0", "device block", 1.0, "IP and device clustering [S10]"},
    {"evasion-0", "name_shape value", 0.95, "formulaic names [S13]"},
    {"evasion-0", "name_shape block", 0.95, "formulaic names [S13]"},
    {"evasion-0", "name_shape shape", 0.8, "formulaic names [S13]"},
    {"evasion-0", "user_agent value", 1.0, "not the usual client [S12]"},
    {"evasion-0", "user_agent block", 0.95, "not the usual client [S12]"},
    {"evasion-0", "user_agent shape", 0.95, "not the usual client [S12]"},
    {"evasion-0", "client value", 1.0, "not the usual client print [S12]"},
    {"evasion-0", "client block", 1.0, "not the usual client print [S12]"},
    {"quickstart", "payment value", 1.0, "shared payment methods [S1]"},
    {"quickstart", "payment block", 1.0, "shared payment methods [S1]"},
    {"quickstart", "device value", 1.0, "IP and device clustering [S10]"},
    {"quickstart", "device block", 1.0, "IP and device clustering [S10]"},
    {"quickstart", "name_shape value", 0.9, "formulaic names [S13]"},
    {"quickstart", "name_shape block", 0.9, "formulaic names [S13]"},
    {"quickstart", "user_agent value", 0.95, "not the usual client [S12]"},
    {"quickstart", "user_agent block", 0.95, "not the usual client [S12]"},
    {"quickstart", "user_agent shape", 0.85, "not the usual client [S12]"},
    {"quickstart", "client value", 0.95, "not the usual client print [S12]"},
    {"quickstart", "client block", 0.95, "not the usual client print [S12]"},
    /* Patient: an exit kept for three days moves less than honest people do. */
    {"evasion-4", "ip distinct", 0.8, "sticky residential exits [S2, S17]"},
    {"evasion-4", "asn distinct", 0.8, "sticky residential exits [S2, S17]"},
    /* Half hidden: cards still shared by a few. */
    {"evasion-2", "payment value", 0.85, "cards shared by few [S1]"},
    {"evasion-2", "payment block", 0.85, "cards shared by few [S1]"},
    {"evasion-2", "user_agent value", 0.8, "half of them still run the campaign's client [S12]"},
    {"evasion-2", "user_agent block", 0.8, "half of them still run the campaign's client [S12]"},
    {"evasion-2", "client value", 0.8, "half of them still run the campaign's client [S12]"},
    {"evasion-2", "client block", 0.8, "half of them still run the campaign's client [S12]"},

    /* Relays: other people's languages (at least a dozen [S2]), exits in two countries, reasoning
     * blocks presented again, every request for the top model. */
    {"archetype-d", "language value", 0.92, "a relay's customers speak several languages [S2]"},
    {"archetype-d", "language block", 0.92, "a relay's customers speak several languages [S2]"},
    {"archetype-d", "language distinct", 0.95, "a relay's customers speak several languages [S2]"},
    {"archetype-d", "user_agent value", 0.8, "client prints flattened by the relay [1g]"},
    {"archetype-d", "client value", 0.8, "client prints flattened by the relay [1g]"},
    {"archetype-d", "client block", 0.8, "client prints flattened by the relay [1g]"},
    {"archetype-f", "language value", 0.85, "at least a dozen languages [S2]"},
    {"archetype-f", "language block", 0.85, "at least a dozen languages [S2]"},
    {"archetype-f", "language distinct", 1.0, "at least a dozen languages [S2]"},
    {"archetype-f", "country value", 0.97, "mostly Singapore and Japan [S2]"},
    {"archetype-f", "country block", 0.97, "mostly Singapore and Japan [S2]"},
    {"archetype-f", "billing_country value", 0.95, "mostly Singapore and Japan [S2]"},
    {"archetype-f", "billing_country block", 0.95, "mostly Singapore and Japan [S2]"},
    {"archetype-f", "asn value", 0.9, "networks of Singapore and Japan [S2]"},
    {"archetype-f", "asn block", 0.9, "networks of Singapore and Japan [S2]"},
    {"archetype-f", "ip block", 0.9, "networks of Singapore and Japan [S2]"},
    {"archetype-f", "signup_asn value", 0.87, "networks of Singapore and Japan [S2]"},
    {"archetype-f", "signup_asn block", 0.87, "networks of Singapore and Japan [S2]"},
    {"archetype-f", "signature presence", 0.95, "reasoning blocks presented again [S2]"},
    {"archetype-f", "user_agent value", 0.85, "client prints flattened by the relay [1g]"},
    {"archetype-f", "user_agent shape", 0.8, "client prints flattened by the relay [1g]"},
    {"archetype-f", "user_agent block", 0.8, "client prints flattened by the relay [1g]"},
    {"archetype-f", "client value", 0.8, "client prints flattened by the relay [1g]"},
    {"archetype-f", "client block", 0.8, "client prints flattened by the relay [1g]"},
    {"archetype-f", "payment value", 0.85, "cards shared by few [S1]"},
    {"archetype-f", "payment block", 0.85, "cards shared by few [S1]"},
};
