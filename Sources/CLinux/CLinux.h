// SPDX-License-Identifier: Apache-2.0
//
// Header-only shims for what Swift's importer cannot bring: function-like macros, and declarations that glibc
// hides behind _GNU_SOURCE. Defining _GNU_SOURCE here would make this module and Glibc disagree about fd_set, so
// the few stable-ABI names are declared again under a prefix of their own.

#ifndef CLINUX_H
#define CLINUX_H

#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <malloc.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

/// struct mmsghdr, recvmmsg(2).
struct clinux_mmsghdr {
  struct msghdr msg_hdr;
  unsigned int msg_len;
};

extern int clinux_recvmmsg(int fd, struct clinux_mmsghdr *_Nonnull messages, unsigned int count, int flags,
                           struct timespec *_Nullable timeout) __asm__("recvmmsg");
extern int clinux_sendmmsg(int fd, struct clinux_mmsghdr *_Nonnull messages, unsigned int count,
                           int flags) __asm__("sendmmsg");
extern int clinux_accept4(int fd, struct sockaddr *_Nullable address, socklen_t *_Nullable length,
                          int flags) __asm__("accept4");
extern int clinux_memfd_create(const char *_Nonnull name, unsigned int flags) __asm__("memfd_create");

extern int clinux_unshare(int flags) __asm__("unshare");
extern int clinux_setns(int fd, int type) __asm__("setns");

/// unshare(2), setns(2).
static const int CLINUX_CLONE_NEWUSER = 0x10000000;
static const int CLINUX_CLONE_NEWNET = 0x40000000;

/// memfd_create(2) and fcntl(2) F_ADD_SEALS.
enum {
  CLINUX_MFD_CLOEXEC = 0x0001U,
  CLINUX_MFD_ALLOW_SEALING = 0x0002U,
  CLINUX_F_ADD_SEALS = 1033,
  CLINUX_F_SEAL_ALL = 0x0001 | 0x0002 | 0x0004 | 0x0008,
};

/// open(2): a file that is not opened, only held.
enum { CLINUX_O_PATH = __O_PATH };

/// f_type of fstatfs(2); -1 where it fails.
static inline long clinux_fstatfs_type(int fd) {
  struct statfs status;
  return fstatfs(fd, &status) == 0 ? (long)status.f_type : -1;
}

/// struct in6_pktinfo, ipv6(7).
struct clinux_in6_pktinfo {
  struct in6_addr ipi6_addr;
  unsigned int ipi6_ifindex;
};

/// struct ucred, unix(7) SO_PEERCRED.
struct clinux_ucred {
  int pid;
  unsigned int uid;
  unsigned int gid;
};

/// getsockopt(2) options that bits/socket.h has under other conditions or not at all.
enum {
  CLINUX_SO_MEMINFO = 55,
  CLINUX_SO_PEERGROUPS = 59,
  CLINUX_SK_MEMINFO_DROPS = SK_MEMINFO_DROPS,
  CLINUX_SK_MEMINFO_VARS = SK_MEMINFO_VARS,
};

// cmsg(3).
static inline struct cmsghdr *_Nullable clinux_cmsg_first(const struct msghdr *_Nonnull m) {
  return CMSG_FIRSTHDR(m);
}
static inline struct cmsghdr *_Nullable clinux_cmsg_next(struct msghdr *_Nonnull m, struct cmsghdr *_Nonnull c) {
  return CMSG_NXTHDR(m, c);
}
static inline void *_Nonnull clinux_cmsg_data(struct cmsghdr *_Nonnull c) { return CMSG_DATA(c); }
static inline size_t clinux_cmsg_space(size_t n) { return CMSG_SPACE(n); }
static inline size_t clinux_cmsg_len(size_t n) { return CMSG_LEN(n); }

// fork(2), which Glibc's module has not. Before there are threads, and in one file alone: OwnProcess.swift.
static inline int clinux_fork(void) { return fork(); }

// A hint to the processor: it changes nothing and never faults.
static inline void clinux_prefetch(const void *_Nonnull address) { __builtin_prefetch(address); }

// netlink(3), rtnetlink(3).
static inline int clinux_rta_length(int payload) { return RTA_LENGTH(payload); }
static inline int clinux_rta_align(int length) { return RTA_ALIGN(length); }

/// netdevice(7); net/if.h lacks it, and linux/if.h beside it is more than the importer can take.
enum { CLINUX_IFF_LOWER_UP = 1 << 16 };

// packet(7): struct sockaddr_ll, and the classic BPF of SO_ATTACH_FILTER.
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>

#endif
