/* What a timer costs, with few and with many of them: arming one anew (as TCP does with every ACK), cancelling and arming,
 * and firing, each timer at a random place among the others.
 *
 *     bench_timers        the table, in ns an operation */
#define _POSIX_C_SOURCE 200809L

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "stack/base/wheel.h"

static uint64_t state = 1;

static uint64_t draw(void)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return state >> 24;
}

/* Between 0.2 and 1.2 s: where retransmission timers lie. */
static lk_time timeout(void)
{
	return 200 * LK_MILLISECOND + (lk_time)(draw() % (uint64_t)LK_SECOND);
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static struct lk_wheel *make(uint32_t count)
{
	size_t size = (sizeof(struct lk_wheel) + 64 * (size_t)count + 64) / 16 * 16;
	void *memory = aligned_alloc(LK_ARENA_ALIGN, size);
	struct lk_wheel *wheel;
	struct lk_arena arena;

	if (memory == NULL || lk_arena_open(&arena, memory, size) != 0) {
		fprintf(stderr, "bench_timers: no memory\n");
		exit(2);
	}
	wheel = lk_arena_at(&arena, lk_arena_carve(&arena, 1, sizeof *wheel));
	if (lk_wheel_init(wheel, &arena, count, 0) != 0) {
		fprintf(stderr, "bench_timers: the wheel does not fit\n");
		exit(2);
	}
	for (uint32_t i = 0; i < count; i++) {
		lk_wheel_arm(wheel, i, timeout());
	}
	return wheel;
}

/* Arm random timers anew while time goes on, firing (and arming again) what is due. ns an arming; *fired counts. */
static double churn(struct lk_wheel *w, uint32_t operations, int cancel_first, uint64_t *fired)
{
	lk_time now = 0, deadline;
	double start = seconds();
	uint32_t node;

	for (uint32_t i = 0; i < operations; i++) {
		now += 200;
		node = (uint32_t)(draw() % w->capacity);
		if (cancel_first) {
			lk_wheel_cancel(w, node);
		}
		lk_wheel_arm(w, node, now + timeout());
		while (lk_wheel_pop(w, now, &node, &deadline)) {
			lk_wheel_arm(w, node, now + timeout());
			(*fired)++;
		}
	}
	return (seconds() - start) * 1e9 / operations;
}

/* Fire all of them, jumping from deadline to deadline. ns a timer; *steps counts the jumps. */
static double drain(struct lk_wheel *w, uint64_t *steps)
{
	uint32_t armed = w->armed, node;
	double start = seconds();
	lk_time deadline;

	while (w->armed > 0) {
		lk_time now = lk_wheel_deadline(w);

		(*steps)++;
		while (lk_wheel_pop(w, now, &node, &deadline)) {
		}
	}
	return (seconds() - start) * 1e9 / armed;
}

int main(void)
{
	static const uint32_t counts[] = {10, 1000, 100000, 1000000};

	printf("%9s | %10s %16s %10s %14s\n", "timers", "re-arm ns", "cancel+arm ns", "fire ns", "jumps a timer");
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
		struct lk_wheel *w = make(counts[i]);
		uint64_t fired = 0, steps = 0;
		uint32_t armed;
		double rearm = churn(w, 2000000, 0, &fired), again = churn(w, 2000000, 1, &fired), fire;

		armed = w->armed;
		fire = drain(w, &steps);
		printf("%9u | %10.1f %16.1f %10.1f %14.2f\n", counts[i], rearm, again, fire, (double)steps / armed);
		free(w);
	}
	return 0;
}
