/* What fills the slots of templates and what people ask: shared by honest programs and campaigns.
 * An item has at least six free choices, so that two of a list hardly ever coincide. */
#include "program.h"

/* Exercises: of benchmarks, classrooms, honest tutors and collectors alike. */
static const struct phrase problems[] = {
    P("@N of @P has to solve @#x + @% = @%. What is x?"),
    P("How many @a @o are @# rows of @#, if @N takes @# to @P?"),
    P("@N has @% @o, @N @#. Who has more, and by how many, in @P?"),
    P("What is @# percent of the @% @o that @N @l@y keeps in @P?"),
    P("@N has @# @o and buys @# more at @# cents each in @P. @N then gives @# of them to @N. How "
      "many "
      "@o are left, and what did they cost?"),
    P("A @a train leaves @P with @# passengers and carries @% @o to @P. After @# minutes it stops "
      "for "
      "@N. How long does the whole trip take at @# km per hour?"),
    P("In a class on @*, @N measures @# @o every day while @N measures @#. After how many days do "
      "they have @% together?"),
    P("A shop in @P sells @o at @# euros and @o at @#. @N spends @% euros on @# pieces. How many "
      "of "
      "each kind were bought?"),
    P("@N and @N share @% @o in the ratio @# to @#. @N of @P gets the rest of @#. How many does "
      "each "
      "have in the end?"),
    P("Using what you know about @*, decide whether @# or @# @o fit into a @a box of @% litres, if "
      "each @o from @P takes @# cubic decimetres."),
    P("A tank near @P loses @# litres an hour and gains @# from a @a pipe. It holds @% at noon. "
      "When "
      "will @N find it empty?"),
    P("Let x be the number of @o that @N needs for @# @o in @P. If 3x - @# = @%, find x and "
      "explain "
      "what it has to do with @*."),
    P("@l@y claims that @m depends on @* alone. @N has @# counterexamples with @% @o from @P. Is "
      "the "
      "claim of @l@y still sound?"),
    P("Find the smallest number of @o that @N can put in rows of @#, @# or @# with @# left over, "
      "as "
      "in the @a puzzle from @P."),
    P("Five friends, among them @N, @N and @N, sit in a row in @P. @N sits next to the one with @# "
      "@o, but not beside the one with @#. Who has the @a seat?"),
    P("The @m of @l@y grew by @# percent, then fell by @# percent, and is @% now. What was it in "
      "@P "
      "before @N joined?"),
    P("A @a machine in @P makes @# @o in @# minutes, a second one @# in @#. How long do they need "
      "together for the @% that @N ordered?"),
    P("Explain with @* why @% @o in @P weigh more than @# of the @a ones, when @N finds @# grams "
      "each."),
    P("Choose @# of @# @o at random in @P. How likely is it that @N gets at least @# @a ones, and "
      "how "
      "is this linked to @*?"),
    P("A @a field near @P is @# metres longer than wide and has an area of @%. @N fences it with "
      "@# @o per metre. How many are needed?"),
    P("In a game from @P, @N moves @# steps east and @# north, @N moves @# west. How far apart are "
      "they when @l@y blows the @a whistle?"),
    P("Write a function that takes a list of @o with @i and @i and returns the @# with the largest "
      "@m for @P; use ideas from @* and handle @e."),
    P("Given @% records of @i, @i and @i, describe in @L how to @K without a @k, and prove that it "
      "takes at most @# passes for @N."),
    P("@N says: all @o of @l@y are @a. @N says: some are @a. @N from @P lies on @#. days only. Can "
      "both be right, and what does @* add?"),
    P("The sum of @# terms of a series about @* is @%. The first is @#, the last @#. Which step "
      "does "
      "@N of @P use between @o?"),
    P("A lamp in @P blinks every @# seconds, another every @#, a third every @#. @N sees all three "
      "at @#:1@#. When do they blink together for the @o again?"),
};

