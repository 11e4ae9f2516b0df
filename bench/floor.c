/*
 * floor FILE [ROUNDS]: the calls that finding the users of one file takes, and nothing else. For every process: stat its
 * program, list and stat its descriptors, ask for its mappings (PROCMAP_QUERY, Linux 6.11). Prints the users found, then the
 * milliseconds of each round.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* include/uapi/linux/fs.h; not in the headers of every machine yet. */
struct procmap_query {
  uint64_t size, flags, address, start, end, vma_flags, page_size, offset, inode;
  uint32_t major, minor, name_size, build_id_size;
  uint64_t name, build_id;
};
#define PROCMAP_QUERY _IOWR('f', 17, struct procmap_query)
#define COVERING_OR_NEXT_FILE_BACKED 0x30

static struct stat target;

static int is_target(int directory, const char *name) {
  struct stat file;
  return fstatat(directory, name, &file, 0) == 0 && file.st_ino == target.st_ino && file.st_dev == target.st_dev;
}

static int has_open(const char *process) {
  char path[64];
  int found = 0;
  snprintf(path, sizeof path, "/proc/%s/fd", process);
  DIR *descriptors = opendir(path);
  if (descriptors == NULL) return 0;
  for (struct dirent *entry; (entry = readdir(descriptors)) != NULL;)
    if (entry->d_name[0] != '.') found |= is_target(dirfd(descriptors), entry->d_name);
  closedir(descriptors);
  return found;
}

static int maps(const char *process) {
  char path[64];
  int found = 0;
  struct procmap_query query = {.size = sizeof query, .flags = COVERING_OR_NEXT_FILE_BACKED};
  snprintf(path, sizeof path, "/proc/%s/maps", process);
  int descriptor = open(path, O_RDONLY);
  if (descriptor < 0) return 0;
  for (; ioctl(descriptor, PROCMAP_QUERY, &query) == 0; query.address = query.end)
    found |= query.inode == target.st_ino;
  close(descriptor);
  return found;
}

static int count_users(void) {
  int users = 0;
  DIR *processes = opendir("/proc");
  for (struct dirent *entry; (entry = readdir(processes)) != NULL;) {
    char path[300];
    if (entry->d_name[0] < '0' || entry->d_name[0] > '9') continue;
    snprintf(path, sizeof path, "/proc/%s/exe", entry->d_name);
    users += is_target(AT_FDCWD, path) | has_open(entry->d_name) | maps(entry->d_name);
  }
  closedir(processes);
  return users;
}

int main(int count, char **arguments) {
  if (count < 2 || stat(arguments[1], &target) != 0) return 2;
  int rounds = count > 2 ? atoi(arguments[2]) : 1;
  printf("%d\n", count_users());
  for (int round = 0; round < rounds; round++) {
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    count_users();
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%.3f\n", (end.tv_sec - start.tv_sec) * 1e3 + (end.tv_nsec - start.tv_nsec) / 1e6);
  }
  return 0;
}
