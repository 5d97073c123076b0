/* A main for a fuzz target that is built without libFuzzer: runs each file it is given and each file in each folder, in
 * the order of their names, so that the seeds and every input that ever failed are part of the ordinary tests, under any
 * compiler and any sanitizer.
 *
 *     fuzz_TARGET PATH...        exit 0: all ran; 2: nothing ran, or a path cannot be read. A broken law aborts, after the
 *                                name of the input has been written to standard error. */
#define _POSIX_C_SOURCE 200809L /* scandir, stat */

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz/common/law.h"

int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));

/* The input that is running now: shown when the process is about to die. */
static const char *running;

static unsigned long inputs;

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define DEATH_CALLBACK 1
void __sanitizer_set_death_callback(void (*callback)(void));
#endif
#endif

static void name_the_input(void)
{
	if (running != NULL) {
		fprintf(stderr, "while running %s\n", running);
	}
}

/* abort() and a trapped assert come as signals. */
static void on_signal(int number)
{
	name_the_input();
	signal(number, SIG_DFL);
	raise(number);
}

static int fail(const char *path, const char *why)
{
	fprintf(stderr, "%s: %s\n", path, why);
	return 2;
}

static int run_file(const char *path, size_t size)
{
	FILE *file = fopen(path, "rb");
	uint8_t *bytes = malloc(size == 0 ? 1 : size);
	size_t got;

	if (file == NULL || bytes == NULL) {
		free(bytes);
		if (file != NULL) {
			fclose(file);
		}
		return fail(path, "cannot be opened");
	}
	got = fread(bytes, 1, size, file);
	fclose(file);
	running = path;
	LLVMFuzzerTestOneInput(bytes, got);
	running = NULL;
	inputs++;
	free(bytes);
	return 0;
}

static int run_path(const char *path);

static int skip_hidden(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int run_folder(const char *path)
{
	struct dirent **entries = NULL;
	int count = scandir(path, &entries, skip_hidden, by_bytes);
	int worst = 0;

	if (count < 0) {
		return fail(path, "cannot be listed");
	}
	for (int i = 0; i < count; i++) {
		size_t len = strlen(path) + strlen(entries[i]->d_name) + 2;
		char *inside = malloc(len);
		int result;

		law(inside != NULL, "memory for a path");
		snprintf(inside, len, "%s/%s", path, entries[i]->d_name);
		result = run_path(inside);
		worst = result > worst ? result : worst;
		free(inside);
		free(entries[i]);
	}
	free(entries);
	return worst;
}

static int run_path(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0) {
		return fail(path, "cannot be read");
	}
	return S_ISDIR(st.st_mode) ? run_folder(path) : run_file(path, (size_t)st.st_size);
}

int main(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/');
	int worst = 0;

#ifdef DEATH_CALLBACK
	__sanitizer_set_death_callback(name_the_input);
#endif
	signal(SIGABRT, on_signal);
	signal(SIGILL, on_signal);
	signal(SIGTRAP, on_signal);
	if (LLVMFuzzerInitialize != NULL) {
		LLVMFuzzerInitialize(&argc, &argv);
	}
	for (int i = 1; i < argc; i++) {
		int result = run_path(argv[i]);

		worst = result > worst ? result : worst;
	}
	printf("%s: %lu inputs\n", name == NULL ? argv[0] : name + 1, inputs);
	return inputs == 0 && worst == 0 ? fail(argv[0], "nothing to run: give files or folders") : worst;
}
