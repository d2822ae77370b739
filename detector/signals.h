/* What evidence is called: the families of correlated signals, and the signals of groups with the
 * question that they answer. A configuration may multiply what a signal carries (`weights`) and
 * limit what a family carries (`caps`): detector/weighing.h. */
#pragma once

/* Families of correlated evidence; the caps are in detector/linkage.c and detector/judge.c. */
#define SIGNAL_FAMILIES(X)                                                                         \
    X(prior, "base rate before any evidence")                                                      \
    X(payment, "payment instruments")                                                              \
    X(network, "addresses and networks")                                                           \
    X(client, "client programs and devices")                                                       \
    X(identity, "registration: mail domains, names, sign-up waves")                                \
    X(content, "prompt and system templates")                                                      \
    X(worklist, "a list worked through without repetition")                                        \
    X(timing, "synchrony, pivot to a new model, unattended turns")                                 \
    X(usage, "token, model and session shape")                                                     \
    X(reuse, "echoed output and replayed reasoning blocks")                                        \
    X(innocence, "what speaks for an honest account")                                              \
    X(membership, "the group the account belongs to")                                              \
    X(memory, "what is remembered of accounts that were acted upon")

#define FAMILY_ENUM(name, help) FAMILY_##name,
enum signal_family { SIGNAL_FAMILIES(FAMILY_ENUM) FAMILY_COUNT };
#undef FAMILY_ENUM

/* Which sum of a judgement a signal belongs to: one operator?, harvesting?, the case as a whole,
 * or whether an account is one of its group. */
enum question {
    QUESTION_OPERATOR,
    QUESTION_HARVEST,
    QUESTION_CASE,
    QUESTION_MEMBER,
    QUESTION_COUNT
};

/* X(signal, question, family): every signal of a group's judgement but `prior` and `gate`, and how
 * an account fits its group. An account's own hints are not weighed. */
#define WEIGHED_SIGNALS(X)                                                                         \
    X(payment, OPERATOR, payment)                                                                  \
    X(ip, OPERATOR, network)                                                                       \
    X(net, OPERATOR, network)                                                                      \
    X(signup_ip, OPERATOR, network)                                                                \
    X(device, OPERATOR, client)                                                                    \
    X(client, OPERATOR, client)                                                                    \
    X(user_agent, OPERATOR, client)                                                                \
    X(key, OPERATOR, client)                                                                       \
    X(email_domain, OPERATOR, identity)                                                            \
    X(name_shape, OPERATOR, identity)                                                              \
    X(birth, OPERATOR, identity)                                                                   \
    X(newcomers, OPERATOR, identity)                                                               \
    X(system, OPERATOR, content)                                                                   \
    X(template, OPERATOR, content)                                                                 \
    X(signature, OPERATOR, reuse)                                                                  \
    X(parameters, OPERATOR, usage)                                                                 \
    X(program, OPERATOR, client)                                                                   \
    X(alikeness, OPERATOR, usage)                                                                  \
    X(unlike, OPERATOR, innocence)                                                                 \
    X(recognised, OPERATOR, memory)                                                                \
    X(product, OPERATOR, innocence)                                                                \
    X(work_list, HARVEST, worklist)                                                                \
    X(resumed, HARVEST, memory)                                                                    \
    X(synchrony, HARVEST, timing)                                                                  \
    X(pivot, HARVEST, timing)                                                                      \
    X(unattended, HARVEST, timing)                                                                 \
    X(echo, HARVEST, reuse)                                                                        \
    X(replay, HARVEST, reuse)                                                                      \
    X(follow_up, HARVEST, usage)                                                                   \
    X(short_prompt, HARVEST, usage)                                                                \
    X(yield, HARVEST, usage)                                                                       \
    X(scale, HARVEST, usage)                                                                       \
    X(breadth, HARVEST, usage)                                                                     \
    X(spent, HARVEST, innocence)                                                                   \
    X(unpaid, HARVEST, innocence)                                                                  \
    X(long_standing, CASE, innocence)                                                              \
    X(one_place, CASE, innocence)                                                                  \
    X(fit, MEMBER, membership)

#define SIGNAL_ENUM(signal, question, family) SIGNAL_##signal,
enum weighed_signal { WEIGHED_SIGNALS(SIGNAL_ENUM) SIGNAL_COUNT };
#undef SIGNAL_ENUM
