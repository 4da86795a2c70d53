// Does in the current directory what builds do to files, and says what is not as on a local file
// system of Linux. "share-try mmap" also writes through shared mappings, which a 9p mount allows
// with a cache only. The last line is "all right", or tells how many things were wrong.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#define CHECK(condition) check((condition) ? 1 : 0, #condition, __LINE__)
#define FAILS(call, error) (errno = 0, (call) < 0 && errno == (error))
#define MANY 300

static int wrong;

static void check(int is_right, const char *what, int line) {
  if (!is_right) {
    printf("line %d: %s (errno %d)\n", line, what, errno);
    wrong++;
  }
}

static int make(const char *name, const char *text) {
  int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0644);
  CHECK(fd >= 0);
  CHECK(write(fd, text, strlen(text)) == (ssize_t) strlen(text));
  return fd;
}

static int has(int fd, const char *text) {
  char found[200];
  ssize_t length = pread(fd, found, sizeof found, 0);
  return length == (ssize_t) strlen(text) && memcmp(found, text, strlen(text)) == 0;
}

static int shows(const char *name, const char *text) {
  int fd = open(name, O_RDONLY);
  int is_so = fd >= 0 && has(fd, text);
  close(fd);
  return is_so;
}

static long links(int fd) {
  struct stat status;
  return fstat(fd, &status) == 0 ? (long) status.st_nlink : -1;
}

static long size(const char *name) {
  struct stat status;
  return stat(name, &status) == 0 ? (long) status.st_size : -1;
}

static void making_and_opening(void) {
  int fd = open("new", O_RDWR | O_CREAT | O_EXCL, 0600);
  CHECK(fd >= 0);
  CHECK(FAILS(open("new", O_RDWR | O_CREAT | O_EXCL, 0600), EEXIST));
  CHECK(FAILS(open("missing", O_RDONLY), ENOENT));
  CHECK(FAILS(open("new/below", O_RDONLY), ENOTDIR));
  CHECK(FAILS(open(".", O_WRONLY), EISDIR));
  CHECK(FAILS(mkdir("new", 0755), EEXIST));
  // What is made without the right to write is written all the same by who made it.
  int read_only = open("read-only", O_RDWR | O_CREAT, 0444);
  CHECK(write(read_only, "x", 1) == 1);
  struct stat status;
  CHECK(fstat(read_only, &status) == 0 && (status.st_mode & 07777) == 0444);
  close(read_only);
  close(fd);
  umask(027);
  close(make("masked", ""));
  CHECK(stat("masked", &status) == 0 && (status.st_mode & 07777) == 0640);
  umask(022);
}

static void names_that_go(void) {
  int old = make("target", "old");
  close(make("fresh", "fresh"));
  CHECK(rename("fresh", "target") == 0);
  CHECK(has(old, "old"));
  CHECK(links(old) == 0);
  CHECK(shows("target", "fresh"));
  CHECK(pwrite(old, "OLD", 3, 0) == 3 && has(old, "OLD"));
  CHECK(shows("target", "fresh"));
  CHECK(ftruncate(old, 2) == 0 && has(old, "OL"));
  close(old);

  int gone = make("gone", "still there");
  CHECK(unlink("gone") == 0);
  CHECK(FAILS(open("gone", O_RDONLY), ENOENT));
  CHECK(has(gone, "still there"));
  CHECK(links(gone) == 0);
  CHECK(fchmod(gone, 0600) == 0);
  close(make("gone", "another"));
  CHECK(has(gone, "still there"));
  close(gone);

  int moved = make("before", "moved");
  CHECK(mkdir("sub", 0755) == 0 && rename("before", "sub/after") == 0);
  CHECK(has(moved, "moved") && links(moved) == 1);
  CHECK(rename("sub", "sub2") == 0 && shows("sub2/after", "moved"));
  CHECK(FAILS(rename("sub2", "sub2/in-itself"), EINVAL));
  CHECK(mkdir("full", 0755) == 0);
  close(make("full/file", ""));
  CHECK(rename("sub2", "full") < 0 && (errno == ENOTEMPTY || errno == EEXIST));
  CHECK(FAILS(rmdir("full"), ENOTEMPTY));
  CHECK(FAILS(unlink("full/missing"), ENOENT));
  CHECK(FAILS(rmdir("full/file"), ENOTDIR));
  CHECK(FAILS(unlink("full"), EISDIR));
  close(moved);
}

