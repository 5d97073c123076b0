/* Finding a device: see load.h. */
#include "conformance/dut/load.h"
#include "conformance/dut/builtin.h"
#include "conformance/dut/recording.h"
#include <dlfcn.h>
#include <stdbool.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define WHY 256

/* What must be there before a device is used: everything up to the optional functions, and those that it claims. */
static bool is_sound(const struct lk_dut *dut, char *why)
{
    const char *missing = NULL;
    if (dut->version != LK_DUT_VERSION) {
        snprintf(why, WHY, "speaks version %u of dut.h, this is version %u", dut->version, LK_DUT_VERSION);
        return false;
    }
    if (dut->size < sizeof *dut) {
        snprintf(why, WHY, "its struct lk_dut has %u bytes, %zu are needed", dut->size, sizeof *dut);
        return false;
    }
    if (dut->name == NULL || dut->create == NULL || dut->destroy == NULL || dut->inject == NULL || dut->call == NULL || dut->advance == NULL)
        missing = "name, create, destroy, inject, call or advance";
    else if ((dut->capabilities & LK_DUT_CAN_STATE) && dut->state == NULL)
        missing = "state, which it claims";
    else if ((dut->capabilities & LK_DUT_CAN_SNAPSHOT) && (dut->snapshot == NULL || dut->restore == NULL || dut->forget == NULL))
        missing = "snapshot, restore or forget, which it claims";
    if (missing != NULL)
        snprintf(why, WHY, "lacks %s", missing);
    return missing == NULL;
}

static const struct lk_dut *from_object(const char *path, char *why)
{
    lockstep_dut_function get;
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (object == NULL) {
        snprintf(why, WHY, "%s", dlerror());
        return NULL;
    }
    void *symbol = dlsym(object, "lockstep_dut");
    if (symbol == NULL) {
        snprintf(why, WHY, "exports no function lockstep_dut");
        return NULL;
    }
    memcpy(&get, &symbol, sizeof get); /* POSIX: a function pointer fits into a void pointer, ISO C has no cast for it */
    const struct lk_dut *dut = get();
    if (dut == NULL) {
        snprintf(why, WHY, "lockstep_dut() returned nothing");
        return NULL;
    }
    return is_sound(dut, why) ? dut : NULL;
}

const struct lk_dut *lk_dut_load(const char *name, char why[WHY])
{
    size_t len = strlen(name);
    if (strcmp(name, "builtin") == 0)
        return lk_dut_builtin();
    if (strcmp(name, "recording") == 0)
        return lk_dut_recording();
    if (strchr(name, '/') != NULL || (len > 3 && strcmp(name + len - 3, ".so") == 0))
        return from_object(name, why);
    snprintf(why, WHY, "no such device: builtin, recording, or the path of a shared object (./mine.so)");
    return NULL;
}
