/* Rows 80 to 84 of the bug catalogue: each class as a message in corpora/regressions/dns, and the error that it must have. Rows 85 to 87
 * are about the machine: stack/tests/apps/test_dns_resolver.c and corpora/regressions/dns_resolver. */
#include "stack/base/error.h"
#include "stack/tests/support/run.h"
#include "stack/wire/dns.h"

#include <stdio.h>
#include <stdlib.h>

static const struct { const char *file; int error; } rows[] = {
	{"row-80-pointer-self", LK_E_DNS_POINTER},
	{"row-80-pointer-forward", LK_E_DNS_POINTER},
	{"row-80-pointer-beyond", LK_E_DNS_POINTER},
	{"row-80-pointer-circle", LK_E_DNS_POINTER},
	{"row-80-pointer-header", LK_E_DNS_POINTER},
	{"row-80-pointer-own-labels", LK_E_DNS_POINTER},
	{"row-81-label-64", LK_E_DNS_LABEL},
	{"row-81-label-type-10", LK_E_DNS_LABEL},
	{"row-81-name-256", LK_E_DNS_NAME},
	{"row-81-name-grows-by-pointer", LK_E_DNS_NAME},
	{"row-82-name-without-end", LK_E_TRUNCATED},
	{"row-82-name-ends-with-rdata", LK_E_DNS_RDATA},
	{"row-82-half-pointer", LK_E_TRUNCATED},
	{"row-83-rdlength-beyond", LK_E_TRUNCATED},
	{"row-83-rdlength-short", LK_E_DNS_RDATA},
	{"row-83-rdlength-long", LK_E_DNS_RDATA},
	{"row-83-txt-overrun", LK_E_DNS_RDATA},
	{"row-83-soa-cut", LK_E_DNS_RDATA},
	{"row-84-answers-missing", LK_E_TRUNCATED},
	{"row-84-questions-missing", LK_E_TRUNCATED},
	{"row-84-more-than-counted", LK_E_DNS_TRAILING},
	{"row-84-header-alone", LK_E_TRUNCATED},
};

START_TEST(each_class_of_the_catalogue_has_its_error)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char path[512];
		uint8_t bytes[1024], *exact;

		snprintf(path, sizeof path, "%s/corpora/regressions/dns/%s", LK_SOURCE_DIR, rows[i].file);
		FILE *f = fopen(path, "rb");
		ck_assert_msg(f != NULL, "%s", path);
		size_t len = fread(bytes, 1, sizeof bytes, f);
		fclose(f);
		exact = malloc(len);
		ck_assert_ptr_nonnull(exact);
		for (size_t k = 0; k < len; k++) {
			exact[k] = bytes[k];
		}
		int error = lk_dns_check(exact, len);
		ck_assert_msg(error == rows[i].error, "%s: %s, not %s", rows[i].file, lk_error_name(error), lk_error_name(rows[i].error));
		free(exact);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("wire/dns_catalogue");
	TCase *c = tcase_create("dns_catalogue");

	tcase_add_test(c, each_class_of_the_catalogue_has_its_error);
	suite_add_tcase(s, c);
	return run_suite(s);
}
