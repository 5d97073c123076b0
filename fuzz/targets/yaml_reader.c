/* The YAML reader on any bytes: a trace, or one line with file and line number. A trace that was read is printed and read
 * again, and goes through the event file, without loss. */
#define _POSIX_C_SOURCE 200809L /* open_memstream */
#include "conformance/files/trace_yaml.h"
#include "conformance/timeline/codec.h"
#include "fuzz/common/law.h"

#define BUDGET (32u << 20)

static void must_survive_printing(const struct lk_trace *trace, struct lk_bump *bump)
{
    char *text = NULL;
    size_t len = 0;
    struct lk_trace back;
    struct lk_fault fault = {""};
    FILE *stream = open_memstream(&text, &len);
    law(stream != NULL, "memory for the text");
    law(lk_trace_print(stream, "printed", trace, &fault) == 0, fault.text);
    fclose(stream);
    law(lk_trace_parse("printed", (const uint8_t *)text, len, bump, &back, &fault) == 0, fault.text);
    free(text);
    law(lk_trace_difference(trace, &back) == NULL, "printing and reading is an identity");
}

static void must_survive_encoding(const struct lk_trace *trace, struct lk_bump *bump)
{
    uint8_t *bytes;
    size_t len;
    struct lk_trace back;
    law(lk_trace_encode(trace, bump, &bytes, &len) == 0, "it can be encoded");
    law(lk_trace_decode(bytes, len, bump, &back) == 0, "it can be decoded");
    law(lk_trace_difference(trace, &back) == NULL, "encoding and decoding is an identity");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *bytes = exact_copy(data, size);
    struct lk_bump *bump = lk_bump_new(BUDGET), *room = lk_bump_new(4 * BUDGET);
    struct lk_trace trace;
    struct lk_fault fault = {""};
    law(bump != NULL && room != NULL, "memory for the arenas");
    int result = lk_trace_parse("input", bytes, size, bump, &trace, &fault);
    free(bytes);
    law(result == 0 || result == -1, "0 or -1");
    law((result == 0) == (fault.text[0] == 0), "a fault exactly when it failed");
    law(result == 0 || strncmp(fault.text, "input:", 6) == 0, "the fault names the file");
    law(strchr(fault.text, '\n') == NULL, "the fault is one line");
    if (result == 0) {
        must_survive_printing(&trace, room);
        must_survive_encoding(&trace, room);
    }
    lk_bump_free(room);
    lk_bump_free(bump);
    return 0;
}
