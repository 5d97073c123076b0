#include "conformance/timeline/setting.h"
#include "conformance/timeline/units.h"
#include "stack/base/error.h"

#include <stdio.h>

int lk_setting_apply(struct lk_config *config, const char *name, const char *value)
{
    char tcp_name[128];
    int64_t number, now;
    snprintf(tcp_name, sizeof tcp_name, "tcp.%s", name);
    const char *known = lk_config_get(config, name, &now) == 0 ? name : tcp_name;
    if (lk_config_get(config, known, &now) != 0)
        return LK_E_NOTFOUND;
    return lk_read_setting(value, &number) ? lk_config_set(config, known, number) : LK_E_INVALID;
}