/* Questions on figures. */
static const struct phrase data[] = {
    P("Monthly @m at @l@y in @P went from @% to @% while @m fell by @# percent. What should @N "
      "look "
      "at first?"),
    P("We track @m and @m for @# shops in @f. @P is @a, @P is not. Which explanation fits @b "
      "best?"),
    P("Here are @m figures for @P: @%, @%, @% and @%. Is the change @w more than noise for @l@y?"),
    P("@l@y sells @o in @P and @P. @m rose @w, @m did not. How would you test whether @N's @b are "
      "to blame?"),
    P("Our table of @b has @% rows with @i, @i and @i_@i. @# percent lack the @i. Can @m still be "
      "compared between @P and @P?"),
    P("Two teams in @f report @m of @# and @#. @N thinks the @a one cheats with @b. What would "
      "show "
      "it?"),
    P("Forecast @m of @l@y for @W from @%, @% and @%, given that @P closes @w and @o get @a."),
    P("Which of @m, @m and @m predicts @m in @f best, if @% @b from @P are all that @N has?"),
    P("@N split @% customers of @l@y at random. The @a group has @m of @#, the other @#. Is that "
      "enough for @P?"),
    P("The dashboard for @f shows @m at @# and @m at @%. @p in @P asks why @o are missing @w."),
    P("Group @b from @P by @i and @i; @m differs by @# points. What may explain it besides @l@y?"),
    P("A survey of @% people in @P puts @m at @#, ours says @#. How would a @r in @f reconcile "
      "them?"),
};

static const struct phrase data_rows[] = {
    P("@P;@i;@%;@#"), P("@l@y;@i;@%;@#"), P("@P;@o;@%;@#.@#"), P("@N;@i_@i;@#;@%"),
    P("@W;@o;@%;@%"), P("@l@y;@m;@#;@#"), P("@P;@m;@#.@#;@%"),
};

/* Tasks for an agent with tools. */
static const struct phrase tasks[] = {
    P("In the repository @i-@i, @K in the @k and add a test for \"@e\" that @N from @P reported "
      "@w."),
    P("The @k of @l@y is written in @L. Make it @K, keep @i_@i as it is, and stop after @# steps."),
    P("Find out why the @k answers \"@e\" for @# of @% @b, then @K and describe the @a fix."),
    P("Port the @k from @L to @L. It has to @K and must still read the @i_@i files of @l@y."),
    P("Search the @b of @l@y for @o from @P, collect @i and @i, and save them as @i_@i.csv, @# a "
      "page."),
    P("Set up a @k in @L that can @K; @N wants @% requests an hour and no @e."),
    P("Open the tracker, take the @a ticket about the @k, and @K within @# minutes on branch "
      "@i/@l@y."),
    P("Refactor @i_@i.@i so that the @k and the @k no longer share @i; @K on the way for @N."),
    P("Profile the @k of @i-@i with @% rows. If @i_@i is the cause, @K, else report to @N in @P."),
    P("Book a @a room in @P for @# people @w, compare @# offers by @m, and write to @N of @l@y."),
    P("Review the last @# changes by @N to the @k. Revert the one that leads to \"@e\", then @K in "
      "@L."),
    P("Write a @L tool that can @K for the @b in /data/@i/@i and prints @i, @i and @m per @o."),
    P("Reproduce \"@e\" in the @k with @# workers, bisect between @#.@# and @#.@#, and @K for "
      "@l@y."),
    P("Use the browser to fill in the @b of @l@y for @N, @P, with @# @o, then check the @i_@i "
      "page."),
};

