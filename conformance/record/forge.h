/* A segment that the kernel would not send: as an intruder's, or an old one's, on the socket program's own connection.
 *
 * forge_segment() sends one from the socket's address and port to its peer's. `seq` and `ack` are added to the next
 * sequence number the kernel would send and to the one it would acknowledge; `flags` are letters of tcpdump's (S F R P .),
 * `bytes` is how many bytes of 'x' it carries. With `age` >= 0 it has a timestamp that many milliseconds old.
 * Its window is 8191, by which `compare` knows it. Needs the rights of root. 0, or -1 with errno. */
#ifndef FORGE_H
#define FORGE_H

struct forgery {
    const char *flags;
    long seq, ack, bytes, age;
};

int forge_segment(int fd, const struct forgery *what);

#endif
