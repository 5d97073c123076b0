/* The page that shows what is in a folder. Part of site.h. */
#ifndef LK_FILES_SITE_LIST_H
#define LK_FILES_SITE_LIST_H

#include <stddef.h>

/* HTML, to be freed; NULL when the folder cannot be read. `path` is the folder's, as in the request. At most 10,000 names are
 * listed, and the page says when there are more. Names are escaped for HTML, and percent-encoded in links (RFC 3986 2.1). */
char *lk_site_list(int folder, const char *path, size_t path_len, size_t *len);

#endif
