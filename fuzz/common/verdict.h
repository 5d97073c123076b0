/* How an oracle of ours says that something is wrong: one line on standard error, then an abort that the fuzzer and the
 * plain replay both see. */
#ifndef LK_FUZZ_VERDICT_H
#define LK_FUZZ_VERDICT_H

_Noreturn void lk_fuzz_fail(const char *target, const char *what);

#endif
