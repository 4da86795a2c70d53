// Talks over a vsock: "connect PORT TEXT" to the host, or "serve PORT" for one connection from it.
// Prints what it reads.
#include <linux/vm_sockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int fail(const char *what) {
  perror(what);
  return 1;
}

static int print_all(int fd) {
  char buffer[4096];
  ssize_t length;
  while ((length = read(fd, buffer, sizeof buffer)) > 0) {
    if (write(1, buffer, (size_t) length) != length) {
      return fail("write");
    }
  }
  return length < 0 ? fail("read") : 0;
}

int main(int count, char **arguments) {
  struct sockaddr_vm address = {.svm_family = AF_VSOCK};
  int fd = socket(AF_VSOCK, SOCK_STREAM, 0);
  if (fd < 0 || count < 3) {
    return fail("socket");
  }
  address.svm_port = (unsigned) atoi(arguments[2]);
  if (strcmp(arguments[1], "connect") == 0 && count > 3) {
    address.svm_cid = VMADDR_CID_HOST;
    if (connect(fd, (struct sockaddr *) &address, sizeof address) != 0) {
      return fail("connect");
    }
    size_t length = strlen(arguments[3]);
    if (write(fd, arguments[3], length) != (ssize_t) length) {
      return fail("write");
    }
    shutdown(fd, SHUT_WR);
    return print_all(fd);
  }
  address.svm_cid = VMADDR_CID_ANY;
  if (bind(fd, (struct sockaddr *) &address, sizeof address) != 0 || listen(fd, 1) != 0) {
    return fail("bind");
  }
  puts("listening");
  fflush(stdout);
  int peer = accept(fd, NULL, NULL);
  if (peer < 0) {
    return fail("accept");
  }
  return print_all(peer);
}
