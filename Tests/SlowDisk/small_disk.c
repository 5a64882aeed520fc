// Loaded before a node's own libraries (LD_PRELOAD): the directory that SMALL_DISK_DIRECTORY names holds as
// many bytes as the file that SMALL_DISK names says, read anew for each write that makes a file longer; -1
// is no bound.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __linux__

static long long bound(void) {
    const char *path = getenv("SMALL_DISK");
    char text[24] = {0};
    if (!path) return -1;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return -1;
    ssize_t count = read(file, text, sizeof text - 1);
    close(file);
    return count > 0 ? strtoll(text, NULL, 10) : -1;
}

static long long used(void) {
    const char *path = getenv("SMALL_DISK_DIRECTORY");
    DIR *directory = path ? opendir(path) : NULL;
    long long sum = 0;
    if (!directory) return 0;
    for (struct dirent *entry; (entry = readdir(directory));) {
        struct stat found;
        if (!fstatat(dirfd(directory), entry->d_name, &found, 0) && S_ISREG(found.st_mode))
            sum += found.st_size;
    }
    closedir(directory);
    return sum;
}

static ssize_t limited(int descriptor, const void *bytes, size_t count, long long offset) {
    struct stat found;
    if (!fstat(descriptor, &found) && S_ISREG(found.st_mode)
        && offset + (long long)count > found.st_size) {
        long long limit = bound();
        if (limit >= 0 && used() + offset + (long long)count - found.st_size > limit) {
            errno = ENOSPC;
            return -1;
        }
    }
    return syscall(SYS_pwrite64, descriptor, bytes, count, offset);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
    return limited(descriptor, bytes, count, offset);
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset) {
    return limited(descriptor, bytes, count, offset);
}

#endif
