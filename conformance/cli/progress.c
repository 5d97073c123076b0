#define _DEFAULT_SOURCE /* struct winsize */
#include "conformance/cli/progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define BEAT (LK_SECOND / 5)
#define REST 48 /* columns beside the bar */

void lk_progress_begin(struct lk_progress *progress, lk_time now)
{
    struct winsize size;
    *progress = (struct lk_progress){.terminal = isatty(STDERR_FILENO) != 0, .columns = 80, .began = now, .last = now + LK_SECOND / 2 - BEAT};
    if (progress->terminal && ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        progress->columns = size.ws_col;
}

lk_time lk_progress_due(const struct lk_progress *progress)
{
    return progress->terminal ? progress->last + BEAT : LK_NEVER;
}

const char *lk_bytes_text(double bytes, char text[24])
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    size_t unit = 0;
    while (bytes >= 999.5 && unit + 1 < sizeof units / sizeof *units) {
        bytes /= 1000;
        unit++;
    }
    snprintf(text, 24, unit == 0 || bytes >= 99.95 ? "%.0f %s" : "%.1f %s", bytes, units[unit]);
    return text;
}

static void time_left(double seconds, char text[24])
{
    if (!(seconds < 360000))
        snprintf(text, 24, "--");
    else if (seconds < 60)
        snprintf(text, 24, "%.0f s", seconds);
    else if (seconds < 3600)
        snprintf(text, 24, "%d:%02d min", (int)seconds / 60, (int)seconds % 60);
    else
        snprintf(text, 24, "%d:%02d h", (int)seconds / 3600, (int)seconds / 60 % 60);
}

void lk_progress_line(const struct lk_progress *progress, uint64_t done, uint64_t total, char text[256])
{
    char have[24], all[24], rate[24], left[24], bar[101] = "";
    lk_bytes_text((double)done, have);
    lk_bytes_text(progress->rate, rate);
    if (total == UINT64_MAX || total == 0) {
        snprintf(text, 256, "%s  %s/s", have, rate);
        return;
    }
    double part = done >= total ? 1 : (double)done / (double)total;
    int room = progress->columns - REST > 100 ? 100 : progress->columns - REST;
    time_left(progress->rate > 0 ? (double)(total - (done < total ? done : total)) / progress->rate : 1e9, left);
    lk_bytes_text((double)total, all);
    for (int i = 0; i < room; i++)
        bar[i] = i < (int)(part * room) ? '#' : ' ';
    snprintf(text, 256, "%3d%% %s%s%s%s of %s  %s/s  %s left", (int)(part * 100), room > 0 ? "[" : "", bar, room > 0 ? "] " : "", have, all, rate, left);
}

void lk_progress_show(struct lk_progress *progress, uint64_t done, uint64_t total, lk_time now)
{
    char text[256];
    if (!progress->terminal || now < progress->last + BEAT)
        return;
    lk_time since = progress->shown ? progress->last : progress->began;
    double rate = (double)(done - progress->before) * 1e9 / (double)(now - since + 1);
    progress->rate = progress->shown ? progress->rate * 0.8 + rate * 0.2 : rate;
    progress->before = done;
    progress->last = now;
    progress->shown = true;
    lk_progress_line(progress, done, total, text);
    fprintf(stderr, "\r\033[K%.*s", progress->columns - 1, text);
}

void lk_progress_end(struct lk_progress *progress)
{
    if (progress->shown)
        fprintf(stderr, "\r\033[K");
    progress->shown = false;
}
