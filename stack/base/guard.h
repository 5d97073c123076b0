/* Lets ASan and MSan see into an arena: memory that nobody owns at the moment is closed, and any access to it dies.
 *
 * In builds without a sanitizer everything here is empty and LK_GUARD_GAP is 0. With one, pools and rings carve
 * LK_GUARD_GAP closed bytes after each block, so arena layouts differ between sanitizer builds and others. */
#ifndef LK_BASE_GUARD_H
#define LK_BASE_GUARD_H

#include <stddef.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LK_GUARD_ASAN 1
#elif __has_feature(memory_sanitizer)
#define LK_GUARD_MSAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) && !defined(LK_GUARD_ASAN)
#define LK_GUARD_ASAN 1
#endif

#if defined(LK_GUARD_ASAN) || defined(LK_GUARD_MSAN)
#define LK_GUARD_GAP 16
#else
#define LK_GUARD_GAP 0
#endif

#if defined(LK_GUARD_ASAN)
void __asan_poison_memory_region(const volatile void *at, size_t len);
void __asan_unpoison_memory_region(const volatile void *at, size_t len);
#elif defined(LK_GUARD_MSAN)
void __msan_poison(const volatile void *at, size_t len);
void __msan_unpoison(const volatile void *at, size_t len);
#endif

/* Close `len` bytes: reading or writing them is a fault (ASan), their value is undefined (MSan). ASan closes the last
 * bytes of an 8-byte granule only together with all that follow them in the granule. */
static inline void lk_guard_close(const void *at, size_t len)
{
#if defined(LK_GUARD_ASAN)
	__asan_poison_memory_region(at, len);
#elif defined(LK_GUARD_MSAN)
	__msan_poison(at, len);
#else
	(void)at;
	(void)len;
#endif
}

/* Open `len` bytes for use. Their content is what it was before they were closed. */
static inline void lk_guard_open(const void *at, size_t len)
{
#if defined(LK_GUARD_ASAN)
	__asan_unpoison_memory_region(at, len);
#elif defined(LK_GUARD_MSAN)
	__msan_unpoison(at, len);
#else
	(void)at;
	(void)len;
#endif
}

#endif
