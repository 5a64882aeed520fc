// What Linux has and Swift's own module of the C library leaves out.
//
// _GNU_SOURCE stays undefined: a module that defines it sees other declarations than Swift's own, and
// debug builds break. So what hides behind it is declared here by hand, as the manual pages give it.

#ifndef TALLY_CLINUX_H
#define TALLY_CLINUX_H

#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>

// accept4(2), pipe2(2), fallocate(2)
int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);
int pipe2(int ends[2], int flags);
int fallocate(int descriptor, int mode, off_t offset, off_t length);
// ppoll(2)
int ppoll(struct pollfd *watched, nfds_t count, const struct timespec *limit, const sigset_t *mask);

// An enumeration in one C library, a macro in the other: here they have one type.
static const uint32_t linux_epollin = EPOLLIN;
static const uint32_t linux_epollout = EPOLLOUT;
static const uint32_t linux_epollrdhup = EPOLLRDHUP;
static const uint32_t linux_epollerr = EPOLLERR;
static const uint32_t linux_epollhup = EPOLLHUP;
static const int linux_efd_cloexec = EFD_CLOEXEC;
static const int linux_efd_nonblock = EFD_NONBLOCK;
static const int linux_sock_stream = SOCK_STREAM;
static const int linux_sock_dgram = SOCK_DGRAM;
static const int linux_sock_nonblock = SOCK_NONBLOCK;
static const int linux_sock_cloexec = SOCK_CLOEXEC;
static const int linux_msg_nosignal = MSG_NOSIGNAL;
static const int linux_shut_wr = SHUT_WR;

// poll(2): POLLRDHUP, the same number on every machine that Swift runs on.
static const short linux_pollrdhup = 0x2000;

// Sleeps until the descriptor is readable, that many nanoseconds (below one second) at most.
static inline void linux_wait_until_readable(int descriptor, long nanoseconds) {
    struct pollfd watched = {descriptor, POLLIN, 0};
    struct timespec limit = {0, nanoseconds};
    (void)ppoll(&watched, 1, &limit, 0);
}

// A child that has ended and is not reaped yet, left as it is; 0 where there is none, -1 without any
// child. The number lies in a union that does not reach Swift.
static inline pid_t linux_ended_child(void) {
    siginfo_t information;
    information.si_pid = 0;
    if (waitid(P_ALL, 0, &information, WEXITED | WNOHANG | WNOWAIT) != 0) return -1;
    return information.si_pid;
}

// The environment that a child inherits; as a variable Swift may not touch it.
static inline char **linux_environment(void) {
    extern char **environ;
    return environ;
}

#endif
