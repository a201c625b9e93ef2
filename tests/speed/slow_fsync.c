/* Adds a delay to every fsync and fdatasync of the process it is preloaded into: a virtual machine that does not
   really flush makes durable writes look free. CANDOR_FSYNC_US sets the delay in microseconds. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void wait_a_moment(void) {
  static long us = -1;
  if (us < 0) { const char *set = getenv("CANDOR_FSYNC_US"); us = set ? atol(set) : 0; }
  if (us > 0) { struct timespec t = {us / 1000000, (us % 1000000) * 1000}; nanosleep(&t, NULL); }
}

int fsync(int fd) {
  static int (*real)(int);
  if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  wait_a_moment();
  return real(fd);
}

int fdatasync(int fd) {
  static int (*real)(int);
  if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  wait_a_moment();
  return real(fd);
}
