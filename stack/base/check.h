/* lk_assert(condition): a state invariant that no input can break. False means a fault in this code: the program
 * traps. What the wire or the caller can cause is never asserted, it is returned as an error.
 *
 * On in every build but release (LK_RELEASE), where the condition is compiled and not evaluated. */
#ifndef LK_BASE_CHECK_H
#define LK_BASE_CHECK_H

#ifdef LK_RELEASE
#define lk_assert(condition) ((void)sizeof((condition) ? 1 : 0))
#else
#define lk_assert(condition) ((condition) ? (void)0 : __builtin_trap())
#endif

#endif