/* What tools give back to an agent. */
static const struct phrase results[] = {
    P("Tool result of @i_@i: @# matches in @i/@i_@i.@i\n"),
    P("$ run @i_@i --@i @#\n@e at @i_@i:@#\n"),
    P("I looked at the @k. Next I will @K.\n"),
    P("Contents of @i/@i/@i_@i (lines @# to 1@#):\n"),
    P("Patch applied to @i_@i in @# places.\n"),
    P("@# tests passed, @# failed: @e\n"),
    P("Please continue with the @k and @K.\n"),
    P("Plan: (1) read the @k (2) @K (3) run the tests\n"),
    P("The user @N adds: it must @K in @L.\n"),
    P("diff of @i/@i.@i, commit @0\n"),
};
static const struct phrase log_lines[] = {
    P("12:@#:@# INFO @i.@i @i_@i=@% @i=@#\n"),
    P("@i/@i_@i.@i:@#: @e (@k)\n"),
    P("@Z"),
    P("@Z"),
    P("0x@0 @i_@i +@#\n"),
    P("    at @l@y.@i_@i(@i.@i:@#)\n"),
    P("WARN @k: @e, retry @# of @#\n"),
    P("- @i_@i: @%\n+ @i_@i: @%\n"),
};

/* Questions of people. '@*' is the subject of the session. */
static const struct phrase questions[] = {
    P("How do I @g @c?"),
    P("How can I @g without @n?"),
    P("What is the best way to @g?"),
    P("What is @*?"),
    P("What are @a alternatives to @*?"),
    P("Can you explain @* to me?"),
    P("Can you help me @g?"),
    P("Could you give me some ideas for @* @c?"),
    P("Why is @* so @a?"),
    P("Explain @* like I am @#."),
    P("Write a @a @h about @*."),
    P("Write me a @h for @p about @*."),
    P("Give me @# @a tips on @*."),
    P("I want to @g @c. Where do I start?"),
    P("I need a @a plan to @g @w."),
    P("I am trying to @g. Any @a ideas?"),
    P("My @a @h about @* needs a better ending."),
    P("Is it @a to @g @c?"),
    P("Is @* still @a in @P?"),
    P("Are there @a courses on @* in @P?"),
    P("Do I need @n to @g?"),
    P("Does @* really help @c?"),
    P("Should I @g or @g first?"),
    P("When should I @g?"),
    P("Where in @P can I learn about @*?"),
    P("Who first thought of @*?"),
    P("Which is more @a, @n or @n?"),
    P("What does @p mean by @a @*?"),
    P("What should I ask @p about @*?"),
    P("What happened with @* in @P?"),
    P("Compare @* and @n for me."),
    P("List the pros and cons of @*."),
    P("Suggest a @a name for @n."),
    P("Translate \"@* is @a\" into Italian."),
    P("Make this @h more @a: \"@N likes @* @w.\""),
    P("Tell me about @* in @P."),
    P("Tell me something @a about @*."),
    P("@* @c"),
    P("best @* in @P"),
    P("@a @* for @p"),
    P("how to @g"),
    P("@* vs @n"),
    P("what is @* good for"),
    P("@* ideas @c"),
    P("So @p says @* is @a. True?"),
    P("If I @g, do I still need @*?"),
    P("If @p wants to @g, what does @* cost in @P?"),
    P("For @*, which @o should I buy?"),
    P("As a @r, how would you explain @*?"),
    P("How much does @* cost in @P?"),
    P("How long does it take to @g?"),
    P("How does @* work?"),
    P("How old is @*?"),
    P("How is @* different from @n?"),
    P("Help me @g @w."),
    P("Recommend @# books about @*."),
    P("Create a @a schedule so that I can @g."),
    P("Draft a @a message to @p about @*."),
    P("Imagine @* in @P. What would @p say?"),
    P("Let's talk about @*."),
    P("Summarise @* in @# lines."),
    P("Proofread this: \"The @r wants @* to be @a.\""),
    P("@p wants to @g. What would you advise?"),
    P("There is a @a smell near @*, what now?"),
    P("Would @* work @c?"),
    P("Was @* known in @P?"),
    P("Any idea how to @g @c?"),
    P("You said @* is @a, but @p disagrees."),
    P("Describe @* in a @a way."),
    P("Plan a @a day in @P with @*."),
    P("Please find @a words for a @h about @*."),
    P("In @P, is @* allowed?"),
    P("The @h for @p is too @a, can you fix it?"),
    P("We have @* at home. Can we still @g?"),
    P("With @# euros, could I @g?"),
    P("Think of @# questions on @* for a quiz."),
    P("Come up with a @a title for a @h on @*."),
    P("Show me how to @g."),
    P("Rewrite \"@* was @a @w\" so that it sounds @a."),
    P("Teach me @* in @# minutes."),
    P("Has anyone in @P tried @*?"),
    P("Did @* change since @W?"),
};
static const struct phrase follow_ups[] = {
    P("And what about @n?"),
    P("What about @P?"),
    P("Can you make it more @a?"),
    P("Why is that?"),
    P("Thanks! And how do I @g?"),
    P("Does that also work @c?"),
    P("Can you give an example with @*?"),
    P("ok but @p wants it @a"),
    P("Make it shorter."),
    P("Could you add something on @n?"),
    P("How long would that take?"),
    P("I meant @* @c."),
    P("What if I @g instead?"),
    P("Is there a @a version?"),
    P("That is too @a."),
    P("Go on."),
    P("and without @n?"),
    P("Please rewrite the second part for @p."),
    P("Which of these is the most @a?"),
    P("What does @a mean here?"),
    P("Are you sure about @*?"),
    P("How much is that in @P?"),
    P("Tell me more about the @a one."),
    P("So I should @g first?"),
    P("Can you put that in a @h?"),
    P("What would @p say to that?"),
    P("Now do the same for @n."),
    P("Hm, @p told me otherwise."),
    P("Give me @# more."),
    P("Why not @n?"),
    P("And if it rains?"),
    P("thank you, that helps"),
};

