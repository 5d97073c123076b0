#include "conformance/timeline/fault.h"

#include <stdarg.h>
#include <stdio.h>

static void write_line(struct lk_fault *fault, const char *file, const char *word, size_t place, const char *format, va_list arguments)
{
    if (fault == NULL)
        return;
    int len = place == 0 ? snprintf(fault->text, sizeof fault->text, "%s: ", file)
                         : snprintf(fault->text, sizeof fault->text, "%s:%s%zu: ", file, word, place);
    if (len >= 0 && (size_t)len < sizeof fault->text)
        vsnprintf(fault->text + len, sizeof fault->text - (size_t)len, format, arguments);
    for (char *c = fault->text; *c != 0; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?';
}

int lk_fault_at(struct lk_fault *fault, const char *file, size_t line, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    write_line(fault, file, "", line, format, arguments);
    va_end(arguments);
    return -1;
}

int lk_fault_in_frame(struct lk_fault *fault, const char *file, size_t frame, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    write_line(fault, file, "frame ", frame, format, arguments);
    va_end(arguments);
    return -1;
}
