/* The traces below a path. */
#ifndef LK_FILES_FOLDER_H
#define LK_FILES_FOLDER_H

#include "conformance/timeline/bump.h"
#include "conformance/timeline/fault.h"
#include <stddef.h>

struct lk_folder {
    const char **paths; size_t count;             /* sorted by byte order of the whole path */
    struct lk_fault *faults; size_t fault_count;  /* folders that cannot be read; the others are listed all the same */
};

/* Lists `path` itself if it is no folder (whatever its name), else every file below it whose name ends in one of
 * `suffixes` (ends with NULL; {".yaml", ".event", NULL}). Hidden files and folders are passed over. 0; -1 when `bump` is used
 * up. A path that does not exist is a fault in the list. */
int lk_folder_list(const char *path, const char *const *suffixes, struct lk_bump *bump, struct lk_folder *out);

#endif
