/* Whether a piece of code kills its process: for asserts and for memory that a sanitizer has closed. The child's report
 * is not shown. */
#ifndef LK_TESTS_DIES_H
#define LK_TESTS_DIES_H

#include <fcntl.h>
#include <stdbool.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef LK_RELEASE
#define ASSERTS_ON false
#else
#define ASSERTS_ON true
#endif

static inline bool dies(void (*code)(void *), void *argument)
{
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, STDERR_FILENO);
		code(argument);
		_exit(0);
	}
	waitpid(child, &status, 0);
	return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

#endif
