/* URLs as people type them: every text is refused by name or cut into parts that are one again. */
#include "fuzz/common/law.h"
#include "stack/base/error.h"
#include "stack/run/url.h"

static bool is_text(const char *text)
{
	for (; *text != 0; text++) {
		if (*text <= ' ' || *text > '~') {
			return false;
		}
	}
	return true;
}

/* What was cut out, put together, is the same URL. */
static void once_more(const struct lk_url *url)
{
	char text[sizeof url->host_field + sizeof url->target + 8];
	struct lk_url again;

	snprintf(text, sizeof text, "http://%s%s", url->host_field, url->target);
	law(lk_url_parse(text, &again) == 0, "url: its parts are a URL");
	law(memcmp(url, &again, sizeof again) == 0, "url: the same one");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct lk_url url;
	int error;

	law(text != NULL, "memory for the input");
	if (size != 0) {
		memcpy(text, data, size);
	}
	text[size] = 0;
	error = lk_url_parse(text, &url);
	law(error == 0 || error == LK_E_INVALID || error == LK_E_UNSUPPORTED || error == LK_E_NOSPACE, "url: 0 or a named error");
	if (error == 0) {
		law(url.host[0] != 0 && is_text(url.host) && is_text(url.host_field) && is_text(url.target), "url: nothing that could end a header line");
		law(strncmp(url.host_field, url.host, strlen(url.host)) == 0 && url.port != 0, "url: a host and a port");
		law(url.target[0] == '/' && strchr(url.target, '#') == NULL, "url: an origin-form target");
		once_more(&url);
	}
	free(text);
	return 0;
}