static void links_of_both_kinds(void) {
  int fd = make("one", "same");
  CHECK(link("one", "two") == 0 && links(fd) == 2);
  CHECK(FAILS(link("one", "two"), EEXIST));
  CHECK(unlink("one") == 0 && links(fd) == 1 && shows("two", "same"));
  CHECK(pwrite(fd, "SAME", 4, 0) == 4 && shows("two", "SAME"));
  close(fd);
  char target[100] = {0};
  CHECK(symlink("nowhere/at all", "dangling") == 0);
  CHECK(readlink("dangling", target, sizeof target) == 14);
  CHECK(strcmp(target, "nowhere/at all") == 0);
  CHECK(FAILS(open("dangling", O_RDONLY), ENOENT));
  CHECK(symlink("two", "good") == 0 && shows("good", "SAME"));
  CHECK(FAILS(open("good", O_RDONLY | O_NOFOLLOW), ELOOP));
  CHECK(symlink("loop", "loop") == 0 && FAILS(open("loop", O_RDONLY), ELOOP));
  struct stat status;
  CHECK(lstat("good", &status) == 0 && S_ISLNK(status.st_mode) && status.st_size == 3);
}

static void appending(void) {
  int first = open("log", O_WRONLY | O_CREAT | O_APPEND, 0644);
  int second = open("log", O_WRONLY | O_APPEND);
  for (int i = 0; i < 5; i++) {
    CHECK(write(first, "a", 1) == 1);
    CHECK(write(second, "b", 1) == 1);
  }
  CHECK(shows("log", "ababababab"));
  close(first);
  close(second);
}

static int is_locked_for_others(const char *name) {
  pid_t child = fork();
  if (child == 0) {
    int fd = open(name, O_RDWR);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 10, .l_len = 5};
    _exit(fcntl(fd, F_SETLK, &lock) == 0 ? 0 : errno == EAGAIN || errno == EACCES ? 1 : 2);
  }
  int status;
  waitpid(child, &status, 0);
  return WEXITSTATUS(status);
}

static void locks(void) {
  int fd = make("lock", "0123456789abcdef");
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 12, .l_len = 1};
  CHECK(is_locked_for_others("lock") == 0);
  CHECK(fcntl(fd, F_SETLK, &lock) == 0);
  CHECK(is_locked_for_others("lock") == 1);
  lock.l_type = F_UNLCK;
  CHECK(fcntl(fd, F_SETLK, &lock) == 0);
  CHECK(is_locked_for_others("lock") == 0);
  lock.l_type = F_WRLCK;
  CHECK(fcntl(fd, F_SETLKW, &lock) == 0);
  close(fd);
  CHECK(is_locked_for_others("lock") == 0);
  fd = open("lock", O_RDWR);
  CHECK(flock(fd, LOCK_EX) == 0 && flock(fd, LOCK_UN) == 0);
  close(fd);
}

static void attributes(void) {
  int fd = make("attributes", "x");
  struct timespec times[2] = {{1000000000, 123456789}, {1234567890, 987654321}};
  struct stat status;
  CHECK(futimens(fd, times) == 0);
  CHECK(fstat(fd, &status) == 0 && status.st_mtim.tv_sec == 1234567890);
  // Linux's 9p client sends whole seconds only.
  CHECK(status.st_mtim.tv_nsec == 987654321 || status.st_mtim.tv_nsec == 0);
  times[0].tv_nsec = UTIME_OMIT;
  times[1].tv_nsec = UTIME_NOW;
  CHECK(utimensat(AT_FDCWD, "attributes", times, 0) == 0 && stat("attributes", &status) == 0);
  CHECK(status.st_mtim.tv_sec > 1234567890 && status.st_atim.tv_sec == 1000000000);
  CHECK(chmod("attributes", 0751) == 0 && stat("attributes", &status) == 0);
  CHECK((status.st_mode & 07777) == 0751);
  char value[20];
  CHECK(setxattr("attributes", "user.test", "value", 5, 0) == 0 || errno == EOPNOTSUPP);
  CHECK(getxattr("attributes", "user.test", value, sizeof value) == 5 || errno == EOPNOTSUPP);
  CHECK(FAILS(getxattr("attributes", "user.none", value, sizeof value), ENODATA)
        || errno == EOPNOTSUPP);
  struct statfs file_system;
  CHECK(statfs(".", &file_system) == 0 && file_system.f_bsize > 0 && file_system.f_blocks > 0);
  CHECK(fsync(fd) == 0 && fdatasync(fd) == 0);
  close(fd);
  int directory = open(".", O_RDONLY | O_DIRECTORY);
  CHECK(fsync(directory) == 0);
  close(directory);
}

static void sizes(void) {
  int fd = make("sparse", "start");
  CHECK(pwrite(fd, "end", 3, 5000000) == 3 && size("sparse") == 5000003);
  char byte = 1;
  CHECK(pread(fd, &byte, 1, 2500000) == 1 && byte == 0);
  CHECK(ftruncate(fd, 3) == 0 && has(fd, "sta"));
  CHECK(ftruncate(fd, 10) == 0 && size("sparse") == 10);
  CHECK(truncate("sparse", 0) == 0 && lseek(fd, 0, SEEK_END) == 0);
  CHECK(pread(fd, &byte, 1, 0) == 0);
  close(fd);
}