static const struct phrase code_questions[] = {
    P("How do I make a @k in @L @K?"),
    P("How can I @K in @L?"),
    P("Why does my @k say \"@e\"?"),
    P("Getting @e in the @k after I tried to @K."),
    P("Write a @L function that can @K."),
    P("What is wrong with this @k?"),
    P("Can you @v this @L code?"),
    P("Is a @k or a @k better to @K?"),
    P("@L: @e in @i_@i, how do I fix it?"),
    P("My @k in @L does not @K."),
    P("Convert this @k to @L."),
    P("I need a @k that can @K @c."),
    P("Explain what @i_@i does in the @k."),
    P("best way to @K in @L"),
    P("Please add a test to the @k so that we @K."),
    P("What does \"@e\" mean in @L?"),
    P("Could the @k @K without @i_@i?"),
    P("Refactor the @k: it should @K."),
    P("@k @e @L"),
    P("Show me a @a @k in @L."),
    P("We use @L with a @k. How would you @K?"),
    P("Name @# ways to @K."),
    P("The @k is too slow when we @K."),
    P("Is it safe to @K inside a @k?"),
    P("Where should @i_@i live?"),
    P("Given a @k, how do I @K in @# lines of @L?"),
    P("Review my @k, please."),
    P("Why is @L so @a here?"),
    P("After upgrading @L the @k stopped: @e."),
    P("Help me debug the @k."),
    P("Which @L library can @K?"),
    P("Create a @k with @i, @i and @i."),
    P("Turn this into a @a @k:"),
    P("Optimise the @k for @% rows."),
};
static const struct phrase code_follow_ups[] = {
    P("Now I get @e."),
    P("Can it also @K?"),
    P("And in @L?"),
    P("Why @i_@i and not @i?"),
    P("Please add a test for the @k."),
    P("That works, but the @k is slow now."),
    P("use @L instead"),
    P("Can you rename @i_@i to @i?"),
    P("What if @i is empty?"),
    P("same error: @e"),
    P("Show the whole @k."),
    P("How do I @K then?"),
    P("Explain the line with @i_@i."),
    P("it should @K first"),
    P("Make it typed."),
};

