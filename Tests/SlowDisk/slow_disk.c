// Loaded before a node's own libraries (LD_PRELOAD): makes each fdatasync wait as long as the file that
// SLOW_DISK names says, in milliseconds, read anew for each call; -1 waits until it says something else.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifdef __linux__

static long wanted(void) {
    const char *path = getenv("SLOW_DISK");
    char text[24] = {0};
    if (!path) return 0;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    ssize_t count = read(file, text, sizeof text - 1);
    close(file);
    return count > 0 ? strtol(text, NULL, 10) : 0;
}

static void rest(long milliseconds) {
    struct timespec span = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    nanosleep(&span, NULL);
}

int fdatasync(int descriptor) {
    long delay = wanted();
    if (delay > 0) rest(delay);
    while (delay < 0) {
        rest(10);
        delay = wanted();
    }
    return (int)syscall(SYS_fdatasync, descriptor);
}

#endif