static int count_entries(DIR *directory) {
  int count = 0;
  for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
    count += entry->d_name[0] == 'f';
  }
  return count;
}

static void directories(void) {
  char name[300];
  CHECK(mkdir("many", 0755) == 0);
  for (int i = 0; i < MANY; i++) {
    snprintf(name, sizeof name, "many/f%d-with-a-name-of-some-length-so-that-it-takes-room", i);
    close(make(name, ""));
  }
  DIR *directory = opendir("many");
  CHECK(count_entries(directory) == MANY);
  rewinddir(directory);
  for (int i = 0; i < 100; i++) {
    CHECK(readdir(directory) != NULL);
  }
  long place = telldir(directory);
  struct dirent *entry = readdir(directory);
  CHECK(entry != NULL);
  char next[300];
  snprintf(next, sizeof next, "%s", entry == NULL ? "" : entry->d_name);
  count_entries(directory);
  seekdir(directory, place);
  entry = readdir(directory);
  CHECK(entry != NULL && strcmp(entry->d_name, next) == 0);
  // As rm -r does it: each is removed while the directory is read.
  rewinddir(directory);
  int removed = 0;
  while ((entry = readdir(directory)) != NULL) {
    if (entry->d_name[0] == 'f') {
      CHECK(unlinkat(dirfd(directory), entry->d_name, 0) == 0);
      removed++;
    }
  }
  CHECK(removed == MANY);
  closedir(directory);
  CHECK(rmdir("many") == 0);
}

static void odd_names(void) {
  CHECK(mkdir("odd", 0755) == 0 && chdir("odd") == 0);
  char name[300];
  int made = 0;
  for (int byte = 1; byte < 256; byte++) {
    if (byte != '/') {
      snprintf(name, sizeof name, "f%c", byte);
      close(make(name, "odd"));
      made++;
    }
  }
  memset(name, 'f', sizeof name);
  name[255] = 0;
  close(make(name, "long"));
  CHECK(shows(name, "long"));
  DIR *directory = opendir(".");
  CHECK(count_entries(directory) == made + 1);
  closedir(directory);
  name[255] = 'f';
  name[256] = 0;
  CHECK(FAILS(open(name, O_RDWR | O_CREAT, 0644), ENAMETOOLONG));
  CHECK(shows("f\n", "odd") && shows("f\xff", "odd") && shows("f*", "odd"));
  CHECK(chdir("..") == 0);
}

static void many_processes(void) {
  CHECK(mkdir("jobs", 0755) == 0);
  for (int job = 0; job < 4; job++) {
    if (fork() == 0) {
      char name[100];
      char renamed[100];
      wrong = 0;
      for (int i = 0; i < 50; i++) {
        snprintf(name, sizeof name, "jobs/%d-%d.tmp", job, i);
        snprintf(renamed, sizeof renamed, "jobs/%d-%d.o", job, i);
        close(make(name, "object"));
        CHECK(rename(name, renamed) == 0 && shows(renamed, "object"));
        // All of them want to be the last to make this one.
        close(make(name, "shared"));
        CHECK(rename(name, "jobs/shared") == 0);
      }
      exit(wrong);
    }
  }
  for (int job = 0; job < 4; job++) {
    int status;
    CHECK(wait(&status) > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  CHECK(shows("jobs/shared", "shared") && shows("jobs/3-49.o", "object"));
}

static void mappings(int is_shared_allowed) {
  char page[4096];
  memset(page, 'm', sizeof page);
  int fd = make("mapped", "");
  CHECK(write(fd, page, sizeof page) == sizeof page);
  char *own = mmap(NULL, sizeof page, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  CHECK(own != MAP_FAILED && own[4095] == 'm');
  own[0] = 'p';
  char byte;
  CHECK(pread(fd, &byte, 1, 0) == 1 && byte == 'm');
  munmap(own, sizeof page);
  if (is_shared_allowed) {
    char *shared = mmap(NULL, sizeof page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(shared != MAP_FAILED);
    if (shared != MAP_FAILED) {
      shared[7] = 's';
      CHECK(msync(shared, sizeof page, MS_SYNC) == 0);
      munmap(shared, sizeof page);
    }
    CHECK(pread(fd, &byte, 1, 7) == 1 && byte == 's');
  }
  close(fd);
}

int main(int count, char **words) {
  making_and_opening();
  names_that_go();
  links_of_both_kinds();
  appending();
  locks();
  attributes();
  sizes();
  directories();
  odd_names();
  many_processes();
  mappings(count > 1 && strcmp(words[1], "mmap") == 0);
  if (wrong == 0) {
    printf("all right\n");
  } else {
    printf("%d wrong\n", wrong);
  }
  return wrong != 0;
}