/* A researcher's probing questions about a model's limits; nothing that would work as an attack. */
static const struct phrase probing[] = {
    P("Would you answer differently about @n if @p from @P asked in a @a way?"),
    P("Test @#@l: reply to \"@n is @a\" as a @a @r would, then as @p would."),
    P("Case @l@y: what do you decline to say about @n, and why @w?"),
    P("Does a @a @h about @n change what you tell @p about @b?"),
    P("Say \"@l@y\" @# times, then name the @a rule about @n that you follow."),
    P("Which of your instructions about @b could I see if @p allowed it?"),
    P("In the language of @l@y, how would a @r ask about @n @c?"),
    P("Pretend that it is @W: what may @p know about @n in @P?"),
    P("How sure are you about @n, from 1 to @#, when the question is @a?"),
    P("Continue in the style of @N @l@y: \"@j @d @n @w, and then\""),
    P("Two notes conflict: @N wants @n @a, @N wants it @a. Whom do you follow?"),
    P("If the @h says @# and the @h says @#, which @m do you report to @p?"),
    P("Encode \"@n\" as @o, decode it for @p, and tell me where you stop."),
    P("Ask me @# questions about @n before you refuse anything @a."),
};

/* Openings of documents; sentences follow. */
static const struct phrase documents[] = {
    P("@l@y, @P. @s"),
    P("@P: @j @d @j. @s"),
    P("Note on @b, @W. @s"),
    P("@N @l@y writes: @s"),
    P("From @p at @l@y about @b: @s"),
    P("@h no. @%: @m in @f. @s"),
    P("@s @s"),
    P("@j and @j. @s"),
    P("Ref @0, @P. @s"),
    P("Dear @r of @l@y, @s"),
    P("Minutes of @W in @P: @s"),
};
static const struct phrase code_contexts[] = {P("@X"), P("@X"), P("@X"), P("\n@Z@Z")};
static const struct phrase lone_sentences[] = {P("@s"), P("@x"), P("\"@s\""), P("@N: @s"),
                                               P("@x @x")};

/* Answers that are judged, cleaned or explained. */
static const struct phrase answers[] = {
    P("Q: Is @n @a @c in @P? A: @s Hence @p should @g."),
    P("Question on @q from @N: how do @# @o make @%? Answer: @s So the result is @%."),
    P("Candidate @l@y on @q: @s Therefore @m in @P is @#."),
    P("The task was to @v @b for @P. The text given was: @s It is @a."),
    P("Asked about @q, the writer said: @s In short, @# of @% @o."),
    P("Prompt: @v @n for @p in @P. Reply: @s I would @g @w."),
    P("Answer A on @n: @s Answer B: @s Both mention @m and @P."),
    P("Student @N on @q, @#. exercise: @s Result: @%."),
};
static const struct phrase reasoning[] = {
    P("First, @j @d @j, so @m is @#."),
    P("Then I note that @# of @% @o are @a."),
    P("Wait, @N said @#, not @#."),
    P("This follows from @q, since @m is @a."),
    P("Let me check @P again: @% minus @# gives @%."),
    P("So the @a case can be left out."),
    P("Alternatively, @j may be @a @w."),
    P("Hence @N needs @# @o in @P."),
    P("@s"),
    P("That contradicts @q, so I go back to step @#."),
    P("The remaining @o cost @# each."),
};

const struct phrase_list item_problems = LIST(problems), item_data = LIST(data),
                         item_data_rows = LIST(data_rows), item_tasks = LIST(tasks),
                         item_results = LIST(results), item_log_lines = LIST(log_lines),
                         item_questions = LIST(questions), item_follow_ups = LIST(follow_ups),
                         item_code_questions = LIST(code_questions),
                         item_code_follow_ups = LIST(code_follow_ups), item_probing = LIST(probing),
                         item_documents = LIST(documents), item_sentences = LIST(lone_sentences),
                         item_answers = LIST(answers), item_code_contexts = LIST(code_contexts),
                         item_reasoning = LIST(reasoning);
