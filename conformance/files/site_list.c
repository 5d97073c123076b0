#define _GNU_SOURCE /* fdopendir(), open_memstream() */
#include "conformance/files/site_list.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAMES 10000

struct name { bool folder; long long size; char text[256]; };
struct names { struct name *at; size_t count, room; bool more; };

static int by_name(const void *a, const void *b)
{
    const struct name *x = a, *y = b;
    return x->folder != y->folder ? (int)y->folder - (int)x->folder : strcmp(x->text, y->text);
}

static void escape(FILE *to, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        switch (text[i]) {
        case '&': fputs("&amp;", to); break;
        case '<': fputs("&lt;", to); break;
        case '>': fputs("&gt;", to); break;
        case '"': fputs("&quot;", to); break;
        default: fputc((unsigned char)text[i] < 32 || text[i] == 127 ? '?' : text[i], to);
        }
    }
}

/* RFC 3986 2.3: everything but the unreserved characters. */
static void encode(FILE *to, const char *text)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    for (; *text != 0; text++) {
        if (strchr(plain, *text) != NULL)
            fputc(*text, to);
        else
            fprintf(to, "%%%02X", (unsigned)(unsigned char)*text);
    }
}

/* What is served, and only that: files and folders, no links, no hidden ones. False: out of memory. */
static bool keep(struct names *names, int folder, const char *text)
{
    struct stat about;
    if (text[0] == '.' || strlen(text) >= sizeof names->at->text || fstatat(folder, text, &about, AT_SYMLINK_NOFOLLOW) != 0)
        return true;
    if (!S_ISREG(about.st_mode) && !S_ISDIR(about.st_mode))
        return true;
    if (names->count == NAMES) {
        names->more = true;
        return true;
    }
    if (names->count == names->room) {
        size_t room = names->room == 0 ? 64 : 2 * names->room;
        struct name *at = realloc(names->at, room * sizeof *at);
        if (at == NULL)
            return false;
        names->at = at, names->room = room;
    }
    struct name *name = &names->at[names->count++];
    name->folder = S_ISDIR(about.st_mode);
    name->size = (long long)about.st_size;
    strcpy(name->text, text);
    return true;
}

static bool gather(struct names *names, int folder)
{
    bool whole = true;
    int own = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = own < 0 ? NULL : fdopendir(own);
    if (dir == NULL) {
        if (own >= 0)
            close(own);
        return false;
    }
    for (struct dirent *entry; whole && !names->more && (entry = readdir(dir)) != NULL;)
        whole = keep(names, folder, entry->d_name);
    closedir(dir);
    if (names->count > 1)
        qsort(names->at, names->count, sizeof *names->at, by_name);
    return whole;
}

static void write_page(FILE *to, const struct names *names, const char *path, size_t path_len)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>", to);
    escape(to, path, path_len);
    fputs("</title>\n<style>:root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;margin:2rem}td{padding-right:2rem}"
          "td+td{text-align:right;font-variant-numeric:tabular-nums}</style>\n<h1>", to);
    escape(to, path, path_len);
    fputs("</h1>\n<table>\n", to);
    if (path_len > 1)
        fputs("<tr><td><a href=\"../\">../</a><td>\n", to);
    for (size_t i = 0; i < names->count; i++) {
        const struct name *name = &names->at[i];
        fputs("<tr><td><a href=\"", to);
        encode(to, name->text);
        fprintf(to, "%s\">", name->folder ? "/" : "");
        escape(to, name->text, strlen(name->text));
        if (name->folder)
            fputs("/</a><td>\n", to);
        else
            fprintf(to, "</a><td>%lld\n", name->size);
    }
    fprintf(to, "</table>\n%s", names->more ? "<p>There is more in here than is listed.\n" : names->count == 0 ? "<p>There is nothing in here.\n" : "");
}

char *lk_site_list(int folder, const char *path, size_t path_len, size_t *len)
{
    struct names names = {0};
    char *page = NULL;
    FILE *to = gather(&names, folder) ? open_memstream(&page, len) : NULL;
    if (to != NULL) {
        write_page(to, &names, path, path_len);
        if (fclose(to) != 0) {
            free(page);
            page = NULL;
        }
    }
    free(names.at);
    return page;
}
