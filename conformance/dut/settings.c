/* The keys of a trace's `config:` in the builtin stack. */
#include "conformance/dut/builtin.h"
#include "conformance/timeline/setting.h"
#include "stack/base/error.h"
#include <string.h>

int lk_builtin_setting(struct lk_config *config, const char *name, const char *value)
{
    int result = strcmp(name, "profile") == 0 ? lk_config_init(config, value) : lk_setting_apply(config, name, value);
    return result == 0 ? 0 : LK_E_INVALID;
}
